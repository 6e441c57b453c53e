"""Multinomial Firth against its penalised likelihood written out, and the sandwich against its formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from riskdec.likelihood import (
    fit_firth,
    fit_multinomial,
    fit_multinomial_firth,
    multinomial_residuals,
    probabilities,
    sandwich_covariance,
)
from riskdec.likelihood.multinomial import MultinomialRows
from riskdec.likelihood.penalised.firth import _penalised
from riskdec.likelihood.rows.rank import make_design


def draw(rng: np.random.Generator, n: int = 60, p: int = 2, K: int = 3) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, p))
    return X, (X @ rng.normal(size=(p, K)) - np.log(-np.log(rng.random((n, K))))).argmax(axis=1)


def penalised(X: np.ndarray, y: np.ndarray, coef: np.ndarray, weight: np.ndarray) -> float:
    """Write log-likelihood plus half the log-determinant of the information out in numpy."""
    full = np.c_[np.ones(len(y)), X]
    eta = np.c_[np.zeros(len(y)), full @ coef.T]
    proba = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
    information = sum(
        w * np.kron(np.diag(p[1:]) - np.outer(p[1:], p[1:]), np.outer(x, x))
        for w, p, x in zip(weight, proba, full, strict=True)
    )
    likelihood = float(weight @ np.log(proba[np.arange(len(y)), y]))
    return likelihood + 0.5 * float(np.linalg.slogdet(information)[1])


@pytest.mark.parametrize("K", [3, 5])
def test_penalised_score_is_the_derivative(rng: np.random.Generator, K: int) -> None:
    X, y = draw(rng, K=K)
    design = make_design(X, weight=None, intercept=True)
    rows = MultinomialRows(y, K, rng.uniform(0.5, 2, 60), rng.normal(size=(60, K - 1)))
    for spread in (0.3, 1.5):
        coef = spread * rng.normal(size=3 * (K - 1))
        units = np.eye(len(coef)) * 1e-5
        values = [_penalised(design, rows, coef + u).value - _penalised(design, rows, coef - u).value for u in units]
        found = _penalised(design, rows, coef).score
        np.testing.assert_allclose(found, np.array(values) / 2e-5, rtol=1e-6, atol=1e-6)


def test_value_is_the_likelihood_plus_half_the_log_determinant(rng: np.random.Generator) -> None:
    X, y = draw(rng)
    weight = rng.uniform(0.5, 2, 60)
    design = make_design(X, weight=None, intercept=True)
    rows, first, second = MultinomialRows(y, 3, weight, None), rng.normal(size=6), rng.normal(size=6)
    found = _penalised(design, rows, first).value - _penalised(design, rows, second).value
    first, second = ((design.to_columns(2) @ coef).reshape(2, -1) for coef in (first, second))
    # In other units the determinant has another constant factor: differences are compared.
    assert found == pytest.approx(penalised(X, y, first, weight) - penalised(X, y, second, weight), rel=1e-10)


def test_estimate_is_the_maximum_that_a_general_optimiser_finds(rng: np.random.Generator) -> None:
    X, y = draw(rng)
    weight = rng.uniform(0.5, 2, 60)
    fit = fit_multinomial_firth(X, y, 3, weight=weight)
    other = minimize(lambda b: -penalised(X, y, b.reshape(2, 3), weight), np.zeros(6), method="BFGS", tol=1e-9)
    assert fit.converged
    np.testing.assert_allclose(fit.coef.ravel(), other.x, atol=1e-5)
    assert penalised(X, y, fit.coef, weight) >= -other.fun - 1e-12


@pytest.mark.parametrize("intercept", [True, False])
def test_two_outcomes_are_binomial_firth(rng: np.random.Generator, *, intercept: bool) -> None:
    X, y = draw(rng, K=2)
    weight, offset = rng.uniform(0.5, 2, 60), rng.normal(size=60)
    one = fit_firth(X, y, weight=weight, offset=offset, intercept=intercept)
    other = fit_multinomial_firth(X, y, 2, weight=weight, offset=offset[:, None], intercept=intercept)
    np.testing.assert_allclose(other.coef[0], one.coef, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(other.covariance, one.covariance, rtol=1e-12, atol=1e-14)
    assert other.n_iter == one.n_iter


def test_intercepts_alone_add_half_a_row_to_each_outcome() -> None:
    # Jeffreys' prior of a multinomial is Dirichlet with one half for each outcome.
    y = np.repeat([0, 1, 2], [9, 3, 1])
    fit = fit_multinomial_firth(np.empty((13, 0)), y, 3)
    np.testing.assert_allclose(fit.coef[:, 0], np.log([3.5 / 9.5, 1.5 / 9.5]), rtol=1e-9)


def test_order_of_outcomes_changes_no_probability(rng: np.random.Generator) -> None:
    X, y = draw(rng, K=4)
    y = np.where(X[:, 0] > 1, 3, np.minimum(y, 2))  # outcome 3 is separated
    wanted = probabilities(fit_multinomial_firth(X, y, 4).linear_predictor)[0]
    for place in ([1, 0, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1]):
        found = probabilities(fit_multinomial_firth(X, np.array(place)[y], 4).linear_predictor)[0][place]
        np.testing.assert_allclose(found, wanted, atol=1e-8)


def test_counts_equal_repeated_rows(rng: np.random.Generator) -> None:
    X, y = draw(rng)
    counts = rng.integers(1, 4, 60)
    one = fit_multinomial_firth(X, y, 3, weight=counts.astype(float))
    rows = np.repeat(np.arange(60), counts)
    other = fit_multinomial_firth(X[rows], y[rows], 3)
    np.testing.assert_allclose(one.coef, other.coef, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-8)


def test_units_of_the_columns_change_no_probability(rng: np.random.Generator) -> None:
    X, y = draw(rng)
    one, other = fit_multinomial_firth(X, y, 3), fit_multinomial_firth((X + np.array([3, -400])) * [1e6, 1e-7], y, 3)
    np.testing.assert_allclose(other.linear_predictor, one.linear_predictor, atol=1e-8)


def test_separated_data_have_finite_estimates_within_the_steps() -> None:
    rng, most = np.random.default_rng(3), 0
    for _ in range(200):
        K, n, p = int(rng.integers(3, 6)), int(rng.integers(6, 50)), int(rng.integers(1, 5))
        X = rng.integers(-2, 3, size=(n, p)).astype(float)
        y = (X @ rng.normal(size=(p, K)) * 9 - np.log(-np.log(rng.random((n, K))))).argmax(axis=1)
        y = np.unique(y, return_inverse=True)[1]
        fit = fit_multinomial_firth(X, y, int(y.max()) + 1)
        assert fit.converged
        assert np.isfinite(fit.coef).all()
        most = max(most, fit.n_iter)
    assert most <= 60


def test_as_many_columns_as_rows_converge() -> None:
    # 15 rows, 30 columns, three outcomes: saturated, and every direction separates.
    rng = np.random.default_rng(5)
    fit = fit_multinomial_firth(rng.normal(size=(15, 30)), rng.permutation(np.arange(15) % 3), 3)
    assert fit.converged
    assert len(fit.aliases) == 16


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("grouped", [True, False])
def test_sandwich_is_its_formula(rng: np.random.Generator, *, counted: bool, grouped: bool) -> None:
    X, y = draw(rng, n=200)
    single, counts = rng.uniform(0.5, 2, 200), rng.integers(1, 4, 200) if counted else np.ones(200, int)
    groups = rng.integers(0, 30, 200)
    groups = np.unique(groups, return_inverse=True)[1]
    fit = fit_multinomial(X, y, 3, weight=single * counts)
    residual = single[:, None] * multinomial_residuals(y, fit.linear_predictor)
    found = sandwich_covariance(
        fit, residual, multiplicity=counts.astype(float) if counted else None, groups=groups if grouped else None
    )
    full = np.c_[np.ones(200), X]
    scores = np.array([np.kron(r, x) for r, x in zip(residual, full, strict=True)])
    if grouped:
        sums = np.array([(counts[:, None] * scores)[groups == g].sum(axis=0) for g in range(30)])
        n = counts.sum()
        meat = 30 / 29 * (n - 1) / (n - 6) * sums.T @ sums
    else:
        meat = (counts[:, None] * scores).T @ scores
    np.testing.assert_allclose(found, fit.covariance @ meat @ fit.covariance, rtol=1e-9, atol=1e-15)


def test_sandwich_of_two_outcomes_is_the_binomial_one(rng: np.random.Generator) -> None:
    X, y = draw(rng, K=2)
    one, other = fit_firth(X, y), fit_multinomial_firth(X, y, 2)
    residual = multinomial_residuals(y, other.linear_predictor)
    for groups in (None, np.arange(60) // 2):
        wanted = sandwich_covariance(one, residual[:, 0], groups=groups)
        np.testing.assert_allclose(sandwich_covariance(other, residual, groups=groups), wanted, rtol=1e-10)


def test_sandwich_marks_dependent_columns_in_every_block(rng: np.random.Generator) -> None:
    X, y = draw(rng)
    wide, fit = fit_multinomial(np.c_[X, X[:, 0]], y, 3), fit_multinomial(X, y, 3)
    found = sandwich_covariance(wide, multinomial_residuals(y, wide.linear_predictor))
    missing = np.isnan(np.diag(found))
    assert np.flatnonzero(missing).tolist() == [3, 7]
    wanted = sandwich_covariance(fit, multinomial_residuals(y, fit.linear_predictor))
    np.testing.assert_allclose(found[np.ix_(~missing, ~missing)], wanted, rtol=1e-9, atol=1e-12)
