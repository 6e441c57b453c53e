"""The sandwich against its formula written out row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskdec.likelihood import fit_binomial, fit_firth, sandwich_covariance
from riskdec.likelihood.rows import design as design_module


def data(rng: np.random.Generator, n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(5, [1, 100], size=(n, 2))
    return X, (rng.random(n) < 1 / (1 + np.exp(5 - X[:, 0]))).astype(float)


def by_hand(
    full: np.ndarray, bread: np.ndarray, residual: np.ndarray, counts: np.ndarray, groups: np.ndarray | None = None
) -> Any:
    meat = np.zeros_like(bread)
    if groups is None:
        for x, r, f in zip(full, residual, counts, strict=True):
            meat += f * r**2 * np.outer(x, x)
        return bread @ meat @ bread
    labels = np.unique(groups)
    for label in labels:
        u = sum((f * r * x for x, r, f, g in zip(full, residual, counts, groups, strict=True) if g == label))
        meat += np.outer(u, u)
    n, k, n_groups = counts.sum(), len(bread), len(labels)
    return n_groups / (n_groups - 1) * (n - 1) / (n - k) * bread @ meat @ bread


def in_units(covariance: np.ndarray, wanted: np.ndarray) -> Any:
    size = np.sqrt(np.diag(wanted))
    return covariance / np.outer(size, size)


@pytest.mark.parametrize("kind", ["independent", "groups", "one row in each group"])
@pytest.mark.parametrize("counted", [True, False])
def test_sandwich_equals_its_formula(rng: np.random.Generator, kind: str, *, counted: bool) -> None:
    X, y = data(rng)
    n = len(y)
    counts = rng.integers(1, 4, n).astype(float) if counted else None
    single = rng.uniform(0.5, 2, n)
    groups = {"independent": None, "groups": rng.integers(0, 15, n), "one row in each group": np.arange(n)}[kind]
    fit = fit_binomial(X, y, weight=single * (1 if counts is None else counts))
    full = np.c_[np.ones(n), X]
    residual = single * (y - 1 / (1 + np.exp(-full @ fit.coef)))
    found = sandwich_covariance(fit, residual, multiplicity=counts, groups=groups)
    wanted = by_hand(full, fit.covariance, residual, np.ones(n) if counts is None else counts, groups)
    np.testing.assert_allclose(in_units(found, wanted), in_units(wanted, wanted), atol=1e-9)


def test_sandwich_of_a_saturated_model_equals_the_model_covariance() -> None:
    # In a 2 x 2 table the sum of squared residuals is the information itself.
    X, y = np.repeat([[1], [1], [0], [0]], [12, 30, 25, 17], axis=0), np.repeat([1, 0, 1, 0], [12, 30, 25, 17])
    fit = fit_binomial(X, y)
    residual = y - 1 / (1 + np.exp(-fit.linear_predictor))
    np.testing.assert_allclose(sandwich_covariance(fit, residual), fit.covariance, rtol=1e-10)


def test_repeated_groups_count_once(rng: np.random.Generator) -> None:
    # Every row three times in its own group: the cluster covariance is that of the single rows, up to its factor.
    X, y = data(rng)
    n = len(y)
    single = fit_binomial(X, y)
    residual = y - 1 / (1 + np.exp(-single.linear_predictor))
    wanted = sandwich_covariance(single, residual)
    rows = np.tile(np.arange(n), 3)
    triple = fit_binomial(X[rows], y[rows])
    found = sandwich_covariance(triple, residual[rows], groups=rows)
    factor = n / (n - 1) * (3 * n - 1) / (3 * n - 3)
    np.testing.assert_allclose(found / factor, wanted, rtol=1e-7, atol=1e-12)


def test_alias_has_no_robust_variance(rng: np.random.Generator) -> None:
    X, y = data(rng)
    fit = fit_binomial(np.c_[X, X[:, 0]], y)
    residual = y - 1 / (1 + np.exp(-fit.linear_predictor))
    covariance = sandwich_covariance(fit, residual)
    assert np.isnan(covariance[3]).all()
    alone = sandwich_covariance(fit_binomial(X, y), residual)
    np.testing.assert_allclose(covariance[:3, :3], alone, rtol=1e-7, atol=1e-12)


def test_groups_over_several_chunks_are_summed(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = data(rng, n=900)
    groups = rng.integers(0, 40, 900)
    fit = fit_binomial(X, y)
    residual = y - 1 / (1 + np.exp(-fit.linear_predictor))
    wanted = sandwich_covariance(fit, residual, groups=groups)
    monkeypatch.setattr(design_module, "_CHUNK_NUMBERS", 1)
    monkeypatch.setattr(design_module, "_KEEP_NUMBERS", 1)
    found = sandwich_covariance(fit_binomial(X, y), residual, groups=groups)
    np.testing.assert_allclose(in_units(found, wanted), in_units(wanted, wanted), atol=1e-9)


def test_as_many_coefficients_as_rows_is_no_division_by_zero(rng: np.random.Generator) -> None:
    # No rows are left for the small-sample factor; what the answer is matters less than that there is one.
    fit = fit_firth(rng.normal(size=(4, 3)), np.array([0, 1, 0, 1]))
    residual = np.array([0, 1, 0, 1]) - 1 / (1 + np.exp(-fit.linear_predictor))
    covariance = sandwich_covariance(fit, residual, groups=np.arange(4))
    assert covariance.shape == (4, 4)
