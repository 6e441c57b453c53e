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
    cell_start: IntArray
    n_events: int

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
        missed = self.squared_weight - self.squared_events
        return self.squared_events * (1 - self.risk) ** 2 + missed * self.risk**2


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
    rows = np.ones(len(risk)) if weight is None or kind == "importance" else weight
    if weight is None or kind == "frequency":
        order = np.argsort(risk)
        unit = np.ones(1)
    else:
        order = np.lexsort((weight, risk))
        unit = weight[order]
    sorted_risk, rows, hits = risk[order], rows[order], (rows * is_event)[order]
    new_risk = _changes(sorted_risk)
    cell = np.flatnonzero(new_risk | _changes(unit)) if len(unit) > 1 else np.flatnonzero(new_risk)
    count, hits = np.add.reduceat(rows, cell), np.add.reduceat(hits, cell)
    unit = unit[cell] if len(unit) > 1 else np.ones(len(cell))
    start = np.flatnonzero(new_risk[cell])

    def per_forecast(values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, start), dtype=np.float64)

    return ForecastSums(
        risk=sorted_risk[cell[start]],
        weight=per_forecast(unit * count),
        events=per_forecast(unit * hits),
        squared_weight=per_forecast(unit**2 * count),
        squared_events=per_forecast(unit**2 * hits),
        cell_risk=sorted_risk[cell],
        cell_unit=unit,
        cell_count=count,
        cell_start=start.astype(np.intp, copy=False),
        n_events=int(hits.sum()),
    )


def _changes(values: FloatArray) -> BoolArray:
    return np.concatenate([[True], values[1:] != values[:-1]])
