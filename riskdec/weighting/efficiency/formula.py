"""Asymptotic efficiency of a class-weighted logistic regression, and of one after undersampling."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.weighting.units import UNWEIGHTED

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.weighting.units import RowWeights

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


def efficiency_of(design: FloatArray, risk: FloatArray, ratio: float, weights: RowWeights = UNWEIGHTED) -> Efficiency:
    """Compute the efficiency of weights r on events and 1 on the others, and of undersampling in that ratio.

    Parameters
    ----------
    design : ndarray of shape (n, k)
        Rows, the column of ones among them; of full column rank.
    risk : ndarray of shape (n,)
        Risks by the true coefficients, estimated without weights.
    ratio : float
        r.
    weights : RowWeights
        What each row counts for, in all fits.

    Notes
    -----
    With ``v = p (1 - p)``, ``u = r / (r p + 1 - p)`` and ``I = E[v xx']``, ``A = E[v u xx']``, ``B = E[v u^2 xx']``:
    n times the variance is ``I^-1`` without weights and ``A^-1 B A^-1`` with them. Keeping non-events with probability
    ``1 / r`` gives ``r A^-1`` (events with probability r below ``r = 1``: ``A^-1``).

    Importance weights w of the rows multiply what each contributes to a score, so that bread takes them once and meat
    twice: with ``I = E[w v xx']``, ``A = E[w v u xx']`` and ``E[w^2 v u^k xx']`` as ``M_k`` the three are
    ``I^-1 M_0 I^-1``, ``A^-1 M_2 A^-1`` and ``r A^-1 M_1 A^-1``. Frequency weights count rows in every mean.

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
    own, squared = weights.or_ones(n), weights.importance
    squared = own if squared is None else squared**2
    sums = np.zeros((6, k, k))
    with one_blas_thread():
        for start in range(0, n, _ROWS_AT_A_TIME):
            rows = slice(start, start + _ROWS_AT_A_TIME)
            Z, p = design[rows] / scale, risk[rows]
            variance, tilt = p * (1 - p), ratio / (ratio * p + 1 - p)
            bread, meat = own[rows] * variance, squared[rows] * variance
            for j, weight in enumerate((own[rows], bread, bread * tilt, meat, meat * tilt, meat * tilt**2)):
                sums[j] += (Z * weight[:, None]).T @ Z
    rows_cross, (plain, of_weighted, of_sample) = sums[0], _sandwiches(sums, is_weighted=weights.importance is not None)
    of_sample = max(ratio, 1.0) * of_sample

    def on_average(covariance: FloatArray) -> float:
        return float(np.vdot(rows_cross, covariance))

    return Efficiency(
        weighted=np.diag(plain) / np.diag(of_weighted),
        undersampled=np.diag(plain) / np.diag(of_sample),
        weighted_predictor=on_average(plain) / on_average(of_weighted),
        undersampled_predictor=on_average(plain) / on_average(of_sample),
    )


def _sandwiches(sums: FloatArray, *, is_weighted: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the covariances without class weights, with them, and of a sample; a bread that is its meat cancels."""
    _, information, weighted, first, second, third = sums
    plain = np.linalg.inv(information).astype(np.float64, copy=False)
    bread = np.linalg.inv(weighted).astype(np.float64, copy=False)
    if not is_weighted:
        return plain, bread @ third @ bread, bread
    return plain @ first @ plain, bread @ third @ bread, bread @ second @ bread
