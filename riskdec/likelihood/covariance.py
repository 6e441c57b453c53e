"""Sandwich covariance: what holds when weights are not counts, or rows are not independent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.fit import to_units
from riskdec.likelihood.rows.readers import crossproduct

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.likelihood.fit import LogitFit


def sandwich_covariance(
    fit: LogitFit,
    residual: FloatArray,
    *,
    multiplicity: FloatArray | None = None,
    groups: IntArray | None = None,
) -> FloatArray:
    """Compute ``B M B`` with B the inverse information and M the empirical variance of the score.

    Parameters
    ----------
    fit : LogitFit
        An unpenalised or penalised fit, fresh from its rows.
    residual : ndarray of shape (n,) or (n, K - 1)
        What each single row contributes to the score: ``c (y - p)`` with c the row's class or importance weight,
        for each outcome but the first.
    multiplicity : ndarray of shape (n,), optional
        How many times a row stands for itself (frequency weights).
    groups : ndarray of int, shape (n,), optional
        Group numbers 0..G-1 of dependent rows.

    Returns
    -------
    ndarray, square
        In the order of ``fit.coef.ravel()``; NaN for aliases.

    Notes
    -----
    Without groups ``M = sum f r^2 z z'`` (White 1980, HC0), with several linear predictors ``sum f r r' kron z z'``.
    With groups ``M = sum_g u_g u_g'`` with ``u_g = sum f r z`` over the group, times
    ``G / (G - 1) * (N - 1) / (N - k)`` (Liang and Zeger 1986, with the small-sample factor of Stata and statsmodels),
    N the number of rows, k of coefficients; where k reaches N, the last denominator is 1.
    """
    with one_blas_thread():
        if groups is None:
            meat = _independent_rows(fit, residual, multiplicity)
        else:
            meat = _clusters(fit, residual, multiplicity, groups)
        n_predictors = 1 if residual.ndim == 1 else residual.shape[1]
        return to_units(fit.design, fit.inverse @ meat @ fit.inverse, n_predictors)


def _independent_rows(fit: LogitFit, residual: FloatArray, multiplicity: FloatArray | None) -> FloatArray:
    if residual.ndim == 1:
        return crossproduct(fit.design, residual**2 if multiplicity is None else multiplicity * residual**2)
    weighted = residual if multiplicity is None else (residual.T * np.sqrt(multiplicity)).T
    meat = np.zeros_like(fit.inverse)
    for rows, Z in fit.design.chunks():
        scores = _scores(Z, weighted[rows])
        meat += scores.T @ scores
    return meat


def _clusters(fit: LogitFit, residual: FloatArray, multiplicity: FloatArray | None, groups: IntArray) -> FloatArray:
    k = len(fit.inverse)
    n_groups = int(groups.max()) + 1
    weighted = residual if multiplicity is None else (residual.T * multiplicity).T
    sums = np.zeros((n_groups, k))
    for rows, Z in fit.design.chunks():
        np.add.at(sums, groups[rows], _scores(Z, weighted[rows]))
    n = float(len(residual) if multiplicity is None else multiplicity.sum())
    correction = n_groups / (n_groups - 1) * (n - 1) / max(n - k, 1.0)
    return correction * (sums.T @ sums)


def _scores(Z: FloatArray, residual: FloatArray) -> FloatArray:
    """Give what each row adds to the score: one block of ``r z`` for each linear predictor."""
    if residual.ndim == 1:
        return Z * residual[:, None]
    return (residual[:, :, None] * Z[:, None, :]).reshape(len(Z), -1)
