"""Sums of rows in bins of risk: small enough for a page, and they merge by addition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, percent

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.scores.sums import ForecastSums

# Twenty bins for each unit of log-odds: a risk is never further than 2.5 % of its odds from the middle of its bin.
_BINS_PER_UNIT = 20
_WIDEST = 15.0


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class RiskBins(Result):
    """What the rows in each bin of risk add up to; no row can be read off it where bins hold many.

    Attributes
    ----------
    risk : ndarray of shape (b,)
        Mean risk of each bin that holds rows, ascending.
    weight, events : ndarray of shape (b,)
        Weight of its rows, and of those with the event.
    """

    risk: FloatArray
    weight: FloatArray
    events: FloatArray

    @property
    def total(self) -> float:
        """Weight of all rows."""
        return float(self.weight.sum())

    @property
    def prevalence(self) -> float:
        """Weighted share of events."""
        return float(self.events.sum()) / self.total

    def without_small(self, least: float = 5) -> RiskBins:
        """Join bins of less weight than `least` with the next ones, so that none of them tells of a single row."""
        start, held = [], least
        for k, weight in enumerate(self.weight.tolist()):
            if held >= least:
                start.append(k)
                held = 0.0
            held += weight
        if held < least and len(start) > 1:
            start.pop()
        weight, events, risk = (
            np.add.reduceat(values, start) for values in (self.weight, self.events, self.weight * self.risk)
        )
        return RiskBins(risk=risk / weight, weight=weight, events=events)

    def _headline(self) -> str:
        return f"{count(self.total)} rows in {len(self.risk)} bins, {percent(self.prevalence)} events"

    def summary(self) -> Table:
        """Give the bins as a table."""
        bins = zip(self.risk.tolist(), self.weight.tolist(), self.events.tolist(), strict=True)
        rows = tuple((percent(risk, 2), count(weight), count(events)) for risk, weight, events in bins)
        return Table(title="Rows by risk", header=("mean risk", "rows", "events"), rows=rows)

    def to_dict(self) -> dict[str, Any]:
        """Give the three columns as lists of numbers."""
        plain: dict[str, Any] = jsonable({"risk": self.risk, "weight": self.weight, "events": self.events})
        return plain


def bin_risks(sums: ForecastSums) -> RiskBins:
    """Put distinct forecasts into bins of equal width in log-odds, whose limits do not depend on the data.

    Parameters
    ----------
    sums : ForecastSums
        Sums per distinct forecast.

    Returns
    -------
    RiskBins
        At most 600 bins; risks of exactly 0 or 1 lie in the outermost ones.

    Examples
    --------
    >>> from riskdec.scores.sums import sum_by_forecast
    >>> bin_risks(sum_by_forecast(np.array([0.2, 0.2001, 0.7]), np.array([True, False, True])))
    <RiskBins: 3 rows in 2 bins, 66.7 % events>
    """
    with np.errstate(divide="ignore"):
        log_odds = np.log(sums.risk) - np.log1p(-sums.risk)
    place = np.floor(log_odds.clip(-_WIDEST, _WIDEST) * _BINS_PER_UNIT)
    start = np.flatnonzero(np.concatenate([[True], place[1:] != place[:-1]]))
    weight, events, risk = (
        np.add.reduceat(values, start) for values in (sums.weight, sums.events, sums.weight * sums.risk)
    )
    return RiskBins(risk=risk / weight, weight=weight, events=events)
