"""Locally weighted straight lines (lowess without robustness steps) on sums per distinct forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.diagnostics.draws import MAX_POINTS, neighbour_groups, pool_neighbours

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.scores.sums import ForecastSums

# The choices of R's lowess as rms calls it: two thirds of the rows, anchors a hundredth of the range apart.
SHARE = 2 / 3
SPACING = 0.01
# Cleveland's own constants: weights are 1 inside a thousandth of the radius and 0 from 0.999 of it on; the line is
# flat where the points spread over less than a thousandth of the range.
_INNER, _OUTER, _FLAT = 0.001, 0.999, 0.001
# Of more forecasts than this, those within two millionths of the range count as one where lines are fitted: over
# windows thousands of times as wide that moves the curve by about 1e-9.
_MANY = 65536
_CLOSE, _WIDE = 2e-6, 1e-2


class LowessStatistic:
    """The lowess curve, on at most 4,096 points."""

    __slots__ = ("_start", "_sums")

    def __init__(self, sums: ForecastSums) -> None:
        self._start = neighbour_groups(sums.weight)
        self._sums = pool_neighbours(sums, MAX_POINTS)

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the event sums at each point."""
        return np.asarray(np.add.reduceat(events, self._start), dtype=np.float64)

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Smooth all draws at once."""
        scale = self._sums.n / self._sums.total
        return lowess(self._sums.risk, self._sums.weight * scale, reduced * scale)


def lowess(x: FloatArray, weight: FloatArray, events: FloatArray) -> FloatArray:
    """Smooth event rates along the forecasts.

    Parameters
    ----------
    x : ndarray of shape (m,)
        Distinct forecasts, ascending.
    weight : ndarray of shape (m,)
        Rows at each of them; other weights scaled so that they sum to the number of rows.
    events : ndarray of shape (r, m)
        Event sums, one data set per line: the smoother is linear, so all are smoothed by the same coefficients.

    Returns
    -------
    ndarray of shape (r, m)
        Smoothed event rates at each forecast.

    Notes
    -----
    At an anchor t the rate is that of the weighted least-squares line with tricube weights ``(1 - (|x - t|/h)^3)^3``,
    h the distance to the nearest two thirds of the rows. Between anchors the rate is interpolated. Equal to R's
    ``lowess(p, y, f = 2/3, iter = 0)`` on the single rows.

    References
    ----------
    Cleveland WS (1979). Robust locally weighted regression and smoothing scatterplots. Journal of the American
    Statistical Association 74:829-836. doi:10.1080/01621459.1979.10481038
    """
    anchors = find_anchors(x)
    radius = find_radius(x, weight, x[anchors])
    fitted = np.empty((len(events), len(anchors)))
    near_x, place = x, anchors
    if len(x) > _MANY and radius.min() >= _WIDE * (x[-1] - x[0]):
        start = _close_together(x)
        place = np.searchsorted(start, anchors, side="right") - 1
        mass = np.add.reduceat(weight, start)
        near_x, weight = np.add.reduceat(weight * x, start) / mass, mass
        events = np.add.reduceat(events, start, axis=1)
    with one_blas_thread():
        for j, (anchor, h) in enumerate(zip(anchors, radius, strict=True)):
            first, coefficient = _line_at(near_x, weight, int(place[j]), float(x[anchor]), float(h))
            fitted[:, j] = events[:, first : first + len(coefficient)] @ coefficient
    return _interpolate(x, anchors, fitted)


def _close_together(x: FloatArray) -> IntArray:
    """Give the first of the forecasts of each cell of two millionths of the range."""
    cell = np.floor((x - x[0]) / (_CLOSE * (x[-1] - x[0])))
    return np.flatnonzero(np.concatenate([[True], cell[1:] != cell[:-1]]))


def find_anchors(x: FloatArray) -> IntArray:
    """Choose where lines are fitted: the first forecast, then always the last one within a hundredth of the range."""
    last, anchors = 0, [0]
    spacing = SPACING * float(x[-1] - x[0])
    while last < len(x) - 1:
        beyond = int(np.searchsorted(x, x[last] + spacing, side="right"))
        last = max(last + 1, beyond - 1)
        anchors.append(last)
    return np.array(anchors, dtype=np.intp)


def find_radius(x: FloatArray, weight: FloatArray, at: FloatArray) -> FloatArray:
    """Give the distance from each point to the nearest two thirds of the rows."""
    up_to = np.cumsum(weight)
    total = float(up_to[-1])
    rows = max(min(np.floor(SHARE * total + 1e-7), total), min(2.0, total))
    # A window that starts at forecast l must reach forecast `end[l]` to hold enough rows.
    end = np.searchsorted(up_to, up_to - weight + rows * (1 - 1e-12))
    right = np.where(end < len(x), x[np.minimum(end, len(x) - 1)], np.inf)
    # Both ends of the windows move right with l, so the best window is one of the two around the point's middle.
    later = np.searchsorted(x + right, 2 * at)
    earlier = np.maximum(later - 1, 0)
    inside = np.minimum(later, len(x) - 1)

    def reach(window: IntArray) -> FloatArray:
        return np.maximum(at - x[window], right[window] - at)

    return np.minimum(reach(earlier), reach(inside))


def _line_at(x: FloatArray, weight: FloatArray, anchor: int, t: float, h: float) -> tuple[int, FloatArray]:
    """Give the coefficients of the event sums at t, from the first place in the window on; the anchor is inside."""
    first, after = np.searchsorted(x, [t - h, t + h], side="left")
    first, after = min(int(first), anchor), max(int(after), anchor + 1)
    window = x[first:after]
    near = np.ones(after - first) if h == 0 else _tricube(np.abs(window - t) / h)
    mass = near * weight[first:after]
    total = mass.sum()
    centre = np.vdot(mass, window) / total
    from_centre = window - centre
    spread = np.vdot(mass, from_centre * from_centre) / total
    coefficient = near / total
    if np.sqrt(spread) > _FLAT * (x[-1] - x[0]):
        coefficient *= 1 + from_centre * ((t - centre) / spread)
    return first, coefficient


def _tricube(away: FloatArray) -> FloatArray:
    # Products, because powers of arrays cost ten times as much.
    near = 1 - away * away * away
    near = near * near * near
    near[away <= _INNER] = 1.0
    near[away > _OUTER] = 0.0
    return near


def _interpolate(x: FloatArray, anchors: IntArray, fitted: FloatArray) -> FloatArray:
    if len(anchors) == len(x):
        return fitted
    return np.array([np.interp(x, x[anchors], line) for line in fitted])
