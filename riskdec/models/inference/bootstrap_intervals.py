"""Intervals from bootstrap draws: of coefficients, and of the risks that they give; and what BCa needs besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood import multinomial_residuals, probabilities, risks

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.models.inference.rows import FittedRows
    from riskdec.models.regression.logistic_fit import LogisticFit

# Risks of so many rows times resamples are held at a time (8 MiB).
_NUMBERS = 1 << 20
# Rows whose influence is computed at a time.
_ROWS = 1 << 14


def bootstrap_intervals(
    draws: FloatArray, estimate: FloatArray, *, acceleration: FloatArray, confidence_level: float, method: str
) -> FloatArray:
    """Give intervals from draws of several quantities.

    Parameters
    ----------
    draws : ndarray of shape (B, k)
        Each quantity on each resample.
    estimate, acceleration : ndarray of shape (k,)
        Each on the rows themselves, and a sixth of the skewness of the rows' influence on it.
    confidence_level : float
        Level of each interval.
    method : {"percentile", "basic", "normal", "bca"}
        How limits follow from draws.

    Returns
    -------
    ndarray of shape (k, 2)

    Notes
    -----
    With z the normal quantile of a limit's level, "bca" takes the quantile of the draws at the level
    ``Phi(z0 + (z0 + z) / (1 - a (z0 + z)))``, z0 the normal quantile of the share of draws below the estimate and a
    the acceleration.

    References
    ----------
    Efron B (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82:171-185.
    doi:10.1080/01621459.1987.10478410
    """
    from scipy.special import ndtr, ndtri

    tails = np.array([(1 - confidence_level) / 2, (1 + confidence_level) / 2])
    if method == "normal":
        centre = 2 * estimate - draws.mean(axis=0)
        return np.asarray(centre[:, None] + draws.std(axis=0, ddof=1)[:, None] * ndtri(tails))
    if method == "bca":
        n = len(draws)
        # Half a draw on either side keeps the quantile finite when all draws lie on one side.
        below = ((draws < estimate).sum(axis=0) + (draws == estimate).sum(axis=0) / 2).clip(0.5, n - 0.5) / n
        shifted = ndtri(below)[:, None] + ndtri(tails)
        levels = ndtr(ndtri(below)[:, None] + shifted / (1 - acceleration[:, None] * shifted))
        return np.array([np.quantile(column, level) for column, level in zip(draws.T, levels, strict=True)])
    limits = np.quantile(draws, tails, axis=0).T
    return np.asarray(limits if method == "percentile" else 2 * estimate[:, None] - limits[:, ::-1])


def risk_intervals(
    columns: AnyArray,
    draws: FloatArray,
    *,
    intercept: bool,
    n_outcomes: int,
    column: int,
    confidence_level: float,
) -> FloatArray:
    """Give percentile intervals of the risk of one outcome, shape (n, 2).

    Parameters
    ----------
    columns : ndarray of shape (n, p)
        Rows to predict; those that lack a value get NaN.
    draws : ndarray of shape (B, (K - 1) k)
        Coefficients.
    intercept : bool
        Whether the first coefficient of each outcome is an intercept.
    n_outcomes, column : int
        K, and the place of the outcome.
    confidence_level : float
        Level of each interval.
    """
    tails = [(1 - confidence_level) / 2, (1 + confidence_level) / 2]
    n = columns.shape[0]
    blocks = draws.reshape(len(draws), n_outcomes - 1, columns.shape[1] + int(intercept))
    limits = np.empty((n, 2))
    rows = max(1, _NUMBERS // (len(draws) * (n_outcomes - 1)))
    for start in range(0, n, rows):
        part = _design(columns[start : start + rows], intercept=intercept)
        eta = np.stack([part @ blocks[:, m].T for m in range(n_outcomes - 1)], axis=-1)
        limits[start : start + rows] = np.quantile(_risk_of(eta, column), tails, axis=1).T
    return limits


def acceleration_of(fit: LogisticFit, rows: FittedRows, groups: IntArray | None) -> FloatArray:
    """Give a sixth of the skewness of the influence ``I^-1 z w (y - p)`` of the rows, or of the groups: shape (k,)."""
    eta = rows.linear_predictors(fit.coef)
    if rows.n_outcomes == 2:
        residual = (rows.codes - risks(eta[:, 0]))[:, None]
    else:
        residual = multinomial_residuals(rows.codes, eta)
    if rows.weights.single is not None:
        residual = residual * rows.weights.single[:, None]
    inverse = np.nan_to_num(fit.model_covariance, nan=0.0)
    counts = np.ones(len(eta)) if rows.weights.multiplicity is None else rows.weights.multiplicity
    sums = None if groups is None else np.zeros((int(groups.max()) + 1, len(inverse)))
    moments = np.zeros((2, len(inverse)))
    for start in range(0, len(eta), _ROWS):
        part = slice(start, start + _ROWS)
        design = _design(rows.X[part], intercept=rows.intercept)
        influence = (residual[part, :, None] * design[:, None, :]).reshape(len(design), -1) @ inverse
        if sums is None:
            moments += skewness_moments(influence, counts[part])
        elif groups is not None:
            np.add.at(sums, groups[part], influence * counts[part, None])
    if sums is not None:
        moments = skewness_moments(sums, np.ones(len(sums)))
    square, cube = moments
    return np.asarray(np.divide(cube, 6 * square**1.5, out=np.zeros_like(square), where=square > 0))


def skewness_moments(influence: FloatArray, counts: FloatArray) -> FloatArray:
    """Give ``sum c l^2`` and ``sum c l^3`` of influences, shape (2, k), each of which stands for c units."""
    return np.stack([counts @ influence**2, counts @ influence**3])


def _design(columns: AnyArray, *, intercept: bool) -> FloatArray:
    dense = np.asarray(columns, dtype=np.float64)
    return np.column_stack([np.ones(len(dense)), dense]) if intercept else dense


def _risk_of(eta: FloatArray, column: int) -> FloatArray:
    """Turn log-odds against the first outcome, (m, B, K - 1), into risks of one outcome, (m, B)."""
    if eta.shape[-1] == 1:
        return risks(eta[..., 0] if column == 1 else -eta[..., 0])
    flat = eta.reshape(-1, eta.shape[-1])
    return np.asarray(probabilities(flat)[0][column].reshape(eta.shape[:2]))
