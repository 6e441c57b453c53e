"""Sums per distinct forecast: the summary from which every calibration statistic is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, IntArray, WeightKind


class ForecastSums(NamedTuple):
    """What rows with the same risk add up to; risks ascending.

    Sums of whole weights are exact, so neither the order of the rows nor writing a row twice instead of
    giving it the frequency weight 2 changes a bit of what follows from them. They merge by addition.

    Attributes
    ----------
    risk : ndarray of shape (m,)
        Distinct forecasts, ascending.
    weight, events : ndarray of shape (m,)
        Sum of the weights of all rows, and of the rows with the event.
    squared_weight, squared_events : ndarray of shape (m,)
        The same of squared importance weights; a frequency weight counts rows of weight one.
    cell_risk, cell_unit, cell_count : ndarray of shape (c,)
        Cells of rows that also share their importance weight: risk, weight of one row, number of rows.
    cell_events : ndarray of shape (c,)
        Number of those rows with the event.
    cell_start : ndarray of int, shape (m,)
        First cell of each forecast.
    n_events : int
        Number of rows with the event.
    """

    risk: FloatArray
    weight: FloatArray
    events: FloatArray
    squared_weight: FloatArray
    squared_events: FloatArray
    cell_risk: FloatArray
    cell_unit: FloatArray
    cell_count: FloatArray
    cell_events: FloatArray
    cell_start: IntArray
    n_events: int

    def part(self, first: int, after: int) -> ForecastSums:
        """Give the sums of some neighbouring forecasts alone."""
        stop = int(self.cell_start[after]) if after < len(self.risk) else len(self.cell_risk)
        forecasts, cells = slice(first, after), slice(int(self.cell_start[first]), stop)
        return ForecastSums(
            risk=self.risk[forecasts],
            weight=self.weight[forecasts],
            events=self.events[forecasts],
            squared_weight=self.squared_weight[forecasts],
            squared_events=self.squared_events[forecasts],
            cell_risk=self.cell_risk[cells],
            cell_unit=self.cell_unit[cells],
            cell_count=self.cell_count[cells],
            cell_events=self.cell_events[cells],
            cell_start=self.cell_start[forecasts] - cells.start,
            n_events=int(self.cell_events[cells].sum()),
        )

    @property
    def nonevents(self) -> FloatArray:
        """Sum of the weights of rows without the event."""
        return self.weight - self.events

    @property
    def total(self) -> float:
        """Sum of all weights."""
        return float(self.weight.sum())

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.cell_count.sum())

    @property
    def prevalence(self) -> float:
        """Weighted share of events."""
        return float(self.events.sum()) / self.total

    @property
    def mean_risk(self) -> float:
        """Weighted mean of the risks."""
        return float((self.weight * self.risk).sum()) / self.total

    @property
    def residual(self) -> FloatArray:
        """Sum of weight times (outcome minus risk), per forecast."""
        return self.events - self.weight * self.risk

    @property
    def residual_variance(self) -> FloatArray:
        """Sum of the squares of weight times (outcome minus risk), per forecast."""
        variance, hit = self.squared_weight - self.squared_events, 1 - self.risk
        # In place: each temporary array of a million rows costs as much as the product.
        variance *= self.risk
        variance *= self.risk
        hit *= hit
        hit *= self.squared_events
        variance += hit
        return variance


def sum_by_forecast(
    risk: FloatArray, is_event: BoolArray, weight: FloatArray | None = None, *, kind: WeightKind = "frequency"
) -> ForecastSums:
    """Sum the rows of each distinct forecast.

    Parameters
    ----------
    risk : ndarray of shape (n,)
        Predicted probability of the event.
    is_event : ndarray of bool, shape (n,)
        Whether the event happened.
    weight : ndarray of shape (n,), optional
        Positive weights.
    kind : {"frequency", "importance"}
        Whether a weight counts rows, or makes one row more or less important.

    Returns
    -------
    ForecastSums

    Examples
    --------
    >>> sums = sum_by_forecast(np.array([0.7, 0.2, 0.7]), np.array([True, False, False]))
    >>> sums.risk, sums.weight, sums.events
    (array([0.2, 0.7]), array([1., 2.]), array([0., 1.]))
    """
    if weight is None and len(risk):
        inside = risk.min() >= 0 and risk.max() <= 1
        return _sums_of_forecasts(*(_single_rows if inside else _single_scores)(risk, is_event))
    rows = np.ones(len(risk)) if weight is None or kind == "importance" else weight
    unit = weight if kind == "importance" else None
    return sum_cells(risk, unit, rows, rows * is_event)


def _single_rows(risk: FloatArray, is_event: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the distinct risks in [0, 1], the number of their rows and of their events.

    The bits of such numbers rise with their value and leave the two highest places free, so that risk and outcome fit
    into one whole number; sorting whole numbers is several times as fast as sorting places.
    """
    # Adding 0 turns -0 into 0 and makes a copy that can be sorted in place.
    key = (risk + 0.0).view(np.int64)
    key <<= 1
    key |= is_event
    key.sort()
    hits = (key & 1).astype(np.float64)
    key >>= 1
    new = np.empty(len(key), dtype=bool)
    new[0] = True
    np.not_equal(key[1:], key[:-1], out=new[1:])
    sorted_risk = key.view(np.float64)
    if new.all():
        return sorted_risk, np.ones(len(key)), hits
    start = np.flatnonzero(new)
    count = np.diff(start, append=len(key)).astype(np.float64)
    return sorted_risk[start], count, np.add.reduceat(hits, start)


def _single_scores(score: FloatArray, is_event: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the same for numbers of any size: all are sorted without their outcomes, and those of events looked up."""
    every = score + 0.0
    every.sort()
    new = _changes(every)
    distinct, count = every, _ones(len(every))
    if not new.all():
        start = np.flatnonzero(new)
        distinct, count = every[start], np.diff(start, append=len(every)).astype(np.float64)
    place = np.searchsorted(distinct, np.sort(score[is_event]))
    return distinct, count, np.bincount(place, minlength=len(distinct)).astype(np.float64)


def _sums_of_forecasts(risk: FloatArray, count: FloatArray, events: FloatArray) -> ForecastSums:
    """Put the sums together where every row has weight one: each forecast is one cell."""
    if bool((count == 1).all()):
        count = _ones(len(count))
    return ForecastSums(
        risk=risk,
        weight=count,
        events=events,
        squared_weight=count,
        squared_events=events,
        cell_risk=risk,
        cell_unit=_ones(len(risk)),
        cell_count=count,
        cell_events=events,
        cell_start=np.arange(len(risk)),
        n_events=int(events.sum()),
    )


def sum_cells(risk: FloatArray, unit: FloatArray | None, count: FloatArray, events: FloatArray) -> ForecastSums:
    """Sum cells of rows, given in any order and not yet distinct.

    Cells of separate rows put together give to the bit what all these rows give: only whole numbers are added before
    cells are distinct.

    Parameters
    ----------
    risk : ndarray of shape (c,)
        Risk of the rows of each cell.
    unit : ndarray of shape (c,) or None
        Importance weight of one row; None for one each.
    count, events : ndarray of shape (c,)
        Number of rows, and of rows with the event.
    """
    order = np.argsort(risk) if unit is None else np.lexsort((unit, risk))
    sorted_risk, new_risk = risk[order], _changes(risk[order])
    new_cell = new_risk if unit is None else new_risk | _changes(unit[order])
    cell = np.flatnonzero(new_cell)
    cell_risk = sorted_risk[cell]
    cell_count, cell_events = (np.add.reduceat(values[order], cell) for values in (count, events))
    if unit is None:
        return _sums_of_forecasts(cell_risk, cell_count, cell_events)
    cell_unit, start = unit[order][cell], np.flatnonzero(new_risk[cell])

    def per_forecast(values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, start), dtype=np.float64)

    return ForecastSums(
        risk=cell_risk[start],
        weight=per_forecast(cell_unit * cell_count),
        events=per_forecast(cell_unit * cell_events),
        squared_weight=per_forecast(cell_unit**2 * cell_count),
        squared_events=per_forecast(cell_unit**2 * cell_events),
        cell_risk=cell_risk,
        cell_unit=cell_unit,
        cell_count=cell_count,
        cell_events=cell_events,
        cell_start=start,
        n_events=int(cell_events.sum()),
    )


def _changes(values: FloatArray) -> BoolArray:
    return np.concatenate([[True], values[1:] != values[:-1]])


def _ones(n: int) -> FloatArray:
    """Give n ones in the memory of one: among millions of distinct forecasts that is an eighth of all sums."""
    return np.broadcast_to(1.0, n)
