"""AIC, BIC and TIC: what a log-likelihood is worth after paying for its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.models.inference.profile import robust_kind
from riskdec.models.inference.terms import estimated
from riskdec.models.inference.validity import refuse_method, refuse_weights, why_not_comparable, why_not_maximal

if TYPE_CHECKING:
    from riskdec.models.regression.logistic_fit import LogisticFit


def aic(fit: LogisticFit) -> float:
    """Give Akaike's criterion, ``-2 l + 2 k`` with k estimated coefficients.

    Parameters
    ----------
    fit : LogisticFit
        By maximum likelihood, rows independent and weighed by counts.

    Raises
    ------
    InputError
        For other fits.
    """
    _check(fit, "AIC")
    return -2 * fit.log_likelihood + 2 * float(estimated(fit).sum())


def bic(fit: LogisticFit) -> float:
    """Give Schwarz's criterion, ``-2 l + k log n`` with n rows, frequency weights counted."""
    _check(fit, "BIC")
    return -2 * fit.log_likelihood + float(np.log(fit.n) * estimated(fit).sum())


def tic(fit: LogisticFit) -> float:
    """Give Takeuchi's criterion, ``-2 l + 2 tr(A^-1 B)``, which needs neither a right model nor weights that count.

    Parameters
    ----------
    fit : LogisticFit
        By maximum likelihood. Under class or importance weights compare fits of the same weights only.

    Notes
    -----
    A is the information and B the variance of the score, so that ``tr(A^-1 B) = tr(V_model^-1 V_robust)``: the
    number of coefficients when the model is right and weights are counts.

    References
    ----------
    Takeuchi K (1976). Distribution of informational statistics and a criterion of model fitting. Suri-Kagaku
    153:12-18 (in Japanese); Stone M (1977), Journal of the Royal Statistical Society B 39:44-47.
    """
    if why_not_maximal(fit):
        raise refuse_method(fit, "TIC", "Compare penalised fits by their log score on other rows.")
    return -2 * fit.log_likelihood + 2 * effective_parameters(fit)


def effective_parameters(fit: LogisticFit) -> float:
    """Give ``tr(V_model^-1 V_robust)``."""
    kept = np.ix_(estimated(fit), estimated(fit))
    model, robust = fit.model_covariance[kept], fit.covariance(robust_kind(fit))[kept]
    size = np.sqrt(np.diag(model))
    units = np.outer(size, size)
    return float(np.trace(np.linalg.solve(model / units, robust / units)))


def _check(fit: LogisticFit, what: str) -> None:
    if why_not_maximal(fit):
        raise refuse_method(fit, what, "Compare penalised fits by their log score on other rows.")
    if why_not_comparable(fit):
        cure = "Use tic, which allows for it; it compares fits of the same weights."
        raise refuse_weights(fit, what, cure)
