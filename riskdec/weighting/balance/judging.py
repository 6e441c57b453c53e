"""Recalls of all classes on the test rows: limits, spread beyond chance, and paired differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec.decisions.offsets.rows import exact_limits
from riskdec.diagnostics.slopes.recalibration_rows import wald_width
from riskdec.weighting.differences import difference
from riskdec.weighting.units import UNWEIGHTED, RowWeights

if TYPE_CHECKING:
    from riskdec._base.result import Estimate
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.decisions import CostMatrix


@dataclass(frozen=True, kw_only=True, slots=True)
class Judge:
    """Rows to judge decisions on.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        Number of the class of each row.
    weights : RowWeights
        What each row counts for.
    groups : ndarray of int, shape (n,), or None
        Which rows depend on each other.
    costs : CostMatrix or None
        Costs of deciding for each class.
    confidence_level : float
        Level of all intervals.
    """

    codes: IntArray
    groups: IntArray | None
    costs: CostMatrix | None
    confidence_level: float
    weights: RowWeights = UNWEIGHTED

    @property
    def totals(self) -> FloatArray:
        """Sum of the weights of the rows of each class; shape (K,)."""
        return np.bincount(self.codes, weights=self.weights.values).astype(np.float64)

    @property
    def counts(self) -> FloatArray:
        """Rows of each class; of importance weights as many of equal weight as would tell the same; shape (K,)."""
        return effective_counts(self.codes, self.weights)

    def hits(self, chosen: IntArray) -> FloatArray:
        """Tell which decisions are right: shape (n,), 0 or 1."""
        return np.asarray(chosen == self.codes, dtype=np.float64)

    def recalls(self, chosen: IntArray) -> FloatArray:
        """Give the share of each class that is found: shape (K,)."""
        return self._class_means(self.hits(chosen))

    def limits(self, chosen: IntArray) -> tuple[FloatArray, FloatArray]:
        """Give limits of the recalls: exact, or with groups from clusters and the normal law.

        With importance weights they are those of as many rows of equal weight as would tell the same: no longer exact.
        """
        recall = self.recalls(chosen)
        if self.groups is None:
            return exact_limits(recall, self.counts, self.confidence_level)
        half = self.errors(chosen) * wald_width(self.confidence_level, int(self.groups.max()) + 1)
        return np.maximum(recall - half, 0.0), np.minimum(recall + half, 1.0)

    def errors(self, chosen: IntArray) -> FloatArray:
        """Give standard errors of the recalls, shape (K,): unbiased variances, with groups of clusters."""
        recall = self.recalls(chosen)
        if self.groups is None:
            return self._errors_of_rows(chosen, recall)
        weight = self.weights.or_ones(len(self.codes))
        residual = weight * (self.hits(chosen) - recall[self.codes]) / self.totals[self.codes]
        n_groups, n_classes = int(self.groups.max()) + 1, len(self.counts)
        places = self.groups * n_classes + self.codes
        sums = np.bincount(places, weights=residual, minlength=n_groups * n_classes).reshape(n_groups, n_classes)
        return np.asarray(np.sqrt(n_groups / max(n_groups - 1, 1) * (sums**2).sum(axis=0)))

    def errors_if_equal(self, chosen: IntArray) -> FloatArray:
        """Give the standard errors that recalls would have if all were equal to their mean: shape (K,)."""
        if self.groups is not None:
            return self.errors(chosen)
        mean = float(self.recalls(chosen).mean())
        return np.asarray(np.sqrt(mean * (1 - mean) / self.counts))

    def mean(self, values: FloatArray) -> Estimate:
        """Give the mean over rows of some values, or of a paired difference, with its interval."""
        return self._difference(self.weights.mean(values), values)

    def contrast(self, values: FloatArray, coefficients: FloatArray) -> Estimate:
        """Give ``sum_k c_k mean_k``, with mean_k the average of the values in class k, and its interval."""
        means = self._class_means(values)
        share = coefficients[self.codes] * self.totals.sum() / self.totals[self.codes]
        return self._difference(float(coefficients @ means), share * (values - means[self.codes]))

    def realised(self, chosen: IntArray) -> FloatArray | None:
        """Give what each decision turned out to cost; None without costs."""
        return None if self.costs is None else self.costs.costs[self.codes, chosen]

    def _class_means(self, values: FloatArray) -> FloatArray:
        weight = self.weights.or_ones(len(self.codes))
        return np.asarray(np.bincount(self.codes, weights=weight * values) / self.totals)

    def _errors_of_rows(self, chosen: IntArray, recall: FloatArray) -> FloatArray:
        """Give standard errors of the recalls of independent rows, shape (K,)."""
        importance = self.weights.importance
        if importance is None:
            return np.asarray(np.sqrt(recall * (1 - recall) / np.maximum(self.counts - 1, 1)))
        # For equal weights this is the same.
        rows = np.bincount(self.codes)
        parts = importance * (self.hits(chosen) - recall[self.codes])
        squares = np.bincount(self.codes, weights=parts**2) * rows / np.maximum(rows - 1, 1)
        return np.asarray(np.sqrt(squares) / self.totals)

    def _difference(self, value: float, parts: FloatArray) -> Estimate:
        return difference(value, parts, self.groups, self.confidence_level, self.weights)


def effective_counts(codes: IntArray, weights: RowWeights) -> FloatArray:
    """Give the number of rows of each class, or with importance weights ``(sum w)^2 / sum w^2`` (Kish); shape (K,).

    >>> effective_counts(np.array([0, 0, 1]), RowWeights(np.array([1.0, 3.0, 2.0]), "importance"))
    array([1.6, 1. ])
    """
    if weights.importance is None:
        return np.bincount(codes, weights=weights.counts).astype(np.float64)
    total, squares = (np.bincount(codes, weights=weights.importance**power) for power in (1, 2))
    return np.asarray(total**2 / squares)


def corrected_deviation(recall: FloatArray, errors: FloatArray) -> float:
    """Give the standard deviation of the true recalls: that of the observed ones less what sampling adds.

    ``sqrt(max(0, var(recall) - mean(se^2)))``, the variance with K - 1: its expectation is the variance of the true
    recalls plus the mean of the squared standard errors.

    >>> corrected_deviation(np.array([0.4, 0.6]), np.array([0.1, 0.1]))
    0.1
    """
    return float(np.sqrt(max(float(recall.var(ddof=1) - (errors**2).mean()), 0.0)))


def range_by_chance(errors: FloatArray) -> float:
    """Give the expected range of independent normal numbers of one mean and these standard deviations, at most 1.

    For recalls it is nearly right from a few dozen rows per class on.
    ``E max - E min = int 1 - prod F_k - prod (1 - F_k)``; with equal deviations 3.08 of them for ten numbers.

    >>> round(range_by_chance(np.full(10, 0.01)), 5)
    0.03078
    """
    from scipy.special import ndtr

    largest = float(errors.max())
    if largest == 0:
        return 0.0
    # Numbers without error stand at the mean.
    scale = np.maximum(errors, 1e-12 * largest)
    grid = np.linspace(-9, 9, 6001) * largest
    below = ndtr(grid[:, np.newaxis] / scale)
    inside = 1 - below.prod(axis=1) - (1 - below).prod(axis=1)
    return min(float(inside.sum() * (grid[1] - grid[0])), 1.0)
