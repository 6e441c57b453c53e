"""Where the knots of a restricted cubic spline go: at Harrell's quantiles, as rms places them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray

# Fewer knots than these leave nothing but a straight line.
MIN_KNOTS = 3
# From this share of all rows on, equal values at an end of the range push the knots away from it.
_TIED = 0.05
# Below this number of rows the outer knots are the fifth smallest and the fifth largest value.
_FEW_ROWS = 100
_FIFTH = 4


def place_knots(values: FloatArray, n_knots: int, *, counts: FloatArray | None = None) -> FloatArray:
    """Place knots at quantiles of the values.

    The outer quantiles are 0.1 and 0.9 for 3 knots, 0.05 and 0.95 for 4 to 6, 0.025 and 0.975 above; the others
    lie evenly between. Below 100 rows the outer knots are the fifth smallest and fifth largest value. Where at
    least 5 % of the rows share the smallest (or largest) value, and no value between is as frequent, the second
    smallest (largest) value becomes the outer knot and quantiles of the values beyond it give the others.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite numbers.
    n_knots : int
        Knots wanted, at least 3.
    counts : ndarray of shape (n,), optional
        How often each row occurs.

    Returns
    -------
    ndarray of shape (k,)
        Increasing. Fewer than wanted where quantiles coincide; the inner distinct values where there are hardly
        more distinct values than knots; empty where fewer than 3 knots could be had.

    References
    ----------
    Harrell FE (2015). Regression Modeling Strategies, 2nd ed., section 2.4.6; ``Hmisc::rcspline.eval`` with
    ``fractied=0.05``, quantiles of type 7.

    Examples
    --------
    >>> place_knots(np.arange(101.0), 5)
    array([ 5. , 27.5, 50. , 72.5, 95. ])
    """
    sample = _tabulate(values, counts)
    if len(sample.values) - 2 <= n_knots:
        knots = sample.values[1:-1]
    else:
        outer = 0.1 if n_knots == 3 else 0.05 if n_knots <= 6 else 0.025
        inside, ends = _leave_tied_ends(sample)
        knots = np.unique([*ends.values(), *_inner_knots(inside, n_knots - len(ends), outer, ends)])
    return knots if len(knots) >= MIN_KNOTS else np.empty(0)


class _Sample(NamedTuple):
    """Distinct values in increasing order, and how many rows hold each."""

    values: FloatArray
    counts: FloatArray

    @property
    def total(self) -> float:
        return float(self.counts.sum())

    def at(self, places: FloatArray) -> FloatArray:
        """Give the values at places 0, 1, ... of the sorted rows."""
        found = np.searchsorted(np.cumsum(self.counts), places, side="right")
        values: FloatArray = self.values[np.minimum(found, len(self.values) - 1)]
        return values

    def quantiles(self, levels: FloatArray) -> FloatArray:
        """Give quantiles of type 7: linear between the sorted rows, place ``(n - 1) level``."""
        place = np.maximum(self.total - 1, 0) * levels
        # A place that misses a whole number by rounding alone is that number.
        whole = np.rint(place)
        place = np.where(np.abs(place - whole) <= 4 * np.finfo(float).eps * self.total, whole, place)
        low = np.floor(place)
        below, above = self.at(low), self.at(low + 1)
        found: FloatArray = below + (place - low) * (above - below)
        return found

    def keep(self, rows: BoolArray) -> _Sample:
        return _Sample(self.values[rows], self.counts[rows])


def _tabulate(values: FloatArray, counts: FloatArray | None) -> _Sample:
    if counts is None:
        distinct, size = np.unique(values, return_counts=True)
        return _Sample(distinct, size.astype(np.float64))
    distinct, place = np.unique(values, return_inverse=True)
    return _Sample(distinct, np.bincount(place, weights=counts).astype(np.float64))


def _leave_tied_ends(sample: _Sample) -> tuple[_Sample, dict[str, float]]:
    """Cut off ends that hold many equal values; give what is left, and the knots at those ends."""
    share = sample.counts / sample.total
    ends: dict[str, float] = {}
    if share[1:-1].max() >= _TIED:
        return sample, ends
    values = sample.values
    inside = np.ones(len(values), dtype=bool)
    if share[0] >= _TIED:
        ends["low"] = float(values[1])
        inside &= values > values[1]
    if share[-1] >= _TIED:
        ends["high"] = float(values[-2])
        inside &= values < values[-2]
    return sample.keep(inside), ends


def _inner_knots(sample: _Sample, n_knots: int, outer: float, ends: dict[str, float]) -> FloatArray:
    if n_knots == 1:
        return sample.quantiles(np.array([0.5]))
    # Two knots are what a tied end leaves of three or four; rms then starts at the median.
    first = 0.5 if n_knots == 2 else outer
    knots = sample.quantiles(np.linspace(first, 1 - outer, n_knots))
    if len(np.unique(knots)) < min(n_knots, MIN_KNOTS):
        knots = sample.quantiles(np.linspace(outer, 1 - outer, 2 * n_knots))
    if _FIFTH < sample.total < _FEW_ROWS:
        fifths = sample.at(np.array([_FIFTH, sample.total - 1 - _FIFTH]))
        knots[0] = knots[0] if "low" in ends else fifths[0]
        knots[-1] = knots[-1] if "high" in ends else fifths[1]
    return knots
