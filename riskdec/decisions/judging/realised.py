"""Means of realised costs and their standard errors, for rows, repeated rows, weighted rows and clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray, WeightKind


class Sample(NamedTuple):
    """How rows stand for a population: their weights, what these mean, and which rows belong together.

    Attributes
    ----------
    weight : ndarray of shape (n,)
        Positive weights; ones where there are none.
    weight_kind : {"frequency", "importance"}
        A frequency weight of 2 says the same as writing the row twice.
    groups : ndarray of int, shape (n,), or None
        Numbers 0, 1, ... of the clusters; rows of different clusters are independent.
    n_units : int
        Number of independent units: clusters, or rows, repeated ones counted again.
    total : float
        Sum of the weights.
    """

    weight: FloatArray
    weight_kind: WeightKind
    groups: IntArray | None
    n_units: int
    total: float

    @classmethod
    def of(cls, weight: FloatArray, weight_kind: WeightKind, groups: IntArray | None, n_units: int) -> Sample:
        """Make a sample, its weights added up once for the many means that are taken over it."""
        return cls(weight, weight_kind, groups, n_units, weight.sum())


def weighted_mean(values: FloatArray, sample: Sample) -> float:
    """Give `sum w_i z_i / sum w_i`."""
    return float(sample.weight @ values / sample.total)


def standard_error(values: FloatArray, sample: Sample) -> float:
    """Give the standard error of the weighted mean; nan for a single unit.

    Parameters
    ----------
    values : ndarray of shape (n,)
        What is averaged.
    sample : Sample
        Weights and clusters.

    Returns
    -------
    float
        With residuals `r_i = w_i (z_i - mean)` and `W = sum w_i`: the square root of
        `m/(m-1) sum_g (sum_{i in g} r_i)^2 / W^2` for m clusters; of `sum w_i (z_i - mean)^2 / (W (W-1))`
        for frequency weights, which is `sd/sqrt(n)` without weights; and of `m/(m-1) sum r_i^2 / W^2` for m
        rows with importance weights (linearisation of a ratio).
    """
    m = sample.n_units
    if m <= 1:
        return float("nan")
    weight, groups, total = sample.weight, sample.groups, sample.total
    deviation = values - weighted_mean(values, sample)
    if groups is None and sample.weight_kind == "frequency":
        return float(np.sqrt(weight @ deviation**2 / (total * (total - 1))))
    residual = weight * deviation
    sums = residual if groups is None else np.bincount(groups, weights=residual).astype(np.float64, copy=False)
    return float(np.sqrt(m / (m - 1) * (sums @ sums)) / total)
