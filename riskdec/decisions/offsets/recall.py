"""Equal per-class recall by decision offsets, and what it costs."""

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
from riskdec.decisions.offsets.answer import DecisionOffsets
from riskdec.decisions.offsets.by_labels import counted_recall, equal_counted_recall
from riskdec.decisions.offsets.largest import largest_class
from riskdec.decisions.offsets.maxmin import Mixture, expected_recall, largest_smallest_recall
from riskdec.decisions.offsets.rows import check_class_costs, check_rows, exact_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import ArrayLike, FloatArray, IntArray, WeightKind
    from riskdec.decisions.costs.cost_matrix import CostMatrix


class _Rows(NamedTuple):
    """What the offsets are computed from."""

    proba: FloatArray
    outcome: IntArray
    weight: FloatArray
    target: FloatArray


def recall_offsets(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    target: str | Mapping[object, float] = "equal",
    method: str = "labels",
    costs: CostMatrix | Mapping[str, object] | None = None,
    classes: Sequence[object] | None = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    confidence_level: float = 0.95,
) -> DecisionOffsets:
    """Find offsets of log probabilities that make the recalls of all classes equal, or proportional to targets.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Classes of cases that the model was not fitted on; each class at least once.
    y_proba : array-like of shape (n, K)
        Probabilities, one column per class.
    target : "equal" or dict
        Equal recalls; or a recall for each class: the smallest ratio of recall to target is then made as large as
        possible, so targets that can be met together are met.
    method : {"labels", "probabilities"}
        Whether recalls are counted on the labels, which holds for any probabilities; or computed from the
        probabilities, which is more precise if these are calibrated and wrong if they are not.
    costs : CostMatrix, optional
        Costs of deciding for each class, actions in the order of the classes: what the price is counted in. By
        default every wrong decision costs 1.
    classes : sequence, optional
        The classes in the order of the columns; sorted by default.
    sample_weight : array-like of shape (n,), optional
        Row weights; rows of weight zero are as if absent.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts equal rows or says how much a row stands for.
    confidence_level : float
        Level of the limits of recalls and price.

    Returns
    -------
    DecisionOffsets
        Offsets, recalls, the price of equality, and `apply`.

    Raises
    ------
    InputError
        For classes that never occur, wrong shapes, and costs that do not fit the classes.

    Notes
    -----
    Offsets change decisions, not probabilities. Raising the smallest recall as far as possible makes all recalls
    equal, up to ties (minimax rule). `-log prevalence` maximises the mean recall instead, and is often nearly as equal.

    References
    ----------
    A. Wald, Statistical decision functions, 1950. A. K. Menon et al., Long-tail learning via logit adjustment, ICLR
    2021.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.choice(3, 3000, p=[0.7, 0.25, 0.05])
    >>> score = np.exp(2 * (np.arange(3) == y[:, None]) + rng.normal(size=(3000, 3)) + np.log([0.7, 0.25, 0.05]))
    >>> offsets = recall_offsets(y, score / score.sum(axis=1, keepdims=True))
    >>> offsets.plain_recall.round(2).tolist(), offsets.recall.round(2).tolist()
    ([0.98, 0.75, 0.27], [0.87, 0.87, 0.87])
    """
    level = check_level(confidence_level)
    check_option(method, ("labels", "probabilities"), name="method")
    names, given = check_rows(y_true, y_proba, classes, sample_weight, weight_kind)
    rows = _Rows(*given, _check_target(target, names))
    matrix = check_class_costs(costs, names)
    mixture = _solve(rows, method)
    prevalence = np.bincount(rows.outcome, weights=rows.weight) / rows.weight.sum()
    counts = np.bincount(rows.outcome, weights=rows.weight if weight_kind == "frequency" else None).astype(np.float64)
    sample = Sample.of(rows.weight, weight_kind, None, int(counts.sum()))
    recall = counted_recall(rows.proba, rows.outcome, rows.weight, mixture.best)
    low, high = exact_limits(recall, counts, level)
    each = [counted_recall(rows.proba, rows.outcome, rows.weight, factor) for factor in mixture.rules]
    mixed = mixture.shares @ np.array(each)
    return DecisionOffsets(
        frame_kind=frame_kind(y_true, y_proba),
        classes=tuple(names),
        offsets=_centred(mixture.best),
        rules=np.array([_centred(factor) for factor in mixture.rules]),
        shares=mixture.shares,
        recall=recall,
        low=low,
        high=high,
        randomised_recall=mixed,
        plain_recall=counted_recall(rows.proba, rows.outcome, rows.weight, np.ones(len(names))),
        balanced_recall=counted_recall(rows.proba, rows.outcome, rows.weight, 1 / prevalence),
        target=rows.target,
        method=method,
        price=_price(rows, mixture.best, matrix, sample, level),
        sampling_floor=_sampling_floor(recall, counts),
        n=int(counts.sum()),
        n_per_class=counts.astype(np.intp),
        costs=matrix,
        findings=_findings(rows, mixture, method, recall, mixed, counts),
    )


def _check_target(target: object, names: list[object]) -> FloatArray:
    if isinstance(target, Mapping):
        if set(target) != set(names):
            shown = ", ".join(map(str, names))
            raise refuse("target", f"give a recall for each class ({shown})", ", ".join(map(str, target)) or "none")
        return np.array(
            [check_number(target[name], name=f"target of {name!r}", low=0, high=1, open_low=True) for name in names]
        )
    check_option(target, ("equal",), name="target")
    return np.ones(len(names))


def _solve(rows: _Rows, method: str) -> Mixture:
    if method == "labels":
        return equal_counted_recall(rows.proba, rows.outcome, rows.weight, rows.target)
    scale, weight = _scale(rows)
    mixture = largest_smallest_recall(rows.proba / scale, weight)
    return mixture._replace(best=mixture.best / scale, rules=mixture.rules / scale)


def _scale(rows: _Rows) -> tuple[FloatArray, FloatArray]:
    """Give expected prevalence times target, and the weights that sum to one."""
    weight = rows.weight / rows.weight.sum()
    return (weight @ rows.proba) * rows.target, weight


def _centred(factor: FloatArray) -> FloatArray:
    offset = np.log(np.maximum(factor, 1e-300))
    return np.asarray(offset - offset.mean())


def _price(rows: _Rows, factor: FloatArray, costs: CostMatrix, sample: Sample, level: float) -> Estimate:
    from scipy.special import ndtri

    cheapest = (rows.proba @ costs.costs).argmin(axis=1)
    chosen = largest_class(rows.proba, factor)
    more = costs.costs[rows.outcome, chosen] - costs.costs[rows.outcome, cheapest]
    mean, half = weighted_mean(more, sample), float(ndtri((1 + level) / 2)) * standard_error(more, sample)
    return Estimate(estimate=mean, low=mean - half, high=mean + half, confidence_level=level)


def _sampling_floor(recall: FloatArray, counts: FloatArray) -> float:
    """Give the expected range of recalls on as many new cases, if the offsets had made the true ones equal here.

    Fitting and counting each add `R (1 - R) / n_k`; the range of K normal numbers is
    `int 1 - Phi^K - (1 - Phi)^K` standard deviations.
    """
    from scipy.special import ndtr

    grid = np.linspace(-8, 8, 4001)
    below = ndtr(grid)
    size = float(np.sum(1 - below**recall.size - (1 - below) ** recall.size) * (grid[1] - grid[0]))
    mean = float(recall.mean())
    return size * float(np.sqrt(mean * (1 - mean) * np.mean(2 / counts)))


def _findings(
    rows: _Rows, mixture: Mixture, method: str, recall: FloatArray, mixed: FloatArray, counts: FloatArray
) -> tuple[Finding, ...]:
    findings = []
    if method == "probabilities":
        scale, weight = _scale(rows)
        promised = expected_recall(rows.proba / scale, weight, mixture.best * scale) * rows.target
        error = np.sqrt(np.maximum(recall * (1 - recall), 0.25 / counts) / counts)
        far = np.abs(promised - recall) > 4 * error
        if far.any():
            worst = int(np.argmax(np.abs(promised - recall) / error))
            sentence = (
                f"The probabilities promise a recall of {number(promised[worst], 3)} where "
                f"{number(recall[worst], 3)} was counted, far more than chance explains."
            )
            todo = "They are not calibrated: recalibrate them first, or use method='labels'."
            findings.append(Finding(code="RD314", severity="issue", sentence=sentence, todo=todo))
    unequal = float(np.ptp(recall / rows.target))
    if unequal > 0.02 and float(np.ptp(mixed / rows.target)) < unequal / 2:
        sentence = f"No single rule found comes nearer than a range of {number(unequal, 3)}: probabilities are tied."
        todo = "apply(..., randomised=True) draws among rules and comes nearer."
        findings.append(Finding(code="RD315", severity="caution", sentence=sentence, todo=todo))
    return tuple(findings)
