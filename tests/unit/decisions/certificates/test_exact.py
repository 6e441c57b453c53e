"""Exact binomial statements, against sums of binomial probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from riskdec.decisions.certificates.exact import (
    cases_for_rate,
    error_p_values,
    first_rank,
    smallest_sample,
    upper_error,
)


@pytest.mark.parametrize("limit", [0.01, 0.25, 0.6])
def test_p_value_is_binomial_probability(limit: float) -> None:
    sizes = np.array([1, 10, 100, 100, 5000])
    errors = np.array([0, 3, 15, 100, 60])
    expected = binom.cdf(errors, sizes, limit)
    assert error_p_values(errors, sizes, limit) == pytest.approx(expected, rel=1e-10, abs=1e-300)


def test_p_value_without_cases_is_one() -> None:
    assert error_p_values(np.array([0]), np.array([0]), 0.1).tolist() == [1.0]


def test_p_value_counts_errors_as_whole_numbers() -> None:
    # n = 100, 15 errors, limit .25: the exact value is .0111; a rounded-up error rate would give .0211.
    assert error_p_values(np.array([15]), np.array([100]), 0.25)[0] == pytest.approx(0.0111, abs=5e-5)


def test_upper_limit_is_clopper_pearson() -> None:
    for errors, size in ((0, 59), (3, 80), (79, 80)):
        expected = binomtest(errors, size).proportion_ci(0.9, "exact").high
        assert upper_error(errors, size, 0.05) == pytest.approx(expected, rel=1e-9)
    assert upper_error(5, 5, 0.05) == 1.0
    assert upper_error(0, 0, 0.05) == 1.0


@pytest.mark.parametrize(("limit", "risk"), [(0.05, 0.05), (0.05, 0.1), (0.5, 0.25), (0.001, 0.01), (0.9, 0.5)])
def test_smallest_sample_is_the_first_that_can_pass(limit: float, risk: float) -> None:
    m = smallest_sample(limit, risk)
    assert (1 - limit) ** m <= risk * (1 + 1e-12)
    assert (1 - limit) ** (m - 1) > risk


@pytest.mark.parametrize("limit", [0.01, 0.05, 0.1, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("n", [10, 300, 5000])
def test_first_rank_is_the_smallest_sample_that_may_hold_as_many_errors(limit: float, n: int) -> None:
    m = first_rank(limit, 0.1, n) - 1
    least = smallest_sample(limit, 0.1)
    room = max(least, min(45, n // 10))
    allowed = max(k for k in range(room) if binom.cdf(k, room, limit) <= 0.1)
    assert least <= m <= room
    assert binom.cdf(allowed, m, limit) <= 0.1
    assert m == least or binom.cdf(allowed, m - 1, limit) > 0.1


def test_cases_for_a_rate_pass_the_test_and_fewer_do_not() -> None:
    m = cases_for_rate(0.02, 0.05, 0.1)
    assert m is not None
    assert binom.cdf(np.ceil(0.02 * m - 1e-9), m, 0.05) <= 0.1
    assert cases_for_rate(0.05, 0.05, 0.1) is None
    assert cases_for_rate(0.0499999, 0.05, 0.1, most=1000) is None
