"""The cheapest decisions that keep a floor of recall for some classes, and what the floors cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_level, check_number, check_option, refuse
from riskdec._base.findings import Finding
from riskdec._base.frames import frame_kind
from riskdec._base.result import Estimate
from riskdec._base.table import number
from riskdec.decisions.judging.realised import Sample, standard_error, weighted_mean
from riskdec.decisions.offsets.floors_answer import RecallFloors
from riskdec.decisions.offsets.rows import Rows, check_class_costs, check_rows, exact_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import ArrayLike, FloatArray, IntArray, WeightKind
    from riskdec.decisions.costs.cost_matrix import CostMatrix

# Missing a floor costs this many times the range of the costs, so that floors are met wherever they can be.
_BIG = 1e6
_MOST = 300
# Where only a mixture keeps the floors exactly, the single rule is looked for along multiples of its worths.
_LARGEST, _HALVINGS = (1.0, 1.1, 1.5, 3.0, 10.0), 25


class _Problem(NamedTuple):
    """Rows, costs scaled to a range of one, floors, and how recalls and costs are taken."""

    rows: Rows
    expected: FloatArray
    table: FloatArray
    floor: FloatArray
    share: FloatArray
    by_labels: bool


class _Solution(NamedTuple):
    """Rules visited, by the worth of a found case; their figures; and the mixture that is best."""

    worths: FloatArray
    recalls: FloatArray
    costs: FloatArray
    shares: FloatArray
    best: int


def recall_floors(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    floors: Mapping[object, float],
    costs: CostMatrix | Mapping[str, object] | None = None,
    method: str = "labels",
    classes: Sequence[object] | None = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    confidence_level: float = 0.95,
) -> RecallFloors:
    """Find the cheapest decisions under which the recalls of some classes do not fall below floors.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Classes of cases that the model was not fitted on; each class at least once.
    y_proba : array-like of shape (n, K)
        Probabilities, one column per class.
    floors : dict
        Class: smallest recall, in (0, 1]; classes that are not named have no floor.
    costs : CostMatrix, optional
        Costs of deciding for each class, actions in the order of the classes. By default every wrong decision
        costs 1.
    method : {"labels", "probabilities"}
        Whether recalls and costs are counted on the labels, or computed from the probabilities, which is more
        precise if these are calibrated and wrong if they are not.
    classes, sample_weight, weight_kind, confidence_level
        As in `recall_offsets`.

    Returns
    -------
    RecallFloors
        What a found case of each class has to be worth, recalls, the price of the floors, and `apply`.

    Raises
    ------
    InputError
        For floors of unknown classes, and as in `recall_offsets`.

    Notes
    -----
    Least expected cost subject to `recall_k >= alpha_k` has the dual
    `max_{l >= 0} E[min_a (sum_k p_k C_ka - l_a p_a / pi_k)] + sum_k l_k alpha_k`: each class with a floor gets a worth
    `l_k / pi_k` of a found case, subtracted from the cost of deciding for it. Rules are generated until no worth
    names a better one; where one rule keeps the floors only with room to spare, a mixture of rules is cheaper.
    Floors are kept on these cases, which chose the rule; for two classes `certify_rates` guarantees one.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.choice(3, 3000, p=[0.7, 0.25, 0.05])
    >>> score = np.exp(2 * (np.arange(3) == y[:, None]) + rng.normal(size=(3000, 3)) + np.log([0.7, 0.25, 0.05]))
    >>> found = recall_floors(y, score / score.sum(axis=1, keepdims=True), floors={2: 0.8})
    >>> found.plain_recall.round(2).tolist(), found.recall.round(2).tolist()
    ([0.98, 0.75, 0.27], [0.96, 0.69, 0.8])
    """
    level = check_level(confidence_level)
    check_option(method, ("labels", "probabilities"), name="method")
    names, rows = check_rows(y_true, y_proba, classes, sample_weight, weight_kind)
    matrix = check_class_costs(costs, names)
    floor = _check_floors(floors, names)
    problem, unit = _problem(rows, matrix, floor, method)
    solution = _solve(problem)
    worth = solution.worths[solution.best]
    used = solution.shares > 1e-9
    counts = np.bincount(rows.outcome, weights=rows.weight if weight_kind == "frequency" else None).astype(np.float64)
    sample = Sample.of(rows.weight, weight_kind, None, int(counts.sum()))
    chosen, cheapest = _choose(problem, worth), _choose(problem, np.zeros(floor.size))
    recall = _counted(problem, chosen)
    mixed = solution.shares @ np.array([_counted(problem, _choose(problem, w)) for w in solution.worths])
    least = float(solution.shares @ solution.costs - solution.costs[0]) * unit
    low, high = exact_limits(recall, counts, level)
    return RecallFloors(
        frame_kind=frame_kind(y_true, y_proba),
        classes=tuple(names),
        floors=floor,
        worth=worth * unit,
        rules=solution.worths[used] * unit,
        shares=solution.shares[used] / solution.shares[used].sum(),
        recall=recall,
        low=low,
        high=high,
        randomised_recall=mixed,
        plain_recall=_counted(problem, cheapest),
        price=_price(matrix.costs, rows, (chosen, cheapest), sample, level),
        least_price=least,
        attained=bool((solution.recalls[solution.best] >= floor - 1e-9).all()),
        method=method,
        n=int(counts.sum()),
        n_per_class=counts.astype(np.intp),
        costs=matrix,
        findings=_findings(solution, floor, names),
    )


def _check_floors(floors: object, names: list[object]) -> FloatArray:
    shown = ", ".join(map(str, names))
    if not isinstance(floors, Mapping) or not floors or not set(floors) <= set(names):
        got = ", ".join(map(str, floors)) or "none" if isinstance(floors, Mapping) else f"a {type(floors).__name__}"
        raise refuse("floors", f"give the smallest recall of some of the classes ({shown})", got)
    given = {
        name: check_number(value, name=f"floor of {name!r}", low=0, high=1, open_low=True)
        for name, value in floors.items()
    }
    return np.array([given.get(name, 0.0) for name in names])


def _problem(rows: Rows, costs: CostMatrix, floor: FloatArray, method: str) -> tuple[_Problem, float]:
    unit = float(np.ptp(costs.costs))
    table = costs.costs / unit
    weight = rows.weight / rows.weight.sum()
    by_labels = method == "labels"
    counted = np.bincount(rows.outcome, weights=weight, minlength=floor.size).astype(np.float64, copy=False)
    share = counted if by_labels else np.asarray(weight @ rows.proba)
    return _Problem(rows._replace(weight=weight), rows.proba @ table, table, floor, share, by_labels), unit


def _solve(problem: _Problem) -> _Solution:
    """Generate rules: the price that the best mixture puts on each floor names the next rule."""
    worths = [np.zeros(problem.floor.size)]
    figures = [_figures(problem, worths[0])]
    for _ in range(_MOST):
        _, price = _mix(problem.floor, figures)
        worth = price / problem.share
        figure = _figures(problem, worth)
        if any(np.allclose(np.append(*figure), np.append(*seen), rtol=0, atol=1e-12) for seen in figures):
            break
        worths.append(worth)
        figures.append(figure)
    for single in _along(problem, worth):
        worths.append(single)
        figures.append(_figures(problem, single))
    shares, _ = _mix(problem.floor, figures)
    recalls, costs = np.array([f[0] for f in figures]), np.array([f[1] for f in figures])
    lacking = np.maximum(problem.floor - recalls, 0).max(axis=1)
    kept = np.where(lacking <= 1e-9, 0.0, lacking)
    return _Solution(np.array(worths), recalls, costs, shares, int(np.lexsort((costs, kept))[0]))


def _along(problem: _Problem, worth: FloatArray) -> list[FloatArray]:
    """Give the smallest multiple of the worths that keeps the floors; none where no multiple does."""

    def keeps(scale: float) -> bool:
        return bool((_figures(problem, scale * worth)[0] >= problem.floor - 1e-9).all())

    above = next((scale for scale in _LARGEST if keeps(scale)), None)
    if above is None:
        return []
    below = 0.0
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        below, above = (below, middle) if keeps(middle) else (middle, above)
    return [above * worth]


def _choose(problem: _Problem, worth: FloatArray) -> IntArray:
    chosen: IntArray = (problem.expected - worth * problem.rows.proba).argmin(axis=1)
    return chosen


def _counted(problem: _Problem, chosen: IntArray) -> FloatArray:
    rows, size = problem.rows, problem.floor.size
    hits = np.bincount(rows.outcome, weights=rows.weight * (chosen == rows.outcome), minlength=size)
    return np.asarray(hits / np.bincount(rows.outcome, weights=rows.weight, minlength=size))


def _figures(problem: _Problem, worth: FloatArray) -> tuple[FloatArray, float]:
    """Give recalls and mean cost of a rule, counted or expected."""
    chosen = _choose(problem, worth)
    rows = problem.rows
    if problem.by_labels:
        return _counted(problem, chosen), float(rows.weight @ problem.table[rows.outcome, chosen])
    places = np.arange(chosen.size)
    found = np.bincount(chosen, weights=rows.weight * rows.proba[places, chosen], minlength=worth.size)
    return np.asarray(found / problem.share), float(rows.weight @ problem.expected[places, chosen])


def _mix(floor: FloatArray, figures: list[tuple[FloatArray, float]]) -> tuple[FloatArray, FloatArray]:
    """Give the shares of the cheapest mixture that keeps the floors, and the price of each floor."""
    from scipy.optimize import linprog

    recalls = np.array([recall for recall, _ in figures])
    answer = linprog(
        np.append([cost for _, cost in figures], np.full(floor.size, _BIG)),
        A_ub=-np.column_stack([recalls.T, np.eye(floor.size)]),
        b_ub=-floor,
        A_eq=np.append(np.ones(len(figures)), np.zeros(floor.size))[None, :],
        b_eq=[1.0],
        method="highs",
    )
    # Room to fall short keeps it feasible, and every cost is bounded: there always is an optimum.
    return np.maximum(np.asarray(answer.x)[: len(figures)], 0.0), np.maximum(-np.asarray(answer.ineqlin.marginals), 0.0)


def _price(table: FloatArray, rows: Rows, rules: tuple[IntArray, IntArray], sample: Sample, level: float) -> Estimate:
    from scipy.special import ndtri

    chosen, cheapest = rules
    more = table[rows.outcome, chosen] - table[rows.outcome, cheapest]
    mean, half = weighted_mean(more, sample), float(ndtri((1 + level) / 2)) * standard_error(more, sample)
    return Estimate(estimate=mean, low=mean - half, high=mean + half, confidence_level=level)


def _findings(solution: _Solution, floor: FloatArray, names: list[object]) -> tuple[Finding, ...]:
    mixed = solution.shares @ solution.recalls
    lacking = floor - mixed
    if lacking.max() <= 1e-6:
        return ()
    worst = int(lacking.argmax())
    sentence = (
        f"No rule found keeps all floors: the recall of {names[worst]!r} reaches {number(mixed[worst], 3)} "
        f"where {number(floor[worst], 3)} is wanted."
    )
    return (Finding(code="RD316", severity="issue", sentence=sentence, todo="Lower a floor, or find a better model."),)
