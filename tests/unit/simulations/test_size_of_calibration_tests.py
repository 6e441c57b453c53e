"""A seeded slice of the table of sizes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from simulations.size_of_calibration_tests import Cell, asymptotic_sizes, drawn_sizes, mean_logit

R = 400
# Three Monte Carlo standard errors of a share of 0.05.
SLACK = 3 * np.sqrt(0.05 * 0.95 / R)


def test_limit_laws_hold_where_fifty_events_and_non_events_are_expected() -> None:
    sizes = asymptotic_sizes(Cell(0.5, 200), repetitions=R)
    assert sizes.expected == pytest.approx(100, abs=2)
    for name, size in sizes.shares.items():
        if "Hosmer" not in name and "Brownian" not in name:
            assert size == pytest.approx(0.05, abs=0.015 + SLACK), name
    # A discrete walk has a smaller range than Brownian motion: the limit is no exact test.
    assert sizes.shares["cutoff error, Brownian limit"] <= 0.05 + SLACK


def test_hosmer_lemeshow_rejects_too_often_by_its_limit_law_where_events_are_few() -> None:
    sizes = asymptotic_sizes(Cell(0.01, 200), repetitions=R)
    assert sizes.expected == pytest.approx(2, abs=0.2)
    assert sizes.shares["Hosmer-Lemeshow, 10 groups"] > 0.08
    assert sizes.shares["number of events, exact"] <= 0.05 + SLACK


@pytest.mark.parametrize(
    "cell",
    [Cell(0.3, 100, digits=1), Cell(0.05, 100, digits=2, weights="frequency"), Cell(0.1, 100, weights="importance")],
    ids=lambda cell: cell.words,
)
def test_draws_keep_the_size_with_ties_and_weights(cell: Cell) -> None:
    sizes = drawn_sizes(cell, repetitions=200, n_resamples=39)
    assert set(sizes.shares) >= {"citl", "slope", "citl and slope", "Spiegelhalter", "cutoff error", "miscalibration"}
    assert max(sizes.shares.values()) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_mean_of_logits_gives_the_prevalence(rng: np.random.Generator) -> None:
    risk = expit(mean_logit(0.05) + rng.normal(size=200_000))
    assert risk.mean() == pytest.approx(0.05, abs=3 * risk.std() / np.sqrt(200_000))
