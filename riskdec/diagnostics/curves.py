"""Reliability curves: the event rate observed at each predicted risk, with a band and the risks' histogram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.frames import make_frame
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, interval, number, percent
from riskdec.diagnostics.bands import Band, consistency_band, pointwise_band, simultaneous_band
from riskdec.diagnostics.draws import MAX_POINTS, neighbour_groups, pool_neighbours
from riskdec.diagnostics.lowess import lowess
from riskdec.scores.isotonic import pool_blocks, pool_violators

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray, FrameKind, IntArray, WeightKind
    from riskdec.scores.sums import ForecastSums

Method = Literal["isotonic", "lowess"]
BandName = Literal["consistency", "pointwise", "simultaneous"]
Scale = Literal["probability", "logit"]

N_BINS = 40
# Below this prevalence, and above its mirror image, curves are looked at on the logit scale.
_RARE = 0.1
# Bins of a logit histogram do not reach beyond this risk and its mirror image.
_OUTERMOST = 1e-6
_SHOWN_QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ReliabilityCurve(Result):
    """The event rate observed at each predicted risk.

    Above 4,096 distinct forecasts neighbours are pooled to so many points of equal weight: each then stands at the mean
    risk of its rows, with the mean of the exact curve and the outermost limits over them.

    Attributes
    ----------
    method : {"isotonic", "lowess"}
        Rising step function (CORP), or locally weighted lines.
    band : {"consistency", "pointwise", "simultaneous"} or None
        Where the curve would lie if the risks were right; an interval for the true rate at each risk; a band that holds
        the whole true curve.
    confidence_level : float
        Level of the band.
    risk : ndarray of shape (m,)
        Distinct forecasts, ascending.
    event_rate : ndarray of shape (m,)
        The curve.
    low, high : ndarray of shape (m,) or None
        The band.
    weight, events : ndarray of shape (m,)
        Weight of all rows, and of the rows with the event, at each point.
    n, n_events : int
        Rows, and rows with the event.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    scale : {"probability", "logit"}
        The scale to look at: logit where less than a tenth of the rows, or more than nine tenths, hold the event.
    bin_edges : ndarray of shape (k + 1,)
        Edges of a histogram of the risks, equally spaced on `scale`, given as probabilities. Risks beyond the
        outermost edges, such as 0 and 1 on the logit scale, are counted in the outermost bins.
    bin_events, bin_nonevents : ndarray of shape (k,)
        Weight of the rows with and without the event in each bin.
    frame_kind : {"pandas", "polars", "pyarrow"}
        The library of `frame`.
    """

    method: Method
    band: BandName | None
    confidence_level: float
    risk: FloatArray
    event_rate: FloatArray
    low: FloatArray | None
    high: FloatArray | None
    weight: FloatArray
    events: FloatArray
    n: int
    n_events: int
    weight_kind: WeightKind
    scale: Scale
    bin_edges: FloatArray
    bin_events: FloatArray
    bin_nonevents: FloatArray
    frame_kind: FrameKind = "pandas"

    def _headline(self) -> str:
        band = "no band" if self.band is None else f"{self.band} band"
        return f"{self.method}, {band}, {len(self.risk)} points, n={self.n}"

    def summary(self) -> Table:
        """Give the curve at quantiles of the predicted risk."""
        up_to = np.cumsum(self.weight) / self.weight.sum()
        rows = []
        for share in _SHOWN_QUANTILES:
            at = min(int(np.searchsorted(up_to, share)), len(self.risk) - 1)
            row = [percent(share, 0), number(self.risk[at], 3), number(self.event_rate[at], 3)]
            if self.low is not None and self.high is not None:
                row.append(interval(self.low[at], self.high[at], 3))
            rows.append(tuple(row))
        header: tuple[str, ...] = ("rows up to here", "risk", "event rate")
        title = f"Reliability curve ({self.method}): {count(self.n)} rows, {count(self.n_events)} events"
        if self.band is not None:
            header = (*header, f"{100 * self.confidence_level:g} % {self.band} band")
        return Table(title=title, header=header, rows=tuple(rows))

    def frame(self) -> Any:
        """Give risk, event_rate, low, high, weight and events, one row per point."""
        nothing = np.full(len(self.risk), np.nan)
        columns = {
            "risk": self.risk,
            "event_rate": self.event_rate,
            "low": nothing if self.low is None else self.low,
            "high": nothing if self.high is None else self.high,
            "weight": self.weight,
            "events": self.events,
        }
        return make_frame(columns, self.frame_kind)

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers, text and lists."""
        names = [name for name in self.__dataclass_fields__ if name != "frame_kind"]
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in names})
        return plain


class IsotonicStatistic:
    """Miscalibration (Brier score) and the isotonic curve, from one fit."""

    __slots__ = ("_squares", "_start", "_sums", "_up_to", "_weight")

    def __init__(self, sums: ForecastSums) -> None:
        self._sums = sums
        self._start = neighbour_groups(sums.weight)
        self._weight = np.add.reduceat(sums.weight, self._start)
        self._up_to = np.cumsum(self._weight)
        self._squares = float((sums.weight * sums.risk**2).sum())

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the miscalibration, then the curve at each point.

        Summed along the risks the fitted events are the greatest convex minorant of the observed ones: straight between
        the ends of the blocks.
        """
        _, block_events, block_weight = pool_blocks(events, self._sums.weight)
        given = self._squares - 2 * float((events * self._sums.risk).sum())
        best = -float((block_events**2 / block_weight).sum())
        ends = np.concatenate([[0.0], np.cumsum(block_weight)])
        fitted = np.interp(self._up_to, ends, np.concatenate([[0.0], np.cumsum(block_events)]))
        curve = np.diff(fitted, prepend=0.0) / self._weight
        return np.concatenate([[(given - best) / self._sums.total], curve])

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give them as they are."""
        return reduced


class LowessStatistic:
    """The lowess curve."""

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


def make_curve(
    sums: ForecastSums,
    levels: Sequence[FloatArray],
    *,
    method: Method,
    band: BandName | None,
    confidence_level: float,
    weight_kind: WeightKind,
    frame_kind: FrameKind,
) -> ReliabilityCurve:
    """Put a curve together from the sums and sets of drawn curves, the observed one at place 0 of each."""
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
    scale: Scale = "probability" if _RARE <= sums.prevalence <= 1 - _RARE else "logit"
    edges = _bin_edges(sums.risk, scale)
    inside = np.clip(sums.risk, edges[0], edges[-1])
    return ReliabilityCurve(
        method=method,
        band=band,
        confidence_level=confidence_level,
        risk=points.risk,
        event_rate=levels[0][0].copy() if method == "lowess" else _at_points(level, start, levels[0][0]),
        low=None if limits is None else limits.low,
        high=None if limits is None else limits.high,
        weight=points.weight,
        events=points.events,
        n=sums.n,
        n_events=sums.n_events,
        weight_kind=weight_kind,
        scale=scale,
        bin_edges=edges,
        bin_events=np.histogram(inside, edges, weights=sums.events)[0],
        bin_nonevents=np.histogram(inside, edges, weights=sums.nonevents)[0],
        frame_kind=frame_kind,
    )


def _at_points(level: FloatArray, start: IntArray, mean: FloatArray) -> FloatArray:
    # Inside a block the level itself, free of rounding, so that equal rates are equal.
    first, last = level[start], level[np.append(start[1:], len(level)) - 1]
    return np.where(first == last, first, mean)


def _outermost(band: Band, start: IntArray) -> Band:
    return Band(np.minimum.reduceat(band.low, start), np.maximum.reduceat(band.high, start))


def _bin_edges(risk: FloatArray, scale: Scale) -> FloatArray:
    from scipy.special import expit, logit

    inner = risk[(risk > 0) & (risk < 1)]
    if scale == "probability" or not len(inner):
        return np.linspace(0, 1, N_BINS + 1)
    low, high = logit(np.clip(inner[[0, -1]], _OUTERMOST, 1 - _OUTERMOST))
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    return np.asarray(expit(np.linspace(low, high, N_BINS + 1)), dtype=np.float64)
