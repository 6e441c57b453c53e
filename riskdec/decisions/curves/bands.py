"""Simultaneous bands where enough cases stand behind a threshold, exact limits where few or none do."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray
    from riskdec.decisions.curves.moments import Curve, Sample, Scale

# With fewer events or non-events acted on, a standard error says too little: bands over all of 99 thresholds covered in
# 0 to 39 % of simulations at nominal 95 %, restricted to five of each in 91 to 95 %.
LEAST = 5
# Draws behind the half-width of a band, and their seed: constants, so that equal input gives equal output.
_DRAWS, _SEED = 2000, 20261121


class Band(NamedTuple):
    """Limits of one curve.

    Attributes
    ----------
    standard_error, low, high : ndarray of shape (T,)
        nan where nothing can be said.
    inside : ndarray of bool, shape (T,)
        Where the limits hold together.
    quantile : float
        Half-width of the band in standard errors; nan if there is none.
    """

    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    inside: BoolArray
    quantile: float


def find_band(curve: Curve, covariance: FloatArray, level: float, sample: Sample, scale: Scale) -> Band:
    """Give standard errors and limits of a curve.

    Parameters
    ----------
    curve : Curve
        The net benefit.
    covariance : ndarray of shape (T, T)
        Its covariance matrix.
    level : float
        Confidence level.
    sample : Sample
        The rows.
    scale : Scale
        What makes rates of sums.
    """
    acted = [side.n_reach[curve.strategy.act] for side in curve.sides]
    variance = np.diagonal(covariance)
    inside = (acted[0] >= LEAST) & (acted[1] >= LEAST) & (variance > 0)
    error = np.where(inside, np.sqrt(np.maximum(variance, 0)), np.nan)
    quantile = np.nan
    if inside.any():
        unit = error[inside]
        quantile = largest_deviation(covariance[np.ix_(inside, inside)] / np.outer(unit, unit), level)
    low, high = curve.value - quantile * error, curve.value + quantile * error
    if sample.groups is None and sample.weight_kind == "frequency":
        exact = exact_limits(curve, level, scale)
        low, high = (np.where(inside, band, limit) for band, limit in zip((low, high), exact, strict=True))
    return Band(error, low, high, inside, quantile)


def largest_deviation(correlation: FloatArray, level: float) -> float:
    """Give the quantile of the largest of correlated normal numbers, in absolute value.

    It is what a multiplier bootstrap of the rows converges to, at the price of one small matrix product.
    """
    with one_blas_thread():
        values, vectors = np.linalg.eigh(correlation)
        root = vectors * np.sqrt(np.maximum(values, 0))
        deviations = np.sort(np.abs(_normal_numbers(len(values)) @ root.T).max(axis=1))
    return float(deviations[int(np.ceil(level * _DRAWS)) - 1])


@lru_cache(maxsize=4)
def _normal_numbers(size: int) -> FloatArray:
    return np.random.default_rng(_SEED).standard_normal((_DRAWS, size))


def exact_limits(curve: Curve, level: float, scale: Scale) -> tuple[FloatArray, FloatArray]:
    """Give limits from exact limits of the shares behind the net benefit: events and non-events acted on, and deferred.

    Each share has Clopper and Pearson's interval at its part of what may go wrong, so the limits hold for each
    threshold taken by itself, however few cases are acted on; where nobody is, the estimate is 0 and they bound it.
    """
    strategy, totals = curve.strategy, [side.total for side in curve.sides]
    sizes = totals if scale.fixed else [sum(totals)] * 2
    rows = np.arange(curve.value.size)
    defers = strategy.defer != strategy.act
    risk = np.where(defers, (1 - level) / 8, (1 - level) / 4)
    low, high = np.zeros(curve.value.shape), np.zeros(curve.value.shape)
    units, worths = (scale.event, scale.non_event), (strategy.on_event, strategy.on_non_event)
    for side, size, unit, worth in zip(curve.sides, sizes, units, worths, strict=True):
        acted, seen = side.reach[strategy.act], side.reach[strategy.defer]
        # Whoever is acted on has reached every cut; whoever is deferred, the lower one only.
        prices = (worth.sum(axis=1), np.where(defers, worth[rows, strategy.defer], 0.0))
        for count, price in zip((acted, seen - acted), prices, strict=True):
            ends = [unit * size * price * share for share in _share_limits(count, size, risk)]
            low += np.minimum(*ends)
            high += np.maximum(*ends)
    return low, high


def _share_limits(count: FloatArray, total: float, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
    from scipy.special import betaincinv

    low, high = np.zeros(count.shape), np.ones(count.shape)
    some, rest = count > 0, count < total
    low[some] = betaincinv(count[some], total - count[some] + 1, risk[some])
    high[rest] = betaincinv(count[rest] + 1, total - count[rest], 1 - risk[rest])
    return low, high
