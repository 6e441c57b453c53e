"""Cox and Snell's R squared: how large it can be, and what an area under the ROC curve says about it."""

from __future__ import annotations

from math import log, sqrt

import numpy as np

_POINTS = 200


def largest_r2(prevalence: float) -> float:
    """Give ``1 - exp(2 l0 / n)``, the R squared of a model that knows every outcome."""
    return -float(np.expm1(2 * _null(prevalence)))


def r2_from_auc(auc: float, prevalence: float) -> float:
    """Give the R squared of Cox and Snell that goes with an area under the ROC curve.

    The linear predictor is taken as normal with the same variance in both outcomes, so that their means lie
    ``d = sqrt(2) Phi^-1(auc)`` standard deviations apart and the true log-odds is linear in it.

    References
    ----------
    Riley RD, Van Calster B, Collins GS (2021). A note on estimating the Cox-Snell R2 from a reported C statistic.
    Statistics in Medicine 40:859-864. doi:10.1002/sim.8806
    """
    from scipy.stats import norm

    distance = sqrt(2) * float(norm.ppf(auc))
    # Gauss-Hermite points of each outcome's own normal distribution.
    points, weights = np.polynomial.hermite_e.hermegauss(_POINTS)
    weights = weights / weights.sum()
    eta_other = log(prevalence / (1 - prevalence)) + distance * points - distance**2 / 2
    eta_event = eta_other + distance**2
    mean = -prevalence * weights @ np.logaddexp(0, -eta_event) - (1 - prevalence) * weights @ np.logaddexp(0, eta_other)
    return float(-np.expm1(2 * (_null(prevalence) - mean)))


def _null(prevalence: float) -> float:
    """Give the log-likelihood of a row under the constant risk."""
    return prevalence * log(prevalence) + (1 - prevalence) * log(1 - prevalence)
