"""Seeded slices of the tables of undone weights: right form on average, wrong form neither mean nor shape."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.undoing_weights import efficiency, misspecified, well_specified


def test_undone_fits_agree_with_unweighted_ones_on_average_at_the_price_of_the_formula() -> None:
    found = well_specified(0.05, 1.0, n=10_000, repetitions=200)
    assert (np.abs(found.difference) < 3 * found.standard_error).all()
    assert (np.abs(found.ratio - found.formula) < 3 * found.ratio_error).all()
    assert found.ratio[1] < 0.95


@pytest.mark.parametrize(
    ("prevalence", "sd", "slope"),
    [(0.12, 1.0, 0.855), (0.12, 2.0, 0.772), (0.05, 1.0, 0.771), (0.05, 2.0, 0.627), (0.01, 1.0, 0.689)],
)
def test_efficiency_of_the_slope_is_that_of_an_independent_computation(
    prevalence: float, sd: float, slope: float
) -> None:
    # Values of another program for the same integrals, three decimals.
    assert efficiency(prevalence, sd)[1] == pytest.approx(slope, abs=6e-4)


def test_wrong_form_is_restored_neither_in_mean_nor_in_shape_and_citl_restores_the_mean_alone() -> None:
    prevalence, repairs = misspecified(n=100_000)
    by_name = {repair.name: repair for repair in repairs}
    best, undone = by_name["maximum likelihood"], by_name["natural weights, undone"]
    shifted = by_name["natural weights, undone, citl re-estimated"]
    error = 3 * np.sqrt(prevalence * (1 - prevalence) / 100_000)
    assert abs(best.mean - prevalence) < 2 * error
    assert abs(undone.mean - prevalence) > 3 * error
    assert abs(shifted.mean - prevalence) < 2 * error
    assert abs(best.slope - 1) < 0.05
    assert abs(undone.slope - 1) > 0.2
    assert shifted.slope == pytest.approx(undone.slope, abs=1e-6)
    assert shifted.distance > 1.2 * best.distance
    assert shifted.regret > 1
