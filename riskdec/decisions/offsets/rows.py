"""The door of recall offsets and floors: rows with one column per class, and costs of deciding for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import (
    check_counts,
    check_distributions,
    check_labels,
    check_option,
    check_weights,
    refuse,
    sorted_labels,
)
from riskdec.decisions.costs.cost_input import as_cost_matrix
from riskdec.decisions.costs.cost_matrix import CostMatrix

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray, WeightKind


class Rows(NamedTuple):
    """Probabilities of each class, number of the class that happened, weight."""

    proba: FloatArray
    outcome: IntArray
    weight: FloatArray


def check_rows(
    y_true: object, y_proba: object, classes: object, sample_weight: object, weight_kind: WeightKind
) -> tuple[list[object], Rows]:
    """Give the classes, and the rows that count."""
    check_option(weight_kind, ("frequency", "importance"), name="weight_kind")
    labels = check_labels(y_true)
    proba = check_distributions(y_proba, n=labels.shape[0])
    weight = (check_counts if weight_kind == "frequency" else check_weights)(sample_weight, labels.shape[0])
    used = np.ones(labels.shape[0], dtype=bool) if weight is None else weight > 0
    known = sorted_labels(labels[used]) if classes is None else np.array(list(classes))  # type: ignore[call-overload]
    if known.shape[0] != proba.shape[1] or known.shape[0] < 2:
        rule = f"hold one class per column of y_proba ({proba.shape[1]})"
        raise refuse("y_true" if classes is None else "classes", rule, f"{known.shape[0]} classes")
    outcome = _index(labels[used], known)
    missing = np.flatnonzero(np.bincount(outcome, minlength=known.shape[0]) == 0)
    if missing.size:
        cure = "Its recall cannot be known from these cases."
        raise refuse("y_true", "hold every class", f"no row of class {known[missing[0]]!r}", cure)
    kept = np.ones(outcome.shape[0]) if weight is None else weight[used]
    names = known.tolist()
    return names, Rows(proba[used], outcome, kept)


def _index(labels: AnyArray, known: AnyArray) -> IntArray:
    outcome = np.full(labels.shape[0], -1)
    for k, name in enumerate(known):
        outcome[labels == name] = k
    if (outcome < 0).any():
        first = labels[int(np.argmax(outcome < 0))]
        raise refuse("y_true", f"hold the classes {', '.join(map(str, known.tolist()))}", repr(first))
    return outcome


def check_class_costs(costs: object, names: list[object]) -> CostMatrix:
    """Give costs with one action per class; without any, every wrong decision costs 1."""
    texts = [str(name) for name in names]
    if costs is None:
        table = 1.0 - np.eye(len(texts))
        return CostMatrix.from_dict({"costs": table, "outcomes": texts, "actions": texts, "defer": None})
    matrix = as_cost_matrix(costs)
    if matrix.costs.shape != (len(texts), len(texts)) or matrix.defer is not None:
        shape = f"{len(matrix.outcomes)} outcomes and {len(matrix.actions)} actions"
        cure = "An action that defers has no recall."
        raise refuse("costs", f"have one outcome and one action per class ({len(texts)})", shape, cure)
    return matrix


def exact_limits(recall: FloatArray, counts: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Give Clopper and Pearson's limits of recalls."""
    from scipy.special import betaincinv

    hits, tail = recall * counts, (1 - level) / 2
    low, high = np.zeros(recall.shape), np.ones(recall.shape)
    some, rest = hits > 0, recall < 1
    low[some] = betaincinv(hits[some], counts[some] - hits[some] + 1, tail)
    high[rest] = betaincinv(hits[rest] + 1, counts[rest] - hits[rest], 1 - tail)
    return low, high
