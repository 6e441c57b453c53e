"""Bands around a reliability curve: consistency, pointwise and simultaneous; each claims something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.diagnostics.draws import neighbour_groups
from riskdec.scores.isotonic_interval import pivotal_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.scores.sums import ForecastSums

# The simultaneous band looks at all pairs of its groups.
_MAX_GROUPS = 256


class Band(NamedTuple):
    """Lower and upper limits at each forecast."""

    low: FloatArray
    high: FloatArray


def consistency_band(levels: Sequence[FloatArray], confidence_level: float) -> Band:
    """Give the range in which the curve lies at each forecast if every risk is right.

    Parameters
    ----------
    levels : sequence of ndarray of shape (1 + n_resamples, m)
        Curve observed (place 0, not used) and curves of outcomes drawn under calibration. Of several sets of draws the
        outermost limits count.
    confidence_level : float
        Share of the drawn curves inside, at each forecast.
    """
    tail = (1 - confidence_level) / 2
    limits = [np.quantile(drawn[1:], [tail, 1 - tail], axis=0, method="weibull") for drawn in levels]
    low, high = np.min([low for low, _ in limits], axis=0), np.max([high for _, high in limits], axis=0)
    return Band(np.clip(low, 0, 1), np.clip(high, 0, 1))


def pointwise_band(sums: ForecastSums, level: FloatArray, blocks: IntArray, confidence_level: float) -> Band:
    """Give at each forecast an interval for the true event rate, if that rises with the risk.

    See Also
    --------
    riskdec.scores.isotonic_interval.pivotal_interval : Formula and source.
    """
    rows = effective_rows(sums, blocks)
    return Band(*pivotal_interval(level, rows, confidence_level, what="the pointwise band"))


def effective_rows(sums: ForecastSums, blocks: IntArray) -> FloatArray:
    """Give for each forecast the rows of its isotonic block: so many of equal weight would be as informative.

    For frequency weights these are the rows themselves.
    """
    start = blocks[:-1]
    weight, squared = (np.add.reduceat(w, start) for w in (sums.weight, sums.squared_weight))
    return np.asarray(np.repeat(weight**2 / squared, np.diff(blocks)), dtype=np.float64)


def simultaneous_band(sums: ForecastSums, confidence_level: float) -> Band:
    """Give a band that holds the whole true curve at once, if that rises with the risk.

    Valid for every number of rows, and wide. Counts only: frequency weights, independent rows.

    Notes
    -----
    Over each block of neighbouring forecasts with k events in n rows the event rate of the first forecast is below the
    Clopper-Pearson limit ``Beta^-1(1 - d; k + 1, n - k)`` and that of the last one above ``Beta^-1(d; k, n - k + 1)``,
    all at once with ``d = (1 - confidence level) / (m (m + 1))`` for m forecasts; the limits are then carried on by
    monotony. Above 256 forecasts neighbours are grouped: an upper limit then holds at the lowest risk of its group and
    below, a lower limit at the highest risk and above.

    References
    ----------
    Dimitriadis T, Dümbgen L, Henzi A, Puke M, Ziegel J (2023). Honest calibration assessment for binary outcome
    predictions. Biometrika 110:663-680. doi:10.1093/biomet/asac068
    """
    from scipy.special import betaincinv

    start = neighbour_groups(sums.weight, _MAX_GROUPS)
    m = len(start)
    error = (1 - confidence_level) / (m * (m + 1))
    first, last = np.triu_indices(m)
    rows, events = (_block_sums(values, start, first, last) for values in (sums.weight, sums.events))
    upper = np.where(events < rows, betaincinv(events + 1, np.maximum(rows - events, 0.5), 1 - error), 1.0)
    lower = np.where(events > 0, betaincinv(np.maximum(events, 0.5), rows - events + 1, error), 0.0)
    above = np.ones(m + 1)
    np.minimum.at(above, first, upper)
    below = np.zeros(m + 1)
    np.maximum.at(below, last + 1, lower)
    above = np.minimum.accumulate(above[::-1])[::-1]
    below = np.maximum.accumulate(below)
    place = np.arange(len(sums.risk))
    group = np.searchsorted(start, place, side="right") - 1
    end = np.append(start[1:], len(place)) - 1
    # Inside a group only the limits of the neighbouring groups hold.
    high = above[group + (place != start[group])]
    low = below[group + (place == end[group])]
    return Band(low, high)


def _block_sums(values: FloatArray, start: IntArray, first: IntArray, last: IntArray) -> FloatArray:
    up_to = np.concatenate([[0.0], np.cumsum(np.add.reduceat(values, start))])
    return np.asarray(up_to[last + 1] - up_to[first], dtype=np.float64)
