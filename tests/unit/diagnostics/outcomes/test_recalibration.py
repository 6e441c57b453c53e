from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from riskdec.diagnostics.outcomes.canonical_kernel import _wave_features, canonical_error
from riskdec.diagnostics.outcomes.common_slope import fit_common_slope
from riskdec.diagnostics.outcomes.many_outcomes import ManyForecasts, check_many_forecasts
from riskdec.diagnostics.outcomes.recalibration import recalibrate
from riskdec.likelihood import fit_binomial


def forecasts(
    rng: np.random.Generator, n: int = 400, k: int = 4, slope: float = 0.8, **options: object
) -> ManyForecasts:
    logits = rng.normal(0, 1, (n, k))
    truth = softmax(slope * logits + 0.2 * np.arange(k), axis=1)
    y = (rng.random(n)[:, None] > truth.cumsum(axis=1)[:, :-1]).sum(axis=1)
    y[:k] = np.arange(k)
    return check_many_forecasts(y, softmax(logits, axis=1), **options)  # type: ignore[arg-type]


def log_odds_of(given: ManyForecasts) -> np.ndarray:
    return np.log(given.proba[:, 1:]) - np.log(given.proba[:, :1])


def test_common_slope_of_two_outcomes_is_logistic_regression(rng: np.random.Generator) -> None:
    risk = rng.random(300) * 0.9 + 0.05
    y = (rng.random(300) < risk).astype(np.intp)
    logit, weight = np.log(risk / (1 - risk)), rng.random(300) + 0.5
    ours = fit_common_slope(logit[:, None], y, weight)
    theirs = fit_binomial(logit[:, None], y, weight=weight)
    np.testing.assert_allclose(ours.coef, theirs.coef, rtol=1e-8)
    np.testing.assert_allclose(ours.covariance, theirs.covariance, rtol=1e-6)
    assert ours.exists


def test_intercepts_and_slope_maximise_the_likelihood(rng: np.random.Generator) -> None:
    given = forecasts(rng)
    log_odds = log_odds_of(given)

    def minus(theta: np.ndarray) -> float:
        eta = np.c_[np.zeros(len(log_odds)), theta[:-1] + theta[-1] * log_odds]
        return -float(log_softmax(eta, axis=1)[np.arange(len(eta)), given.codes].sum())

    best = minimize(minus, np.r_[np.zeros(3), 1.0], method="BFGS", options={"gtol": 1e-8})
    answer = recalibrate(given, confidence_level=0.95)
    assert answer.slope.estimate == pytest.approx(best.x[-1], abs=1e-5)
    at_one = minimize(lambda a: minus(np.r_[a, 1.0]), np.zeros(3), method="BFGS", options={"gtol": 1e-8})
    full = np.r_[0, at_one.x]
    np.testing.assert_allclose([e.estimate for e in answer.intercepts], full - full.mean(), atol=1e-5)
    by_name = {test.name.split(" (")[0]: test for test in answer.tests}
    start = minus(np.r_[np.zeros(3), 1.0])
    assert by_name["all intercepts = 0"].statistic == pytest.approx(2 * (start - at_one.fun), rel=1e-5)
    assert by_name["slope = 1, whatever the intercepts"].statistic == pytest.approx(
        2 * (at_one.fun - best.fun), rel=1e-4
    )
    assert answer.gain == pytest.approx((start - best.fun) / len(log_odds), rel=1e-4)


def test_full_recalibration_agrees_with_statsmodels(rng: np.random.Generator) -> None:
    given = forecasts(rng, n=1200)
    log_odds = log_odds_of(given)
    fitted = sm.MNLogit(given.codes, sm.add_constant(log_odds)).fit(disp=0, method="newton", tol=1e-12)
    as_given = np.log(given.proba[np.arange(len(log_odds)), given.codes]).sum()
    test = next(t for t in recalibrate(given, confidence_level=0.9).tests if t.name.startswith("intercepts = 0 and"))
    assert test.df == 12
    assert test.statistic == pytest.approx(2 * (fitted.llf - as_given), rel=1e-7)


def test_separated_outcomes_have_no_common_slope() -> None:
    proba = np.tile(np.eye(3) * 0.7 + 0.1, (30, 1))
    given = check_many_forecasts(np.tile([0, 1, 2], 30), proba)
    answer = recalibrate(given, confidence_level=0.95)
    assert np.isnan(answer.slope.estimate)
    assert "separate the outcomes" in answer.obstacle


def test_importance_weights_do_not_depend_on_their_scale(rng: np.random.Generator) -> None:
    weight = rng.random(400) + 0.1
    state = rng.bit_generator.state
    answers = []
    for factor in (1.0, 7.0):
        rng.bit_generator.state = state
        given = forecasts(rng, sample_weight=factor * weight, weight_kind="importance")
        answers.append(recalibrate(given, confidence_level=0.95))
    assert answers[0].slope.to_dict() == pytest.approx(answers[1].slope.to_dict(), rel=1e-7)
    assert answers[0].gain == pytest.approx(answers[1].gain, rel=1e-6)


@pytest.mark.parametrize("weight_kind", ["frequency", "importance"])
def test_canonical_error_is_the_sum_over_pairs(weight_kind: str, rng: np.random.Generator) -> None:
    weight = rng.integers(1, 3, 60)
    given = forecasts(rng, n=60, sample_weight=weight, weight_kind=weight_kind)
    error = canonical_error(given, n_resamples=2, rng=rng)
    # Written out: each row repeated (frequency), or weighted pairs of different rows (importance).
    times = weight if weight_kind == "frequency" else np.ones(60, int)
    unit = np.ones(60) if weight_kind == "frequency" else weight.astype(float)
    proba, codes, unit = (np.repeat(part, times, axis=0) for part in (given.proba, given.codes, unit))
    bandwidth = float(error.method.split("bandwidth ")[1])
    waves = _wave_features(proba, _median(given.proba))
    assert bandwidth == pytest.approx(_median(given.proba), rel=1e-2)
    off = (np.eye(4)[codes] - proba) * unit[:, None]
    products = (waves @ waves.T) * (off @ off.T)
    np.fill_diagonal(products, 0.0)
    pairs = unit.sum() ** 2 - (unit**2).sum()
    assert error.estimate == pytest.approx(products.sum() / pairs, rel=1e-7)


def _median(proba: np.ndarray) -> float:
    apart = np.sqrt(np.square(proba[:, None] - proba[None]).sum(axis=2))
    return float(np.median(apart[np.triu_indices(len(proba), 1)]))


def test_kernel_is_near_the_gaussian_one(rng: np.random.Generator) -> None:
    proba = softmax(rng.normal(0, 1, (50, 5)), axis=1)
    waves = _wave_features(proba, 0.5)
    squares = np.square(proba[:, None] - proba[None]).sum(axis=2)
    assert np.abs(waves @ waves.T - np.exp(-squares / (2 * 0.5**2))).max() < 0.35
    np.testing.assert_allclose(np.square(waves).sum(axis=1), 1)


def test_canonical_error_is_unbiased_and_its_test_and_the_likelihood_ratios_keep_their_size() -> None:
    # 300 data sets of calibrated probabilities; sizes at most 0.05 + 3 se, se = sqrt(0.05 * 0.95 / 300) = 0.0126.
    rng = np.random.default_rng(4)
    rejected, values = np.zeros(4), []
    for _ in range(300):
        logits = rng.normal(0, 1, (200, 3))
        proba = softmax(logits, axis=1)
        y = (rng.random(200)[:, None] > proba.cumsum(axis=1)[:, :-1]).sum(axis=1)
        given = check_many_forecasts(y, proba, outcomes=[0, 1, 2])
        error = canonical_error(given, n_resamples=39, rng=rng)
        values.append(error.estimate)
        tests = recalibrate(given, confidence_level=0.95).tests
        rejected += [p <= 0.05 for p in (error.p_value, *(test.p_value for test in tests))]
    assert (rejected / 300).max() <= 0.05 + 0.038
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(300)
