"""Ridge on wide rows: the estimate, variances and paths of the same rows with their zeros written out."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from riskdec.likelihood import risks, sandwich_covariance
from riskdec.likelihood.penalised.ridge import fit_ridge
from riskdec.likelihood.penalised.ridge_path import ridge_path
from riskdec.likelihood.wide.block_covariance import BlockCovariance, block_condition
from riskdec.likelihood.wide.block_matrix import BlockMatrix, OneHot
from riskdec.likelihood.wide.block_ridge import block_ridge_path, fit_block_ridge
from riskdec.likelihood.wide.sparse_blocks import split_sparse

N = 500


@pytest.fixture
def problem(rng):
    few, many = rng.integers(0, 9, N), rng.integers(0, 30, N)
    # A level that no row has, as after a split of the rows.
    many[many == 7] = 8
    numbers = rng.normal(size=(N, 2)) * [1, 30] + [0, 1e3]
    rest = rng.normal(size=(N, 6)) * (rng.random((N, 6)) < 0.1)
    filled = np.hstack([numbers[:, :1], np.eye(9)[few], rest, np.eye(30)[many][:, 1:], numbers[:, 1:]])
    y = rng.random(N) < risks(-1 + numbers[:, 0] + rng.normal(size=9)[few])
    none = np.arange(0)
    codes = (OneHot(few, 1, 9), OneHot(np.where(many == 0, 29, many - 1), 16, 29))
    places = np.array([0, *range(10, 16), 45])
    return BlockMatrix(46, filled[:, places], places, codes, None, none), filled, y


def options(rng, which):
    return {
        "plain": {},
        "no intercept": {"intercept": False},
        "weights": {"weight": rng.uniform(0.3, 3, N), "offset": rng.normal(size=N)},
    }[which]


@pytest.mark.parametrize("which", ["plain", "no intercept", "weights"])
@pytest.mark.parametrize("alpha", [0.01, 3.0, 1e4])
def test_estimate_is_that_of_filled_rows(problem, rng, which, alpha):
    X, filled, y = problem
    more = options(rng, which)
    found, expected = fit_block_ridge(X, y, alpha=alpha, **more), fit_ridge(filled, y, alpha=alpha, **more)
    assert found.converged
    np.testing.assert_allclose(found.coef, expected.fit.coef, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.linear_predictor, expected.fit.linear_predictor, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.deviation, expected.deviation, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.variance, np.diag(expected.fit.covariance), rtol=1e-4)
    assert found.log_likelihood == pytest.approx(expected.fit.log_likelihood, rel=1e-10)
    assert found.effective_parameters == pytest.approx(expected.effective_parameters, rel=1e-6)


def test_score_is_zero_at_the_estimate(problem):
    X, filled, y = problem
    found = fit_block_ridge(X, y, alpha=2.0)
    residual = y - risks(found.coef[0] + filled @ found.coef[1:])
    score = residual @ filled - 2.0 * filled.var(axis=0) * found.coef[1:]
    assert abs(residual.sum()) / N < 1e-8
    assert (np.abs(score) / np.maximum(filled.std(axis=0), 1e-12) / N < 1e-8)[filled.std(axis=0) > 0].all()
    assert found.gradient < 1e-8


def test_estimate_is_scikit_learns_on_standardised_columns(problem):
    X, filled, y = problem
    live = filled.std(axis=0) > 0
    Z = ((filled - filled.mean(axis=0)) / np.where(live, filled.std(axis=0), 1))[:, live]
    theirs = LogisticRegression(C=1 / 5.0, tol=1e-12, solver="newton-cholesky").fit(Z, y)
    found = fit_block_ridge(X, y, alpha=5.0)
    np.testing.assert_allclose((found.coef[1:] * filled.std(axis=0))[live], theirs.coef_[0], atol=1e-6)


def test_average_risk_is_the_event_rate_and_levels_average_to_zero(problem):
    X, filled, y = problem
    found = fit_block_ridge(X, y, alpha=4.0)
    assert risks(found.linear_predictor).mean() == pytest.approx(y.mean(), abs=1e-12)
    full = slice(1, 10)
    assert filled.var(axis=0)[full] @ found.coef[1:][full] == pytest.approx(0, abs=1e-9)


def test_levels_without_events_have_finite_estimates(rng):
    codes = rng.integers(0, 20, N)
    y = (rng.random(N) < 0.3) & (codes != 4)
    none = np.arange(0)
    X = BlockMatrix(20, np.empty((N, 0)), none, (OneHot(codes, 0, 20),), None, none)
    found = fit_block_ridge(X, y, alpha=1.0)
    assert found.converged
    assert found.coef[1:].argmin() == 4
    np.testing.assert_allclose(found.coef, fit_ridge(np.eye(20)[codes], y, alpha=1.0).fit.coef, rtol=1e-8)


@pytest.mark.parametrize("which", ["plain", "no intercept", "weights"])
def test_path_is_that_of_filled_rows(problem, rng, which):
    X, filled, y = problem
    more, alphas = options(rng, which), np.array([1.0, 300.0, 0.05])
    found = block_ridge_path(X, y, alphas, tol=1e-10, **more)
    expected = ridge_path(filled, y, alphas, tol=1e-10, **more)
    np.testing.assert_array_equal(found.alphas, [300, 1, 0.05])
    np.testing.assert_allclose(found.linear_predictors(X, intercept="intercept" not in more).shape, (3, N))
    ours, theirs = (path.linear_predictors(filled, intercept="intercept" not in more) for path in (found, expected))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("which", ["plain", "no intercept", "weights"])
def test_covariances_are_those_of_filled_rows(problem, rng, which):
    X, filled, y = problem
    more = options(rng, which)
    found, expected = fit_block_ridge(X, y, alpha=2.0, **more), fit_ridge(filled, y, alpha=2.0, **more).fit
    residual, groups = y - risks(found.linear_predictor), np.arange(N) // 4
    covariance = BlockCovariance(found)
    np.testing.assert_allclose(covariance.posterior(), expected.covariance, rtol=1e-5, atol=1e-8)
    for more_rows in ({}, {"multiplicity": np.full(N, 2.0)}, {"groups": groups}):
        ours = covariance.sandwich(residual, **more_rows)
        np.testing.assert_allclose(ours, sandwich_covariance(expected, residual, **more_rows), rtol=1e-4, atol=1e-7)
    assert block_condition(found) == pytest.approx(expected.condition, rel=0.2)


def test_sparse_columns_without_blocks_do_too(rng):
    filled = rng.normal(size=(N, 40)) * (rng.random((N, 40)) < 0.1)
    y = rng.random(N) < risks(filled[:, 0] * 2)
    X = split_sparse(sparse.csr_array(filled))
    assert X.blocks == ()
    found = fit_block_ridge(X, y, alpha=1.0)
    np.testing.assert_allclose(found.coef, fit_ridge(filled, y, alpha=1.0).fit.coef, rtol=1e-8, atol=1e-10)


def test_too_few_steps_are_told(problem):
    X, _, y = problem
    assert not fit_block_ridge(X, y, alpha=1.0, max_iter=1).converged
