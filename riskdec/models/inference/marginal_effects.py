"""Average marginal effects: how the risk moves with a column, on average over given rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_level, check_option, refuse
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, number, p_value
from riskdec.models.inference.average_effects import AverageEffects
from riskdec.models.inference.terms import has_intercept
from riskdec.models.inference.wald import wald_p_value
from riskdec.models.regression.few_groups import few_groups_df

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.models.regression.logistic_fit import CovarianceKind, LogisticFit

EffectKind = Literal["slope", "0 to 1"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class MarginalEffects(Framed):
    """The average change of the risk with each column.

    `frame` gives one line for each column: column, kind, effect, std_err, low, high, p_value.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns.
    effect, std_err, low, high : ndarray of shape (p,)
        In probability for one unit of the column; delta-method errors; NaN errors for aliased columns.
    p_value : ndarray of shape (p,)
        Two-sided, of no effect.
    kinds : tuple of {"slope", "0 to 1"}
        Derivative, or change of a column that holds 0 and 1 only from 0 to 1.
    confidence_level : float
        Level of the intervals.
    covariance_kind : {"model", "robust", "cluster"}
        Covariance of the coefficients behind the errors.
    outcome : str
        The outcome whose probability moves.
    n : float
        Rows averaged over, weights counted.
    """

    columns: tuple[str, ...]
    effect: FloatArray
    std_err: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    kinds: tuple[EffectKind, ...]
    confidence_level: float
    covariance_kind: CovarianceKind
    outcome: str
    n: float

    def _headline(self) -> str:
        return f"{len(self.columns)} average effects on the probability of {self.outcome}, n={self.n:g}"

    def summary(self) -> Table:
        """Give effects with intervals, in probability per unit."""
        level = f"{100 * self.confidence_level:g} %"
        rows = []
        for j, column in enumerate(self.columns):
            cells = (self.effect[j], self.std_err[j], self.low[j], self.high[j])
            rows.append((column, self.kinds[j], *(number(float(v)) for v in cells), p_value(self.p_value[j])))
        notes = [
            f"average over {count(self.n)} rows; delta-method errors, covariance: {self.covariance_kind}",
            "slope: change of probability for one unit; 0 to 1: change when the column goes from 0 to 1",
            "each column moves alone: for splines and interactions move the variable itself and compare risks",
        ]
        return Table(
            title=f"Average marginal effects on the probability of {self.outcome}",
            header=("", "", "effect", "std err", f"{level} low", f"{level} high", "p"),
            rows=tuple(rows),
            notes=tuple(notes),
        )

    def _columns(self) -> dict[str, Any]:
        return {
            "column": list(self.columns),
            "kind": list(self.kinds),
            "effect": self.effect,
            "std_err": self.std_err,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
        }

    def to_dict(self) -> dict[str, Any]:
        """Give the effects, ready for JSON."""
        rows = [
            {
                "column": column,
                "kind": self.kinds[j],
                "effect": self.effect[j],
                "std_err": self.std_err[j],
                "low": self.low[j],
                "high": self.high[j],
                "p_value": self.p_value[j],
            }
            for j, column in enumerate(self.columns)
        ]
        answer = {
            "effects": rows,
            "confidence_level": self.confidence_level,
            "covariance_kind": self.covariance_kind,
            "outcome": self.outcome,
            "n": self.n,
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def marginal_effects(
    fit: LogisticFit,
    X: AnyArray,
    *,
    offset: FloatArray | None = None,
    weight: FloatArray | None = None,
    outcome: int = 1,
    discrete: bool = True,
    confidence_level: float = 0.95,
    kind: CovarianceKind | None = None,
) -> MarginalEffects:
    """Average the effect of each column on a probability over given rows: of training, or of the people in question.

    Parameters
    ----------
    fit : LogisticFit
        Any fit.
    X : ndarray of shape (n, p)
        Clean columns, in the order of the terms after the intercept.
    offset : ndarray of shape (n,) or (n, K - 1), optional
        Known part of the linear predictors.
    weight : ndarray of shape (n,), optional
        Weights of the average.
    outcome : int
        Place of the outcome whose probability is asked about.
    discrete : bool
        Whether columns of only 0 and 1 go from 0 to 1, in place of the derivative.
    confidence_level : float
        Level of the intervals.
    kind : {"model", "robust", "cluster"}, optional
        Covariance; that of the fit by default.

    Returns
    -------
    MarginalEffects
        One line for each column.

    Notes
    -----
    Slope: the average of ``dp/dx_j``, with two outcomes ``b_j mean(p (1 - p))``. 0 to 1:
    ``mean(p(x_j = 1) - p(x_j = 0))``. Errors by the delta method, ``g_j' V g_j`` with g the gradient of the effect in
    the coefficients; the rows are taken as fixed.
    """
    check_option(discrete, (True, False), name="discrete")
    level = check_level(confidence_level)
    if not X.shape[0]:
        raise refuse("X", "have at least one row to average over", "0 rows")
    effects = AverageEffects(fit, X, offset, np.ones(X.shape[0]) if weight is None else weight, outcome)
    zero_one = discrete & np.array([bool(((X[:, j] == 0) | (X[:, j] == 1)).all()) for j in range(X.shape[1])])
    effect, gradient = effects.slopes()
    for j in np.flatnonzero(zero_one):
        effect[j], gradient[j] = effects.jump(int(j))
    covariance = fit.covariance(kind)
    aliased = np.isnan(np.diag(covariance))[int(has_intercept(fit)) : len(fit.terms)]
    error = np.sqrt(np.einsum("ij,jk,ik->i", gradient, np.nan_to_num(covariance, nan=0.0), gradient))
    error[aliased] = np.nan
    kind = fit.covariance_kind if kind is None else kind
    half = fit.quantile(level, kind) * error
    denominator = few_groups_df(kind, fit.n_groups)
    return MarginalEffects(
        columns=fit.terms[int(has_intercept(fit)) :],
        effect=effect,
        std_err=error,
        low=effect - half,
        high=effect + half,
        p_value=np.array([wald_p_value(float(z) ** 2, 1, denominator) for z in effect / error]),
        kinds=tuple("0 to 1" if jumps else "slope" for jumps in zero_one),
        confidence_level=level,
        covariance_kind=kind,
        outcome=fit.outcomes[outcome],
        n=float(X.shape[0] if weight is None else weight.sum()),
        frame_kind=fit.frame_kind,
    )
