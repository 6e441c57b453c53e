"""The binned reliability diagram, for those who insist: equal numbers of rows, ties kept together, exact intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from riskdec.diagnostics.curves.bands import Band
from riskdec.diagnostics.draws import neighbour_groups

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.scores.sums import ForecastSums

IntervalName = Literal["clopper-pearson", "wilson"]
N_BINS = 10


class RiskBins(NamedTuple):
    """Neighbouring forecasts put together.

    Attributes
    ----------
    risk : ndarray of shape (k,)
        Mean risk of each bin.
    weight, events : ndarray of shape (k,)
        Weight of its rows, and of those with the event.
    """

    risk: FloatArray
    weight: FloatArray
    events: FloatArray


class BinnedStatistic:
    """Event rates in bins of about equal weight."""

    __slots__ = ("_start", "_weight")

    def __init__(self, sums: ForecastSums, *, n_bins: int) -> None:
        self._start = neighbour_groups(sums.weight, n_bins)
        self._weight = np.add.reduceat(sums.weight, self._start)

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the event rate of each bin."""
        return np.asarray(np.add.reduceat(events, self._start) / self._weight, dtype=np.float64)

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give the rates as they are."""
        return reduced


def bin_risks(sums: ForecastSums, n_bins: int) -> RiskBins:
    """Put neighbouring forecasts into bins of about equal weight; equal risks stay together."""
    start = neighbour_groups(sums.weight, n_bins)
    weight, risk, events = (np.add.reduceat(a, start) for a in (sums.weight, sums.weight * sums.risk, sums.events))
    return RiskBins(risk / weight, weight, events)


def binned_band(bins: RiskBins, interval: IntervalName, confidence_level: float, *, simultaneous: bool) -> Band:
    """Give intervals for the mean true rate of each bin.

    Notes
    -----
    The number of events of a bin is a sum of independent events of unequal probability. Clopper and Pearson's limits
    cover its mean all the same (Hoeffding 1956); Wilson's are narrower and cover about the level on average. All at
    once: the error is divided by the number of bins.

    References
    ----------
    Clopper CJ, Pearson ES (1934). The use of confidence or fiducial limits illustrated in the case of the binomial.
    Biometrika 26:404-413. Wilson EB (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22:209-212. Hoeffding W (1956). On the distribution of the number of
    successes in independent trials. Annals of Mathematical Statistics 27:713-721.
    """
    error = (1 - confidence_level) / (len(bins.risk) if simultaneous else 1)
    if interval == "wilson":
        return _wilson(bins.events, bins.weight, error)
    return clopper_pearson(bins.events, bins.weight, error)


def clopper_pearson(events: FloatArray, rows: FloatArray, error: float) -> Band:
    """Give exact limits for the probability of events seen so often in so many rows."""
    from scipy.special import betaincinv

    low = np.where(events > 0, betaincinv(np.maximum(events, 0.5), rows - events + 1, error / 2), 0.0)
    high = np.where(events < rows, betaincinv(events + 1, np.maximum(rows - events, 0.5), 1 - error / 2), 1.0)
    return Band(low, high)


def _wilson(events: FloatArray, rows: FloatArray, error: float) -> Band:
    from scipy.special import ndtri

    square = float(ndtri(1 - error / 2)) ** 2
    rate = events / rows
    centre = (rate + square / (2 * rows)) / (1 + square / rows)
    margin = np.sqrt(square * rate * (1 - rate) / rows + (square / (2 * rows)) ** 2) / (1 + square / rows)
    return Band(np.clip(centre - margin, 0, rate), np.clip(centre + margin, rate, 1))
