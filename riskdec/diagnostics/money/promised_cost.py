"""What decisions promise to cost and what they cost: calibration seen through costs of many outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.result import Estimate, jsonable
from riskdec.decisions import as_cost_matrix, decide

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.outcomes.many_outcomes import ManyForecasts


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class PromisedCost:
    """Expected against realised cost of the actions of least expected cost.

    Attributes
    ----------
    promised : float
        Mean expected cost, as the probabilities say.
    realised : float
        Mean cost of the same actions under the outcomes that happened.
    gap : Estimate
        Realised minus promised; 0 is right. Positive: the probabilities promise too much.
    """

    promised: float
    realised: float
    gap: Estimate

    def __repr__(self) -> str:
        return f"<PromisedCost: {self.promised:.4g} promised, {self.realised:.4g} realised>"

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers; what does not exist is None."""
        plain: dict[str, Any] = jsonable({"promised": self.promised, "realised": self.realised})
        return plain | {"gap": self.gap.to_dict()}


def compare_costs(given: ManyForecasts, costs: object, *, confidence_level: float) -> PromisedCost:
    """Decide each row at the costs, and set what that should cost beside what it costs."""
    matrix = as_cost_matrix(costs)
    column = _columns(matrix, given.names)
    proba = given.proba[:, column]
    action = decide(proba, matrix).action_index.astype(np.intp)
    weight = given.each_weight
    promised = np.einsum("ik,ik->i", proba, matrix.costs.T[action])
    place = np.argsort(column)
    realised = matrix.costs[place[given.codes], action]
    off = realised - promised
    gap = float(np.average(off, weights=weight))
    margin = _standard_error(given, weight, off - gap) * _quantile(confidence_level, given.n_groups)
    return PromisedCost(
        promised=float(np.average(promised, weights=weight)),
        realised=float(np.average(realised, weights=weight)),
        gap=Estimate(estimate=gap, low=gap - margin, high=gap + margin, confidence_level=confidence_level),
    )


def _columns(matrix: CostMatrix, names: tuple[str, ...]) -> IntArray:
    """Give the column of the probabilities for each outcome of the costs."""
    shown = ", ".join(map(repr, names[:5]))
    if len(matrix.outcomes) != len(names):
        got = f"{len(matrix.outcomes)} outcomes"
        raise refuse("costs", f"have one outcome for each of the {len(names)} labels ({shown})", got)
    if set(matrix.outcomes) == set(names):
        return np.array([names.index(outcome) for outcome in matrix.outcomes], dtype=np.intp)
    mixed = sorted(set(matrix.outcomes) & set(names))
    if mixed:
        cure = f"Use all of the labels, or other names in the order of the columns ({shown})."
        raise refuse("the outcomes of costs", "be the labels of y_true or none of them", repr(mixed[0]), cure)
    return np.arange(len(names))


def _standard_error(given: ManyForecasts, weight: FloatArray, off: FloatArray) -> float:
    total = float(weight.sum())
    if given.groups is not None:
        sums = np.bincount(given.groups, weight * off)
        return float(np.sqrt(len(sums) / (len(sums) - 1) * (sums @ sums))) / total
    squared = weight if given.weight_kind == "frequency" else weight**2
    return float(np.sqrt(squared @ off**2)) / total


def _quantile(confidence_level: float, n_groups: int | None) -> float:
    from scipy.special import ndtri, stdtrit

    upper = (1 + confidence_level) / 2
    return float(ndtri(upper) if n_groups is None else stdtrit(n_groups - 1, upper))
