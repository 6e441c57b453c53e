"""Seeded slices of the coverage of prevalence intervals."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.prevalence_intervals import DESIGNS, coverage, coverage_of_three

REPETITIONS = 120
SLACK = 3 * np.sqrt(0.05 * 0.95 / REPETITIONS)


@pytest.mark.parametrize("design", [design for design in DESIGNS if design.n <= 2000], ids=lambda design: design.name)
def test_intervals_hold_the_truth_about_as_often_as_they_say(design: object) -> None:
    found = coverage(design, repetitions=REPETITIONS)  # type: ignore[arg-type]  # one of the designs
    assert found.covered > 0.95 - SLACK
    assert not found.rejected > 0.05 + SLACK


def test_intervals_of_three_outcomes_hold_the_truth() -> None:
    assert (coverage_of_three(n=500, repetitions=30) > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 30)).all()
