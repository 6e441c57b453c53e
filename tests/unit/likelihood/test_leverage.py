"""HC1 and HC3 against statsmodels' weighted least squares at the last step, repetition, and leaving rows out."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from riskdec.likelihood import LogitFit, fit_binomial, sandwich_covariance
from riskdec.likelihood.leverage import leverages, small_sample_covariance


def simulated(rng: np.random.Generator, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, 3)) * [1, 100, 0.01]
    return X, rng.random(n) < 1 / (1 + np.exp(1 - X[:, 0]))


def parts(fit: LogitFit, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    risk = 1 / (1 + np.exp(-fit.linear_predictor))
    return y - risk, risk * (1 - risk)


@pytest.mark.parametrize("kind", ["HC1", "HC3"])
def test_covariance_is_that_of_least_squares_on_the_working_response(rng: np.random.Generator, kind: str) -> None:
    # The logistic fit is the weighted least squares fit of its own working response; statsmodels has HC there.
    X, y = simulated(rng)
    fit = fit_binomial(X, y)
    residual, variance = parts(fit, y)
    working = fit.linear_predictor + residual / variance
    other = sm.WLS(working, sm.add_constant(X), weights=variance).fit()
    np.testing.assert_allclose(other.params, fit.coef, rtol=1e-8)
    found = small_sample_covariance(fit, residual, variance, kind=kind)
    wanted = getattr(other, f"cov_{kind}")
    size = np.sqrt(np.diag(wanted))
    np.testing.assert_allclose(found / np.outer(size, size), wanted / np.outer(size, size), atol=1e-9)


@pytest.mark.parametrize("kind", ["HC1", "HC3"])
def test_whole_weights_equal_repeated_rows(rng: np.random.Generator, kind: str) -> None:
    X, y = simulated(rng)
    counts = rng.integers(1, 4, len(y)).astype(float)
    one, twice = fit_binomial(X, y, weight=counts), counts.astype(int)
    other = fit_binomial(np.repeat(X, twice, axis=0), np.repeat(y, twice))
    found = small_sample_covariance(one, *parts(one, y), kind=kind, multiplicity=counts)
    wanted = small_sample_covariance(other, *parts(other, np.repeat(y, twice)), kind=kind)
    np.testing.assert_allclose(found, wanted, rtol=1e-7)


def test_leverages_sum_to_the_number_of_coefficients(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    fit = fit_binomial(X, y)
    h = leverages(fit, parts(fit, y)[1])
    assert h.sum() == pytest.approx(4, rel=1e-10)
    assert (h > 0).all()
    assert (h < 1).all()


def test_hc3_is_close_to_the_spread_of_fits_without_one_row(rng: np.random.Generator) -> None:
    # HC3 approximates the jackknife: sum over rows of (b_without_i - b)^2.
    X, y = simulated(rng, 200)
    fit = fit_binomial(X, y)
    moved = np.array([fit_binomial(np.delete(X, i, 0), np.delete(y, i)).coef - fit.coef for i in range(200)])
    jackknife = np.sqrt((moved**2).sum(axis=0))
    errors = {
        kind: np.sqrt(np.diag(small_sample_covariance(fit, *parts(fit, y), kind=kind))) for kind in ("HC1", "HC3")
    }
    np.testing.assert_allclose(errors["HC3"], jackknife, rtol=0.04)
    hc0 = np.sqrt(np.diag(sandwich_covariance(fit, parts(fit, y)[0])))
    np.testing.assert_allclose(errors["HC1"], hc0 * np.sqrt(200 / 196), rtol=1e-12)
    assert (errors["HC3"] > errors["HC1"]).all()
