"""The page of a decision curve: from which threshold on is acting on these risks worth it?"""

from __future__ import annotations

from itertools import combinations

from riskdec._base.table import count, percent
from riskdec.decisions import DecisionCurve
from riskdec.decisions.curves.worth import worth_sentence
from riskdec.decisions.zones.regions import risk_text
from riskdec.plot import to_svg
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of
from riskdec.report.references import MARSH_2020, VICKERS_2006

# More strategies than these are compared with treating all and none, not with each other.
_MOST_PAIRED = 3
_METHOD = (
    "At threshold t the rows with a risk of at least t are acted on. The net benefit is the share of true positives "
    "minus t / (1 - t) times the share of false positives: at a threshold of 10 % one event found is worth nine false "
    "alarms. Treating none has net benefit 0.",
    "Bands hold together for all thresholds at which five events and five non-events are acted on; elsewhere limits "
    "are exact for one threshold. Standard errors of differences are paired, row by row. The range of thresholds "
    "should be chosen before looking: a threshold is a statement about costs, and the curve cannot choose it.",
    "Risks that were fitted on these rows make every curve too good.",
)


@page_of.register
def decision_curve_page(curve: DecisionCurve) -> Page:
    """Make the page of a decision curve.

    Parameters
    ----------
    curve : DecisionCurve
        What `decision_curve` gave.

    Returns
    -------
    Page
        Where each strategy is worth having, the curve, the numbers, paired differences.
    """
    low, high = risk_text(curve.threshold[0]), risk_text(curve.threshold[-1])
    worth = " ".join(worth_sentence(curve, name) for name in curve.names)
    pairs = combinations(curve.names, 2) if len(curve.names) <= _MOST_PAIRED else ()
    differences = tuple(curve.compare(*pair) for pair in pairs)
    return Page(
        title="Decision curve",
        question=f"From which threshold on is acting on these risks worth it? Thresholds from {low} to {high}, "
        f"{count(curve.n)} rows, {count(curve.n_events)} of them events.",
        answer=worth,
        sections=(
            Section(
                heading="Net benefit over the threshold",
                figure=to_svg(curve),
                alt=f"Net benefit of {', '.join(curve.names)}, of treating all and of treating none. {worth}",
                caption="The threshold is the risk from which you would act. The highest line is the best strategy "
                "there; where treating all or none is highest, the risks are of no use. Bands: "
                f"{percent(curve.confidence_level, 0)}, for the whole curve.",
            ),
            Section(heading="The numbers", tables=(curve.summary(), *differences)),
        ),
        method=_METHOD,
        references=(VICKERS_2006, MARSH_2020),
    )
