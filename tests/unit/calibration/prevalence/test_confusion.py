"""The adjusted count: exact mixtures come back, impossible ones are cut to the simplex, limits invert a test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from riskdec.calibration.prevalence.confusion import MeanScores, share_limits, solve_shares
from riskdec.errors import InputError

BY_OUTCOME = np.array([[0.2, 0.7, 0.3], [0.1, 0.2, 0.6]])


def means(mean: list[float], by_outcome: np.ndarray = BY_OUTCOME, size: float = 1e-4) -> MeanScores:
    m, k = by_outcome.shape
    return MeanScores(np.array(mean), size * np.eye(m), by_outcome, size * np.eye(k * m))


def test_mixture_of_means_gives_back_its_shares() -> None:
    shares = np.array([0.5, 0.2, 0.3])
    np.testing.assert_allclose(solve_shares(means(list(BY_OUTCOME @ shares))), shares, atol=1e-12)


def test_means_outside_every_mixture_give_the_nearest_one() -> None:
    found = solve_shares(means([0.05, 0.0]))
    np.testing.assert_allclose(found, [1, 0, 0], atol=1e-6)
    # Beyond the edge between the outcomes 1 and 2: by hand, the foot of the perpendicular.
    corner, edge = BY_OUTCOME[:, 1], BY_OUTCOME[:, 2] - BY_OUTCOME[:, 1]
    outside = corner + 0.4 * edge + 0.2 * np.array([0.4, 0.4])
    found = solve_shares(means(list(outside)))
    t = float((outside - corner) @ edge / (edge @ edge))
    np.testing.assert_allclose(found, [0, 1 - t, t], atol=1e-6)


def test_two_outcomes_beyond_an_end_are_at_the_end() -> None:
    two = BY_OUTCOME[:1, :2]
    np.testing.assert_array_equal(solve_shares(means([0.1], two)), [1, 0])
    np.testing.assert_array_equal(solve_shares(means([0.8], two)), [0, 1])


@pytest.mark.parametrize("width", [1.0, 1.96, 3.0])
def test_limits_are_where_the_difference_of_the_means_is_that_many_standard_errors(width: float) -> None:
    given = means([0.4], BY_OUTCOME[:1, :2])
    (_, (low, high)) = share_limits(given, solve_shares(given), width)
    for q in (low, high):
        off = 0.4 - 0.2 * (1 - q) - 0.7 * q
        assert abs(off) / np.sqrt(given.variance_at(np.array([1 - q, q]))[0, 0]) == pytest.approx(width, rel=1e-9)


def test_means_that_may_be_equal_exclude_nothing() -> None:
    given = means([0.21], np.array([[0.2, 0.22]]), size=0.01)
    assert share_limits(given, solve_shares(given), float(norm.ppf(0.975))) == [(0, 1), (0, 1)]


def test_means_far_from_every_mixture_leave_the_nearest_share_alone() -> None:
    given = means([0.95], BY_OUTCOME[:1, :2])
    assert share_limits(given, solve_shares(given), 1.96)[1] == (1, 1)


def test_outcomes_with_the_same_means_are_refused() -> None:
    with pytest.raises(InputError, match="y_proba_calibration must differ on average between the outcomes"):
        solve_shares(means([0.3], np.array([[0.3, 0.3]])))
