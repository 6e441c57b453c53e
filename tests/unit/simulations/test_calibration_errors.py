"""A seeded slice of the tables of calibration errors."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.calibration_errors import INTERVALS, TESTS, Design, coverage, sizes

R = 100
SLACK = 3 * np.sqrt(0.05 * 0.95 / R)


@pytest.mark.parametrize("design", [INTERVALS[2], INTERVALS[4]], ids=["slope 0.8, ties", "20 events, ties"])
def test_intervals_cover_the_errors_of_the_population(design: Design) -> None:
    assert coverage(design, repetitions=R, n_resamples=39).min() >= 0.95 - SLACK


@pytest.mark.parametrize("design", TESTS[2:], ids=["ties", "frequency weights", "importance weights"])
def test_tests_keep_their_size(design: Design) -> None:
    assert sizes(design, repetitions=R, n_resamples=39, seed=5).max() <= 0.05 + SLACK
