"""Sums of rows in bins of risk: small enough for a page, and they merge by addition."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Framed
from riskdec._base.table import Table, count, percent

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.scores.sums import ForecastSums

# Twenty bins for each unit of log-odds: a risk is never further than 2.5 % of its odds from the middle of its bin.
_BINS_PER_UNIT = 20
_WIDEST = 15.0


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class RiskBins(Framed):
    """What the rows in each bin of risk add up to; no row can be read off it where bins hold many.

    `frame` gives one line per bin.

    Attributes
    ----------
    risk : ndarray of shape (b,)
        Mean risk of each bin that holds rows, ascending.
    weight, events : ndarray of shape (b,)
        Weight of its rows, and of those with the event.
    rows : ndarray of shape (b,), or None
        Number of its rows; None where the weight is their number.
    """

    risk: FloatArray
    weight: FloatArray
    events: FloatArray
    rows: FloatArray | None = None

    @property
    def total(self) -> float:
        """Weight of all rows."""
        return float(self.weight.sum())

    @property
    def prevalence(self) -> float:
        """Weighted share of events."""
        return float(self.events.sum()) / self.total

    def without_small(self, least: float = 5, *, cuts: ArrayLike = ()) -> RiskBins:
        """Join bins of fewer rows than `least` with the next ones, so that none of them tells of a single row.

        Parameters
        ----------
        least : float
            Rows that a bin should have.
        cuts : array-like of float
            Ascending risks that no bin straddles unless fewer rows lie on one side of it: these go with their
            neighbours.
        """
        region = np.searchsorted(np.asarray(cuts, dtype=np.float64), self.risk, side="right")
        ends = [0, *(np.flatnonzero(np.diff(region)) + 1).tolist(), len(self.risk)]
        rows = self.weight if self.rows is None else self.rows
        start = [first + k for first, after in pairwise(ends) for k in _joined(rows[first:after], least)]
        total = np.add.reduceat(rows, start).tolist()
        kept = [0, *(k for k, held in zip(start[1:], total[1:], strict=True) if held >= least)]
        if total[0] < least and len(kept) > 1:
            kept.pop(1)
        return _add_up(kept, self.risk, self.weight, self.events, self.rows)

    def _headline(self) -> str:
        return f"{count(self.total)} rows in {len(self.risk)} bins, {percent(self.prevalence)} events"

    def summary(self) -> Table:
        """Give the bins as a table."""
        bins = zip(self.risk.tolist(), self.weight.tolist(), self.events.tolist(), strict=True)
        rows = tuple((percent(risk, 2), count(weight), count(events)) for risk, weight, events in bins)
        return Table(title="Rows by risk", header=("mean risk", "rows", "events"), rows=rows)

    def _columns(self) -> dict[str, Any]:
        return {"risk": self.risk, "weight": self.weight, "events": self.events}

    def to_dict(self) -> dict[str, Any]:
        """Give the three columns as lists of numbers."""
        return self._plain_fields("rows")


def bin_risks(sums: ForecastSums, *, cuts: ArrayLike = ()) -> RiskBins:
    """Put distinct forecasts into bins of equal width in log-odds, whose limits do not depend on the data.

    Parameters
    ----------
    sums : ForecastSums
        Sums per distinct forecast.
    cuts : array-like of float
        Ascending risks at which bins part as well: what is decided there is then decided of bins as of rows.

    Returns
    -------
    RiskBins
        At most 600 bins and one for each cut; risks of exactly 0 or 1 lie in the outermost ones.

    Examples
    --------
    >>> from riskdec.scores.sums import sum_by_forecast
    >>> sums = sum_by_forecast(np.array([0.2, 0.2001, 0.7]), np.array([True, False, True]))
    >>> bin_risks(sums)
    <RiskBins: 3 rows in 2 bins, 66.7 % events>
    >>> bin_risks(sums, cuts=[0.2001]).risk
    array([0.2   , 0.2001, 0.7   ])
    """
    with np.errstate(divide="ignore"):
        log_odds = np.log(sums.risk) - np.log1p(-sums.risk)
    place = np.floor(log_odds.clip(-_WIDEST, _WIDEST) * _BINS_PER_UNIT)
    region = np.searchsorted(np.asarray(cuts, dtype=np.float64), sums.risk, side="right")
    parted = (place[1:] != place[:-1]) | (region[1:] != region[:-1])
    rows = np.add.reduceat(sums.cell_count, sums.cell_start)
    start = [0, *(np.flatnonzero(parted) + 1).tolist()]
    return _add_up(start, sums.risk, sums.weight, sums.events, None if np.array_equal(rows, sums.weight) else rows)


def _joined(rows: FloatArray, least: float) -> list[int]:
    """Give where bins start that hold `least` at least; what is left at the end goes to the last one."""
    start, held = [], least
    for k, more in enumerate(rows.tolist()):
        if held >= least:
            start.append(k)
            held = 0.0
        held += more
    if held < least and len(start) > 1:
        start.pop()
    return start


def _add_up(
    start: list[int], risk: FloatArray, weight: FloatArray, events: FloatArray, rows: FloatArray | None
) -> RiskBins:
    """Add up neighbours from each start on; a mean lies between the risks that it is the mean of, rounding aside."""
    total, hits, mass = (np.add.reduceat(values, start) for values in (weight, events, weight * risk))
    last = np.array([*start[1:], len(risk)]) - 1
    counted = None if rows is None else np.add.reduceat(rows, start)
    return RiskBins(risk=np.clip(mass / total, risk[start], risk[last]), weight=total, events=hits, rows=counted)
