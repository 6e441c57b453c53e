"""What a row weight counts for: rows that are dealt one by one where it is a frequency, one row where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_counts, check_option, check_weights, refuse
from riskdec.scores.forecasts import WEIGHT_KINDS, within_range

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray, WeightKind

# To deal rows into parts at random each of them has to be named: 0.8 GB.
_MOST_UNITS = 100_000_000


class RowWeights(NamedTuple):
    """Weights of rows, past the door.

    Attributes
    ----------
    values : ndarray of shape (n,) or None
        Positive; None where every row counts once.
    kind : {"frequency", "importance"}
        Whether a weight is a number of equal rows, or makes one row more or less important.
    """

    values: FloatArray | None = None
    kind: WeightKind = "frequency"

    @property
    def counts(self) -> FloatArray | None:
        """How many rows each row stands for; None where it is one each."""
        return self.values if self.kind == "frequency" else None

    @property
    def importance(self) -> FloatArray | None:
        """Importance weights; None where there are none."""
        return self.values if self.kind == "importance" else None

    def take(self, rows: AnyArray) -> RowWeights:
        """Give the weights of some rows, by number or by mark."""
        return self if self.values is None else self._replace(values=self.values[rows])

    def or_ones(self, n: int) -> FloatArray:
        """Give a weight for each of the n rows."""
        return np.ones(n) if self.values is None else self.values

    def mean_one(self) -> RowWeights:
        """Scale importance weights, of which only ratios count, to mean one; counts stay what they are."""
        return self if self.importance is None else self._replace(values=self.importance / self.importance.mean())

    def n_rows(self, n: int) -> int:
        """Give the number of rows, each counted as often as it stands for one; n without weights."""
        return n if self.counts is None else int(self.counts.sum())

    def counted(self, marked: AnyArray) -> float:
        """Count the marked rows, each as often as its frequency weight says."""
        return float(np.count_nonzero(marked) if self.counts is None else self.counts @ marked)

    def mean(self, values: AnyArray) -> float:
        """Give the weighted mean of one number per row."""
        if self.values is None:
            return float(values.mean())
        # Both sums round alike, so that the mean of ones is one.
        return float(self.values @ values / (self.values @ np.ones(len(self.values))))

    def sum(self, values: AnyArray) -> float:
        """Give the weighted sum of one number, or truth value, per row."""
        return float(np.sum(values) if self.values is None else self.values @ values)


UNWEIGHTED = RowWeights()


def sum_of_squares(parts: FloatArray, weights: RowWeights, groups: IntArray | None) -> float:
    """Sum the squares of what rows, or groups of rows, contribute: of equal rows each by itself.

    Parameters
    ----------
    parts : ndarray of shape (n,)
        Contribution of each row, before its weight.
    weights : RowWeights
        What each row counts for.
    groups : ndarray of int, shape (n,), or None
        Group numbers of dependent rows.
    """
    if groups is not None:
        sums = np.bincount(groups, weights=parts * weights.or_ones(len(parts)))
        return float(sums @ sums)
    if weights.counts is not None:
        return float(weights.counts @ parts**2)
    own = parts if weights.importance is None else parts * weights.importance
    return float(own @ own)


def check_row_weights(sample_weight: object, kind: WeightKind, n: int, *, name: str = "sample_weight") -> RowWeights:
    """Give the weights of n rows, those of 0 still among them; counts must be whole."""
    check_option(kind, WEIGHT_KINDS, name="weight_kind")
    if kind == "frequency":
        return RowWeights(check_counts(sample_weight, n, name=name), kind)
    return RowWeights(within_range(check_weights(sample_weight, n, name=name)), kind)


def rows_of_units(weights: RowWeights, n: int) -> IntArray:
    """Give the row of each unit of chance: as often as it counts where weights count rows, each row once elsewhere.

    Dealing these units deals equal rows apart, as if they had been written one below the other.

    >>> rows_of_units(RowWeights(np.array([1.0, 3.0])), 2).tolist()
    [0, 1, 1, 1]
    """
    if weights.counts is None:
        return np.arange(n)
    if weights.counts.sum() > _MOST_UNITS:
        cure = "With weight_kind='importance' whole rows are dealt, or pass rows to judge on."
        got = f"{weights.counts.sum():,.0f}"
        raise refuse("sample_weight", f"sum to at most {_MOST_UNITS:,} where rows are dealt at random", got, cure)
    return np.repeat(np.arange(n), weights.counts.astype(np.intp))


def gather_units(units: IntArray, weights: RowWeights) -> tuple[IntArray, RowWeights]:
    """Give the different rows among some units, ascending, and what they weigh there.

    >>> rows, weights = gather_units(np.array([0, 2, 2]), RowWeights(np.array([1.0, 3.0, 4.0])))
    >>> rows.tolist(), weights.values
    ([0, 2], array([1., 2.]))
    """
    if weights.counts is None:
        rows = np.sort(units)
        return rows, weights.take(rows)
    rows, times = np.unique(units, return_counts=True)
    return rows, weights._replace(values=times.astype(np.float64))


def say_weights(kind: WeightKind | None) -> list[str]:
    """Say what weights of rows meant; nothing without any."""
    if kind is None:
        return []
    if kind == "frequency":
        return ["Rows carry frequency weights: each counts as that many equal rows, in every number."]
    return ["Rows carry importance weights: only their ratios count, and intervals are robust."]
