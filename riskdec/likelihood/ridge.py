"""Ridge: the log-likelihood less a square penalty on the slopes, one fit or a whole path of strengths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Rows, risk_and_normaliser
from riskdec.likelihood.design import Design, chunk_rows
from riskdec.likelihood.fit import LogitFit, finish, gradient_per_row
from riskdec.likelihood.newton import null_start, solve_information
from riskdec.likelihood.rank import Alias

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.likelihood.fit import Status
    from riskdec.likelihood.protocol import Pass

_HALVINGS = 30
# A column whose spread is this small beside its mean differs from row to row by rounding alone.
_ROUNDING = 1e-14
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
    coef : ndarray of shape (m, k)
        Coefficients in the units of the columns, intercept first where there is one.
    gradient : ndarray of shape (m,)
        Largest absolute penalised score over the sum of weights, on standardised columns.
    """

    alphas: FloatArray
    coef: FloatArray
    gradient: FloatArray


class _Slope(NamedTuple):
    """The penalised log-likelihood and its score at one coefficient vector."""

    value: float
    score: FloatArray


def fit_ridge(
    X: AnyArray,
    y: AnyArray,
    *,
    alpha: float,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_iter: int = 100,
) -> LogitFit:
    """Minimise ``-loglik + alpha/2 sum (s_j b_j)^2``, the intercept free.

    Parameters
    ----------
    X, y, weight, offset, intercept, tol, max_iter
        As in `fit_binomial`; ``tol`` bounds the penalised score. Both outcomes must occur.
    alpha : float
        Strength, positive. ``s_j`` is the (weighted) standard deviation of column j, so that units play no part.

    Returns
    -------
    LogitFit
        ``covariance`` is the inverse of the penalised information: the covariance of the normal approximation to the
        posterior under independent priors ``s_j b_j ~ N(0, 1/alpha)``. It is not a sampling covariance; that of the
        shrunken estimates, without their bias, is `sandwich_covariance` of the result. ``log_likelihood`` is the
        unpenalised one. Aliases are constant columns only: the penalty tells dependent columns apart.

    Notes
    -----
    The maximum exists and is unique on every data set with both outcomes, separated or not. The sum runs over rows:
    integer weights equal repeated rows, and weights times a constant are a weaker penalty. Without an intercept a
    constant column has no standard deviation, so it is not penalised.

    References
    ----------
    le Cessie S, van Houwelingen JC (1992). Ridge estimators in logistic regression. Applied Statistics 41:191-201.
    doi:10.2307/2347628

    Examples
    --------
    >>> X, y = np.arange(6.0)[:, np.newaxis], np.array([0, 0, 0, 1, 1, 1])  # separated: no maximum likelihood
    >>> fit_ridge(X, y, alpha=1.0).coef.round(3)
    array([-1.7 ,  0.68])
    """
    with one_blas_thread():
        design, shares = ridge_design(X, weight=weight, intercept=intercept)
        rows = Rows(y.astype(np.float64), weight, offset)
        penalty = alpha * shares
        coef = null_start(design, rows)
        here = _penalise(rows.evaluate(design, coef), coef, penalty)
        near, n_iter = False, 0
        while n_iter < max_iter and not near:
            n_iter += 1
            near = gradient_per_row(here, rows) <= tol
            coef, there = _newton_step(design, rows, coef, here, penalty)
            if there is here:
                break
            here = there
        here = replace(here, log_likelihood=here.log_likelihood + _cost(coef, penalty))
        status: Status = "certified" if near else "not converged"
        return finish(design, rows, coef, here, status=status, n_iter=n_iter, separation=None)


def ridge_path(
    X: AnyArray,
    y: AnyArray,
    alphas: FloatArray,
    *,
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
    X, y, weight, offset, intercept, tol, max_iter
        As in `fit_ridge`; ``max_iter`` bounds the steps at one strength.
    alphas : ndarray of shape (m,)
        Positive strengths, in any order.
    max_gap : float
        Nats of the penalised log-likelihood that may be missing, by the quadratic model, where ``tol`` is not reached.

    Returns
    -------
    RidgePath
        At each strength what `fit_ridge` gives, to ``tol``.

    Notes
    -----
    Curvature changes little along the path. It is computed anew only where a step with the old one does not shrink
    the score to 0.3 of itself: most steps cost one product with the rows instead of a crossproduct.
    """
    with one_blas_thread():
        design, shares = ridge_design(X, weight=weight, intercept=intercept)
        if design.n_rows * design.n_columns <= _KEEP_NUMBERS:
            kept = design.standardise(slice(0, design.n_rows), np.empty((design.n_rows, design.n_columns)))
            design = replace(design, cache=kept)
        rows = Rows(y.astype(np.float64), weight, offset)
        coef, information = null_start(design, rows), None
        ordered = np.sort(np.asarray(alphas, dtype=np.float64))[::-1]
        coefs, gradients = [], []
        for alpha in ordered:
            coef, information, gradient = _descend(
                design, rows, coef, information, alpha * shares, tol=tol, max_gap=max_gap, max_iter=max_iter
            )
            coefs.append(coef)
            gradients.append(gradient / rows.total)
    in_units = np.array(coefs).reshape(len(ordered), -1) @ design.to_columns().T
    return RidgePath(alphas=ordered, coef=in_units, gradient=np.array(gradients))


def ridge_design(X: AnyArray, *, weight: FloatArray | None, intercept: bool) -> tuple[Design, FloatArray]:
    """Standardise the columns that are not constant; give the share of the strength that each coefficient bears.

    The share is ``(s_j / scale_j)^2``: one for columns that are centred, 0 for the intercept.
    """
    p = X.shape[1]
    mean, deviation = _moments(X, weight)
    deviation[deviation <= _ROUNDING * np.abs(mean)] = 0.0
    center = mean if intercept else np.zeros(p)
    scale = deviation if intercept else np.sqrt(deviation**2 + mean**2)
    kept = np.flatnonzero(scale > 0)
    aliases = tuple(Alias(int(j), -1) for j in np.flatnonzero(scale == 0))
    design = Design(X, kept, center[kept], scale[kept], None, intercept, aliases)
    shares = (deviation[kept] / scale[kept]) ** 2
    return design.with_cache(), np.concatenate([np.zeros(int(intercept)), shares])


def _moments(X: AnyArray, weight: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Give the weighted mean and standard deviation of each column, in two readings."""
    step = chunk_rows(X.shape[1])
    total = float(X.shape[0]) if weight is None else float(weight.sum())
    # Differences from the first row: a constant column has exactly its value as mean.
    first, sums = X[0].astype(np.float64), np.zeros(X.shape[1])
    for start in range(0, X.shape[0], step):
        part = X[start : start + step] - first
        sums += part.sum(axis=0) if weight is None else weight[start : start + step] @ part
    mean = first + sums / total
    squares = np.zeros(X.shape[1])
    for start in range(0, X.shape[0], step):
        part = (X[start : start + step] - mean) ** 2
        squares += part.sum(axis=0) if weight is None else weight[start : start + step] @ part
    return mean, np.sqrt(squares / total)


def _cost(coef: FloatArray, penalty: FloatArray) -> float:
    return 0.5 * float(penalty @ coef**2)


def _penalise(here: Pass, coef: FloatArray, penalty: FloatArray) -> Pass:
    return replace(
        here,
        log_likelihood=here.log_likelihood - _cost(coef, penalty),
        score=here.score - penalty * coef,
        information=here.information + np.diag(penalty),
    )


def _newton_step(
    design: Design, rows: Rows, coef: FloatArray, here: Pass, penalty: FloatArray
) -> tuple[FloatArray, Pass]:
    """Take the largest of the steps 1, 1/2, 1/4, ... that does not lower the penalised likelihood."""
    newton = solve_information(here.information, here.score)
    if newton is None:
        return coef, here
    slack = 1e-12 * abs(here.log_likelihood)
    for halving in range(_HALVINGS):
        trial = coef + newton.step / 2**halving
        there = _penalise(rows.evaluate(design, trial), trial, penalty)
        if there.log_likelihood >= here.log_likelihood - slack:
            return trial, there
    return coef, here


def _descend(
    design: Design,
    rows: Rows,
    coef: FloatArray,
    information: FloatArray | None,
    penalty: FloatArray,
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
        newton = None if information is None else solve_information(information + np.diag(penalty), here.score)
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
    rows: Rows,
    coef: FloatArray,
    here: _Slope,
    step: FloatArray,
    penalty: FloatArray,
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


def _slope(design: Design, rows: Rows, coef: FloatArray, penalty: FloatArray) -> _Slope:
    score, value = np.zeros(len(coef)), 0.0
    for chunk, Z in design.chunks():
        eta = Z @ coef
        if rows.offset is not None:
            eta += rows.offset[chunk]
        y = rows.y[chunk]
        risk, log_normaliser = risk_and_normaliser(eta)
        terms, residual = y * eta - log_normaliser, y - risk
        if rows.weight is not None:
            terms *= rows.weight[chunk]
            residual *= rows.weight[chunk]
        value += float(terms.sum())
        score += residual @ Z
    return _Slope(value - _cost(coef, penalty), score - penalty * coef)
