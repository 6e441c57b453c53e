"""Recall floors and false-positive caps: the order statistic of the umbrella algorithm, and how often it fails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from riskdec.decisions.certificates import certify_rates
from riskdec.errors import InputError

RNG = np.random.default_rng(2)
RISK = RNG.beta(0.4, 0.8, 2000)
Y = RNG.random(2000) < RISK


def test_cap_is_the_order_statistic_of_the_umbrella_algorithm() -> None:
    # n0 = 200, alpha = delta = .05: positive above the 196th smallest score of class 0 (Tong, Feng, Li 2018).
    risk = np.append(np.arange(1, 201) / 1000, [0.9])
    y = np.append(np.zeros(200), [1])
    certificate = certify_rates(y, risk, max_false_positive_rate=0.05, confidence_level=0.95)
    assert certificate.high == np.nextafter(0.196, 1)
    assert certificate.promises[0].errors == 4
    assert binom.cdf(4, 200, 0.05) <= 0.05 < binom.cdf(5, 200, 0.05)


def test_floor_is_the_mirror_image_of_the_cap() -> None:
    cap = certify_rates(Y, RISK, max_false_positive_rate=0.1)
    floor = certify_rates(~Y, 1 - RISK, min_recall=0.9)
    assert floor.low == pytest.approx(1 - cap.high)
    assert floor.promises[0].errors == cap.promises[0].errors


def test_both_share_delta() -> None:
    both = certify_rates(Y, RISK, min_recall=0.95, max_false_positive_rate=0.05, confidence_level=0.9)
    assert both.low == certify_rates(Y, RISK, min_recall=0.95, confidence_level=0.95).low
    assert 0 < both.coverage < 1


def test_rates_that_leave_no_zone_give_one_cut() -> None:
    certificate = certify_rates(Y, RISK, min_recall=0.5, max_false_positive_rate=0.5)
    assert certificate.low == certificate.high
    assert certificate.coverage == 1


def test_too_few_events_say_how_many_are_needed() -> None:
    certificate = certify_rates([0, 1, 1], [0.1, 0.4, 0.9], min_recall=0.95)
    assert certificate.coverage == 0
    assert "at least 59 such cases; there are 2" in certificate.findings[0].todo


def test_weights_equal_repetition() -> None:
    weight = np.random.default_rng(0).integers(0, 3, 2000)
    weighted = certify_rates(Y, RISK, min_recall=0.9, max_false_positive_rate=0.2, sample_weight=weight)
    repeated = certify_rates(np.repeat(Y, weight), np.repeat(RISK, weight), min_recall=0.9, max_false_positive_rate=0.2)
    assert weighted.to_dict() == repeated.to_dict()


def test_neither_rate_is_refused() -> None:
    with pytest.raises(InputError, match="must be given"):
        certify_rates(Y, RISK)


@pytest.mark.parametrize("digits", [1, 10])
def test_miss_rate_keeps_to_delta(digits: int) -> None:
    rng = np.random.default_rng([7, digits])
    population = np.sort(np.round(rng.beta(2, 1, 200_000), digits))
    failures = 0
    for _ in range(2000):
        risk = np.round(np.append(rng.beta(2, 1, 120), rng.beta(1, 2, 30)), digits)
        certificate = certify_rates(np.arange(150) < 120, risk, min_recall=0.9, confidence_level=0.9)
        failures += np.searchsorted(population, certificate.low) / population.size > 0.1
    assert failures / 2000 <= 0.1 + 3 * np.sqrt(0.09 / 2000)
