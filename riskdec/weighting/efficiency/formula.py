"""Asymptotic efficiency of a class-weighted logistic regression, and of one after undersampling."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

_ROWS_AT_A_TIME = 8_192


class Efficiency(NamedTuple):
    """Variance of the fit without weights over that of another fit, at the same number of rows drawn.

    Attributes
    ----------
    weighted, undersampled : ndarray of shape (k,)
        Of each coefficient, the intercept less the log of the ratio.
    weighted_predictor, undersampled_predictor : float
        Of the linear predictor, its variance averaged over the rows.
    """

    weighted: FloatArray
    undersampled: FloatArray
    weighted_predictor: float
    undersampled_predictor: float


def efficiency_of(design: FloatArray, risk: FloatArray, ratio: float) -> Efficiency:
    """Compute the efficiency of weights r on events and 1 on the others, and of undersampling in that ratio.

    Parameters
    ----------
    design : ndarray of shape (n, k)
        Rows, the column of ones among them; of full column rank.
    risk : ndarray of shape (n,)
        Risks by the true coefficients, estimated without weights.
    ratio : float
        r.

    Notes
    -----
    With ``v = p (1 - p)``, ``u = r / (r p + 1 - p)`` and ``I = E[v xx']``, ``A = E[v u xx']``, ``B = E[v u^2 xx']``:
    n times the variance is ``I^-1`` without weights and ``A^-1 B A^-1`` with them. Keeping non-events with probability
    ``1 / r`` gives ``r A^-1`` (events with probability r below ``r = 1``: ``A^-1``).

    Examples
    --------
    >>> x = np.linspace(-2, 2, 41)
    >>> made = efficiency_of(np.column_stack([np.ones(41), x]), 1 / (1 + np.exp(2 - x)), 1.0)
    >>> made.weighted.round(6).tolist(), round(made.weighted_predictor, 6)
    ([1.0, 1.0], 1.0)
    """
    n, k = design.shape
    # Units of the columns must not cost digits.
    scale = np.sqrt(np.einsum("ij,ij->j", design, design) / n)
    sums = np.zeros((4, k, k))
    with one_blas_thread():
        for start in range(0, n, _ROWS_AT_A_TIME):
            rows = slice(start, start + _ROWS_AT_A_TIME)
            Z, p = design[rows] / scale, risk[rows]
            variance, tilt = p * (1 - p), ratio / (ratio * p + 1 - p)
            for j, weight in enumerate((np.ones(len(p)), variance, variance * tilt, variance * tilt**2)):
                sums[j] += (Z * weight[:, None]).T @ Z
    rows_cross, information, weighted, meat = sums
    plain: FloatArray = np.linalg.inv(information).astype(np.float64, copy=False)
    bread: FloatArray = np.linalg.inv(weighted).astype(np.float64, copy=False)
    sandwich, sampled = bread @ meat @ bread, max(ratio, 1.0) * bread

    def on_average(covariance: FloatArray) -> float:
        return float(np.vdot(rows_cross, covariance))

    return Efficiency(
        weighted=np.diag(plain) / np.diag(sandwich),
        undersampled=np.diag(plain) / np.diag(sampled),
        weighted_predictor=on_average(plain) / on_average(sandwich),
        undersampled_predictor=on_average(plain) / on_average(sampled),
    )
