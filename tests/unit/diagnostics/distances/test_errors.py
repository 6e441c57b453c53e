from __future__ import annotations

import json
import math

import numpy as np
import pytest

from riskdec.diagnostics.distances.errors import judge, monte_carlo_p_value, upper_point


def test_p_value_counts_the_observed_value_and_ties() -> None:
    assert monte_carlo_p_value(np.array([1.0, 0.5, 1.0, 2.0, 0.1])) == pytest.approx(3 / 5)
    assert monte_carlo_p_value(np.array([9.0, *range(9)])) == pytest.approx(1 / 10)
    assert monte_carlo_p_value(np.zeros(10)) == 1


def test_p_value_takes_rounding_for_a_tie() -> None:
    assert monte_carlo_p_value(np.array([0.3, 0.1 + 0.2, 0.3 * (1 - 1e-15)])) == 1


def test_upper_point_leaves_the_observed_value_out() -> None:
    draws = np.array([100.0, *range(1, 100)])
    # Place (99 + 1) * 0.95 of the sorted draws.
    assert upper_point(draws, 0.95) == pytest.approx(95)


def test_interval_is_the_estimate_plus_and_minus_the_larger_upper_point() -> None:
    null, noise = np.array([50.0, *range(1, 20)]) / 100, np.array([50.0, *range(11, 30)]) / 100
    error = judge("e", null, method="m", is_valid_test=True, spread=(null, noise))
    # The upper 95 % points of 19 draws are their maxima, 0.19 and 0.29.
    assert (error.low, error.high) == pytest.approx((0.21, 0.79))
    assert error.null_mean == pytest.approx(0.1)
    assert error.null_high == pytest.approx(0.19)
    assert error.p_value == pytest.approx(1 / 20)


def test_interval_stays_between_zero_and_one() -> None:
    null = np.array([0.5, *([0.6] * 19)])
    error = judge("e", null, method="m", is_valid_test=True, spread=(null,))
    assert (error.low, error.high) == (0, 1)


def test_p_value_is_withheld_and_interval_absent_on_request() -> None:
    error = judge("e", np.array([0.5, 0.1, 0.2]), method="m", is_valid_test=False)
    assert math.isnan(error.p_value)
    assert error.low is None
    assert error.high is None
    plain = json.loads(json.dumps(error.to_dict()))
    assert plain["p_value"] is None
    assert plain["estimate"] == 0.5
