"""Existence of the maximum, against linear programmes written out in full."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import linprog

from riskdec.likelihood import Separation, existence, fit_binomial
from riskdec.likelihood.rows.rank import make_design

if TYPE_CHECKING:
    from collections.abc import Iterator


def signed_rows(X: np.ndarray, y: np.ndarray, *, intercept: bool) -> np.ndarray:
    full = np.c_[np.ones(len(y)), X] if intercept else X
    return (2.0 * y - 1)[:, None] * full


def solve(objective: np.ndarray, rows: np.ndarray) -> tuple[float, np.ndarray]:
    answer: Any = linprog(-objective, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs")
    assert answer.status == 0
    return -float(answer.fun), np.asarray(answer.x)


def konis(rows: np.ndarray) -> bool:
    """Konis (2007): separated exactly if the sum of the margins can be raised above zero."""
    return solve(rows.sum(axis=0), rows)[0] > 1e-6


def separable_rows(rows: np.ndarray) -> np.ndarray:
    """Find all rows that some direction separates strictly, in one programme: margins t <= 1, each its own."""
    n, k = rows.shape
    objective = np.r_[np.zeros(k), -np.ones(n)]
    bounds = [(None, None)] * k + [(0, 1)] * n
    answer: Any = linprog(objective, A_ub=np.c_[-rows, np.eye(n)], b_ub=np.zeros(n), bounds=bounds, method="highs")
    assert answer.status == 0
    return np.asarray(answer.x)[k:] > 0.5


def moving_coefficients(rows: np.ndarray) -> tuple[int, ...]:
    """Ask for each coefficient, up and down, whether it can move along a direction that never lowers the likelihood."""
    units = np.eye(rows.shape[1])
    return tuple(j for j, e in enumerate(units) if max(solve(e, rows)[0], solve(-e, rows)[0]) > 1e-6)


def small_problems(seed: int, count: int) -> Iterator[tuple[np.ndarray, np.ndarray, bool]]:
    """Give problems of full rank with many ties, about half of them separated."""
    rng = np.random.default_rng(seed)
    while count:
        n, p, intercept = int(rng.integers(5, 31)), int(rng.integers(1, 5)), bool(rng.random() < 0.7)
        X = rng.integers(-int(rng.integers(1, 4)), 3, size=(n, p)).astype(float)
        noise = rng.normal(size=n) * rng.choice([0, 1, 3, 9])
        y = X @ rng.integers(-2, 3, size=p) + rng.choice([0, 0.5]) + noise > 0
        if rng.random() < 0.3:  # overlap within one level only
            y = np.where(X[:, 0] == 0, rng.random(n) < 0.5, y)
        full = np.c_[np.ones(n), X] if intercept else X
        if y.min() == y.max() or np.linalg.matrix_rank(full) < full.shape[1]:
            continue
        count -= 1
        yield X, y, intercept


def assert_separates(found: Separation, rows: np.ndarray) -> None:
    margin = rows @ found.direction
    assert margin.min() > -1e-6
    assert margin.max() > 1e-6
    assert np.abs(found.direction).max() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(4))
def test_verdict_agrees_with_the_full_programme(seed: int) -> None:
    verdicts = {"certified": 0, "separated": 0}
    for X, y, intercept in small_problems(seed, 600):
        rows = signed_rows(X, y, intercept=intercept)
        fit = fit_binomial(X, y, intercept=intercept)
        assert (fit.status == "separated") == konis(rows), (X, y, intercept)
        assert fit.status != "not converged", (X, y, intercept)
        verdicts[fit.status] += 1
        if fit.separation is not None:
            assert_separates(fit.separation, rows)
    assert min(verdicts.values()) > 150


def test_rows_and_coefficients_agree_with_one_programme_for_all_margins() -> None:
    for X, y, intercept in small_problems(99, 700):
        rows = signed_rows(X, y, intercept=intercept)
        found = fit_binomial(X, y, intercept=intercept).separation
        if found is None:
            continue
        separable = separable_rows(rows)
        rest = rows[~separable]
        finite = [
            j
            for j, e in enumerate(np.eye(rows.shape[1]))
            if len(rest) and np.linalg.matrix_rank(np.r_[rest, [e]]) == np.linalg.matrix_rank(rest)
        ]
        assert found.n_rows == separable.sum(), (X, y, intercept)
        assert found.complete == separable.all()
        assert found.diverging == tuple(j for j in range(rows.shape[1]) if j not in finite)


def test_coefficients_agree_with_two_programmes_for_each() -> None:
    quasi = 0
    for X, y, intercept in small_problems(7, 250):
        found = fit_binomial(X, y, intercept=intercept).separation
        if found is not None:
            assert found.diverging == moving_coefficients(signed_rows(X, y, intercept=intercept)), (X, y, intercept)
            quasi += not found.complete
    assert quasi > 20


def test_small_helpings_give_the_same_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = list(small_problems(3, 150))
    whole = [fit_binomial(X, y, intercept=b).separation for X, y, b in problems]
    monkeypatch.setattr(existence, "_ROWS_AT_A_TIME", 2)
    for (X, y, b), wanted in zip(problems, whole, strict=True):
        found = fit_binomial(X, y, intercept=b).separation
        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            assert (found.diverging, found.complete, found.n_rows) == (wanted.diverging, wanted.complete, wanted.n_rows)


def test_programme_alone_agrees_where_the_certificate_would_have_decided() -> None:
    # The certificate decides most overlapping data before the programme is asked.
    for X, y, intercept in small_problems(5, 200):
        design = make_design(X, weight=None, intercept=intercept)
        found = existence.find_separation(design, y.astype(float), np.zeros(len(y)))
        assert (found is not None) == konis(signed_rows(X, y, intercept=intercept))


def test_rare_level_without_events_names_its_dummy_alone(rng: np.random.Generator) -> None:
    dummy = np.arange(400) < 3
    X = np.c_[rng.normal(size=400), dummy, rng.integers(0, 2, 400)]
    y = (rng.random(400) < 0.3) & ~dummy
    found = fit_binomial(X, y).separation
    assert found is not None
    assert found.diverging == (2,)
    assert (found.n_rows, found.complete) == (3, False)
    assert found.direction[2] == -1


@pytest.mark.parametrize("scale", [np.array([1e8, 1e-8, 1.0]), np.array([1.0, 1e5, 1e-5])])
def test_units_of_columns_do_not_change_the_verdict(rng: np.random.Generator, scale: np.ndarray) -> None:
    X = rng.integers(-2, 3, size=(25, 3)).astype(float)
    for y in (X[:, 0] + X[:, 1] > 0.5, X[:, 0] > rng.normal(size=25), X[:, 2] == 2):
        wanted, found = fit_binomial(X, y), fit_binomial(X * scale + [3e3, 0, 7] * scale, y)
        assert found.status == wanted.status
        if wanted.separation is not None and found.separation is not None:
            assert found.separation.n_rows == wanted.separation.n_rows
            assert found.separation.complete == wanted.separation.complete


@pytest.mark.parametrize("start", [0, 500, 2000])
def test_verdict_is_that_of_the_space_of_the_columns(start: int) -> None:
    # A cubic in the year changes sign three times; counting the years from elsewhere spans the same columns.
    since = np.repeat(np.arange(21.0), 3)
    y = (since - 2.5) * (since - 9.5) * (since - 17.5) > 0
    year = start + since
    found = fit_binomial(np.c_[year, year**2, year**3], y).separation
    assert found is not None
    assert found.complete
    assert found.n_rows == 63
    assert found.diverging == (0, 1, 2, 3)


def test_nearly_separated_rows_are_certified(rng: np.random.Generator) -> None:
    X = rng.normal(size=(20_000, 3))
    y = X @ [1.0, 2.0, -1.0] > 0
    # Twenty rows on the wrong side by a hair: four coefficients cannot put them all right.
    y[np.argsort(np.abs(X @ [1.0, 2.0, -1.0]))[:20]] ^= True
    fit = fit_binomial(X, y)
    assert fit.status == "certified"
    assert fit.gradient < 1e-8


@pytest.mark.parametrize("case", ["complete", "quasi", "none"])
def test_a_hundred_thousand_rows_take_seconds(rng: np.random.Generator, case: str) -> None:
    X = np.c_[rng.normal(size=(100_000, 10)), rng.random(100_000) < 2e-4]
    y = X[:, :10].sum(axis=1) > 0 if case == "complete" else rng.random(100_000) < 1 / (1 + np.exp(2 - X[:, 0]))
    if case == "quasi":
        y &= X[:, 10] == 0
    start = time.perf_counter()
    fit = fit_binomial(X, y)
    # The programme with all rows at once takes minutes here; the limit leaves room for a busy machine.
    assert time.perf_counter() - start < 15
    assert fit.status == ("certified" if case == "none" else "separated")
    if case == "quasi":
        assert fit.separation is not None
        assert fit.separation.diverging == (11,)
