"""Resampled outcomes: what the event sums look like under calibration, and how far chance moves them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# Curves are stored, and smooth curves of resampled outcomes computed, at no more points than this.
MAX_POINTS = 4096
# Sums of normal multipliers over neighbouring forecasts are normal too, so millions of them need not be drawn.
MAX_NOISE_POINTS = 65536


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

    Attributes
    ----------
    null : dict of ndarray of shape (1 + n_resamples, r)
        Outcomes as they would be if every risk were right: drawn from the risks, or with dependent rows expected events
        plus the observed residuals times one random multiplier per group.
    noise : dict of ndarray of shape (1 + n_resamples, r)
        A second view of what chance does, for intervals to hold against both: residuals times one multiplier per row,
        or with dependent rows outcomes drawn from the risks.
    is_valid_test : bool
        Whether the null draws support p-values; with dependent rows they do not.
    """

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
        null = _collect(sums, null_of, cluster_events(sums, clusters, rng), n_resamples)
        noise = _collect(sums, noise_of, null_events(sums, rng), n_resamples)
        return Resamples(null, noise, is_valid_test=False)
    null = _collect(sums, null_of, null_events(sums, rng), n_resamples)
    coarse = pool_neighbours(sums, MAX_NOISE_POINTS)
    noise = _collect(coarse, noise_of, noise_events(coarse, rng), n_resamples)
    return Resamples(null, noise, is_valid_test=True)


def _collect(
    sums: ForecastSums, makers: Sequence[MakeStatistic], draws: Iterator[FloatArray], n_resamples: int
) -> dict[MakeStatistic, FloatArray]:
    statistics = [make(sums) for make in makers]
    rows: list[list[FloatArray]] = [[] for _ in statistics]
    if statistics:
        for events in chain([sums.events], islice(draws, n_resamples)):
            for row, statistic in zip(rows, statistics, strict=True):
                row.append(statistic.reduce(events))
    return {
        make: statistic.finish(np.array(row)) for make, statistic, row in zip(makers, statistics, rows, strict=True)
    }


def null_events(sums: ForecastSums, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Draw event sums as if every risk were right, without end.

    Each forecast of W rows gets a Binomial(W, p) number of events; rows with different importance weights are
    drawn apart. The draws follow the distinct forecasts, not the rows: neither the order of the rows nor writing
    frequency weights as repeated rows changes them.
    """
    risk, count = sums.cell_risk, sums.cell_count.astype(np.int64)
    single = count == 1
    several = np.flatnonzero(~single)
    scaled = bool((sums.cell_unit != 1).any())
    one_cell_each = len(risk) == len(sums.risk)
    uniform = np.empty(len(risk))
    while True:
        hits = (rng.random(out=uniform) < risk).astype(np.float64)
        if len(several):
            hits[several] = rng.binomial(count[several], risk[several])
        if scaled:
            hits *= sums.cell_unit
        yield hits if one_cell_each else np.add.reduceat(hits, sums.cell_start)


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


def pool_neighbours(sums: ForecastSums, limit: int) -> ForecastSums:
    """Pool neighbouring forecasts to at most `limit` groups, each at its mean risk."""
    start = neighbour_groups(sums.weight, limit)
    if len(start) == len(sums.risk):
        return sums
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

    Up to `limit` forecasts each is a group of its own.
    """
    if len(weight) <= limit:
        return np.arange(len(weight))
    middle = np.cumsum(weight) - weight / 2
    place = np.floor(middle * (limit / float(weight.sum())))
    return np.flatnonzero(np.concatenate([[True], place[1:] != place[:-1]]))
