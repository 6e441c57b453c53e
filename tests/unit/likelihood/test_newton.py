"""Newton's method reaches the maximum where closed forms know it, and says how it got there."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.likelihood import fit_binomial, sample_start


def simulated(
    rng: np.random.Generator, n: int = 500, p: int = 3, intercept: float = -1
) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, p))
    return X, rng.random(n) < 1 / (1 + np.exp(-intercept - X[:, 0]))


def assert_same_covariance(found: np.ndarray, wanted: np.ndarray, tolerance: float) -> None:
    """Compare in units of the standard errors, so that covariances near zero ask for no digits."""
    size = np.sqrt(np.diag(wanted))
    np.testing.assert_allclose(found / np.outer(size, size), wanted / np.outer(size, size), rtol=0, atol=tolerance)


def test_intercept_alone_is_the_logit_of_the_event_rate() -> None:
    y = np.repeat([1, 0], [7, 33])
    fit = fit_binomial(np.empty((40, 0)), y)
    assert fit.coef[0] == pytest.approx(np.log(7 / 33), rel=1e-14)
    assert fit.covariance[0, 0] == pytest.approx(1 / 7 + 1 / 33, rel=1e-13)
    assert fit.log_likelihood == pytest.approx(7 * np.log(7 / 40) + 33 * np.log(33 / 40), rel=1e-14)


def test_two_by_two_table_gives_its_log_odds_ratio_and_woolfs_variance() -> None:
    a, b, c, d = 12, 30, 25, 17  # exposed: events, others; not exposed: events, others
    fit = fit_binomial(np.repeat([[1], [1], [0], [0]], [a, b, c, d], axis=0), np.repeat([1, 0, 1, 0], [a, b, c, d]))
    np.testing.assert_allclose(fit.coef, [np.log(c / d), np.log(a * d / (b * c))], rtol=1e-13)
    assert fit.covariance[1, 1] == pytest.approx(1 / a + 1 / b + 1 / c + 1 / d, rel=1e-12)
    assert fit.covariance[0, 1] == pytest.approx(-1 / c - 1 / d, rel=1e-12)


def test_without_columns_and_intercept_nothing_is_estimated() -> None:
    fit = fit_binomial(np.empty((4, 0)), np.array([0, 1, 1, 1]), intercept=False)
    assert fit.coef.shape == (0,)
    assert fit.status == "certified"
    assert fit.log_likelihood == pytest.approx(4 * np.log(0.5))


@pytest.mark.parametrize("intercept", [True, False])
def test_score_equations_hold_with_weights_and_offset(rng: np.random.Generator, *, intercept: bool) -> None:
    X, y = simulated(rng)
    weight, offset = rng.uniform(0.1, 4, len(y)), rng.normal(size=len(y))
    fit = fit_binomial(X, y, weight=weight, offset=offset, intercept=intercept)
    full = np.c_[np.ones(len(y)), X] if intercept else X
    residual = y - 1 / (1 + np.exp(-(full @ fit.coef + offset)))
    assert np.abs((weight * residual) @ full).max() < 1e-10
    assert fit.converged


def test_fit_belongs_to_its_coefficients_to_the_last_digits() -> None:
    # Covariance and linear predictor are those of the coefficients returned, not of the step before.
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X, y = simulated(rng, n=300, p=2)
        fit = fit_binomial(X, y)
        full = np.c_[np.ones(300), X]
        eta = full @ fit.coef
        variance = np.exp(-np.abs(eta)) / (1 + np.exp(-np.abs(eta))) ** 2
        np.testing.assert_allclose(fit.linear_predictor, eta, rtol=0, atol=1e-10)
        assert_same_covariance(fit.covariance, np.linalg.inv((full.T * variance) @ full), 1e-10)


def test_alias_has_zero_coefficient_and_no_variance(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    fit = fit_binomial(np.c_[X[:, 0], 2 * X[:, 0], X[:, 1:]], y)
    alone = fit_binomial(X, y)
    assert fit.coef[2] == 0
    assert np.isnan(fit.covariance[2]).all()
    assert np.isnan(fit.covariance[:, 2]).all()
    kept = [0, 1, 3, 4]
    np.testing.assert_allclose(fit.coef[kept], alone.coef, rtol=1e-10)
    assert_same_covariance(fit.covariance[np.ix_(kept, kept)], alone.covariance, 1e-9)


@pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-8])
def test_nearly_collinear_columns_give_the_same_risks_as_independent_ones(rng: np.random.Generator, gap: float) -> None:
    X, y = simulated(rng, n=400, p=2)
    wanted = fit_binomial(X, y)
    near = fit_binomial(np.c_[X[:, 0], X[:, 0] + gap * X[:, 1]], y)
    assert near.status == "certified"
    np.testing.assert_allclose(near.linear_predictor, wanted.linear_predictor, rtol=0, atol=1e-7 + 1e-15 / gap)


@pytest.mark.parametrize("start", [0, 2000, 5000])
def test_polynomial_of_a_year_fits_like_the_centred_one(rng: np.random.Generator, start: int) -> None:
    since = rng.integers(0, 21, size=1000).astype(float)
    y = rng.random(1000) < 1 / (1 + np.exp(-((since - 10) / 10 - 2 * ((since - 10) / 10) ** 3)))
    year, centred = start + since, since - 10
    raw = fit_binomial(np.c_[year, year**2, year**3], y)
    assert raw.status == "certified"
    wanted = fit_binomial(np.c_[centred, centred**2, centred**3], y)
    assert raw.log_likelihood == pytest.approx(wanted.log_likelihood, abs=1e-6)


@pytest.mark.parametrize("shift", [-5.0, 5.0, 20.0, 30.0])
def test_constant_offset_moves_the_intercept_alone(rng: np.random.Generator, shift: float) -> None:
    X, y = simulated(rng)
    plain = fit_binomial(X, y)
    moved = fit_binomial(X, y, offset=np.full(len(y), shift))
    assert moved.status == "certified"
    np.testing.assert_allclose(moved.coef, plain.coef - np.r_[shift, 0, 0, 0], rtol=1e-9, atol=1e-9)
    assert_same_covariance(moved.covariance, plain.covariance, 1e-9)


def test_status_says_not_converged_when_the_steps_are_used_up(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    fit = fit_binomial(X, y, max_iter=2)
    assert fit.status == "not converged"
    assert not fit.converged
    assert fit.n_iter == 2
    assert fit.gradient > 1e-8


def test_weights_scale_changes_nothing_but_the_variance(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    weight = rng.uniform(0.5, 2, len(y))
    one = fit_binomial(X, y, weight=weight)
    for scale in (1e-6, 1e6):
        other = fit_binomial(X, y, weight=weight * scale)
        np.testing.assert_allclose(other.coef, one.coef, rtol=1e-9, atol=1e-10)
        assert_same_covariance(other.covariance * scale, one.covariance, 1e-9)


def test_certificate_is_never_given_at_any_coefficients_on_separated_data(rng: np.random.Generator) -> None:
    # The theorem behind it: on separated data the largest a_i is at least 1 wherever the step is taken from.
    from riskdec.likelihood.binomial import Rows, evaluate
    from riskdec.likelihood.newton_step import solve_information
    from riskdec.likelihood.rows.rank import make_design
    from riskdec.likelihood.rows.readers import product

    tried = 0
    while tried < 200:
        X = rng.integers(-2, 3, size=(12, 2)).astype(float)
        y = (X @ [1, 1] + 0.5 > 0).astype(float)
        design = make_design(X, weight=None, intercept=True)
        if y.min() == y.max() or design.aliases:
            continue
        tried += 1
        here = evaluate(design, Rows(y, None, None), rng.normal(size=3))
        newton = solve_information(here.information, here.score)
        assert newton is not None
        change = product(design, newton.step)
        p = 1 / (1 + np.exp(-here.eta))
        assert np.where(y == 1, p * change, -(1 - p) * change).max() > 1 - 1e-9


@pytest.mark.parametrize("order", ["mixed", "sorted by outcome"])
def test_start_on_a_sample_changes_no_estimate(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    X, y = simulated(rng, n=4000)
    if order == "sorted by outcome":
        X, y = X[np.argsort(y)], np.sort(y)
    weight, offset = rng.uniform(0.5, 2, 4000), rng.normal(size=4000)
    wanted = fit_binomial(X, y, weight=weight, offset=offset)
    monkeypatch.setattr(sample_start, "_SAMPLE_ROWS", 250)
    found = fit_binomial(X, y, weight=weight, offset=offset)
    assert found.n_iter <= wanted.n_iter
    np.testing.assert_allclose(found.coef, wanted.coef, rtol=1e-10, atol=1e-11)
    # A sample in which one level has no event, though all the rows have some.
    rare = (np.arange(4000) % 16 == 0).astype(float)
    y = np.where((rare == 1) & (np.arange(4000) % 32 == 0), False, y)
    assert fit_binomial(np.c_[X, rare], y).status == "certified"


def test_float32_columns_are_fitted_in_double_precision(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    single = X.astype(np.float32)
    np.testing.assert_array_equal(fit_binomial(single, y).coef, fit_binomial(single.astype(float), y).coef)
