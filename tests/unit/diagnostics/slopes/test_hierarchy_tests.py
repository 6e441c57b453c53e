from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from riskdec import calibration_slope, diagnose
from riskdec.diagnostics.draws import resample
from riskdec.diagnostics.slopes.hierarchy_tests import HierarchyStatistic
from riskdec.errors import InputError
from riskdec.scores.sums import sum_by_forecast


@pytest.fixture
def rows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    risk = expit(rng.normal(-0.5, 1, 500))
    return (rng.random(500) < expit(0.1 + 0.9 * logit(risk))).astype(int), risk


def test_statistics_of_the_observed_outcomes_are_the_likelihood_ratios(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    sums = sum_by_forecast(risk, y == 1)
    statistic = HierarchyStatistic(sums)
    (found,) = statistic.finish(statistic.reduce(sums.events)[None, :])
    assert found == pytest.approx([test.statistic for test in calibration_slope(y, risk).tests], abs=1e-7)


def test_drawn_p_values_agree_with_the_limit_law_where_that_holds(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    by_law, by_draws = calibration_slope(y, risk), calibration_slope(y, risk, n_resamples=1999, rng=0)
    for law, drawn in zip(by_law.tests, by_draws.tests, strict=True):
        assert (law.method, drawn.method) == ("asymptotic", "Monte Carlo")
        assert drawn.statistic == law.statistic
        # Three Monte Carlo standard errors and a little for the law itself.
        assert drawn.p_value == pytest.approx(law.p_value, abs=3 * 0.5 / np.sqrt(1999) + 0.01)


def test_draws_are_the_default_below_a_hundred_expected_events(rng: np.random.Generator) -> None:
    risk = rng.random(300) * 0.5
    y = rng.random(300) < risk
    answer = calibration_slope(y, risk, rng=0)
    assert {test.method for test in answer.tests} == {"Monte Carlo"}
    # (1 + #) / (1 + 999)
    assert all(round(1000 * test.p_value, 6).is_integer() for test in answer.tests)
    report = diagnose(y, risk, rng=0)
    assert report.n_resamples == 999
    assert {test.method for test in (*report.tests, report.spiegelhalter)} == {"Monte Carlo"}
    many = diagnose(np.tile(y, 5), np.tile(risk, 5), rng=0)
    assert many.n_resamples == 200
    assert {test.method for test in (*many.tests, many.spiegelhalter)} == {"asymptotic"}


def test_weighted_likelihood_ratios_are_drawn_with_importance_weights(rng: np.random.Generator) -> None:
    risk, weight = rng.random(300) * 0.5, rng.gamma(1, 1, 300)
    options = {"sample_weight": weight, "weight_kind": "importance", "rng": 0}
    answer = calibration_slope(rng.random(300) < risk, risk, **options)  # type: ignore[arg-type]
    assert [test.name.endswith("(weighted likelihood ratio)") for test in answer.tests] == [True] * 3
    assert {test.method for test in answer.tests} == {"Monte Carlo"}
    assert {test.df for test in answer.tests} == {None}


def test_equal_importance_weights_change_no_p_value(rng: np.random.Generator) -> None:
    risk = rng.random(300) * 0.5
    y = rng.random(300) < risk
    plain = calibration_slope(y, risk, rng=0)
    weighted = calibration_slope(y, risk, sample_weight=np.full(300, 0.25), weight_kind="importance", rng=0)
    assert [test.p_value for test in weighted.tests] == [test.p_value for test in plain.tests]


def test_draws_are_refused_with_groups() -> None:
    with pytest.raises(InputError, match="n_resamples must be left out when rows come in groups; got 99"):
        calibration_slope([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], groups=[0, 0, 1, 1], n_resamples=99)


def test_drawn_tests_keep_their_size_with_ties_and_weights(rng: np.random.Generator) -> None:
    # 200 data sets of about 12 expected events, tied risks, frequency weights; size at most 0.05 plus three Monte Carlo
    # standard errors, 3 * sqrt(0.05 * 0.95 / 200) = 0.046.
    rejected = np.zeros(3)
    for _ in range(200):
        risk = expit(rng.normal(-3, 1, 60)).round(2).clip(0.01, 0.99)
        events = rng.binomial(3, risk)
        sums = sum_by_forecast(np.tile(risk, 2), np.repeat([True, False], 60), np.concatenate([events, 3 - events]))
        null = resample(sums, (HierarchyStatistic,), clusters=None, n_resamples=99, rng=rng).null[HierarchyStatistic]
        rejected += (null >= null[0] * (1 - 1e-9)).mean(axis=0) <= 0.05
    assert (rejected / 200).max() <= 0.05 + 0.046
