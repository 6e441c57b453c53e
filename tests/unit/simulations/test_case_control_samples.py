"""Seeded slices of the cost of case-control samples."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.case_control_samples import cost, theory


@pytest.mark.parametrize("factor", [1.0, 5.0])
def test_variance_is_that_of_theory(factor: float) -> None:
    found = cost(factor, n=20_000, repetitions=100)
    assert (np.abs(found.bias) < 4 * found.bias_error + 0.01).all()
    assert (np.abs(found.ratio - theory(factor)) < 3.5 * found.ratio_error).all()


def test_theory_is_two_for_a_factor_of_one_and_at_most_one_and_one_over_it() -> None:
    np.testing.assert_allclose(theory(1.0), [2, 2], rtol=1e-10)
    for factor in (1.5, 2.0, 5.0, 20.0):
        assert (theory(factor) <= 1 + 1 / factor + 1e-10).all()
        assert (theory(factor) >= 1).all()
