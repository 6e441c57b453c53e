"""A seeded slice of the table of coverage; the longer one of the pointwise band stands beside the bands' own tests."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.coverage_of_reliability_bands import (
    consistency_coverage,
    pointwise_coverage,
    simultaneous_coverage,
    spline_coverage,
)

R = 100


def bound(level: float) -> float:
    """Give the level less three Monte Carlo standard errors."""
    return float(level - 3 * np.sqrt(level * (1 - level) / R))


@pytest.mark.parametrize(("truth", "prevalence", "n"), [("flat", 0.05, 2000), ("slope 0.5", 0.01, 5000)])
def test_pointwise_band_covers_rising_truths(truth: str, prevalence: float, n: int) -> None:
    assert pointwise_coverage(truth, prevalence, n, repetitions=R).min() >= bound(0.93)


def test_pointwise_band_is_not_claimed_at_a_jump() -> None:
    # At the jump itself, the middle of the score, it covers less than beside it.
    coverage = pointwise_coverage("step", 0.3, 1000, repetitions=R)
    assert coverage[2] < coverage[[0, 1, 3, 4]].min()


def test_spline_band_covers_inside_its_space_and_not_a_step() -> None:
    assert spline_coverage("calibrated", 0.3, 1000, repetitions=R).min() >= bound(0.93)
    assert spline_coverage("step", 0.3, 1000, repetitions=R).min() < 0.8


def test_simultaneous_band_covers_at_least_its_level() -> None:
    inside, width = simultaneous_coverage("step", 0.3, 300, 2, level=0.9, repetitions=R // 2)
    assert inside >= 0.9 - 3 * np.sqrt(0.09 / (R // 2))
    assert 0.2 < width < 0.7


def test_consistency_band_holds_calibrated_curves() -> None:
    assert consistency_coverage(0.3, 300, repetitions=R // 2).min() >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / (R // 2))
