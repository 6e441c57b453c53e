"""Sandwich covariance: what holds when weights are not counts, or rows are not independent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.newton import to_units

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.likelihood.newton import BinomialFit


def sandwich_covariance(
    fit: BinomialFit,
    residual: FloatArray,
    *,
    multiplicity: FloatArray | None = None,
    groups: IntArray | None = None,
) -> FloatArray:
    """Compute ``B M B`` with B the inverse information and M the empirical variance of the score.

    Parameters
    ----------
    fit : BinomialFit
        An unpenalised or penalised fit, fresh from its rows.
    residual : ndarray of shape (n,)
        What each single row contributes to the score: ``c (y - p)`` with c the row's class or importance weight.
    multiplicity : ndarray of shape (n,), optional
        How many times a row stands for itself (frequency weights).
    groups : ndarray of int, shape (n,), optional
        Group numbers 0..G-1 of dependent rows.

    Returns
    -------
    ndarray, square
        In the order of ``fit.coef``; NaN for aliases.

    Notes
    -----
    Without groups ``M = sum f r^2 z z'`` (White 1980, HC0). With groups ``M = sum_g u_g u_g'`` with
    ``u_g = sum f r z`` over the group, times ``G / (G - 1) * (N - 1) / (N - k)`` (Liang and Zeger 1986, with the
    small-sample factor of Stata and statsmodels), N the number of rows, k of coefficients; where k reaches N, the
    last denominator is 1.
    """
    with one_blas_thread():
        if groups is None:
            meat = _independent_rows(fit, residual, multiplicity)
        else:
            meat = _clusters(fit, residual, multiplicity, groups)
        return to_units(fit.design, fit.inverse @ meat @ fit.inverse)


def _independent_rows(fit: BinomialFit, residual: FloatArray, multiplicity: FloatArray | None) -> FloatArray:
    size = np.abs(residual) if multiplicity is None else np.abs(residual) * np.sqrt(multiplicity)
    meat = np.zeros((fit.design.n_columns, fit.design.n_columns))
    for rows, Z in fit.design.chunks():
        scaled = Z * size[rows, None]
        meat += scaled.T @ scaled
    return meat


def _clusters(fit: BinomialFit, residual: FloatArray, multiplicity: FloatArray | None, groups: IntArray) -> FloatArray:
    k = fit.design.n_columns
    n_groups = int(groups.max()) + 1
    contribution = residual if multiplicity is None else residual * multiplicity
    sums = np.zeros((n_groups, k))
    for rows, Z in fit.design.chunks():
        np.add.at(sums, groups[rows], Z * contribution[rows, None])
    n = float(len(residual) if multiplicity is None else multiplicity.sum())
    correction = n_groups / (n_groups - 1) * (n - 1) / max(n - k, 1.0)
    return correction * (sums.T @ sums)
