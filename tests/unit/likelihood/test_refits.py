"""Many refits of one design are the single fits on the rows that their weights repeat."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.likelihood import fit_binomial
from riskdec.likelihood.refits import refit_binomial


def data(rng: np.random.Generator, n: int = 300, p: int = 3) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, p)) * 10.0 ** np.arange(p) + 5
    y = rng.random(n) < 1 / (1 + np.exp(1 - (X[:, 0] - 5)))
    return X, y


def resample(rng: np.random.Generator, n: int, b: int) -> np.ndarray:
    return np.stack([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(b)]).astype(float)


@pytest.mark.parametrize("intercept", [True, False])
def test_refits_are_the_fits_on_repeated_rows(rng: np.random.Generator, *, intercept: bool) -> None:
    X, y = data(rng)
    weights = resample(rng, len(y), 12)
    refits = refit_binomial(fit_binomial(X, y, intercept=intercept), y, weights)
    assert refits.certified.all() if intercept else refits.certified.any()
    for weight, coef, certified in zip(weights, refits.coef, refits.certified, strict=True):
        rows = np.repeat(np.arange(len(y)), weight.astype(int))
        if certified:
            single = fit_binomial(X[rows], y[rows], intercept=intercept, tol=1e-10)
            np.testing.assert_allclose(
                coef * np.r_[[1] * intercept, 1, 10, 100], single.coef * np.r_[[1] * intercept, 1, 10, 100], atol=1e-9
            )


def test_offset_and_weights_of_any_size_are_used(rng: np.random.Generator) -> None:
    X, y = data(rng)
    offset, weights = rng.normal(size=len(y)), rng.gamma(2, size=(3, len(y)))
    refits = refit_binomial(fit_binomial(X, y, offset=offset), y, weights, offset=offset)
    for weight, coef in zip(weights, refits.coef, strict=True):
        single = fit_binomial(X, y, weight=weight, offset=offset, tol=1e-10)
        np.testing.assert_allclose(coef, single.coef, rtol=1e-8, atol=1e-10)


def test_start_far_from_the_refit_does_not_matter(rng: np.random.Generator) -> None:
    X, y = data(rng)
    weights = np.where(y, 60.0, 1.0) * rng.integers(1, 3, len(y))
    refits = refit_binomial(fit_binomial(X, y), y, weights[None, :])
    assert refits.certified.all()
    np.testing.assert_allclose(refits.coef[0], fit_binomial(X, y, weight=weights, tol=1e-10).coef, rtol=1e-7)


def test_nothing_that_does_not_exist_is_certified(rng: np.random.Generator) -> None:
    X, y = data(rng)
    X[:, 2] = np.arange(len(y)) < 5
    one_outcome = np.where(y, 0.0, 1.0)
    separated = np.where(y == (X[:, 0] > 6), 1.0, 0.0)
    constant_column = np.where(X[:, 2] == 1, 0.0, 1.0)
    nothing = np.zeros(len(y))
    weights = np.stack([np.ones(len(y)), one_outcome, separated, constant_column, nothing])
    refits = refit_binomial(fit_binomial(X, y), y, weights)
    assert refits.certified.tolist() == [True, False, False, False, False]


def test_columns_left_out_of_the_fit_stay_out(rng: np.random.Generator) -> None:
    X, y = data(rng)
    X = np.column_stack([X, X[:, 0] + X[:, 1]])
    refits = refit_binomial(fit_binomial(X, y), y, resample(rng, len(y), 3))
    assert refits.certified.all()
    assert (refits.coef[:, -1] == 0).all()


def test_nearly_dependent_columns_keep_their_digits(rng: np.random.Generator) -> None:
    X, y = data(rng, p=2)
    X = np.column_stack([X, X[:, 0] + 1e-4 * rng.normal(size=len(y))])
    fit = fit_binomial(X, y)
    assert fit.design.basis is not None, "the design holds what the other columns leave of the last one"
    weight = resample(rng, len(y), 1)
    refits = refit_binomial(fit, y, weight)
    np.testing.assert_allclose(refits.coef[0], fit_binomial(X, y, weight=weight[0] + 1e-300, tol=1e-11).coef, rtol=1e-5)


def test_more_rows_than_one_part_and_one_chunk(rng: np.random.Generator) -> None:
    X, y = data(rng, n=30_000, p=2)
    weight = resample(rng, len(y), 2)
    refits = refit_binomial(fit_binomial(X, y), y, weight)
    kept = weight[1] > 0
    single = fit_binomial(X[kept], y[kept], weight=weight[1][kept], tol=1e-10)
    np.testing.assert_allclose(refits.coef[1], single.coef, rtol=1e-8, atol=1e-12)
