"""A seeded slice of the coverage of intervals under importance weights."""

from __future__ import annotations

import numpy as np

from simulations.importance_weighted_intervals import FIGURES, coverage

R = 30


def test_intervals_under_weights_hold_the_truth_of_the_population_and_without_them_do_not() -> None:
    weighted, unweighted = coverage(repetitions=R, seed=3, many=200_000, resamples=60)
    slack = 3 * np.sqrt(0.95 * 0.05 / R)
    assert weighted.min() >= 0.95 - slack
    # The AUC alone hardly depends on how rows were drawn.
    assert unweighted[: FIGURES.index("AUC difference")].max() < 0.2
