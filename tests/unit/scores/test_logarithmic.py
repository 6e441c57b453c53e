from __future__ import annotations

import math

import pytest

from riskdec import log_score


def test_log_score_is_the_mean_surprise_in_nats() -> None:
    assert log_score([1, 0], [0.25, 0.25]) == pytest.approx((math.log(4) - math.log(0.75)) / 2)
    assert log_score([0, 1, 2], [[0.5, 0.3, 0.2]] * 3) == pytest.approx(-math.log(0.5 * 0.3 * 0.2) / 3)


def test_log_score_is_infinite_when_the_impossible_happened() -> None:
    assert log_score([1, 0], [0.0, 0.5]) == math.inf
    assert log_score([0, 0], [1.0, 0.5]) == math.inf


def test_log_score_is_zero_for_certainty_that_was_right() -> None:
    assert math.copysign(1, log_score([1, 0], [1.0, 0.0])) == 1
    assert log_score([1, 0], [1.0, 0.0]) == 0


def test_log_score_is_finite_when_the_impossible_has_weight_zero() -> None:
    assert log_score([1, 0], [0.0, 0.5], sample_weight=[0, 2]) == pytest.approx(math.log(2))


def test_log_score_reads_small_probabilities_from_their_own_column() -> None:
    # 1 - (1 - 1e-20) would be 0 and the score infinite.
    assert log_score([0], [[1e-20, 1.0]]) == pytest.approx(20 * math.log(10))
