"""Sums over the rows that reach cuts, and from them net benefit with its covariance over all thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.decisions.curves.clusters import cluster_covariance, cluster_table
from riskdec.decisions.curves.ranking import count_flagged, place_in_cuts, sum_flagged

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, IntArray, WeightKind
    from riskdec.decisions.curves.clusters import ClusterTable
    from riskdec.decisions.curves.strategies import Strategy


class Sample(NamedTuple):
    """The rows.

    Attributes
    ----------
    is_event : ndarray of bool, shape (n,)
        Outcomes.
    weight : ndarray of shape (n,) or None
        Positive weights; None for ones.
    weight_kind : {"frequency", "importance"}
        Their meaning.
    groups : ndarray of int, shape (n,), or None
        Numbers 0, 1, ... of clusters.
    """

    is_event: BoolArray
    weight: FloatArray | None
    weight_kind: WeightKind
    groups: IntArray | None


class Side(NamedTuple):
    """Events, or non-events: sums over all of them and over those that reach each cut.

    Attributes
    ----------
    total, square, n : float
        Sum of weights, sum of what a squared residual counts (the weight itself for frequency weights, its
        square for importance weights), and number of rows.
    reach, square_reach, n_reach : ndarray of shape (C,)
        The same over the rows that reach each cut.
    """

    total: float
    square: float
    n: float
    reach: FloatArray
    square_reach: FloatArray
    n_reach: FloatArray


class Scale(NamedTuple):
    """How sums over events and non-events become rates: shares of all rows, or rates times a prevalence."""

    event: float
    non_event: float
    prevalence: float
    fixed: bool


class Curve(NamedTuple):
    """Net benefit of one strategy, and what its covariances are made of.

    Attributes
    ----------
    value : ndarray of shape (T,)
        Net benefit, before any harm.
    centre : pair of ndarray of shape (T,)
        What the influence of an event and of a non-event is measured from.
    sides : pair of Side
        Sums of events and non-events.
    strategy : Strategy
        The strategy.
    table : ClusterTable or None
        Weights of each cluster by the cuts that its rows reach, if there are clusters.
    """

    value: FloatArray
    centre: tuple[FloatArray, FloatArray]
    sides: tuple[Side, Side]
    strategy: Strategy
    table: ClusterTable | None


def measure(strategy: Strategy, sample: Sample, scale: Scale | None, prevalence: float | None) -> tuple[Curve, Scale]:
    """Give the net benefit of a strategy at every threshold."""
    sides = _sums(strategy, sample)
    used = scale or _scale(sides, prevalence)
    parts = [used.event * strategy.on_event @ sides[0].reach, used.non_event * strategy.on_non_event @ sides[1].reach]
    value = parts[0] + parts[1]
    centre = (value, value)
    if used.fixed:
        # Events and non-events are samples of their own: each rate is measured from itself.
        centre = (parts[0] / (used.event * sides[0].total), parts[1] / (used.non_event * sides[1].total))
    table = None
    if sample.groups is not None:
        place = _places(strategy, sample)
        table = cluster_table(sample.groups, sample.is_event, place, sample.weight, strategy.cuts.shape[0])
    return Curve(value, centre, sides, strategy, table), used


def standardised(curve: Curve, scale: Scale) -> tuple[Curve, Scale]:
    """Divide by the prevalence; where it is estimated, its own error enters the influence, and makes harm uncertain."""
    value, harm = curve.value / scale.prevalence, curve.strategy.harm
    smaller = Scale(scale.event / scale.prevalence, scale.non_event / scale.prevalence, 1.0, scale.fixed)
    of_harm = harm * (1 - scale.prevalence) / scale.prevalence
    centre = curve.centre if scale.fixed else (value - of_harm, np.full_like(value, harm))
    return curve._replace(value=value, centre=centre), smaller


def covariance(curve: Curve, scale: Scale, sample: Sample) -> FloatArray:
    """Give the covariance matrix of the net benefit over the thresholds, shape (T, T)."""
    if curve.table is not None:
        influence = _influences(curve, scale)
        product = cluster_covariance(curve.table, curve.table)
        return np.asarray(_correction(curve, scale, sample) * (influence.T @ product @ influence))
    total = np.zeros((curve.value.size, curve.value.size))
    for side, unit, centre, worth in _parts(curve, scale):
        cuts = curve.strategy.cuts
        # Whoever reaches the higher of two cuts reaches both.
        both = np.where(cuts[:, None] >= cuts, side.square_reach[:, None], side.square_reach)
        cross = np.outer(worth @ side.square_reach, centre)
        total += unit**2 * (worth @ both @ worth.T - cross - cross.T + side.square * np.outer(centre, centre))
    return np.asarray(_correction(curve, scale, sample) * total)


def pair_covariance(one: Curve, other: Curve, scale: Scale, sample: Sample) -> FloatArray:
    """Give the covariance of two strategies' net benefits on the same rows, at each threshold: shape (T,)."""
    if one.table is not None and other.table is not None:
        product = cluster_covariance(one.table, other.table)
        both_sides = (_influences(one, scale) * (product @ _influences(other, scale))).sum(axis=0)
        return np.asarray(_correction(one, scale, sample) * both_sides)
    total = np.zeros(one.value.size)
    both = _joint(one, other, sample)
    for joint, first, second in zip(both, _parts(one, scale), _parts(other, scale), strict=True):
        side, unit, centre, worth = first
        other_side, _, other_centre, other_worth = second
        product = np.einsum("tc,cd,td->t", worth, joint, other_worth, optimize=True)
        product -= (worth @ side.square_reach) * other_centre + (other_worth @ other_side.square_reach) * centre
        total += unit**2 * (product + side.square * centre * other_centre)
    return np.asarray(_correction(one, scale, sample) * total)


def _parts(curve: Curve, scale: Scale) -> list[tuple[Side, float, FloatArray, FloatArray]]:
    worths = (curve.strategy.on_event, curve.strategy.on_non_event)
    return list(zip(curve.sides, (scale.event, scale.non_event), curve.centre, worths, strict=True))


def _sums(strategy: Strategy, sample: Sample) -> tuple[Side, Side]:
    n_cuts = strategy.cuts.shape[0]
    if strategy.risk is None:
        if sample.weight is None and sample.groups is None:
            events, others = (_counted(n, np.full(n_cuts, n)) for n in _sizes(sample))
            return events, others
        events, others = (_whole(sample, rows, n_cuts) for rows in (sample.is_event, ~sample.is_event))
        return events, others
    if sample.weight is None and sample.groups is None:
        reach = count_flagged(strategy.risk, sample.is_event, strategy.cuts)
        sizes = _sizes(sample)
        events, others = (_counted(n, counts) for n, counts in zip(sizes, reach, strict=True))
        return events, others
    place = _places(strategy, sample)
    events, others = (_weighted(sample, rows, place[rows], n_cuts) for rows in (sample.is_event, ~sample.is_event))
    return events, others


def _counted(n: float, reach: FloatArray) -> Side:
    return Side(n, n, n, reach, reach, reach)


def _sizes(sample: Sample) -> tuple[float, float]:
    n_events = float(np.count_nonzero(sample.is_event))
    return n_events, sample.is_event.shape[0] - n_events


def _whole(sample: Sample, rows: BoolArray, n_cuts: int) -> Side:
    return _weighted(sample, rows, np.full(int(np.count_nonzero(rows)), n_cuts), n_cuts)


def _weighted(sample: Sample, rows: BoolArray, place: IntArray, n_cuts: int) -> Side:
    weight = np.ones(place.shape) if sample.weight is None else sample.weight[rows]
    counted = sample.weight_kind == "frequency"
    square, row = (weight, weight) if counted else (weight**2, np.ones(place.shape))
    reach, square_reach, n_reach = (sum_flagged(place, values, n_cuts) for values in (weight, square, row))
    totals = float(weight.sum()), float(square.sum()), float(row.sum())
    return Side(*totals, reach, square_reach, n_reach)


def _scale(sides: tuple[Side, Side], prevalence: float | None) -> Scale:
    events, others = (side.total for side in sides)
    if prevalence is None:
        return Scale(1 / (events + others), 1 / (events + others), events / (events + others), fixed=False)
    return Scale(prevalence / events, (1 - prevalence) / others, prevalence, fixed=True)


def _correction(curve: Curve, scale: Scale, sample: Sample) -> float:
    """Give m / (m - 1) for m independent units; rates at a fixed prevalence are left as binomial ones."""
    if sample.groups is None and scale.fixed:
        return 1.0
    m = sum(side.n for side in curve.sides) if sample.groups is None else float(sample.groups.max()) + 1
    return m / (m - 1) if m > 1 else float("nan")


def _places(strategy: Strategy, sample: Sample) -> IntArray:
    if strategy.risk is None:
        return np.full(sample.is_event.shape[0], strategy.cuts.shape[0])
    return place_in_cuts(strategy.risk, strategy.cuts)


def _influences(curve: Curve, scale: Scale) -> FloatArray:
    """Give the influence of a row on the net benefit by the columns of a cluster table, shape (2 (C + 1), T)."""
    parts = []
    for _, unit, centre, worth in _parts(curve, scale):
        reached = np.column_stack([np.zeros(worth.shape[0]), np.cumsum(worth, axis=1)])
        parts.append(unit * (reached.T - centre))
    return np.concatenate(parts)


def _joint(one: Curve, other: Curve, sample: Sample) -> list[FloatArray]:
    """Sum over the rows that reach a cut of one strategy and one of the other, for events and non-events."""
    pair = (one.strategy, other.strategy)
    if one.strategy.risk is None or other.strategy.risk is None:
        always_first = one.strategy.risk is None
        sides = other.sides if always_first else one.sides
        return [side.square_reach[None, :] if always_first else side.square_reach[:, None] for side in sides]
    places = [place_in_cuts(s.risk, s.cuts) for s in pair if s.risk is not None]
    shape = tuple(strategy.cuts.shape[0] + 1 for strategy in pair)
    cell = places[0] * shape[1] + places[1]
    tables = []
    for rows in (sample.is_event, ~sample.is_event):
        weight = None if sample.weight is None else sample.weight[rows]
        if weight is not None and sample.weight_kind == "importance":
            weight = weight**2
        table = np.bincount(cell[rows], weights=weight, minlength=shape[0] * shape[1]).reshape(shape)
        reached = np.cumsum(np.cumsum(table[::-1, ::-1], axis=0), axis=1)[::-1, ::-1]
        tables.append(np.asarray(reached[1:, 1:], dtype=np.float64))
    return tables
