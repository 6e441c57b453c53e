"""Existence of the multinomial maximum, against linear programmes over all contrasts written out in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import linprog

from riskdec.likelihood import existence, fit_multinomial
from riskdec.likelihood.contrasts import Contrasts
from riskdec.likelihood.multinomial import MultinomialRows
from riskdec.likelihood.newton import null_start, solve_information
from riskdec.likelihood.rows.rank import make_design

if TYPE_CHECKING:
    from collections.abc import Iterator


def all_contrasts(X: np.ndarray, y: np.ndarray, K: int, *, intercept: bool) -> np.ndarray:
    """Give (e_own - e_other) kron x for every row and every other outcome, the block of outcome 0 left out."""
    full = np.c_[np.ones(len(y)), X] if intercept else X
    units = np.eye(K)
    rows = [np.kron(units[y[i]] - units[k], full[i]) for i in range(len(y)) for k in range(K) if k != y[i]]
    return np.array(rows)[:, full.shape[1] :]


def highest(objective: np.ndarray, rows: np.ndarray) -> float:
    answer: Any = linprog(-objective, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs")
    assert answer.status == 0
    return -float(answer.fun)


def problems(seed: int, count: int) -> Iterator[tuple[np.ndarray, np.ndarray, int, bool]]:
    """Give problems of full rank with many ties, about half of them separated."""
    rng = np.random.default_rng(seed)
    while count:
        K, n, p, intercept = 3, int(rng.integers(6, 30)), int(rng.integers(1, 4)), bool(rng.random() < 0.7)
        X = rng.integers(-int(rng.integers(1, 4)), 3, size=(n, p)).astype(float)
        noise = rng.normal(size=(n, K)) * rng.choice([0, 1, 3, 9])
        y = (X @ rng.integers(-2, 3, size=(p, K)) + rng.choice([0, 0.5], size=K) + noise).argmax(axis=1)
        if rng.random() < 0.3:  # overlap within one level only
            y = np.where(X[:, 0] == 0, rng.integers(0, K, n), y)
        full = np.c_[np.ones(n), X] if intercept else X
        if len(set(y.tolist())) == K and np.linalg.matrix_rank(full) == full.shape[1]:
            count -= 1
            yield X, y, K, intercept


@pytest.mark.parametrize("seed", range(4))
def test_verdict_is_that_of_the_full_programme(seed: int) -> None:
    verdicts = []
    for X, y, K, intercept in problems(seed, 300):
        rows = all_contrasts(X, y, K, intercept=intercept)
        separated = highest(rows.sum(axis=0), rows) > 1e-6
        fit = fit_multinomial(X, y, K, intercept=intercept)
        assert fit.status == ("separated" if separated else "certified"), (X, y, intercept)
        assert (fit.separation is not None) == separated
        verdicts.append(separated)
    assert 0.2 < np.mean(verdicts) < 0.8


def test_diverging_coefficients_are_those_that_can_move() -> None:
    # Asked of each coefficient, up and down, whether it moves along a direction that never lowers the likelihood.
    seen = set()
    for X, y, K, intercept in problems(10, 150):
        separation = fit_multinomial(X, y, K, intercept=intercept).separation
        if separation is None:
            continue
        rows = all_contrasts(X, y, K, intercept=intercept)
        up = np.array([highest(unit, rows) for unit in np.eye(rows.shape[1])])
        down = np.array([highest(-unit, rows) for unit in np.eye(rows.shape[1])])
        assert separation.diverging == tuple(np.flatnonzero(np.maximum(up, down) > 1e-6).tolist())
        signs = [0 if up[j] > 1e-6 and down[j] > 1e-6 else 1 if up[j] > 1e-6 else -1 for j in separation.diverging]
        assert list(separation.signs) == signs
        margins = rows @ separation.direction
        assert margins.min() > -1e-6
        assert margins.max() > 1e-6
        seen.add(len(separation.diverging))
    assert len(seen) > 3


def test_rows_told_apart_are_counted() -> None:
    # Outcome 2 lies beyond 5, outcomes 0 and 1 overlap below: every row is told apart from outcome 2, or is one.
    rng = np.random.default_rng(0)
    x = np.r_[rng.uniform(0, 4, 40), rng.uniform(6, 9, 10)]
    y = np.r_[rng.integers(0, 2, 40), np.full(10, 2)]
    separation = fit_multinomial(x[:, None], y, 3).separation
    assert separation is not None
    assert (separation.n_rows, separation.complete, separation.diverging) == (50, False, (2, 3))
    assert separation.direction[:2] == pytest.approx(0, abs=1e-9)
    assert separation.direction[3] > 0 > separation.direction[2]
    complete = fit_multinomial(x[:, None], (x > 2).astype(int) + (x > 5), 3).separation
    assert complete is not None
    assert (complete.n_rows, complete.complete, complete.diverging) == (50, True, (0, 1, 2, 3))


def test_empty_cell_sends_one_coefficient_away() -> None:
    # Nobody of level 1 has outcome 2; outcomes 0 and 1 occur at both levels.
    x, y = np.repeat([0.0, 0, 0, 1, 1], [5, 5, 5, 4, 6]), np.repeat([0, 1, 2, 0, 1], [5, 5, 5, 4, 6])
    separation = fit_multinomial(x[:, None], y, 3).separation
    assert separation is not None
    assert (separation.diverging, separation.signs, separation.n_rows) == ((3,), (-1,), 10)


def test_small_helpings_give_the_same_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [fit_multinomial(X, y, K, intercept=i).separation for X, y, K, i in problems(20, 60)]
    monkeypatch.setattr(existence, "_ROWS_AT_A_TIME", 2)
    for (X, y, K, intercept), other in zip(problems(20, 60), wanted, strict=True):
        found = fit_multinomial(X, y, K, intercept=intercept).separation
        assert (found is None) == (other is None)
        if found is not None and other is not None:
            assert (found.diverging, found.n_rows, found.complete) == (other.diverging, other.n_rows, other.complete)


def test_largest_multiplier_stays_above_one_on_separated_data() -> None:
    # The proof of the certificate: whatever the coefficients, no full step looks safe where no maximum exists.
    rng = np.random.default_rng(1)
    for X, y, K, intercept in problems(30, 60):
        if fit_multinomial(X, y, K, intercept=intercept).separation is None:
            continue
        design, rows = make_design(X, weight=None, intercept=intercept), MultinomialRows(y, K, None, None)
        for spread in (0, 0.5, 2):
            coef = null_start(design, rows) + spread * rng.normal(size=rows.n_predictors * design.n_columns)
            here = rows.evaluate(design, coef)
            newton = solve_information(here.information, here.score)
            if newton is not None and newton.trusted:
                there = rows.evaluate(design, coef + newton.step)
                assert rows.largest_multiplier(here, there) >= 1 - 1e-9


@pytest.mark.parametrize("K", [2, 3, 5])
def test_contrasts_are_what_they_say(rng: np.random.Generator, K: int) -> None:
    X, y = rng.normal(size=(30, 2)), rng.permutation(np.arange(30) % K)
    design = make_design(X, weight=None, intercept=True)
    contrasts = Contrasts(design, y, K - 1)
    rows = all_contrasts(design.rows(np.arange(30))[:, 1:], y, K, intercept=True)
    everything, chosen = np.ones(len(rows), dtype=bool), rng.random(len(rows)) < 0.4
    assert len(contrasts) == len(rows)
    np.testing.assert_array_equal(contrasts.rows(everything), rows)
    np.testing.assert_array_equal(contrasts.rows(chosen), rows[chosen])
    np.testing.assert_allclose(contrasts.total(chosen), rows[chosen].sum(axis=0), atol=1e-12)
    np.testing.assert_allclose(contrasts.crossproduct(chosen), rows[chosen].T @ rows[chosen], atol=1e-12)
    direction = rng.normal(size=rows.shape[1])
    np.testing.assert_allclose(contrasts.margins_along(direction), rows @ direction, atol=1e-12)
    assert contrasts.n_rows(chosen) == chosen.reshape(30, -1).any(axis=1).sum()


def test_many_rows_are_decided_without_all_of_them(rng: np.random.Generator) -> None:
    n = 20_000
    X = rng.normal(size=(n, 4))
    y = (X[:, 0] > -1).astype(int) + (X[:, 0] > 1)
    found = fit_multinomial(X, y, 3)
    assert found.separation is not None
    assert found.separation.complete
    y[:3] = (y[:3] + 1) % 3  # three rows on the wrong side: nearly separated, and the maximum exists
    assert fit_multinomial(X, y, 3).status == "certified"
