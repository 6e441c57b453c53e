"""Profile limits of separated rows against closed forms, linear programmes and fits that hold the coefficient."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, linprog, minimize_scalar
from scipy.stats import chi2

from riskdec.likelihood import fit_binomial, fit_firth
from riskdec.likelihood.binomial import Rows
from riskdec.likelihood.separated_profile import SeparatedProfile, open_separated_profile

DROP = float(chi2.ppf(0.95, 1)) / 2


def opened(X: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> SeparatedProfile:
    fit = fit_binomial(X, y, weight=weight)
    assert fit.separation is not None
    start = fit_firth(X, y, weight=weight).coef
    return open_separated_profile(X, Rows(y.astype(float), weight, None), fit.separation, coef=start)


def test_empty_cell_gives_one_infinite_end_and_the_right_finite_one() -> None:
    # Exposed: 5 events of 5; others: 7 of 16. The odds ratio is infinite; its lower limit is not.
    X = np.repeat([[1.0], [1.0], [0.0], [0.0]], [5, 0, 7, 9], axis=0)
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [5, 0, 7, 9])
    profile = opened(X, y)
    # The exposed add nothing to the least upper bound.
    top = 7 * np.log(7 / 16) + 9 * np.log(9 / 16)
    assert profile.overlap.top == pytest.approx(top, rel=1e-12)
    assert profile.estimate(0) == pytest.approx(np.log(7 / 9), rel=1e-9)
    assert profile.estimate(1) == np.inf

    def loss(intercept: float, slope: float) -> float:
        exposed = 5 * np.logaddexp(0, -intercept - slope)
        return float(exposed + 7 * np.logaddexp(0, -intercept) + 9 * np.logaddexp(0, intercept))

    def fallen(slope: float) -> float:
        best = minimize_scalar(loss, args=(slope,), bounds=(-30, 30), method="bounded", options={"xatol": 1e-12})
        return float(top + best.fun - DROP)

    low, high = profile.limits(1, DROP)
    assert high == np.inf
    assert low == pytest.approx(brentq(fallen, -10, 5, xtol=1e-12), abs=1e-8)
    # The intercept is that of the others, whose proportion is 7 of 16.
    for end in profile.limits(0, DROP):
        others = -7 * np.logaddexp(0, -end) - 9 * np.logaddexp(0, end)
        assert top - others == pytest.approx(DROP, abs=1e-8)


def test_complete_separation_leaves_the_bound_at_zero() -> None:
    # Three zeros below three ones: with slope b the best intercept is where the outcomes balance, by symmetry at 0.
    x = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
    profile = opened(x[:, None], x > 0)
    assert profile.overlap is None
    low, high = profile.limits(1, DROP)
    assert high == np.inf
    wanted = brentq(lambda b: 2 * np.logaddexp(0, -b * np.array([1, 2, 3])).sum() - DROP, 0.01, 10, xtol=1e-13)
    assert low == pytest.approx(wanted, rel=1e-9)
    assert profile.limits(0, DROP) == (-np.inf, np.inf)
    assert np.isnan(profile.estimate(0))


def ends_without_limit(X: np.ndarray, y: np.ndarray, j: int) -> list[bool]:
    """Whether some direction that separates goes down, and up, along coefficient j."""
    signed = np.c_[np.ones(len(y)), X] * (2 * y - 1)[:, None]
    found = []
    for side in (-1, 1):
        goal = np.zeros(signed.shape[1])
        goal[j] = -side
        answer = linprog(goal, A_ub=-signed, b_ub=np.zeros(len(y)), bounds=(-1, 1))
        found.append(bool(-answer.fun > 1e-7))
    return found


def test_ends_are_infinite_where_a_direction_separates_and_where_the_ratio_says_elsewhere(
    rng: np.random.Generator,
) -> None:
    infinite, finite, held_fits = 0, 0, 0
    for _ in range(250):
        n, p = int(rng.integers(6, 18)), int(rng.integers(1, 4))
        X = rng.integers(-2, 3, size=(n, p)).astype(float)
        y = (rng.random(n) < rng.uniform(0.15, 0.85)).astype(float)
        fit = fit_binomial(X, y)
        if fit.separation is None or fit.aliases or len(np.unique(y)) < 2:
            continue
        profile = opened(X, y)
        top = 0.0 if profile.overlap is None else profile.overlap.top
        full = np.c_[np.ones(n), X]
        for j in range(p + 1):
            ends = profile.limits(j, DROP)
            assert list(np.isinf(ends)) == ends_without_limit(X, y, j)
            infinite += np.isinf(ends).sum()
            for end in np.array(ends)[np.isfinite(ends)]:
                finite += 1
                held = fit_binomial(np.delete(full, j, axis=1), y, intercept=False, offset=full[:, j] * end)
                if held.converged:
                    held_fits += 1
                    assert top - held.log_likelihood == pytest.approx(DROP, abs=1e-7)
    assert min(infinite, finite, held_fits) > 20


def test_whole_weights_equal_repeated_rows_and_units_do_not_matter(rng: np.random.Generator) -> None:
    X = np.c_[np.arange(40) < 5, rng.normal(size=40)].astype(float)
    y = (rng.random(40) < 0.5).astype(float)
    y[:5] = 1.0
    weight = rng.integers(1, 4, 40)
    one, units = opened(X, y, weight.astype(float)), np.array([1e-5, 1e5])
    other = opened(np.repeat(X * units, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(one.limits(0, DROP), other.limits(0, DROP), rtol=1e-6)
    for j in (1, 2):
        np.testing.assert_allclose(one.limits(j, DROP), np.array(other.limits(j, DROP)) * units[j - 1], rtol=1e-6)


def test_aliases_do_not_stand_in_for_a_column_that_is_held(rng: np.random.Generator) -> None:
    X = np.c_[np.arange(40) < 5, rng.normal(size=40)].astype(float)
    y = (rng.random(40) < 0.5).astype(float)
    y[:5] = 1.0
    wanted = opened(X, y)
    found = opened(np.c_[X, 2 * X[:, 0] - 1], y)
    for j in range(3):
        np.testing.assert_allclose(found.limits(j, DROP), wanted.limits(j, DROP), rtol=1e-7)
        assert found.estimate(j) == pytest.approx(wanted.estimate(j), rel=1e-7)
    assert np.isnan(found.limits(3, DROP)).all()
    assert found.estimate(3) == 0.0
