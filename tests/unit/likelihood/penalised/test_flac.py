"""FLAC: the average risk is the event rate; without the indicator the augmented data are Firth's."""

import numpy as np
import pytest

from riskdec.likelihood import fit_binomial, fit_firth, risks, sandwich_covariance
from riskdec.likelihood.penalised.flac import augment, fit_flac


@pytest.fixture
def rows(rng):
    X = rng.normal(size=(120, 3)) * [1, 50, 0.1] + [0, 7, 0]
    return X, rng.random(120) < risks(-2 + X[:, 0])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("with_offset", [False, True])
def test_average_risk_is_the_event_rate(rows, rng, weighted, with_offset):
    X, y = rows
    weight = rng.integers(1, 4, len(y)).astype(float) if weighted else None
    offset = rng.normal(size=len(y)) if with_offset else None
    fit = fit_flac(X, y, weight=weight, offset=offset)
    risk = risks(fit.linear_predictor)
    assert np.average(risk, weights=weight) == pytest.approx(np.average(y, weights=weight), abs=1e-12)
    known = 0 if offset is None else offset
    np.testing.assert_allclose(fit.linear_predictor, fit.coef[0] + X @ fit.coef[1:] + known, atol=1e-10)
    assert fit.converged


def test_firth_alone_does_not_average_right(rows):
    X, y = rows
    assert risks(fit_firth(X, y).linear_predictor).mean() > y.mean() + 1e-3


@pytest.mark.parametrize("weighted", [False, True])
def test_augmented_data_without_the_indicator_are_firth(rows, rng, weighted):
    X, y = rows
    weight = rng.uniform(0.5, 3, len(y)) if weighted else None
    firth = fit_firth(X, y, weight=weight, tol=1e-12)
    augmented, outcome, weights, _ = augment(firth, X, y, weight=weight, offset=None)
    again = fit_binomial(augmented[:, :-1], outcome, weight=weights)
    np.testing.assert_allclose(again.coef, firth.coef, rtol=1e-8, atol=1e-10)


def test_pseudo_rows_weigh_as_much_as_there_are_coefficients(rows):
    X, y = rows
    weights = augment(fit_firth(X, y), X, y, weight=None, offset=None)[2]
    # The leverages sum to the number of coefficients.
    assert weights[len(y) :].sum() == pytest.approx(4, rel=1e-9)


def test_integer_weights_equal_repetition(rows, rng):
    X, y = rows
    times = rng.integers(1, 4, len(y))
    one = fit_flac(X, y, weight=times.astype(float))
    other = fit_flac(np.repeat(X, times, axis=0), np.repeat(y, times))
    np.testing.assert_allclose(one.coef, other.coef, rtol=1e-6)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-5)


def test_covariance_and_log_likelihood_are_those_stated(rows):
    X, y = rows
    fit = fit_flac(X, y)
    firth = fit_firth(X, y)
    augmented, outcome, weights, _ = augment(firth, X, y, weight=None, offset=None)
    plain = fit_binomial(augmented, outcome, weight=weights)
    np.testing.assert_allclose(fit.covariance, plain.covariance[:-1, :-1], rtol=1e-7)
    np.testing.assert_allclose(fit.coef, plain.coef[:-1], rtol=1e-7)
    p = risks(fit.linear_predictor)
    assert fit.log_likelihood == pytest.approx(np.log(np.where(y, p, 1 - p)).sum(), rel=1e-10)
    # The standardised inverse is the same covariance: the sandwich with the model's own variance gives it back.
    Z = np.column_stack([np.ones(len(y)), X])
    meat = Z.T @ (Z * ((y - p) ** 2)[:, None])
    np.testing.assert_allclose(sandwich_covariance(fit, y - p), fit.covariance @ meat @ fit.covariance, rtol=1e-6)


def test_separated_rows_and_dependent_columns_are_answered():
    x = np.arange(8.0)
    fit = fit_flac(np.column_stack([x, 2 * x]), x > 3)
    assert fit.converged
    assert [alias.column for alias in fit.aliases] == [1]
    assert fit.coef[2] == 0
    assert np.isfinite(fit.linear_predictor).all()
    assert risks(fit.linear_predictor).mean() == pytest.approx(0.5, abs=1e-12)
