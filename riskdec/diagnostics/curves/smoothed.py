"""Distances between the risks and the smoothed event rate: ICI, E50, E90 and Emax, as rms computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.diagnostics.curves.lowess import lowess
from riskdec.diagnostics.distances.errors import judge
from riskdec.diagnostics.draws import MAX_POINTS, neighbour_groups, pool_neighbours

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.draws import Resamples
    from riskdec.scores.sums import ForecastSums

METHOD = "lowess, span 2/3"
_NAMES = ("integrated calibration index", "median error (E50)", "90 % point of the error (E90)", "largest error")
# Averages and maxima are seminorms of the curve's distance; quantiles are not, so no interval is known for them.
_ARE_SEMINORMS = (True, False, False, True)


class SmoothedStatistic:
    """Mean, median, 90 % point and maximum of the distance between risk and smoothed event rate."""

    __slots__ = ("_start", "_sums")

    def __init__(self, sums: ForecastSums) -> None:
        self._start = neighbour_groups(sums.weight)
        self._sums = pool_neighbours(sums, MAX_POINTS)

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the event sums of neighbouring forecasts."""
        return np.asarray(np.add.reduceat(events, self._start), dtype=np.float64)

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Smooth all draws at once, and give the four distances of each."""
        return distances(self._sums, reduced)


def distances(sums: ForecastSums, events: FloatArray) -> FloatArray:
    """Give mean, median, 90 % point and maximum of |smoothed rate - risk| over the rows, for each line of events."""
    # Importance weights count for nothing but their ratios: the window holds two thirds of the weight.
    weight, scale = sums.weight, sums.n / sums.total
    if scale != 1:
        weight, events = weight * scale, events * scale
    away = lowess(sums.risk, weight, events)
    away -= sums.risk
    np.abs(away, out=away)
    values = np.empty((len(away), 4))
    # Line by line, so that the sorted copies of a million rows are there once.
    for line, row in zip(values, away, strict=True):
        order = np.argsort(row)
        ordered, up_to = row[order], np.cumsum(weight[order])
        mean = (row * weight).sum() / weight.sum()
        line[:] = mean, _quantile(ordered, up_to, 0.5), _quantile(ordered, up_to, 0.9), ordered[-1]
    return values


def judge_smoothed(sums: ForecastSums, draws: Resamples, *, confidence_level: float) -> tuple[CalibrationError, ...]:
    """Set the four errors beside their draws."""
    null, noise = draws.null[SmoothedStatistic], draws.noise[SmoothedStatistic]
    exact = (
        distances(sums, sums.events[None, :])[0] if len(sums.risk) > MAX_POINTS else draws.observed[SmoothedStatistic]
    )
    return tuple(
        judge(
            name,
            null[:, j],
            method=METHOD,
            is_valid_test=draws.is_valid_test,
            estimate=float(exact[j]),
            spread=(null[:, j], noise[:, j]) if _ARE_SEMINORMS[j] else (),
            confidence_level=confidence_level,
        )
        for j, name in enumerate(_NAMES)
    )


def _quantile(ordered: FloatArray, up_to: FloatArray, share: float) -> float:
    """Give the quantile of rows of known multiplicity, interpolated as R's default (type 7) does."""
    place = (up_to[-1] - 1) * share
    lower = np.floor(place)
    at = np.searchsorted(up_to, [lower, lower + 1], side="right")
    below, above = ordered[np.minimum(at, len(ordered) - 1)]
    return float(below + (place - lower) * (above - below))
