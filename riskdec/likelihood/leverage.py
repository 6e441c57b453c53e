"""Sandwich covariances that allow for how much each row pulls its own prediction towards itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.covariance import sandwich_covariance

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.fit import LogitFit

SmallSampleKind = Literal["HC1", "HC3"]


def small_sample_covariance(
    fit: LogitFit,
    residual: FloatArray,
    variance: FloatArray,
    *,
    kind: SmallSampleKind,
    multiplicity: FloatArray | None = None,
) -> FloatArray:
    """Compute a sandwich whose size is right with fewer rows than HC0 needs.

    Parameters
    ----------
    fit : LogitFit
        Fresh from its rows.
    residual : ndarray of shape (n,) or (n, m)
        What each single row contributes to the score: ``c (y - p)`` with c the row's class or importance weight, for
        each of the m = K - 1 outcomes but the first.
    variance : ndarray of shape (n,) or (n, m, m)
        What each single row contributes to the information: ``c p (1 - p)``, or ``c (diag(p) - p p')``.
    kind : {"HC1", "HC3"}
        HC1 multiplies HC0 by ``N / (N - k)``; HC3 divides each residual by ``1 - h``, about what it would be if the
        row had been left out of the fit.
    multiplicity : ndarray of shape (n,), optional
        How many times a row stands for itself (frequency weights).

    Returns
    -------
    ndarray, square
        In the order of ``fit.coef.ravel()``; NaN for aliases.

    Notes
    -----
    ``h_i = c_i p_i (1 - p_i) z_i' I^-1 z_i`` is the leverage of one row. With more outcomes the residuals of a row are
    multiplied by the inverse of ``1 - V_i S_i``, ``S_i,ab = z_i' (I^-1)_ab z_i``: by Woodbury's identity the Newton
    step from the estimate without the row. N counts rows, frequency weights included, k all coefficients; where k
    reaches N, the denominator is 1.

    References
    ----------
    MacKinnon JG, White H (1985). Some heteroskedasticity-consistent covariance matrix estimators with improved
    finite sample properties. Journal of Econometrics 29:305-325. doi:10.1016/0304-4076(85)90158-7
    """
    if kind == "HC3":
        return sandwich_covariance(fit, _left_out(fit, residual, variance), multiplicity=multiplicity)
    n = float(len(residual) if multiplicity is None else multiplicity.sum())
    return n / max(n - len(fit.inverse), 1.0) * sandwich_covariance(fit, residual, multiplicity=multiplicity)


def _left_out(fit: LogitFit, residual: FloatArray, variance: FloatArray) -> FloatArray:
    """Give about the residuals that rows would have if each had been left out of the fit."""
    if residual.ndim == 1:
        return residual / (1 - leverages(fit, variance))
    m, k = residual.shape[1], fit.design.n_columns
    blocks = fit.inverse.reshape(m, k, m, k)
    found = np.empty_like(residual)
    with one_blas_thread():
        for rows, Z in fit.design.chunks():
            S = np.einsum("ij,ajbl,il->iab", Z, blocks, Z, optimize=True)
            found[rows] = np.linalg.solve(np.eye(m) - variance[rows] @ S, residual[rows, :, None])[:, :, 0]
    return found


def leverages(fit: LogitFit, variance: FloatArray) -> FloatArray:
    """Give ``variance_i z_i' I^-1 z_i`` for each row: shape (n,), between 0 and 1 for single rows."""
    result = np.empty(len(variance))
    with one_blas_thread():
        for rows, Z in fit.design.chunks():
            result[rows] = variance[rows] * np.einsum("ij,ij->i", Z @ fit.inverse, Z)
    return result
