"""Rubin's rules: one estimate and one variance from several completed data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray


# Variance between equal imputations, relative to that within, is rounding.
_ROUNDING = 1e-20


class Pooled(NamedTuple):
    """Numbers pooled over m imputations, all of one shape.

    Attributes
    ----------
    estimate : ndarray
        Mean of the estimates.
    within, between, total : ndarray
        Mean of the variances; variance of the estimates; ``within + (1 + 1/m) between``.
    df : ndarray
        Degrees of freedom of Barnard and Rubin.
    missing_information : ndarray
        Share of the information about the number that the missing values took away, in [0, 1].
    """

    estimate: FloatArray
    within: FloatArray
    between: FloatArray
    total: FloatArray
    df: FloatArray
    missing_information: FloatArray


def pool(estimates: FloatArray, variances: FloatArray, df_complete: float) -> Pooled:
    """Pool estimates and their variances over imputations, number by number.

    Parameters
    ----------
    estimates, variances : ndarray of shape (m, ...)
        From each of m completed data sets, m at least 2.
    df_complete : float
        Degrees of freedom that the complete data would have.

    Returns
    -------
    Pooled
        NaN where a variance is.

    Notes
    -----
    With ``W`` the mean of the variances, ``B`` the variance of the estimates, ``T = W + (1 + 1/m) B``,
    ``lambda = (1 + 1/m) B / T``: ``df = 1 / (1 / df_m + 1 / df_obs)`` with ``df_m = (m - 1) / lambda^2`` and
    ``df_obs = (df_complete + 1) / (df_complete + 3) df_complete (1 - lambda)``. With ``r = (1 + 1/m) B / W`` the
    missing information is ``(r + 2 / (df + 3)) / (r + 1)``.

    References
    ----------
    Rubin DB (1987). Multiple imputation for nonresponse in surveys. Wiley. doi:10.1002/9780470316696
    Barnard J, Rubin DB (1999). Small-sample degrees of freedom with multiple imputation. Biometrika 86:948-955.
    doi:10.1093/biomet/86.4.948
    """
    m = len(estimates)
    estimate, within, between = estimates.mean(axis=0), variances.mean(axis=0), estimates.var(axis=0, ddof=1)
    extra = (1 + 1 / m) * between
    total = within + extra
    # Without missing values the imputations agree: nothing is lost, and the degrees are those of complete data.
    with np.errstate(divide="ignore", invalid="ignore"):
        share = extra / total
        observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
        df = 1 / (share**2 / (m - 1) + 1 / observed)
        missing = np.where(extra > _ROUNDING * within, (extra / within + 2 / (df + 3)) / (extra / within + 1), 0.0)
    return Pooled(estimate, within, between, total, df, np.where(np.isnan(total), np.nan, missing))


def pool_covariances(estimates: FloatArray, covariances: FloatArray) -> FloatArray:
    """Give the total covariance matrix ``W + (1 + 1/m) B``, of shape (k, k).

    Parameters
    ----------
    estimates : ndarray of shape (m, k)
        One line for each imputation.
    covariances : ndarray of shape (m, k, k)
        Their covariance matrices.
    """
    m = len(estimates)
    centred = estimates - estimates.mean(axis=0)
    total: FloatArray = covariances.mean(axis=0) + (1 + 1 / m) * (centred.T @ centred) / (m - 1)
    return total
