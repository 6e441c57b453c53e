"""Resampled outcomes: what the event sums look like under calibration, and how far chance moves them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# Curves are stored, and smooth curves of resampled outcomes computed, at no more points than this.
MAX_POINTS = 4096
# With more than twice so many distinct forecasts, statistics of resampled outcomes see so many groups of neighbours of
# equal weight.
MAX_DRAWN_POINTS = 65536


class Statistic(Protocol):
    """What is computed from each resampled set of outcomes."""

    def reduce(self, events: FloatArray) -> FloatArray:
        """Boil event sums per distinct forecast down to a few numbers."""
        ...

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Turn the reduced draws, one per line, into values; what many draws can share is done here."""
        ...


MakeStatistic = Callable[["ForecastSums"], Statistic]


class Resamples(NamedTuple):
    """Values of each statistic on resampled outcomes, one matrix for each maker; row 0 is what was observed.

    Above 131,072 distinct forecasts (without importance weights and groups) neighbours are pooled for the draws and for
    row 0 beside them, so that p-values compare like with like.

    Attributes
    ----------
    observed : dict of ndarray of shape (r,)
        The values on these rows, from all distinct forecasts.
    null : dict of ndarray of shape (1 + n_resamples, r)
        Outcomes as they would be if every risk were right: drawn from the risks, or with dependent rows expected events
        plus the observed residuals times one random multiplier per group.
    noise : dict of ndarray of shape (1 + n_resamples, r)
        A second view of what chance does, for intervals to hold against both: residuals times one multiplier per row,
        or with dependent rows outcomes drawn from the risks.
    is_valid_test : bool
        Whether the null draws support p-values; with dependent rows they do not.
    """

    observed: dict[MakeStatistic, FloatArray]
    null: dict[MakeStatistic, FloatArray]
    noise: dict[MakeStatistic, FloatArray]
    is_valid_test: bool


class Clusters(NamedTuple):
    """Residuals of the single rows, in ascending order of risk, with the group of each.

    Attributes
    ----------
    residual : ndarray of shape (n,)
        Weight times (outcome minus risk).
    group : ndarray of int, shape (n,)
        Group number.
    start : ndarray of int, shape (m,)
        First row of each distinct forecast.
    """

    residual: FloatArray
    group: IntArray
    start: IntArray


def resample(
    sums: ForecastSums,
    null_of: Sequence[MakeStatistic],
    noise_of: Sequence[MakeStatistic] = (),
    *,
    clusters: Clusters | None,
    n_resamples: int,
    rng: np.random.Generator,
) -> Resamples:
    """Draw outcomes and reduce each draw by all statistics, so that they share one set of draws."""
    if clusters is not None:
        null = _collect(sums, null_of, partial(cluster_events, sums, clusters, rng), n_resamples)
        noise = _collect(sums, noise_of, partial(null_events, sums, rng), n_resamples)
        return Resamples(_observe(sums, null_of, null), null, noise, is_valid_test=False)
    coarse = pool_draws(sums)
    null = _collect(coarse, null_of, partial(null_events, coarse, rng), n_resamples)
    observed = _observe(sums, null_of, null if coarse is sums else {})
    smooth = pool_neighbours(sums, MAX_DRAWN_POINTS)
    noise = _collect(smooth, noise_of, partial(noise_events, smooth, rng), n_resamples)
    return Resamples(observed, null, noise, is_valid_test=True)


def _observe(
    sums: ForecastSums, makers: Sequence[MakeStatistic], known: dict[MakeStatistic, FloatArray]
) -> dict[MakeStatistic, FloatArray]:
    return {make: known[make][0] if make in known else observe(sums, make) for make in makers}


def observe(sums: ForecastSums, make: MakeStatistic) -> FloatArray:
    """Compute a statistic of the rows as they are."""
    statistic = make(sums)
    value: FloatArray = statistic.finish(statistic.reduce(sums.events)[None, :])[0]
    return value


def _collect(
    sums: ForecastSums, makers: Sequence[MakeStatistic], draw: Callable[[], Iterator[FloatArray]], n_resamples: int
) -> dict[MakeStatistic, FloatArray]:
    statistics = [make(sums) for make in makers]
    # The draws are over, and their arrays gone, before the statistics are finished.
    drawn = _reduce(statistics, sums.events, draw(), n_resamples) if statistics else []
    return {make: statistic.finish(drawn.pop(0)) for make, statistic in zip(makers, statistics, strict=True)}


def _reduce(
    statistics: Sequence[Statistic], seen: FloatArray, draws: Iterator[FloatArray], n_resamples: int
) -> list[FloatArray]:
    # Each draw goes to its place at once: a list of them would need the memory twice.
    drawn = [np.empty((0, 0)) for _ in statistics]
    for i, events in enumerate(chain([seen], islice(draws, n_resamples))):
        for j, statistic in enumerate(statistics):
            reduced = statistic.reduce(events)
            if not i:
                drawn[j] = np.empty((1 + n_resamples, len(reduced)))
            drawn[j][i] = reduced
    return drawn


def null_events(sums: ForecastSums, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Draw event sums as if every risk were right, without end.

    Each forecast of W rows gets a Binomial(W, p) number of events; rows with different importance weights are
    drawn apart. The draws follow the distinct forecasts, not the rows: neither the order of the rows nor writing
    frequency weights as repeated rows changes them.
    """
    risk = sums.cell_risk
    several = np.flatnonzero(sums.cell_count != 1)
    count = sums.cell_count[several].astype(np.int64)
    scaled = bool((sums.cell_unit != 1).any())
    one_cell_each = len(risk) == len(sums.risk)
    last_cell = np.append(sums.cell_start[1:], len(risk)) - 1
    single = _single_hits(risk, rng)
    while True:
        hits = next(single).astype(np.float64)
        if len(several):
            hits[several] = rng.binomial(count, risk[several])
        if scaled:
            hits *= sums.cell_unit
        if one_cell_each:
            yield hits
        elif scaled:
            yield np.add.reduceat(hits, sums.cell_start)
        else:
            # Differences of running counts are exact, and take half the time of many short sums.
            yield np.diff(np.cumsum(hits)[last_cell], prepend=0.0)


def _single_hits(risk: FloatArray, rng: np.random.Generator) -> Iterator[BoolArray]:
    """Draw whether the event happens at each risk, without end.

    Sixteen random bits decide except where they equal the first sixteen of the risk; only there the others are drawn.
    """
    rest = risk * 65536
    first_bits = np.minimum(rest, 65535).astype(np.uint16)
    rest -= first_bits
    n_words = -(-len(risk) // 4)
    while True:
        bits = rng.integers(0, 2**64, size=n_words, dtype=np.uint64).view(np.uint16)[: len(risk)]
        hits = bits < first_bits
        tied = np.flatnonzero(bits == first_bits)
        hits[tied] = rng.random(len(tied)) < rest[tied]
        yield hits


def noise_events(sums: ForecastSums, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Draw expected events plus residuals times standard normal multipliers of the rows, without end."""
    expected, spread = sums.weight * sums.risk, np.sqrt(sums.residual_variance)
    while True:
        yield expected + spread * rng.standard_normal(len(spread))


def cluster_events(sums: ForecastSums, clusters: Clusters, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Draw the same with one multiplier per group, so that dependent rows move together."""
    expected = sums.weight * sums.risk
    n_groups = int(clusters.group.max()) + 1
    scale = np.sqrt(n_groups / (n_groups - 1))
    while True:
        multiplier = scale * rng.standard_normal(n_groups)
        moved = clusters.residual * multiplier[clusters.group]
        yield expected + np.add.reduceat(moved, clusters.start)


def cluster_rows(forecasts: Forecasts) -> Clusters | None:
    """Bring residuals and groups into ascending order of risk; None where rows are independent."""
    if forecasts.groups is None:
        return None
    order = np.argsort(forecasts.risk, kind="stable")
    risk = forecasts.risk[order]
    residual = forecasts.is_event[order] - risk
    if forecasts.weight is not None:
        residual *= forecasts.weight[order]
    start = np.flatnonzero(np.concatenate([[True], risk[1:] != risk[:-1]]))
    return Clusters(residual, forecasts.groups[order], start)


def pool_draws(sums: ForecastSums, *, edges: IntArray | None = None) -> ForecastSums:
    """Pool neighbouring forecasts of millions for statistics of draws; never across `edges`.

    Outcomes are still drawn row by row, and then added up.
    """
    # To add up pairs costs more than it saves.
    if len(sums.risk) <= 2 * MAX_DRAWN_POINTS:
        return sums
    start = neighbour_groups(sums.weight, MAX_DRAWN_POINTS)
    if edges is not None:
        start = np.union1d(start, edges)
    # Curves live on groups of these groups: those must be at hand in full, and their weights add up without rounding.
    if not MAX_POINTS < len(start) < len(sums.risk) or (sums.cell_unit != 1).any():
        return sums
    return _pool_at(sums, start)


def pool_neighbours(sums: ForecastSums, limit: int) -> ForecastSums:
    """Pool neighbouring forecasts to at most `limit` groups, each at its mean risk; their cells stay as they are."""
    start = neighbour_groups(sums.weight, limit)
    return sums if len(start) == len(sums.risk) else _pool_at(sums, start)


def _pool_at(sums: ForecastSums, start: IntArray) -> ForecastSums:
    weight = np.add.reduceat(sums.weight, start)
    return sums._replace(
        risk=np.add.reduceat(sums.weight * sums.risk, start) / weight,
        weight=weight,
        events=np.add.reduceat(sums.events, start),
        squared_weight=np.add.reduceat(sums.squared_weight, start),
        squared_events=np.add.reduceat(sums.squared_events, start),
        cell_start=sums.cell_start[start],
    )


def neighbour_groups(weight: FloatArray, limit: int = MAX_POINTS) -> IntArray:
    """Give the first place of each of at most `limit` groups of neighbouring forecasts of about equal weight.

    Up to `limit` forecasts each is a group of its own. The weight below a forecast says where it belongs, so groups of
    groups are the groups that all forecasts would form (where the one limit divides the other).
    """
    if len(weight) <= limit:
        return np.arange(len(weight))
    below = np.cumsum(weight) - weight
    place = np.floor(below * (limit / float(weight.sum())))
    return np.flatnonzero(np.concatenate([[True], place[1:] != place[:-1]]))
