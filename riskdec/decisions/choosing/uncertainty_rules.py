"""Rules for risks or costs that are known as ranges: smallest largest regret, and deferring in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_numbers, refuse, refuse_rows
from riskdec._base.findings import Finding
from riskdec._base.table import count, percent

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.decisions.costs.cost_ranges import CostRanges

RULES = ("expected", "minimax_regret", "robust")
_SLACK = 1e-12


def check_interval(risk_interval: object, risk: FloatArray, n_outcomes: int) -> FloatArray:
    """Give the ends of an interval around each risk, shape (n, 2).

    Raises
    ------
    InputError
        For more than two outcomes, ends outside [0, 1] or in the wrong order, and risks outside their interval.
    """
    if n_outcomes != 2:
        raise refuse("risk_interval", "come with two outcomes", f"{n_outcomes} outcomes")
    ends = check_numbers(risk_interval, name="risk_interval", n=len(risk), ndim=2)
    if ends.shape[1] != 2:
        raise refuse("risk_interval", "have two columns, low and high", f"shape {ends.shape}")
    bad = (ends[:, 0] < 0) | (ends[:, 1] > 1) | (ends[:, 0] > ends[:, 1])
    if bad.any():
        raise refuse_rows("risk_interval", "run from low to high within [0, 1]", ends, np.column_stack([bad, bad]))
    outside = (risk < ends[:, 0] - _SLACK) | (risk > ends[:, 1] + _SLACK)
    if outside.any():
        cure = "Risks and intervals must belong to the same rows."
        raise refuse_rows("y_proba", "lie in its risk_interval", risk, outside, cure)
    return ends


def largest_regrets(ranges: CostRanges, risk: FloatArray, ends: FloatArray | None, proba: FloatArray) -> FloatArray:
    """Give the largest regret of each action over all costs and all risks in the intervals, shape (n, A).

    The regret of an action at given costs is a convex function of the risk, so that it is largest at an end.
    """
    if ends is None:
        return ranges.regret(proba)
    low, high = (ranges.regret(np.column_stack([1 - end, end])) for end in (ends[:, 0], ends[:, 1]))
    return np.maximum(low, high)


def choose_by_regret(regret: FloatArray, expected: FloatArray, deferring: tuple[int, ...], rule: str) -> AnyArray:
    """Choose by one of the rules.

    Parameters
    ----------
    regret : ndarray of shape (n, A)
        Largest regret of each action.
    expected : ndarray of shape (n, A)
        Expected costs, which decide between equal regrets.
    deferring : tuple of int
        Columns of the actions that defer.
    rule : {"minimax_regret", "robust"}
        The smallest of the largest regrets; or the action without any regret, and where there is none the cheapest
        that defers.
    """
    unit = float(np.abs(expected).max(initial=0.0)) or 1.0
    slack = _SLACK * unit
    if rule == "minimax_regret":
        tied = regret <= regret.min(axis=1, keepdims=True) + slack
        least: AnyArray = np.where(tied, expected, np.inf).argmin(axis=1)
        return least
    if not deferring:
        cure = "Add one with with_defer(fee), or use rule='minimax_regret'."
        raise refuse("costs", "have an action that defers for rule='robust'", "none", cure)
    safe = regret <= slack
    columns = np.array(deferring)
    fallback = columns[expected[:, columns].argmin(axis=1)]
    best_safe = np.where(safe, expected, np.inf).argmin(axis=1)
    chosen: AnyArray = np.where(safe.any(axis=1), best_safe, fallback)
    return chosen


def doubt_findings(regret: FloatArray, rule: str, *, by_risk: bool) -> list[Finding]:
    """Say for how many rows more than one action may be best."""
    unit = float(np.abs(regret).max(initial=0.0)) or 1.0
    open_rows = int((regret.min(axis=1) > _SLACK * unit).sum())
    if not open_rows:
        return []
    n = len(regret)
    source = "the interval of the risk" if by_risk else "the ranges of the costs"
    sentence = (
        f"For {count(open_rows)} of {count(n)} rows ({percent(open_rows / n)}) the best action differs within {source}."
    )
    todo = {
        "expected": "Expected cost is linear in the risk, so a wider interval alone changes no action; "
        "rule='robust' defers these rows, rule='minimax_regret' takes the least regret.",
        "minimax_regret": "They got the action whose largest regret is smallest.",
        "robust": "They are deferred.",
    }[rule]
    return [Finding(code="RD322" if by_risk else "RD323", severity="caution", sentence=sentence, todo=todo)]
