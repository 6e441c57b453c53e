"""The cost explorer of a page: sums of rows and a starting point, from which the page answers other costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec.decisions import CostMatrix
from riskdec.decisions.judging.what_if import Setting, cuts_of, what_if
from riskdec.decisions.zones.envelope import lower_envelope
from riskdec.plot import visible
from riskdec.report import explorer_words as words
from riskdec.scores.risk_bins import RiskBins, bin_risks
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.decisions import Decisions
    from riskdec.diagnostics import CalibrationReport
    from riskdec.weighting import WeightingComparison

# Beyond such a cut there is nothing to explore.
_LEAST_SHARE = 1e-9
# No bin of a page tells of fewer rows.
_FEWEST = 5
# Every fit brings up to 600 bins: more of them would make a heavy page.
_MOST_FITS = 12
_ACTIONS = ("leave", "treat", "defer")
_NOTE = (
    "Costs are net of those of the right action. Another prevalence multiplies the odds of every risk, and weighs "
    "events and other rows accordingly. The page holds sums of at least five rows in bins of risk, which part where "
    "the costs at the start decide; elsewhere a bin is decided by its mean."
)
_FITS_NOTE = (
    "Each fit is decided by its own risks under the same costs. Weights multiply the odds of every risk, so decisions "
    "on weighted risks are those of other costs: the weights and the cost matrix then say the same thing twice. Move "
    "the costs, and the fit without weights follows; small differences either way are chance in these rows."
)
_SOME_ACTIONS = "These costs know more actions than two and one between them: the first between stands for all."
_PROMISED = (
    "No outcomes are known here: all numbers hold if the risks are right, and the share with the event is their mean."
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A number that a reader may change.

    Attributes
    ----------
    name, label : str
        Its name in a `Setting`, and in words.
    low, high, value : float
        Limits and start.
    scale : {"log", "logit", "linear"}
        How a slider moves between the limits.
    """

    name: str
    label: str
    low: float
    high: float
    value: float
    scale: str


@dataclass(frozen=True, kw_only=True)
class Explorer:
    """What the page needs, and what it shows where scripts do not run.

    Attributes
    ----------
    fields : tuple of Field
        Costs, expert and prevalence.
    may_defer : bool
        Whether deferring is on at the start.
    outcomes : bool
        Whether costs are counted by outcomes too, or hold only if the risks are right.
    fits : tuple of str
        Names of the sets of risks among which a reader chooses; one without a name leaves no choice.
    chosen : int
        Which of them is looked at first; the first one is what the others are compared with.
    setting, answer, fit_answer, python : str
        What was asked, regions in words, the chosen fit beside the first, and the line that decides so.
    notes : tuple of str
        What the numbers rest on.
    rows, costs, fit_rows : tuple of tuple of str
        The tables at the start; the last one, of all fits, is empty for a single fit.
    flips : tuple of str
        What would change the actions.
    payload : dict
        Bins, start and names, as JSON.
    """

    fields: tuple[Field, ...]
    may_defer: bool
    outcomes: bool
    fits: tuple[str, ...]
    chosen: int
    setting: str
    answer: str
    fit_answer: str
    python: str
    notes: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    costs: tuple[tuple[str, ...], ...]
    fit_rows: tuple[tuple[str, ...], ...]
    flips: tuple[str, ...]
    payload: dict[str, Any]


def explore_report(report: CalibrationReport) -> Explorer | None:
    """Make the explorer of a calibration report; none where nothing happened, or everything did."""
    if report.apparent:
        return None
    if report.decision is None:
        return _explore((("", report.bins),), None, ())
    cuts = report.decision.cuts
    names = [cuts[0].below, *(cut.above for cut in cuts)] if cuts else []
    return _explore((("", report.bins),), report.decision.costs, tuple(names))


def explore_comparison(comparison: WeightingComparison) -> Explorer | None:
    """Make the explorer of a weighting comparison, in which the reader chooses whose risks decide."""
    fits, left_out = _choose_fits(comparison)
    names = [name for name, _ in fits]
    weighted = next((row.name for row in comparison.rows if row.scheme != "none"), names[0])
    chosen = names.index(weighted)
    if comparison.costs is None:
        made = _explore(fits, None, (), chosen=chosen)
    else:
        made = _explore(fits, *_cheapest(comparison.costs), chosen=chosen)
    return made if made is None else replace(made, notes=(*left_out, *made.notes))


def _choose_fits(comparison: WeightingComparison) -> tuple[tuple[tuple[str, RiskBins], ...], tuple[str, ...]]:
    """Give the fits among which a reader chooses, and a sentence on those left out: mended ones first."""
    if len(comparison.bins) <= _MOST_FITS:
        return comparison.bins, ()
    as_fitted = {row.name for row in comparison.rows if row.repair == "raw"}
    ranked = sorted(comparison.bins, key=lambda pair: pair[0] not in as_fitted)
    fits = tuple(ranked[:_MOST_FITS])
    return fits, (f"Here are {len(fits)} of {len(comparison.bins)} sets of risks; the tables have all of them.",)


def explore_decisions(decisions: Decisions) -> Explorer | None:
    """Make the explorer of decisions: of two outcomes, by given costs alone, with their risks kept."""
    risk, costs = decisions.y_proba, decisions.costs
    if (
        not decisions.costs_given
        or decisions.rule != "expected"
        or decisions.capacity is not None
        or not isinstance(costs, CostMatrix)
    ):
        return None
    if risk is None or risk.ndim != 1 or not len(risk):
        return None
    cheapest, names = _cheapest(costs)
    sums = sum_by_forecast(risk, np.zeros(len(risk), dtype=bool))
    bins = bin_risks(sums, cuts=cuts_of(cheapest))
    promised = RiskBins(risk=bins.risk, weight=bins.weight, events=bins.weight * bins.risk)
    return _explore((("", promised),), cheapest, names, outcomes=False)


def _cheapest(costs: CostMatrix) -> tuple[FloatArray, tuple[str, ...]]:
    """Give the costs and names of the actions that are cheapest somewhere, from low to high risk."""
    actions = lower_envelope(costs.costs).actions
    return costs.costs[:, actions], tuple(costs.actions[a] for a in actions)


def _explore(
    fits: tuple[tuple[str, RiskBins], ...],
    costs: FloatArray | None,
    names: tuple[str, ...],
    *,
    chosen: int = 0,
    outcomes: bool = True,
) -> Explorer | None:
    """Make an explorer of sets of risks of the same rows; none for a handful of rows, or without events or others.

    Parameters
    ----------
    fits : tuple of (str, RiskBins)
        Rows by risk; the first set is what the others are compared with.
    costs : ndarray of shape (2, A), or None
        Costs without and with the event of the actions that are cheapest somewhere, from low to high risk.
    names : tuple of str
        Names of these actions.
    chosen : int
        Which set is looked at first.
    outcomes : bool
        Whether events are counted, and not what the risks promise.
    """
    if fits[0][1].total < _FEWEST or not 0 < fits[0][1].prevalence < 1:
        return None
    joined = [bins.without_small(_FEWEST, cuts=() if costs is None else cuts_of(costs)) for _, bins in fits]
    called = tuple(visible(name) for name, _ in fits)
    prevalence = joined[0].prevalence
    given = None if costs is None else _from_costs(costs, prevalence)
    start = given or _by_default(prevalence)
    actions = _ACTIONS if given is None else (names[0], names[-1], names[1] if len(names) > 2 else "defer")
    found = [what_if(bins, start) for bins in joined]
    one = found[chosen]
    fee_if_any = float(f"{one.fee_limit / 2:.2g}") if start.fee is None else start.fee
    return Explorer(
        fields=_fields(start, fee_if_any),
        may_defer=start.fee is not None,
        outcomes=outcomes,
        fits=called,
        chosen=chosen,
        setting=words.setting_text(start),
        answer=words.answer_text(one, actions, outcomes=outcomes),
        fit_answer=words.fit_text(called, found, chosen),
        python=words.python_line(start),
        notes=_notes(fits, names, outcomes=outcomes),
        rows=words.row_lines(one, actions, may_defer=start.fee is not None),
        costs=words.cost_lines(one, outcomes=outcomes),
        fit_rows=words.fit_lines(called, found),
        flips=words.flip_lines(one, start),
        payload={
            "fits": [{"name": name, "bins": bins.to_dict()} for name, bins in zip(called, joined, strict=True)],
            "chosen": chosen,
            "outcomes": outcomes,
            "setting": start._asdict(),
            "fee_if_any": fee_if_any,
            "actions": [visible(name) for name in actions],
        },
    )


def _notes(fits: tuple[tuple[str, RiskBins], ...], names: tuple[str, ...], *, outcomes: bool) -> tuple[str, ...]:
    said = ((len(fits) > 1, _FITS_NOTE), (not outcomes, _PROMISED), (len(names) > 3, _SOME_ACTIONS), (True, _NOTE))
    return tuple(note for holds, note in said if holds)


def _fields(start: Setting, fee: float) -> tuple[Field, ...]:
    def cost(name: str, label: str, value: float) -> Field:
        return Field(name=name, label=label, low=value / 1000, high=value * 1000, value=value, scale="log")

    def share(name: str, label: str, value: float) -> Field:
        return Field(name=name, label=label, low=min(0.5, value), high=1, value=value, scale="linear")

    low, high = min(1e-5, start.prevalence), max(0.99, start.prevalence)
    return (
        cost("false_negative", "cost of a miss", start.false_negative),
        cost("false_positive", "cost of a false alarm", start.false_positive),
        cost("fee", "cost of deferring a case", fee),
        share("sensitivity", "sensitivity of the expert then", start.sensitivity),
        share("specificity", "specificity of the expert then", start.specificity),
        Field(name="prevalence", label="prevalence", low=low, high=high, value=start.prevalence, scale="logit"),
    )


def _by_default(prevalence: float) -> Setting:
    """Start where the cut is the prevalence: a miss costs as many false alarms as there are rows for an event."""
    miss = float(f"{(1 - prevalence) / prevalence:.2g}")
    return Setting(1.0, miss, None, 1.0, 1.0, prevalence)


def _from_costs(costs: FloatArray, prevalence: float) -> Setting | None:
    """Read costs as those of two actions and, between them, an expert: errors beyond the lower fee are the expert's."""
    if costs.shape[1] < 2:
        return None
    false_positive, false_negative = costs[0, -1] - costs[0, 0], costs[1, 0] - costs[1, -1]
    if not _LEAST_SHARE < false_positive / (false_positive + false_negative) < 1 - _LEAST_SHARE:
        return None
    start = Setting(float(false_positive), float(false_negative), None, 1.0, 1.0, prevalence)
    if costs.shape[1] == 2:
        return start
    without, with_event = costs[0, 1] - costs[0, 0], costs[1, 1] - costs[1, -1]
    fee = float(min(without, with_event))
    if fee <= 0:
        return start
    specificity, sensitivity = 1 - (without - fee) / false_positive, 1 - (with_event - fee) / false_negative
    return start._replace(fee=fee, sensitivity=float(sensitivity), specificity=float(specificity))
