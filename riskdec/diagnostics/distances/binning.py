"""Bins of risks, of equal mass or equal width, and what the residuals in them add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.scores.sums import ForecastSums

Binning = Literal["equal_mass", "equal_width"]

_ROUNDING = 1e-9


class Bins(NamedTuple):
    """Neighbouring forecasts put together.

    Attributes
    ----------
    start : ndarray of int, shape (k,)
        First forecast of each bin.
    weight, residual : ndarray of shape (k,)
        Sum of the weights, and of weight times (outcome minus risk).
    squared_weight, squared_residual : ndarray of shape (k,)
        Sums of the squares of both over the rows.
    cross : ndarray of shape (k,)
        Sum of the products of both.
    null_variance : ndarray of shape (k,)
        Variance of `residual` if every risk is right.
    """

    start: IntArray
    weight: FloatArray
    expected: FloatArray
    residual: FloatArray
    squared_weight: FloatArray
    squared_residual: FloatArray
    cross: FloatArray
    null_variance: FloatArray

    @property
    def n_effective(self) -> FloatArray:
        """Number of rows of equal weight that would say as much; the number of rows where no weight is given."""
        return self.weight**2 / self.squared_weight


def bin_forecasts(sums: ForecastSums, start: IntArray) -> Bins:
    """Add up the forecasts of each bin."""

    def per_bin(values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, start), dtype=np.float64)

    expected = sums.weight * sums.risk
    # Frequency weights count rows of weight one: their squares are themselves.
    squared_expected = expected if sums.squared_weight is sums.weight else sums.squared_weight * sums.risk
    return Bins(
        start=start,
        weight=per_bin(sums.weight),
        expected=per_bin(expected),
        residual=per_bin(sums.events - expected),
        squared_weight=per_bin(sums.squared_weight),
        squared_residual=per_bin(sums.residual_variance),
        cross=per_bin(sums.squared_events - squared_expected),
        null_variance=per_bin(squared_expected * (1 - sums.risk)),
    )


def find_bins(sums: ForecastSums, n_bins: int, binning: Binning) -> IntArray:
    """Give the first forecast of each bin that holds any; tied risks are never torn apart."""
    edges = np.arange(1, n_bins)
    if binning == "equal_mass":
        # A forecast belongs where the middle of its own rows lies.
        middle = np.cumsum(sums.weight)
        middle -= sums.weight / 2
        first = np.searchsorted(middle, edges * (sums.total / n_bins))
    else:
        # Edges as one writes them: 3 / 10 is 0.3, three tenths added up is not.
        first = np.searchsorted(sums.risk, edges / n_bins)
    start = np.unique(np.append(0, first))
    return start[start < len(sums.risk)]


def merge_lonely_bins(sums: ForecastSums, start: IntArray) -> IntArray:
    """Put bins of less than two rows' worth to the bin before them, a first one to the bin after it."""
    weight, squares = np.add.reduceat(sums.weight, start), np.add.reduceat(sums.squared_weight, start)
    kept, held = [0], np.zeros(2)
    for k, size in enumerate(np.column_stack([weight, squares])):
        # A new bin begins once the one before it has two rows and this one can stand alone.
        if k and has_two_rows(*held) and has_two_rows(*size):
            kept.append(k)
            held = np.zeros(2)
        held = held + size
    merged: IntArray = start[np.array(kept)]
    return merged


def refuse_groups(groups: object) -> None:
    """Say why an error that takes away what chance adds has no version for dependent rows."""
    if groups is None:
        return
    cure = (
        "What chance adds to a squared error is known for independent rows; use smooth_calibration_error, "
        "cutoff_calibration_error or binned_calibration_error, which move the rows of a group together."
    )
    raise refuse("groups", "be left out of errors with the part of chance taken away", type(groups).__name__, cure)


def has_two_rows(weight: float, squared_weight: float) -> bool:
    """Tell whether weights say as much as two equal ones."""
    return weight**2 >= (2 - _ROUNDING) * squared_weight
