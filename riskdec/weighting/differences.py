"""Differences of two models on the same rows, with intervals from what each row contributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.result import Estimate
from riskdec.likelihood import risks
from riskdec.weighting.units import UNWEIGHTED, sum_of_squares

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.weighting.units import RowWeights


def difference(
    estimate: float,
    contribution: FloatArray,
    groups: IntArray | None,
    confidence_level: float,
    weights: RowWeights = UNWEIGHTED,
) -> Estimate:
    """Put a paired interval around the difference of two models on the same rows.

    Parameters
    ----------
    estimate : float
        The difference of two mean losses, or of two estimates that solve an equation.
    contribution : ndarray of shape (n,)
        One model's loss minus the other's row by row, or the difference of their influence values.
    groups : ndarray of int, shape (n,), or None
        Group numbers 0, 1, ... of dependent rows.
    confidence_level : float
        Level of the interval.
    weights : RowWeights
        What each row counts for.

    Returns
    -------
    Estimate
        ``estimate +- z se`` with ``se^2 = G / (G - 1) sum_g (sum_{i in g} w_i (d_i - mean))^2 / (sum w)^2``; every row
        is its own group where there are none, and with frequency weights so many of them. The quantile is normal, or
        that of t with G - 1 degrees of freedom.
    """
    from scipy.special import ndtri, stdtrit

    n = len(contribution)
    n_groups = weights.n_rows(n) if groups is None else int(groups.max()) + 1
    if n_groups < 2:
        return Estimate(estimate=estimate, low=np.nan, high=np.nan, confidence_level=confidence_level)
    squares = sum_of_squares(contribution - weights.mean(contribution), weights, groups)
    error = float(np.sqrt(n_groups / (n_groups - 1) * squares) / weights.or_ones(n).sum())
    upper = (1 + confidence_level) / 2
    half = error * float(ndtri(upper) if groups is None else stdtrit(n_groups - 1, upper))
    return Estimate(estimate=estimate, low=estimate - half, high=estimate + half, confidence_level=confidence_level)


def citl_influence(
    is_event: BoolArray, log_odds: FloatArray, citl: float, weights: RowWeights = UNWEIGHTED
) -> FloatArray:
    """Give the influence values of calibration-in-the-large, shape (n,).

    ``(y - m) / mean(m (1 - m))`` with ``m = expit(citl + log_odds)``: the estimate misses its limit by their mean.
    """
    fitted = risks(citl + log_odds)
    return (is_event - fitted) / weights.mean(fitted * (1 - fitted))


def slope_influence(
    is_event: BoolArray, log_odds: FloatArray, intercept: float, slope: float, weights: RowWeights = UNWEIGHTED
) -> FloatArray:
    """Give the influence values of the calibration slope, shape (n,).

    The second entry of ``J^-1 (1, x)' (y - m)`` with ``m = expit(intercept + slope x)`` and J the mean of
    ``m (1 - m) (1, x)'(1, x)``. Infinite log odds, certainties that came true, have none.
    """
    fitted = risks(intercept + slope * log_odds)
    log_odds = np.where(np.isfinite(log_odds), log_odds, 0.0)
    variance = fitted * (1 - fitted)
    centre = float(np.average(log_odds, weights=variance * weights.or_ones(len(variance))))
    from_centre = log_odds - centre
    return (is_event - fitted) * from_centre / weights.mean(variance * from_centre**2)
