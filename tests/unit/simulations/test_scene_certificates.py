"""A seeded slice of the table of certified alarms: violations, beside those of the plug-in threshold."""

from __future__ import annotations

import pytest

from simulations.scene_certificates import POPULATIONS, ceiling, violations

REPETITIONS = 500


@pytest.mark.parametrize("statement", ["share of scenes", "mean, capped"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_violations_keep_to_delta_whatever_the_scenes(population, statement) -> None:
    row = violations(population, statement, repetitions=REPETITIONS)
    assert row.violated <= ceiling(REPETITIONS)
    assert row.plug_in > 0.2
    assert row.reach > 0


def test_poisson_keeps_to_delta_where_counts_are_poisson() -> None:
    assert violations("equal scenes", "mean, Poisson", repetitions=REPETITIONS).violated <= ceiling(REPETITIONS)


def test_poisson_fails_where_they_are_not() -> None:
    assert violations("one scene in 20 is bad", "mean, Poisson", repetitions=REPETITIONS).violated > 0.2
