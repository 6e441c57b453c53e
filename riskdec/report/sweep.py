"""The page of a sweep of weight ratios: what do weights do from none to far too many?"""

from __future__ import annotations

from riskdec._base.table import count, percent
from riskdec.plot import to_svg
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of, without_findings
from riskdec.report.references import ELKAN_2001, GOORBERGH_2022
from riskdec.weighting import WeightSweep

_METHOD = (
    "The same model is fitted under many weight ratios on the same rows, and each fit is cut at 0.5. Beside it stands "
    "the one fit without weights, cut at 1 / (1 + ratio), which is where weights of that ratio put 0.5 if the form of "
    "the model is right.",
    "Recall at equal precision: the threshold on the risks without weights at which its precision is that of the "
    "weights; its standard error takes both fits as given. Precision and recall are equal where as many rows are "
    "flagged as have the event.",
)


@page_of.register
def sweep_page(sweep: WeightSweep) -> Page:
    """Make the page of a sweep.

    Parameters
    ----------
    sweep : WeightSweep
        What `sweep_weights` gave.

    Returns
    -------
    Page
        The trade-off, the risks and the costs along the ratios, numbers, findings.
    """
    said = {finding.code: finding.sentence for finding in sweep.findings}
    return Page(
        title="Weights from none to far too many",
        question=f"Which weight ratio? Judged on {count(sweep.n_test)} held-out rows, {count(sweep.n_events_test)} of "
        f"them events. {sweep.split}",
        answer=said["RD421"],
        sections=(
            Section(
                heading="Weights and threshold",
                figure=to_svg(sweep),
                alt=f"Precision and recall over the weight ratio, with a moving threshold behind them. {said['RD420']}",
                caption="Broad pale lines: the fit without weights at a moving threshold. Narrow lines: weights, cut "
                "at 0.5. Where they lie on each other, weights did what a threshold does. "
                f"{percent(sweep.observed_rate)} of the held-out rows have the event.",
            ),
            Section(heading="The numbers", tables=(without_findings(sweep.summary()),)),
        ),
        findings=sweep.findings,
        method=_METHOD,
        references=(GOORBERGH_2022, ELKAN_2001),
    )
