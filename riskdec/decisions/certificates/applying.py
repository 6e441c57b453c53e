"""Decisions by a zone of risks: negative below it, positive above it, deferred inside."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.findings import Finding
from riskdec.decisions.choosing.answer import Decisions
from riskdec.decisions.costs.cost_input import as_cost_matrix, negative_and_positive
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.zones.regions import Region, Regions

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray

# Cuts nearer to 0 and 1 would make costs that dwarf all others; they are priced as if they stood here.
_EDGE = 1e-9


def check_deferral_costs(costs: object) -> CostMatrix:
    """Give costs of negative, positive and deferring, in this order, whatever the order they were given in."""
    matrix = as_cost_matrix(costs)
    if len(matrix.outcomes) != 2 or len(matrix.deciding) != 2 or len(matrix.not_deciding) != 1:
        shape = f"{len(matrix.outcomes)} outcomes and the actions {', '.join(matrix.actions)}"
        cure = "Give the cost of deferring: costs={'false_positive': ..., 'false_negative': ..., 'defer': ...}."
        raise refuse("costs", "have two outcomes, two actions that decide and one that defers", shape, cure)
    order = [*negative_and_positive(matrix), *matrix.not_deciding]
    if order == [0, 1, 2]:
        return matrix
    names = [matrix.actions[a] for a in order]
    state = {"costs": matrix.costs[:, order], "outcomes": matrix.outcomes, "actions": names, "defer": names[2]}
    return CostMatrix.from_dict(state)


def zone_decisions(
    risk: FloatArray,
    low: float,
    high: float,
    *,
    outcomes: tuple[str, ...],
    actions: tuple[str, ...],
    priced: CostMatrix | None = None,
) -> Decisions:
    """Decide by two cuts.

    Parameters
    ----------
    risk : ndarray of shape (n,)
        Risk of the second outcome.
    low, high : float
        Negative below `low`, positive from `high` on, `low <= high`; deferred between them.
    outcomes : two str
        Names of the outcomes.
    actions : three str
        Names of negative, positive and deferring.
    priced : CostMatrix, optional
        Costs of negative, positive and deferring, in this order: what the decisions are priced in.

    Returns
    -------
    Decisions
        Where no costs are given, `zone_costs` express the zone and price nothing. Costs that are given price the
        actions and do not choose them: the rule is then called ``"certified"``.
    """
    costs = zone_costs(low, high, outcomes=outcomes, actions=actions) if priced is None else priced
    action = np.full(risk.shape, 2, dtype=np.uint8)
    action[risk < low] = 0
    action[risk >= high] = 1
    n = risk.shape[0]
    counts = np.bincount(action, minlength=3).astype(np.intp)
    expected = None
    if priced is not None:
        table = costs.costs.take(action, axis=1)
        expected = (1 - risk) * table[0] + risk * table[1]
    return Decisions(
        action_index=action,
        costs=costs,
        n=n,
        counts=counts,
        deferral_rate=float(counts[2] / n) if n else np.nan,
        mean_expected_cost=np.nan if expected is None or not n else float(expected.mean()),
        expected_cost=expected,
        y_proba=np.array(risk),
        regions=_regions(costs, low, high) if priced is None else None,
        forced_index=_forced(risk, costs, given=priced is not None),
        majority_index=_by_cut(risk, 0.5),
        findings=_findings(counts, n, costs.actions),
        rule="expected" if priced is None else "certified",
        costs_given=priced is not None,
    )


# The same certificate is applied to one case after another; costs are frozen, so that answers may share them.
@lru_cache(maxsize=32)
def zone_costs(low: float, high: float, *, outcomes: tuple[str, ...], actions: tuple[str, ...]) -> CostMatrix:
    """Give costs under which the zone is the cheapest rule, in units of one deferral.

    A miss costs `1 / low` and a false alarm `1 / (1 - high)`: with a fee of 1 the cheapest rule then turns from
    negative to deferring at `low`, and from deferring to positive at `high`. Without a zone (`low == high`) the two
    errors cost `1 / (1 - low)` and `1 / low`, and deferring as much as the dearer one. Where nothing may be
    decided on one side, that decision costs more than deferring whatever the outcome.
    """
    below, above = max(low, _EDGE), max(1 - high, _EDGE)
    negative, positive = (0.0, 1 / below), (1 / above, 0.0)
    fee = 1.0
    if low == high:
        positive, fee = (1 / max(1 - low, _EDGE), 0.0), 1 / min(below, max(1 - low, _EDGE))
    if low <= 0:
        negative = (2.0, 2 / _EDGE)
    if high > 1:
        positive = (2 / _EDGE, 2.0)
    table = np.array([[negative[0], positive[0], fee], [negative[1], positive[1], fee]])
    state = {"costs": table, "outcomes": outcomes, "actions": actions, "defer": actions[2]}
    return CostMatrix.from_dict(state)


def _regions(costs: CostMatrix, low: float, high: float) -> Regions:
    ends = [0.0, min(low, 1.0), min(high, 1.0), 1.0]
    order = (0, 2, 1)
    spans = [(a, ends[k], ends[k + 1]) for k, a in enumerate(order)]
    # A risk of 1 belongs to the last region, even where it is a single point.
    last = 1 if high <= 1 else 2
    kept = [span for span in spans if span[1] < span[2] or (span[0] == last and span[1] == 1)]
    thresholds = np.array([start for _, start, _ in kept[1:]])
    corners = np.concatenate(([0.0], thresholds, [1.0]))
    lines = costs.costs[0][:, None] * (1 - corners) + costs.costs[1][:, None] * corners
    used = {a for a, _, _ in kept}
    return Regions(
        regions=tuple(Region(action=costs.actions[a], low=start, high=end) for a, start, end in kept),
        thresholds=thresholds,
        expected_cost=lines.min(axis=0),
        never=tuple(name for a, name in enumerate(costs.actions) if a not in used),
        costs=costs,
    )


def _forced(risk: FloatArray, costs: CostMatrix, *, given: bool) -> AnyArray:
    """Give the cheaper of the two actions that decide."""
    (tn, fp), (fn, tp) = costs.costs[:, :2].tolist()
    if not given:
        return _by_cut(risk, fp / (fp + fn) if tp == 0 else 0.5)
    return np.asarray((1 - risk) * (fp - tn) <= risk * (fn - tp), dtype=np.uint8)


def _by_cut(risk: FloatArray, cut: float) -> AnyArray:
    return (risk >= cut).astype(np.uint8)


def _findings(counts: AnyArray, n: int, actions: tuple[str, ...]) -> tuple[Finding, ...]:
    if n == 0:
        sentence = "There are no rows, so rates and mean costs do not exist."
        return (Finding(code="RD305", severity="not applicable", sentence=sentence),)
    if n > 1 and counts.max() == n:
        sentence = f"All {n:,} rows get the action {actions[int(counts.argmax())]!r}."
        todo = "If that is not meant, look at the range of the probabilities."
        return (Finding(code="RD304", severity="caution", sentence=sentence, todo=todo),)
    return ()
