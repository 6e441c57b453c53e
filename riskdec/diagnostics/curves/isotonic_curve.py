"""The isotonic (CORP) reliability curve with its bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.diagnostics.curves.bands import Band, consistency_band, effective_rows, pointwise_band, simultaneous_band
from riskdec.diagnostics.curves.curves import CurvePoints, finish_curve
from riskdec.diagnostics.draws import MAX_POINTS, neighbour_groups, pool_neighbours
from riskdec.scores.isotonic import pool_blocks, pool_violators

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray, IntArray, WeightKind
    from riskdec.diagnostics.curves.curves import BandName, ReliabilityCurve
    from riskdec.scores.sums import ForecastSums


class IsotonicStatistic:
    """Miscalibration (Brier score) and the isotonic curve, from one fit."""

    __slots__ = ("_squares", "_start", "_sums", "_up_to", "_weight", "_weight_each")

    def __init__(self, sums: ForecastSums) -> None:
        self._sums = sums
        # Side by side once, not once for each draw.
        self._weight_each = np.ascontiguousarray(sums.weight)
        self._start = neighbour_groups(sums.weight)
        self._weight = np.add.reduceat(sums.weight, self._start)
        self._up_to = np.cumsum(self._weight)
        self._squares = float((sums.weight * sums.risk**2).sum())

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the miscalibration, then the curve at each point.

        Summed along the risks the fitted events are the greatest convex minorant of the observed ones: straight between
        the ends of the blocks.
        """
        _, block_events, block_weight = pool_blocks(events, self._weight_each)
        given = self._squares - 2 * float(np.einsum("i,i->", events, self._sums.risk))
        best = -float((block_events**2 / block_weight).sum())
        ends = np.concatenate([[0.0], np.cumsum(block_weight)])
        fitted = np.interp(self._up_to, ends, np.concatenate([[0.0], np.cumsum(block_events)]))
        curve = np.diff(fitted, prepend=0.0) / self._weight
        return np.concatenate([[(given - best) / self._sums.total], curve])

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give them as they are."""
        return reduced


def make_curve(
    sums: ForecastSums,
    levels: Sequence[FloatArray],
    *,
    band: BandName | None,
    confidence_level: float,
    weight_kind: WeightKind,
) -> ReliabilityCurve:
    """Put the isotonic curve together from sets of drawn curves, the observed one at place 0 of each."""
    start = neighbour_groups(sums.weight)
    level, blocks = pool_violators(sums.events, sums.weight)
    limits = None
    if band == "consistency":
        limits = consistency_band(levels, confidence_level)
    elif band == "pointwise":
        limits = _outermost(pointwise_band(sums, level, blocks, confidence_level), start)
    elif band == "simultaneous":
        limits = _outermost(simultaneous_band(sums, confidence_level), start)
    points = pool_neighbours(sums, MAX_POINTS)
    found = CurvePoints(
        description="isotonic, CORP",
        risk=points.risk,
        event_rate=_at_points(level, start, levels[0][0]),
        band=limits,
        weight=points.weight,
        events=points.events,
        rows=effective_rows(sums, blocks)[start],
    )
    return finish_curve(
        sums,
        found,
        method="isotonic",
        band=band,
        confidence_level=confidence_level,
        weight_kind=weight_kind,
    )


def _at_points(level: FloatArray, start: IntArray, mean: FloatArray) -> FloatArray:
    # Inside a block the level itself, free of rounding, so that equal rates are equal.
    first, last = level[start], level[np.append(start[1:], len(level)) - 1]
    return np.where(first == last, first, mean)


def _outermost(band: Band, start: IntArray) -> Band:
    return Band(np.minimum.reduceat(band.low, start), np.maximum.reduceat(band.high, start))
