"""A seeded slice of the table of tests under weights: only those that know about weights keep their size."""

from __future__ import annotations

import numpy as np

from simulations.weighted_tests import DESIGNS, sizes

R = 200


def test_likelihood_ratio_tests_under_weights_reject_far_too_often() -> None:
    plain, weighted, mean_one, wald, akaike, akaike_weighted = sizes(DESIGNS[1], repetitions=R, seed=3)
    slack = 3 * np.sqrt(0.05 * 0.95 / R)
    assert plain <= 0.05 + slack
    # With few events robust errors are a little small.
    assert wald <= 0.08 + slack
    assert weighted > 0.45
    assert 0.3 < mean_one < weighted
    assert akaike < 0.157 + 3 * np.sqrt(0.157 * 0.843 / R) < akaike_weighted
