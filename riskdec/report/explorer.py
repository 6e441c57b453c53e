"""The cost explorer of a page: sums of rows and a starting point, from which the page answers other costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.table import count, number, percent
from riskdec.decisions.judging.what_if import Setting, what_if
from riskdec.plot import visible

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.decisions.judging.what_if import WhatIf
    from riskdec.diagnostics import CalibrationReport
    from riskdec.scores.risk_bins import RiskBins

_RULES = ("these decisions", "forced choice (nobody is asked)", "never act", "always act", "always defer")
# Beyond such a cut there is nothing to explore.
_LEAST_SHARE = 1e-9
_NOTE = (
    "Costs are net of those of the right action. Another prevalence multiplies the odds of every risk, and weighs "
    "events and other rows accordingly. The page holds sums of rows in bins of risk, and decides a bin by its mean."
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
    answer, python, note : str
        Regions in words, the line that decides so, and what the numbers rest on.
    rows, costs : tuple of tuple of str
        The two tables at the start.
    flips : tuple of str
        What would change the actions.
    payload : dict
        Bins, start and names, as JSON.
    """

    fields: tuple[Field, ...]
    may_defer: bool
    answer: str
    python: str
    note: str
    rows: tuple[tuple[str, ...], ...]
    costs: tuple[tuple[str, ...], ...]
    flips: tuple[str, ...]
    payload: dict[str, Any]


def explore_report(report: CalibrationReport) -> Explorer | None:
    """Make the explorer of a calibration report; none where nothing happened, or everything did."""
    if report.apparent or not 0 < report.bins.prevalence < 1:
        return None
    bins = report.bins.without_small()
    start = None if report.decision is None else _from_costs(report.decision.costs, bins.prevalence)
    names = None if start is None else _names(report)
    return make_explorer(bins, start or _by_default(bins.prevalence), names or ("leave", "treat", "defer"))


def make_explorer(bins: RiskBins, start: Setting, actions: tuple[str, str, str]) -> Explorer:
    """Make an explorer.

    Parameters
    ----------
    bins : RiskBins
        Rows by risk.
    start : Setting
        Where the controls stand at first.
    actions : three str
        Names of not acting, acting and deferring.
    """
    found = what_if(bins, start)
    fee_if_any = float(f"{found.fee_limit / 2:.2g}") if start.fee is None else start.fee
    return Explorer(
        fields=_fields(start, fee_if_any),
        may_defer=start.fee is not None,
        answer=_answer(found, actions),
        python=_python(start),
        note=_NOTE,
        rows=_row_lines(found, actions),
        costs=tuple(
            (name, number(cost), number(expected))
            for name, cost, expected in zip(_RULES, found.cost.tolist(), found.expected.tolist(), strict=True)
            if cost == cost  # nan: nobody can be asked
        ),
        flips=_flip_lines(found),
        payload={
            "bins": bins.to_dict(),
            "setting": start._asdict(),
            "fee_if_any": fee_if_any,
            "actions": [visible(name) for name in actions],
        },
    )


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


def _names(report: CalibrationReport) -> tuple[str, str, str] | None:
    decision = report.decision
    if decision is None or not decision.cuts:
        return None
    names = [decision.cuts[0].below, *(cut.above for cut in decision.cuts)]
    return names[0], names[-1], names[1] if len(names) > 2 else "defer"


def _answer(found: WhatIf, actions: tuple[str, str, str]) -> str:
    by_name = dict(zip(("negative", "positive", "defer"), actions, strict=True))
    return ", ".join(f"{by_name[region.action]} {region}" for region in found.regions) + "."


def _row_lines(found: WhatIf, actions: tuple[str, str, str]) -> tuple[tuple[str, ...], ...]:
    total = float(found.rows.sum())
    lines = zip(actions, found.rows.tolist(), strict=True)
    return tuple((name, count(round(rows)), percent(rows / total)) for name, rows in lines)


def _flip_lines(found: WhatIf) -> tuple[str, ...]:
    half, double, rarer, commoner = (percent(share) for share in found.flips.tolist())
    return (
        f"If a miss cost half: {half} of the rows would get another action; if it cost double: {double}.",
        f"If the odds of the event were half: {rarer}; if they were double: {commoner}.",
        f"Deferring can pay below a fee of {number(found.fee_limit, 3)}.",
    )


def _python(start: Setting) -> str:
    costs = f"false_positive={number(start.false_positive, 6)}, false_negative={number(start.false_negative, 6)}"
    if start.fee is not None and (start.sensitivity < 1 or start.specificity < 1):
        expert = f"sensitivity={number(start.sensitivity, 6)}, specificity={number(start.specificity, 6)}"
        fee = number(start.fee, 6)
        return f'rd.decide(risk, rd.CostMatrix.binary({costs}).with_test("expert", price={fee}, {expert}))'
    defer = "" if start.fee is None else f", defer={number(start.fee, 6)}"
    return f"rd.decide(risk, rd.CostMatrix.binary({costs}{defer}))"
