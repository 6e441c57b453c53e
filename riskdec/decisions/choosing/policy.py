"""From probabilities and costs to actions: the one with the least expected cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_option, refuse
from riskdec._base.findings import Finding, sort_findings
from riskdec._base.frames import frame_kind
from riskdec.decisions.choosing.answer import Decisions
from riskdec.decisions.choosing.bayes_rule import Choice, choose_by_product, choose_by_risk
from riskdec.decisions.choosing.capacity import Capacity, check_capacity, limit_choice
from riskdec.decisions.choosing.case_rule import choose_by_case
from riskdec.decisions.choosing.decision_findings import find_noteworthy
from riskdec.decisions.choosing.expected_cost import expected_table, overruled
from riskdec.decisions.choosing.probabilities import as_probabilities, distributions
from riskdec.decisions.choosing.uncertainty_rules import (
    RULES,
    check_interval,
    choose_by_regret,
    doubt_findings,
    largest_regrets,
)
from riskdec.decisions.costs.case_costs import CaseCosts
from riskdec.decisions.costs.cost_input import as_costs
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.costs.cost_ranges import CostRanges
from riskdec.decisions.zones.regions import Regions, find_regions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, FrameKind

# Above this many rows the cost of each one is not kept unless asked for.
KEEP_BELOW = 1_000_000


class _Ruling(NamedTuple):
    """A choice after everything but expected cost has had its say, and what there is to tell of it."""

    choice: Choice
    capacity: Capacity | None
    findings: list[Finding]


def decide(
    y_proba: ArrayLike,
    costs: CostMatrix | CaseCosts | CostRanges | Mapping[str, object],
    *,
    rows: object = None,
    capacity: Mapping[str, float] | None = None,
    tie_break: ArrayLike | None = None,
    risk_interval: ArrayLike | None = None,
    rule: Literal["expected", "minimax_regret", "robust"] = "expected",
    keep_cost: bool | None = None,
) -> Decisions:
    """Choose the action of least expected cost for each row.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Probabilities in [0, 1]. With two outcomes the risk of the second one, or both columns; otherwise one
        column per outcome, rows summing to one within 1e-6. Columns stand in the order of `costs.outcomes`;
        those of a frame that bear the names of the outcomes are found by name. Costs give the right
        thresholds for calibrated probabilities only: see `riskdec.diagnose`.
    costs : CostMatrix, CaseCosts, CostRanges or dict
        Costs with named outcomes and actions, or the keywords of `CostMatrix.binary` as a dict. A bare array
        is refused, because nothing tells its orientation. Of ranges the mean costs decide.
    rows : data frame or array-like, optional
        The rows that are decided on, where costs are columns or functions of them.
    capacity : dict, optional
        Action: most rows that may get it, a whole number, or a share of the rows below 1. The total expected cost
        is then smallest within these limits.
    tie_break : array-like of shape (n,), optional
        A key, small first, for rows that are equally dear at a limit.
    risk_interval : array-like of shape (n, 2), optional
        An interval around each risk, for two outcomes. Expected cost does not depend on its width; a finding
        counts the rows whose best action differs within it, and the other rules use it.
    rule : {"expected", "minimax_regret", "robust"}
        Least expected cost; or the action whose largest regret, over the intervals of the risks and the ranges of
        the costs, is smallest; or an action only where it is best throughout, and deferring elsewhere.
    keep_cost : bool, optional
        Whether to keep the expected cost and the risk of each row, which `explain` needs; by default below a
        million rows. False keeps the actions alone, without those of the simpler rules that `evaluate_decisions`
        compares with.

    Returns
    -------
    Decisions
        Actions, never class labels.

    Raises
    ------
    InputError
        For values that are not probabilities, columns that do not fit the outcomes, and costs without names.

    Notes
    -----
    The expected cost of action a is `sum_k p_k C_ka`. With two outcomes the risk is compared with the cut
    points of `costs.regions()`; at exact indifference the action that costs more without the event is taken
    (`>=` goes to the higher region). With more outcomes the first of equally cheap actions is taken. At
    exact indifference every choice costs the same.

    Examples
    --------
    >>> decisions = decide([0.02, 0.2, 0.7], {"false_positive": 1, "false_negative": 15, "defer": 0.6})
    >>> decisions.action.tolist()
    ['negative', 'defer', 'positive']
    >>> decisions
    <Decisions: 3 rows: 1 negative, 1 positive, 1 defer; mean expected cost 0.4>
    """
    check_option(rule, RULES, name="rule")
    check_option(keep_cost, (None, True, False), name="keep_cost")
    if capacity is not None and rule != "expected":
        raise refuse("capacity", "come with rule='expected'", repr(rule), "Limits are met at least expected cost.")
    given = as_costs(costs)
    proba = as_probabilities(y_proba, given)
    n = proba.shape[0]
    table = given.mean() if isinstance(given, CostRanges) else given
    if isinstance(table, CaseCosts):
        table = table.resolve(rows, n)
    keep = n < KEEP_BELOW if keep_cost is None else keep_cost
    ruling = _Ruling(_choose(proba, table, keep=keep, simpler=keep_cost is not False), None, [])
    if isinstance(given, CostRanges) or risk_interval is not None or rule != "expected":
        ruling = _weigh_doubt(ruling.choice, proba, given, risk_interval, rule)
    if capacity is not None:
        caps = check_capacity(capacity, table.actions, n)
        ruling = _Ruling(*limit_choice(ruling.choice, expected_table(proba, table), caps, table.actions, tie_break))
    choice, kind = ruling.choice, frame_kind(y_proba)
    deferred = sum(choice.counts[a].item() for a in table.not_deciding)
    return Decisions(
        action_index=choice.action,
        costs=table,
        n=n,
        counts=choice.counts,
        deferral_rate=deferred / n if n else np.nan,
        mean_expected_cost=choice.total_cost / n if n else np.nan,
        expected_cost=choice.expected_cost,
        y_proba=_kept(proba, binary=len(table.outcomes) == 2) if keep else None,
        regions=_regions(table, ruling.capacity, rule, kind),
        forced_index=choice.forced,
        majority_index=choice.majority,
        findings=sort_findings([*ruling.findings, *find_noteworthy(table, choice.counts)]),
        frame_kind=kind,
        capacity=ruling.capacity,
        rule=rule,
    )


def _choose(proba: AnyArray, costs: CostMatrix | CaseCosts, *, keep: bool, simpler: bool) -> Choice:
    if isinstance(costs, CaseCosts):
        return choose_by_case(proba, costs, keep=keep)
    if costs.by_risk is not None:
        return choose_by_risk(proba, costs.costs, costs.by_risk, keep=keep, simpler=simpler)
    return choose_by_product(proba, costs.costs, np.array(costs.deciding), keep=keep, simpler=simpler)


def _weigh_doubt(
    choice: Choice, proba: AnyArray, given: CostMatrix | CaseCosts | CostRanges, risk_interval: object, rule: str
) -> _Ruling:
    """Look at ranges of costs and intervals of risks, and decide by them if the rule says so."""
    if isinstance(given, CaseCosts):
        cure = "Use rule='expected', or one CostMatrix for all rows."
        raise refuse("costs", "be the same for all rows with intervals and other rules", "costs by row", cure)
    ranges = given if isinstance(given, CostRanges) else CostRanges(given, given)
    shares = distributions(proba, ranges)
    ends = None
    if risk_interval is not None:
        ends = check_interval(risk_interval, shares[:, -1], len(ranges.outcomes))
    regret = largest_regrets(ranges, shares[:, -1], ends, shares)
    findings = doubt_findings(regret, rule, by_risk=not isinstance(given, CostRanges))
    if rule == "expected":
        return _Ruling(choice, None, findings)
    expected = expected_table(proba, ranges.mean())
    action = choose_by_regret(regret, expected, ranges.not_deciding, rule)
    return _Ruling(overruled(choice, action, expected), None, findings)


def _regions(costs: CostMatrix | CaseCosts, capacity: Capacity | None, rule: str, kind: FrameKind) -> Regions | None:
    """Give the regions of risk where they are what decided."""
    if not isinstance(costs, CostMatrix) or len(costs.outcomes) != 2 or rule != "expected":
        return None
    return None if capacity is not None and capacity.binds else find_regions(costs, frame_kind=kind)


def _kept(proba: AnyArray, *, binary: bool) -> FloatArray:
    risks = proba[:, 1] if binary and proba.ndim == 2 else proba
    return np.array(risks, dtype=np.float64)
