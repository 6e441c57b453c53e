"""Net benefit under limits: the four cases of the source, ties in expectation, weights as repetition."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from riskdec import realised_net_benefit
from riskdec.errors import InputError

RNG = np.random.default_rng(0)
RISK = RNG.beta(1, 3, 300)
Y = (RNG.random(300) < RISK).astype(int)


def net_benefit(y: np.ndarray, t: float) -> float:
    return float((y.sum() - t / (1 - t) * (1 - y).sum()) / 300)


def test_enough_units_leave_the_net_benefit_as_it_is() -> None:
    answer = realised_net_benefit(Y, RISK, threshold=0.2, capacity=300)
    assert answer.realised == pytest.approx(net_benefit(Y[RISK >= 0.2], 0.2))
    assert answer.lost == 0
    gain = np.where(RISK >= 0.2, np.where(Y == 1, 1, -0.25), 0)
    assert answer.standard_error == pytest.approx(gain.std(ddof=1) / np.sqrt(300))


def test_absolute_limit_serves_the_highest_risks() -> None:
    top = np.argsort(-RISK)[:25]
    answer = realised_net_benefit(Y, RISK, threshold=0.2, capacity=25)
    assert (answer.served, answer.flagged) == (25, (RISK >= 0.2).sum())
    assert answer.realised == pytest.approx(net_benefit(Y[top], 0.2))


def test_relative_limit_lets_more_be_served_at_a_higher_threshold() -> None:
    order = np.argsort(-RISK)
    top, rest = order[:25], order[25:]
    beyond = rest[RISK[rest] >= 0.4]
    answer = realised_net_benefit(Y, RISK, threshold=0.2, capacity=25, second_threshold=0.4)
    assert answer.realised == pytest.approx(net_benefit(Y[top], 0.2) + net_benefit(Y[beyond], 0.4))
    none = realised_net_benefit(Y, RISK, threshold=0.2, capacity=0, second_threshold=0.4)
    assert none.realised == pytest.approx(net_benefit(Y[RISK >= 0.4], 0.4))


def test_equal_risks_share_the_last_units_in_expectation() -> None:
    y, risk = np.array([1, 0, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.5, 0.1])
    mean = np.mean(
        [(y[0] + y[list(pair)].sum() - (1 - y[list(pair)]).sum()) / 5 for pair in itertools.combinations([1, 2, 3], 2)]
    )
    assert realised_net_benefit(y, risk, threshold=0.5, capacity=3).realised == pytest.approx(mean)


def test_whole_weights_are_repetition() -> None:
    weight = RNG.integers(0, 4, 300)
    options: dict[str, Any] = {"threshold": 0.2, "capacity": 40, "second_threshold": 0.5}
    weighted = realised_net_benefit(Y, RISK, sample_weight=weight, **options)
    repeated = realised_net_benefit(np.repeat(Y, weight), np.repeat(RISK, weight), **options)
    assert weighted.realised == pytest.approx(repeated.realised)
    assert weighted.standard_error == pytest.approx(repeated.standard_error)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 1.0}, "threshold must lie strictly between 0 and 1"),
        ({"threshold": 0.0}, "threshold must be a number above 0"),
        ({"capacity": -1}, "capacity must be a whole number of at least 0"),
        ({"second_threshold": 0.1}, "second_threshold must be at least the threshold"),
    ],
)
def test_options_are_refused_with_reason(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        realised_net_benefit(Y, RISK, **{"threshold": 0.2, "capacity": 3} | options)
