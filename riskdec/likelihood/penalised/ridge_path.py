"""Ridge at many strengths: each fit starts from the one before it, with curvature as old as does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Rows, risk_and_normaliser
from riskdec.likelihood.multinomial import MultinomialRows, probabilities
from riskdec.likelihood.newton import null_start
from riskdec.likelihood.newton_step import solve_information
from riskdec.likelihood.penalised.ridge import Penalty, ridge_design

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.likelihood.rows.design import Design

_HALVINGS = 30
# A step with old curvature must shrink the score this much, or the curvature is computed anew.
_SLOW = 0.3
# Standardised rows that are made once for a whole path (128 MiB).
_KEEP_NUMBERS = 1 << 24


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RidgePath:
    """Coefficients at every strength of a path.

    Attributes
    ----------
    alphas : ndarray of shape (m,)
        Strengths, decreasing.
    coef : ndarray of shape (m, k) or (m, K - 1, k)
        Coefficients in the units of the columns, intercept first where there is one; with K > 2 outcomes one row for
        each outcome but the first.
    gradient : ndarray of shape (m,)
        Largest absolute penalised score over the sum of weights, on standardised columns.
    """

    alphas: FloatArray
    coef: FloatArray
    gradient: FloatArray

    def linear_predictors(self, X: AnyArray, *, intercept: bool = True) -> FloatArray:
        """Give those of other rows at each strength, without offset: shape (m, n) or (m, n, K - 1)."""
        first = int(intercept)
        flat = self.coef.reshape(-1, self.coef.shape[-1])
        eta = np.asarray(X @ flat[:, first:].T, dtype=np.float64).T
        if first:
            eta = eta + flat[:, :1]
        if self.coef.ndim == 2:
            return eta
        return eta.reshape(*self.coef.shape[:2], -1).transpose(0, 2, 1)


class _Slope(NamedTuple):
    """The penalised log-likelihood and its score at one coefficient vector."""

    value: float
    score: FloatArray


def ridge_path(
    X: AnyArray,
    y: AnyArray,
    alphas: FloatArray,
    *,
    n_outcomes: int = 2,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_gap: float = 0.0,
    max_iter: int = 100,
) -> RidgePath:
    """Fit ridge at many strengths, each from the estimate before it, strongest first.

    Parameters
    ----------
    X, weight, offset, intercept, tol, max_iter
        As in `fit_ridge` or `fit_multinomial_ridge`; ``max_iter`` bounds the steps at one strength.
    y : ndarray of shape (n,)
        Number of the outcome; with two outcomes 1 or True for the event.
    alphas : ndarray of shape (m,)
        Positive strengths, in any order.
    n_outcomes : int
        Number K of outcomes.
    max_gap : float
        Nats of the penalised log-likelihood that may be missing, by the quadratic model, where ``tol`` is not reached.

    Returns
    -------
    RidgePath
        At each strength what a single fit gives, to ``tol``.

    Notes
    -----
    Curvature changes little along the path. It is computed anew only where a step with the old one does not shrink
    the score to 0.3 of itself: most steps cost one product with the rows instead of a crossproduct.
    """
    with one_blas_thread():
        design, shares, _ = ridge_design(X, weight=weight, intercept=intercept)
        if design.n_rows * design.n_columns <= _KEEP_NUMBERS:
            kept = design.standardise(slice(0, design.n_rows), np.empty((design.n_rows, design.n_columns)))
            design = replace(design, cache=kept)
        rows: Rows | MultinomialRows = Rows(y.astype(np.float64), weight, offset)
        if n_outcomes > 2:
            rows = MultinomialRows(y, n_outcomes, weight, offset)
        coef, information = null_start(design, rows), None
        ordered = np.sort(np.asarray(alphas, dtype=np.float64))[::-1]
        coefs, gradients = [], []
        for alpha in ordered:
            penalty = Penalty(alpha * shares, rows.n_predictors)
            coef, information, gradient = _descend(
                design, rows, coef, information, penalty, tol=tol, max_gap=max_gap, max_iter=max_iter
            )
            coefs.append(coef)
            gradients.append(gradient / rows.total)
    in_units = np.array(coefs).reshape(len(ordered), -1) @ design.to_columns(rows.n_predictors).T
    shape = (
        (len(ordered), -1) if n_outcomes == 2 else (len(ordered), n_outcomes - 1, in_units.shape[1] // (n_outcomes - 1))
    )
    return RidgePath(alphas=ordered, coef=in_units.reshape(shape), gradient=np.array(gradients))


def _descend(
    design: Design,
    rows: Rows | MultinomialRows,
    coef: FloatArray,
    information: FloatArray | None,
    penalty: Penalty,
    *,
    tol: float,
    max_gap: float,
    max_iter: int,
) -> tuple[FloatArray, FloatArray | None, float]:
    """Go to the maximum at one strength with curvature as old as does; give it with the curvature used last."""
    here, is_new = _slope(design, rows, coef, penalty), False
    for _ in range(max_iter):
        gradient = float(np.abs(here.score).max(initial=0.0))
        if gradient <= tol * rows.total:
            break
        newton = None if information is None else solve_information(information + penalty.matrix(), here.score)
        if newton is not None:
            if float(newton.step @ here.score) <= 2 * max_gap:
                break
            trial, there = _uphill(design, rows, coef, here, newton.step, penalty, halvings=_HALVINGS if is_new else 1)
            if there is not here and (is_new or float(np.abs(there.score).max()) <= _SLOW * gradient):
                coef, here, is_new = trial, there, False
                continue
        if is_new:
            break
        information, is_new = rows.evaluate(design, coef).information, True
    return coef, information, float(np.abs(here.score).max(initial=0.0))


def _uphill(
    design: Design,
    rows: Rows | MultinomialRows,
    coef: FloatArray,
    here: _Slope,
    step: FloatArray,
    penalty: Penalty,
    *,
    halvings: int,
) -> tuple[FloatArray, _Slope]:
    slack = 1e-12 * abs(here.value)
    for halving in range(halvings):
        trial = coef + step / 2**halving
        there = _slope(design, rows, trial, penalty)
        if there.value >= here.value - slack:
            return trial, there
    return coef, here


def _slope(design: Design, rows: Rows | MultinomialRows, coef: FloatArray, penalty: Penalty) -> _Slope:
    slope_of = _binomial_slope if isinstance(rows, Rows) else _multinomial_slope
    value, score = 0.0, np.zeros(len(coef))
    slopes = coef.reshape(rows.n_predictors, -1).T
    for chunk, Z in design.chunks():
        eta = Z @ slopes
        if rows.offset is not None:
            eta += rows.offset[chunk].reshape(eta.shape)
        terms, residual = slope_of(rows.y[chunk], eta)
        if rows.weight is not None:
            terms *= rows.weight[chunk]
            residual *= rows.weight[chunk]
        value += float(terms.sum())
        score += np.ravel(residual @ Z)
    return _Slope(value - penalty.cost(coef), score - penalty.gradient(coef))


def _binomial_slope(y: AnyArray, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the log-likelihood of each row, and its derivatives by the linear predictors: shapes (n,) and (m, n)."""
    risk, log_normaliser = risk_and_normaliser(eta[:, 0])
    return y * eta[:, 0] - log_normaliser, (y - risk)[np.newaxis]


def _multinomial_slope(y: AnyArray, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    proba, log_proba = probabilities(eta)
    own = y, np.arange(len(eta))
    residual = -proba
    residual[own] += 1
    return log_proba[own], residual[1:]
