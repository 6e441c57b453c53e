"""Wald intervals of a risk, made on the scale of its log-odds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood import risks

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.models.regression.logistic_fit import CovarianceKind, LogisticFit


def wald_risk_intervals(
    fit: LogisticFit,
    eta: FloatArray,
    design: FloatArray,
    column: int,
    *,
    confidence_level: float,
    kind: CovarianceKind | None = None,
) -> FloatArray:
    """Give intervals of the risk of one class: shape (n, 2).

    Parameters
    ----------
    fit : LogisticFit
        Coefficients and their covariance.
    eta : ndarray of shape (n,) or (n, K)
        Linear predictors, as `LogisticRiskModel.decision_function` gives them.
    design : ndarray of shape (n, k)
        The rows in terms of the coefficients, the intercept's ones included.
    column : int
        Place of the class among the classes.
    confidence_level : float
        Level of each interval.
    kind : {"model", "robust", "cluster"}, optional
        Covariance; that of the fit by default.

    Notes
    -----
    With more than two classes the log-odds of class k against all others together are ``log p_k - log(1 - p_k)``;
    their derivatives are 1 by the linear predictor of the class and ``-p_l / (1 - p_k)`` by that of each other one
    (delta method).
    """
    logit, variance = risk_log_odds(fit, eta, design, column, kind=kind)
    half = fit.quantile(confidence_level, kind) * np.sqrt(variance)
    return np.column_stack([risks(logit - half), risks(logit + half)])


def risk_log_odds(
    fit: LogisticFit, eta: FloatArray, design: FloatArray, column: int, *, kind: CovarianceKind | None = None
) -> tuple[FloatArray, FloatArray]:
    """Give the log-odds of one class against all others and their delta-method variance: shapes (n,) and (n,)."""
    logit, slopes = _logit_of(eta, column)
    m, k = slopes.shape[1], design.shape[1]
    blocks = np.nan_to_num(fit.covariance(kind), nan=0.0).reshape(m, k, m, k)
    variance = np.zeros(len(design))
    for a in range(m):
        for b in range(m):
            variance += slopes[:, a] * slopes[:, b] * np.einsum("ij,ij->i", design @ blocks[a, :, b], design)
    return logit, np.maximum(variance, 0)


def _logit_of(eta: FloatArray, column: int) -> tuple[FloatArray, FloatArray]:
    """Give the log-odds of one class against all others, and their slopes along all linear predictors but the first."""
    if eta.ndim == 1:
        sign = 1.0 if column == 1 else -1.0
        return sign * eta, np.full((len(eta), 1), sign)
    others = np.delete(eta, column, axis=1)
    top = others.max(axis=1)
    odds = np.exp(others - top[:, None])
    total = odds.sum(axis=1)
    slopes = np.insert(-odds / total[:, None], column, 1.0, axis=1)
    return eta[:, column] - top - np.log(total), slopes[:, 1:]
