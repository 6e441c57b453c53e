"""Firth's estimate against closed forms, its own data augmentation, and a general optimiser."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from riskdec.likelihood import fit_binomial, fit_firth, refit_intercept


def simulated(rng: np.random.Generator, n: int = 80, p: int = 2) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, p))
    return X, rng.random(n) < 1 / (1 + np.exp(2 - X[:, 0]))


def separated(rng: np.random.Generator, n: int = 30) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, 2))
    return X, X[:, 0] + 0.3 * X[:, 1] > 0.1


def leverages(full: np.ndarray, coef: np.ndarray, weight: np.ndarray) -> Any:
    p = 1 / (1 + np.exp(-full @ coef))
    v = weight * p * (1 - p)
    return v * np.einsum("ij,jk,ik->i", full, np.linalg.inv((full.T * v) @ full), full)


@pytest.mark.parametrize(("events", "others"), [(7, 33), (1, 99), (0, 12), (12, 0)])
def test_intercept_alone_adds_half_a_row_of_each_kind(events: int, others: int) -> None:
    # Jeffreys' prior of one proportion: (e + 1/2) / (n + 1).
    fit = fit_firth(np.empty((events + others, 0)), np.repeat([1, 0], [events, others]))
    assert fit.coef[0] == pytest.approx(np.log((events + 0.5) / (others + 0.5)), rel=1e-9)
    assert fit.converged


@pytest.mark.parametrize("cells", [(12, 30, 25, 17), (0, 9, 4, 5), (3, 0, 0, 4)])
def test_two_by_two_table_adds_half_to_every_cell(cells: tuple[int, ...]) -> None:
    # Saturated, so each exposure is a proportion of its own.
    X, y = np.repeat([[1], [1], [0], [0]], cells, axis=0), np.repeat([1, 0, 1, 0], cells)
    a, b, c, d = (cell + 0.5 for cell in cells)
    fit = fit_firth(X, y)
    np.testing.assert_allclose(fit.coef, [np.log(c / d), np.log(a * d / (b * c))], rtol=1e-9)


@pytest.mark.parametrize("data", [simulated, separated])
def test_fit_is_the_maximum_likelihood_of_its_augmented_rows(rng: np.random.Generator, data: object) -> None:
    # Each row twice more, once with each outcome, at half its leverage: Heinze and Schemper (2002), section 2.
    X, y = data(rng)  # type: ignore[operator]
    weight = rng.uniform(0.5, 2, len(y))
    fit = fit_firth(X, y, weight=weight)
    h = leverages(np.c_[np.ones(len(y)), X], fit.coef, weight) / 2
    rows = np.concatenate([X, X, X])
    outcomes = np.concatenate([y, np.ones(len(y)), np.zeros(len(y))])
    augmented = fit_binomial(rows, outcomes, weight=np.concatenate([weight, h, h]))
    np.testing.assert_allclose(fit.coef, augmented.coef, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("data", [simulated, separated])
def test_fit_is_the_maximum_of_the_penalised_likelihood(rng: np.random.Generator, data: object) -> None:
    X, y = data(rng)  # type: ignore[operator]
    offset = rng.normal(size=len(y)) / 3
    full = np.c_[np.ones(len(y)), X]

    def loss(coef: np.ndarray) -> float:
        eta = full @ coef + offset
        p = 1 / (1 + np.exp(-eta))
        information = (full.T * (p * (1 - p))) @ full
        return float(np.logaddexp(0, eta).sum() - y @ eta - 0.5 * np.linalg.slogdet(information)[1])

    fit = fit_firth(X, y, offset=offset)
    best = minimize(
        loss, fit.coef + 0.3, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 9999}
    )
    np.testing.assert_allclose(fit.coef, best.x, atol=2e-6)
    assert loss(fit.coef) <= best.fun + 1e-12


def test_integer_weights_equal_repeated_rows(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    weight = rng.integers(1, 5, len(y))
    one = fit_firth(X, y, weight=weight.astype(float))
    other = fit_firth(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(one.coef, other.coef, rtol=0, atol=1e-8)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-7, atol=1e-10)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-9)


def test_log_likelihood_and_covariance_are_the_unpenalised_ones_there(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    fit = fit_firth(X, y)
    full = np.c_[np.ones(len(y)), X]
    eta = full @ fit.coef
    p = 1 / (1 + np.exp(-eta))
    assert fit.log_likelihood == pytest.approx(float(y @ eta - np.logaddexp(0, eta).sum()), rel=1e-12)
    np.testing.assert_allclose(fit.covariance, np.linalg.inv((full.T * (p * (1 - p))) @ full), rtol=1e-7, atol=1e-10)
    assert fit.log_likelihood < fit_binomial(X, y).log_likelihood


@pytest.mark.parametrize("gap", [1.0, 1e-3, 1e-5])
def test_fit_does_not_depend_on_the_basis_of_the_columns(rng: np.random.Generator, gap: float) -> None:
    # Jeffreys' prior is invariant, so nearly collinear columns change the coefficients but not the risks.
    X, y = separated(rng)
    wanted = fit_firth(X, y)
    found = fit_firth(np.c_[X[:, 0], X[:, 0] + gap * X[:, 1]], y)
    assert found.converged
    np.testing.assert_allclose(found.linear_predictor, wanted.linear_predictor, atol=1e-6)


def test_converged_fit_on_hundreds_of_separated_and_other_data(rng: np.random.Generator) -> None:
    for _ in range(300):
        n, p = int(rng.integers(6, 30)), int(rng.integers(1, 4))
        X = rng.integers(-2, 3, size=(n, p)) * rng.choice([0.01, 1, 100], size=p)
        y = rng.random(n) < rng.uniform(0.1, 0.9)
        fit = fit_firth(X, y)
        assert fit.converged
        assert np.isfinite(fit.coef).all()


def test_flic_makes_the_average_risk_the_event_rate(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    weight, offset = rng.uniform(0.5, 2, len(y)), rng.normal(size=len(y))
    fit = fit_firth(X, y, weight=weight, offset=offset)
    shift = refit_intercept(fit, y, weight=weight)
    risk = 1 / (1 + np.exp(-fit.linear_predictor - shift))
    assert np.average(risk, weights=weight) == pytest.approx(np.average(y, weights=weight), rel=1e-12)
    # Firth itself overestimates a rare event, so the shift is down.
    assert shift < 0


def test_status_says_not_converged_when_the_steps_are_used_up(rng: np.random.Generator) -> None:
    X, y = separated(rng)
    fit = fit_firth(X, y, max_iter=3)
    assert fit.status == "not converged"
    assert fit.n_iter == 3


def test_firth_is_finite_with_one_outcome_only(rng: np.random.Generator) -> None:
    fit = fit_firth(rng.normal(size=(20, 1)), np.zeros(20))
    assert fit.converged
    assert np.isfinite(fit.coef).all()
