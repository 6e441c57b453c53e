"""The one formula behind weights, sampling and prevalence: odds are multiplied, probabilities sum to one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray


def divide_odds(risk: FloatArray, ratio: float) -> FloatArray:
    """Give the risks whose odds are those of `risk` divided by `ratio`; shape (n,)."""
    return risk / (risk + (1 - risk) * ratio)


def divide_by_weights(proba: FloatArray, weight: FloatArray) -> FloatArray:
    """Give probabilities proportional to ``proba / weight``, rows summing to one; shape (n, K)."""
    return multiply_by_factors(proba, weight.min() / weight)


def multiply_by_factors(proba: FloatArray, factor: FloatArray) -> FloatArray:
    """Give probabilities proportional to ``proba * factor``, rows summing to one; shape (n, K)."""
    scaled = proba * factor
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), dtype=np.float64)
