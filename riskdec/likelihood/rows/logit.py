"""The logistic function and what a row adds to the binomial likelihood, exact in both tails."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray


class RowTerms(NamedTuple):
    """What rows add to the log-likelihood (summed), to the score and to the information, weights included."""

    log_likelihood: float
    residual: FloatArray
    variance: FloatArray


def risk_and_normaliser(eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give ``1 / (1 + exp(-eta))`` and ``log(1 + exp(eta))`` from one exponential, exact in both tails."""
    small = np.exp(-np.abs(eta))
    above = 1 / (1 + small)
    return np.where(eta >= 0, above, small * above), np.maximum(eta, 0) + np.log1p(small)


def risks(eta: FloatArray) -> FloatArray:
    """Give ``1 / (1 + exp(-eta))`` without overflow."""
    small = np.exp(-np.abs(eta))
    risk: FloatArray = np.where(eta >= 0, 1.0, small) / (1 + small)
    return risk


def both_risks(eta: FloatArray) -> FloatArray:
    """Give ``1 / (1 + exp(eta))`` and ``1 / (1 + exp(-eta))``, to the last bit as `risks` does: shape (n, 2)."""
    small = np.exp(-np.abs(eta))
    total = 1 + small
    larger, smaller = 1 / total, small / total
    both = np.empty((len(eta), 2))
    both[:, 0] = np.where(eta <= 0, larger, smaller)
    both[:, 1] = np.where(eta >= 0, larger, smaller)
    return both


def residuals(eta: FloatArray, y: FloatArray, weight: FloatArray | None) -> FloatArray:
    """Give ``w (y - p)``."""
    # Beyond 709 the exponential is infinite and the risk 0, as it should be.
    with np.errstate(over="ignore"):
        odds_against = np.exp(-eta)
    odds_against += 1
    residual = y - np.reciprocal(odds_against, out=odds_against)
    if weight is not None:
        residual *= weight
    return residual


def row_terms(eta: FloatArray, y: FloatArray, weight: FloatArray | None) -> RowTerms:
    """Give the sum of ``w (y eta - log(1 + exp(eta)))``, the residuals ``w (y - p)``, the variances ``w p (1 - p)``."""
    small = np.exp(-np.abs(eta))
    above = 1 / (1 + small)
    below = small * above
    residual = y - np.where(eta >= 0, above, below)
    variance = np.multiply(above, below, out=above)
    terms = y * eta
    terms -= np.maximum(eta, 0)
    terms -= np.log1p(small, out=small)
    if weight is not None:
        terms *= weight
        residual *= weight
        variance *= weight
    return RowTerms(float(terms.sum()), residual, variance)
