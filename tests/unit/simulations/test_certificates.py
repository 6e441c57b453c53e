"""Seeded slices of the tables of certificates: violations, certified coverage, two sides."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.certificates import DELTA, SHAPES, coverage, holm_coverage, two_sides, violation_rate


def bound(repetitions: int) -> float:
    return DELTA + 3 * float(np.sqrt(DELTA * (1 - DELTA) / repetitions))


@pytest.mark.parametrize("digits", [None, 2])
@pytest.mark.parametrize("shape", SHAPES)
def test_violations_keep_to_delta(shape: str, digits: int | None) -> None:
    row = violation_rate(shape, n=300, digits=digits, repetitions=2000)
    assert row.rate <= bound(2000)


@pytest.mark.parametrize(("digits", "least"), [(None, 0.25), (2, 0.24)])
def test_mean_certified_coverage_of_300_cases(digits: int | None, least: float) -> None:
    share, violated, _ = coverage(n=300, digits=digits, repetitions=1000)
    assert share >= least
    assert violated <= bound(1000)


def test_a_correction_for_100_cuts_certifies_next_to_nothing() -> None:
    assert holm_coverage(n=300, repetitions=200) < 0.02


def test_two_sides_hold_together_at_half_of_delta_each() -> None:
    assert two_sides(n=1000, share=0.5, repetitions=500) <= bound(500)
