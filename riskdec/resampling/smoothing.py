"""Observed event rates smoothed along the risks, on groups of neighbouring rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.diagnostics.curves.lowess import find_radius

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray

# Straight lines are fitted at so many places, between which the curve is interpolated.
_ANCHORS = 64
# Up to so many rows each is a group of its own.
MOST_GROUPS = 256
_FLAT = 1e-3


class Curve(NamedTuple):
    """Smoothed event rates.

    Attributes
    ----------
    risk : ndarray of shape (m,)
        Mean risks of groups of neighbouring rows, ascending.
    rate : ndarray of shape (m,)
        Smoothed event rates there.
    weight : ndarray of shape (m,)
        Rows of each group.
    """

    risk: FloatArray
    rate: FloatArray
    weight: FloatArray


def group_starts(n: int) -> IntArray:
    """Give the first row of each of at most 256 groups of equally many neighbouring rows."""
    return np.unique(np.linspace(0, n, min(n, MOST_GROUPS), endpoint=False).astype(np.intp))


def smooth_rates(risk: FloatArray, y: FloatArray, weight: FloatArray, starts: IntArray) -> Curve:
    """Smooth events along ascending risks by straight lines over two thirds of the rows, with tricube weights.

    Parameters
    ----------
    risk, y, weight : ndarray of shape (n,)
        Rows in the order of their risks; rows of weight 0 do not count.
    starts : ndarray of int
        First row of each group, as `group_starts` gives them.

    Notes
    -----
    With at most 256 rows this is R's ``lowess(risk, y, f = 2/3, iter = 0)`` up to the interpolation between 64
    places; with more, neighbouring rows count as if they had their mean risk.
    """
    mass = np.add.reduceat(weight, starts)
    filled = mass > 0
    mass = mass[filled]
    x = np.add.reduceat(weight * risk, starts)[filled] / mass
    events = np.add.reduceat(weight * y, starts)[filled]
    anchors = np.unique(np.linspace(0, len(x) - 1, min(len(x), _ANCHORS)).round().astype(np.intp))
    return Curve(x, np.interp(x, x[anchors], _lines(x, mass, events, x[anchors])), mass)


def distances(curve: Curve) -> tuple[float, float, float, float]:
    """Give mean, median, 90 % point and maximum of |rate - risk| over the rows."""
    away = np.abs(curve.rate - curve.risk)
    order = np.argsort(away)
    ordered, up_to = away[order], np.cumsum(curve.weight[order])
    middle, high = np.interp([0.5 * up_to[-1], 0.9 * up_to[-1]], up_to - curve.weight[order] / 2, ordered)
    return float(away @ curve.weight / up_to[-1]), float(middle), float(high), float(ordered[-1])


def _lines(x: FloatArray, mass: FloatArray, events: FloatArray, at: FloatArray) -> FloatArray:
    """Give the value at each place of the least-squares line around it."""
    radius = find_radius(x, mass, at)
    # All rows at one risk: any positive radius gives them equal weight.
    near = x - at[:, None]
    near /= np.where(radius > 0, radius, 1.0)[:, None]
    np.abs(near, out=near)
    near *= near * near
    np.subtract(1, near, out=near)
    np.maximum(near, 0, out=near)
    near *= near * near
    total, first, second, level, cross = (near @ np.stack([mass, mass * x, mass * x * x, events, events * x], 1)).T
    centre = first / total
    spread = second / total - centre * centre
    level = level / total
    steep = spread > (_FLAT * (x[-1] - x[0])) ** 2
    slope = np.divide(cross / total - centre * level, spread, out=np.zeros_like(spread), where=steep)
    return np.asarray(level + slope * (at - centre))
