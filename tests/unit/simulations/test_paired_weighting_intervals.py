"""A seeded slice of the coverage of paired intervals."""

from __future__ import annotations

import numpy as np

from simulations.paired_weighting_intervals import SHOWN, coverage

R = 25


def test_intervals_of_differences_hold_the_truth() -> None:
    found = dict(zip(SHOWN, coverage(repetitions=R, seed=2, many=100_000).T, strict=True))
    slack = 3 * np.sqrt(0.95 * 0.05 / R)
    for name in ("auc", "ici", "cutoff_error", "miscalibration", "discrimination"):
        assert found[name].min() >= 0.95 - slack
    # Precision, recall and F where the two sets of risks do not nearly agree.
    for name in ("precision_at_half", "recall_at_half", "f_at_half"):
        assert found[name][:2].min() >= 0.93 - slack
