"""Ridge: the laws of the penalty, scikit-learn's optimum, and paths that end where single fits do."""

import numpy as np
import pytest
from scipy.optimize import check_grad, minimize
from sklearn.linear_model import LogisticRegression

from riskdec.likelihood import fit_binomial, risks, sandwich_covariance
from riskdec.likelihood.penalised import ridge
from riskdec.likelihood.penalised.ridge import fit_multinomial_ridge
from riskdec.likelihood.penalised.ridge_path import ridge_path


def fit_ridge(*args, **options):
    return ridge.fit_ridge(*args, **options).fit


@pytest.fixture
def rows(rng):
    X = rng.normal(size=(300, 5)) * [1, 100, 0.01, 3, 1] + [0, 1e4, 5, 0, 0]
    y = rng.random(300) < risks(-1 + X[:, 0] + 0.4 * X[:, 3])
    return X, y


def standardised(X, weight=None):
    mean = np.average(X, axis=0, weights=weight)
    return (X - mean) / np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weight))


@pytest.mark.parametrize("alpha", [1e-3, 0.1, 1.0, 30.0, 1e5])
def test_ridge_is_scikit_learn_on_standardised_columns(rows, alpha):
    X, y = rows
    fit = fit_ridge(X, y, alpha=alpha)
    theirs = LogisticRegression(C=1 / alpha, solver="newton-cholesky", tol=1e-13).fit(standardised(X), y)
    np.testing.assert_allclose(fit.coef[1:] * X.std(axis=0), theirs.coef_[0], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(fit.linear_predictor, theirs.decision_function(standardised(X)), rtol=1e-8, atol=1e-10)
    assert fit.converged


def test_weights_and_offset_enter_as_in_the_formula(rows, rng):
    X, y = rows
    weight, offset = rng.uniform(0.2, 3, len(y)), rng.normal(size=len(y))
    Z = np.column_stack([np.ones(len(y)), standardised(X, weight)])

    def loss(b):
        eta = Z @ b + offset
        return weight @ (np.logaddexp(0, eta) - y * eta) + 2.5 / 2 * (b[1:] ** 2).sum()

    def slope(b):
        return Z.T @ (weight * (risks(Z @ b + offset) - y)) + 2.5 * np.concatenate([[0], b[1:]])

    assert check_grad(loss, slope, np.full(6, 0.1)) < 1e-3
    optimum = minimize(loss, np.zeros(6), jac=slope, method="BFGS", options={"gtol": 1e-9}).x
    fit = fit_ridge(X, y, alpha=2.5, weight=weight, offset=offset)
    np.testing.assert_allclose(fit.linear_predictor, Z @ optimum + offset, atol=1e-8)


def test_integer_weights_equal_repetition(rows, rng):
    X, y = rows
    times = rng.integers(1, 4, len(y))
    one = fit_ridge(X, y, alpha=2.0, weight=times.astype(float))
    other = fit_ridge(np.repeat(X, times, axis=0), np.repeat(y, times), alpha=2.0)
    np.testing.assert_allclose(one.coef, other.coef, rtol=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-7, atol=1e-12)


def test_units_and_order_change_nothing(rows, rng):
    X, y = rows
    order = rng.permutation(len(y))
    fit = fit_ridge(X, y, alpha=5.0)
    moved = fit_ridge((X * [1e3, 1e-3, 7, 1, -1] + 4)[order], y[order], alpha=5.0)
    np.testing.assert_allclose(moved.linear_predictor, fit.linear_predictor[order], atol=1e-9)


def test_average_risk_is_the_event_rate_at_every_strength(rows):
    X, y = rows
    for alpha in (0.01, 1.0, 1e4):
        fit = fit_ridge(X, y, alpha=alpha)
        assert risks(fit.linear_predictor).mean() == pytest.approx(y.mean(), abs=1e-12)


def test_limits_are_maximum_likelihood_and_constant_risk(rows):
    X, y = rows
    np.testing.assert_allclose(fit_ridge(X, y, alpha=1e-9).coef, fit_binomial(X, y).coef, rtol=1e-7)
    flat = fit_ridge(X, y, alpha=1e12)
    np.testing.assert_allclose(risks(flat.linear_predictor), y.mean(), atol=1e-9)


def test_separated_data_and_dependent_columns_have_one_answer():
    x = np.arange(8.0)
    X, y = np.column_stack([x, 2 * x + 1]), x > 3
    fit = fit_ridge(X, y, alpha=1.0)
    assert fit.converged
    assert fit.aliases == ()
    # Twins share: with b each, alpha/2 (b^2 + b^2) is the penalty alpha/4 on their sum.
    alone = fit_ridge(X[:, :1], y, alpha=0.5)
    np.testing.assert_allclose(fit.linear_predictor, alone.linear_predictor, atol=1e-9)
    np.testing.assert_allclose(fit.coef[1], 2 * fit.coef[2], rtol=1e-9)


def test_a_full_set_of_levels_averages_to_zero(rng):
    level = rng.integers(0, 4, 400)
    X = np.eye(4)[level]
    fit = fit_ridge(X, rng.random(400) < risks(level - 2.0), alpha=3.0)
    assert X.var(axis=0) @ fit.coef[1:] == pytest.approx(0, abs=1e-12)


def test_constant_columns_are_left_out(rows):
    X, y = rows
    wide = np.column_stack([X[:, 0], np.full(len(y), 0.1), X[:, 3]])
    fit = fit_ridge(wide, y, alpha=1.0)
    assert [alias.column for alias in fit.aliases] == [1]
    assert fit.coef[2] == 0
    assert np.isnan(fit.covariance[2]).all()
    np.testing.assert_allclose(fit.coef[[0, 1, 3]], fit_ridge(X[:, [0, 3]], y, alpha=1.0).coef, rtol=1e-12)


def test_without_intercept_the_penalty_still_counts_deviations(rows):
    X, y = rows
    X = X[:, [0, 3]] + 2

    def slope(b):
        return X.T @ (risks(X @ b) - y) + 4.0 * X.var(axis=0) * b

    fit = fit_ridge(X, y, alpha=4.0, intercept=False)
    np.testing.assert_allclose(slope(fit.coef), 0, atol=1e-6)


def test_covariances_are_the_stated_inverses(rows):
    X, y = rows
    fit = fit_ridge(X, y, alpha=7.0)
    Z = np.column_stack([np.ones(len(y)), X])
    p = risks(fit.linear_predictor)
    penalty = 7.0 * np.diag([0, *X.var(axis=0)])
    bread = np.linalg.inv(Z.T @ (Z * (p * (1 - p))[:, None]) + penalty)
    np.testing.assert_allclose(fit.covariance, bread, rtol=1e-5)
    meat = Z.T @ (Z * ((y - p) ** 2)[:, None])
    np.testing.assert_allclose(sandwich_covariance(fit, y - p), bread @ meat @ bread, rtol=1e-5)


def test_log_likelihood_is_the_unpenalised_one(rows):
    X, y = rows
    fit = fit_ridge(X, y, alpha=7.0)
    p = risks(fit.linear_predictor)
    assert fit.log_likelihood == pytest.approx(np.log(np.where(y, p, 1 - p)).sum(), rel=1e-12)


@pytest.mark.parametrize("options", [{}, {"intercept": False}])
def test_path_is_the_single_fits_strongest_first(rows, rng, options):
    X, y = rows
    weight, offset = rng.uniform(0.5, 2, len(y)), rng.normal(size=len(y))
    alphas = np.array([0.03, 100.0, 1.0, 1e-4])
    path = ridge_path(X, y, alphas, weight=weight, offset=offset, tol=1e-10, **options)
    np.testing.assert_array_equal(path.alphas, [100, 1, 0.03, 1e-4])
    assert (path.gradient <= 1e-10).all()
    for alpha, coef in zip(path.alphas, path.coef, strict=True):
        single = fit_ridge(X, y, alpha=alpha, weight=weight, offset=offset, tol=1e-10, **options)
        np.testing.assert_allclose(coef, single.coef, rtol=1e-6, atol=1e-8)


def test_path_may_stop_short_by_the_gap_it_is_given(rows):
    X, y = rows
    alphas = np.array([10.0, 0.1])
    path = ridge_path(X, y, alphas, max_gap=0.01)
    for alpha, coef in zip(path.alphas, path.coef, strict=True):

        def objective(b, alpha=alpha):
            eta = b[0] + X @ b[1:]
            return np.sum(y * eta - np.logaddexp(0, eta)) - alpha / 2 * X.var(axis=0) @ b[1:] ** 2

        gap = objective(fit_ridge(X, y, alpha=alpha).coef) - objective(coef)
        assert 0 <= gap < 0.02


def test_multinomial_ridge_is_scikit_learn_on_standardised_columns(rows, rng):
    X, y = rows
    codes = y.astype(int) + (rng.random(300) < 0.4)
    found = fit_multinomial_ridge(X, codes, 3, alpha=2.0)
    theirs = LogisticRegression(C=0.5, tol=1e-12, max_iter=10_000).fit(standardised(X), codes)
    ours = found.fit.coef[:, 1:] * X.std(axis=0)
    np.testing.assert_allclose(ours, theirs.coef_[1:] - theirs.coef_[0], atol=1e-6)
    assert found.fit.converged


def test_multinomial_ridge_with_two_outcomes_is_half_as_strong(rows):
    X, y = rows
    one = fit_multinomial_ridge(X, y.astype(int), 2, alpha=4.0).fit
    np.testing.assert_allclose(
        one.coef[0] if one.coef.ndim == 2 else one.coef, fit_ridge(X, y, alpha=4.0).coef, rtol=1e-8
    )


def test_multinomial_penalty_is_a_quadratic_form(rng):
    penalty = ridge.Penalty(np.array([0.0, 2.0, 3.0]), 2)
    coef = rng.normal(size=6)
    full = np.vstack([np.zeros(3), coef.reshape(2, 3)])
    cost = 0.5 * np.sum([0, 2, 3] * (full - full.mean(axis=0)) ** 2)
    assert penalty.cost(coef) == pytest.approx(cost)
    np.testing.assert_allclose(penalty.matrix() @ coef, penalty.gradient(coef))


def test_multinomial_path_is_the_single_fits(rows, rng):
    X, y = rows
    codes = y.astype(int) + (rng.random(300) < 0.4)
    offset = rng.normal(size=(300, 2))
    path = ridge_path(X, codes, np.array([1.0, 50.0]), n_outcomes=3, offset=offset, tol=1e-10)
    for alpha, coef, eta in zip(path.alphas, path.coef, path.linear_predictors(X), strict=True):
        single = fit_multinomial_ridge(X, codes, 3, alpha=alpha, offset=offset, tol=1e-10).fit
        np.testing.assert_allclose(coef, single.coef, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(eta + offset, single.linear_predictor, atol=1e-6)
