from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import chi2, norm

from riskdec import calibration_slope
from riskdec.likelihood.binomial import Rows
from riskdec.likelihood.profile import open_profile

HALF = chi2.ppf(0.95, 1) / 2


@pytest.fixture
def rows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    risk = expit(rng.normal(-1, 1, 900)).round(3)
    return (rng.random(900) < expit(0.3 + 0.8 * logit(risk))).astype(int), risk


def test_limits_equal_the_profile_of_the_rows(rows: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> None:
    y, risk = rows
    weight = rng.integers(1, 4, 900).astype(float)
    ours = calibration_slope(y, risk, sample_weight=weight)
    x = logit(risk)
    line = open_profile(x[:, None], Rows(y.astype(float), weight, None), coef=np.array([0.3, 0.8]), weight=weight)
    shift = open_profile(np.empty((900, 0)), Rows(y.astype(float), weight, x), coef=np.zeros(1), weight=weight)
    for found, wanted in (
        (ours.intercept_profile, line.limits(0, HALF)),
        (ours.slope_profile, line.limits(1, HALF)),
        (ours.citl_profile, shift.limits(0, HALF)),
    ):
        assert (found.low, found.high) == pytest.approx(wanted, abs=1e-8)


def test_limits_are_where_the_likelihood_ratio_test_turns(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    answer = calibration_slope(y, risk)
    x = logit(risk)
    # Risks divided by a slope on the limit have a slope test of p = 0.05 exactly.
    for limit in (answer.slope_profile.low, answer.slope_profile.high):
        scaled = calibration_slope(y, expit(x * limit)).tests[1]
        assert scaled.p_value == pytest.approx(0.05, abs=1e-7)
    for limit in (answer.citl_profile.low, answer.citl_profile.high):
        assert calibration_slope(y, expit(x + limit)).tests[0].p_value == pytest.approx(0.05, abs=1e-7)


def test_robust_variances_scale_the_fall(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    # Each row twice in a group: the robust variance is that of single rows, the likelihood counts them twice.
    twice = calibration_slope(np.repeat(y, 2), np.repeat(risk, 2), groups=np.repeat(np.arange(900), 2))
    alone = calibration_slope(y, risk)
    for name in ("citl_profile", "slope_profile"):
        doubled, single = getattr(twice, name), getattr(alone, name)
        assert doubled.high - doubled.low == pytest.approx(single.high - single.low, rel=0.15)
    assert twice.slope_profile.low < twice.slope.estimate < twice.slope_profile.high


def test_many_forecasts_are_pooled_without_loss(rng: np.random.Generator) -> None:
    risk = expit(rng.normal(-1, 1, 100_000))
    answer = calibration_slope(rng.random(100_000) < risk, risk)
    error = (answer.slope.high - answer.slope.low) / 2 / norm.ppf(0.975)
    # So many rows have a likelihood that is a parabola: profile and Wald limits agree to a few thousandths of an error.
    assert answer.slope_profile.low == pytest.approx(answer.slope.low, abs=0.02 * error)
    assert answer.slope_profile.high == pytest.approx(answer.slope.high, abs=0.02 * error)


def test_too_few_events_withhold_the_limits() -> None:
    y = np.arange(200) % 40 == 0
    answer = calibration_slope(y, np.linspace(0.01, 0.05, 200))
    assert np.isnan(answer.slope_profile.low)
    assert np.isnan(answer.citl_profile.high)
