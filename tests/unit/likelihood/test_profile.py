"""Profile limits against closed forms, general optimisers and their own definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.stats import chi2

from riskdec.likelihood import fit_binomial, fit_firth, fit_multinomial
from riskdec.likelihood.binomial import Rows
from riskdec.likelihood.multinomial import MultinomialRows
from riskdec.likelihood.profile import ProfileLikelihood, open_profile

DROP = float(chi2.ppf(0.95, 1)) / 2


def simulated(rng: np.random.Generator, n: int = 120, p: int = 3) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, p))
    return X, (rng.random(n) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(float)


def binomial(
    X: np.ndarray,
    y: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    offset: np.ndarray | None = None,
    penalised: bool = False,
) -> ProfileLikelihood:
    fit = fit_firth(X, y, weight=weight, offset=offset)
    return open_profile(X, Rows(y.astype(float), weight, offset), coef=fit.coef, weight=weight, penalised=penalised)


def held(X: np.ndarray, y: np.ndarray, j: int, value: float, offset: np.ndarray | None = None) -> float:
    """The log-likelihood with coefficient j held, by a fit of the other columns with an offset."""
    full = np.c_[np.ones(len(y)), X]
    known = full[:, j] * value + (0.0 if offset is None else offset)
    return fit_binomial(np.delete(full, j, axis=1), y, intercept=False, offset=known).log_likelihood


def test_limits_are_where_the_likelihood_ratio_reaches_its_quantile(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    offset = rng.normal(size=len(y)) / 2
    profile = binomial(X, y, offset=offset)
    top = fit_binomial(X, y, offset=offset).log_likelihood
    assert profile.top == pytest.approx(top, rel=1e-12)
    for j in range(4):
        low, high = profile.limits(j, DROP)
        assert low < profile.best[j] < high
        for end in (low, high):
            assert 2 * (top - held(X, y, j, end, offset)) == pytest.approx(2 * DROP, rel=1e-8)
        # Inside the ratio is smaller, outside larger.
        assert 2 * (top - held(X, y, j, 0.9 * high + 0.1 * low, offset)) < 2 * DROP
        assert 2 * (top - held(X, y, j, 1.1 * high - 0.1 * low, offset)) > 2 * DROP


def test_limits_of_one_proportion_solve_its_likelihood_equation() -> None:
    y = np.repeat([1.0, 0.0], [7, 23])

    def ratio(logit: float) -> float:
        def log_likelihood(eta: float) -> float:
            return -7 * np.logaddexp(0, -eta) - 23 * np.logaddexp(0, eta)

        return 2 * (log_likelihood(np.log(7 / 23)) - log_likelihood(logit)) - 2 * DROP

    low, high = binomial(np.empty((30, 0)), y).limits(0, DROP)
    assert low == pytest.approx(brentq(ratio, -6, np.log(7 / 23), xtol=1e-13), abs=1e-9)
    assert high == pytest.approx(brentq(ratio, np.log(7 / 23), 6, xtol=1e-13), abs=1e-9)


def test_units_of_a_column_scale_its_limits_and_no_others(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    units = np.array([1e-6, 1.0, 1e5])
    for penalised in (False, True):
        one = [binomial(X, y, penalised=penalised).limits(j, DROP) for j in range(4)]
        other = [binomial(X * units + 3 * units, y, penalised=penalised).limits(j, DROP) for j in range(1, 4)]
        np.testing.assert_allclose(np.array(other) * units[:, None], one[1:], rtol=1e-6)


def test_whole_weights_equal_repeated_rows(rng: np.random.Generator) -> None:
    X, y = simulated(rng, 60)
    weight = rng.integers(1, 4, 60)
    for penalised in (False, True):
        weighted = binomial(X, y, weight=weight.astype(float), penalised=penalised)
        repeated = binomial(np.repeat(X, weight, axis=0), np.repeat(y, weight), penalised=penalised)
        for j in range(4):
            np.testing.assert_allclose(weighted.limits(j, DROP), repeated.limits(j, DROP), rtol=1e-7)
        assert weighted.fall([1, 2]) == pytest.approx(repeated.fall([1, 2]), rel=1e-8)


def test_fall_is_what_a_smaller_fit_loses(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    profile = binomial(X, y)
    for dropped in ([1], [2, 3], [1, 2, 3]):
        small = fit_binomial(np.delete(X, np.array(dropped) - 1, axis=1), y)
        assert profile.fall(dropped) == pytest.approx(profile.top - small.log_likelihood, rel=1e-8)
    without = fit_binomial(X, y, intercept=False)
    assert profile.fall([0]) == pytest.approx(profile.top - without.log_likelihood, rel=1e-8)
    assert profile.fall([]) == 0.0


def penalised_loss(full: np.ndarray, y: np.ndarray, coef: np.ndarray) -> float:
    eta = full @ coef
    p = 1 / (1 + np.exp(-eta))
    information = (full.T * (p * (1 - p))) @ full
    return float(np.logaddexp(0, eta).sum() - y @ eta - 0.5 * np.linalg.slogdet(information)[1])


@pytest.mark.parametrize("separated", [False, True])
def test_penalised_limits_are_those_of_a_general_optimiser(rng: np.random.Generator, *, separated: bool) -> None:
    X, y = simulated(rng, 40, 2)
    if separated:
        X[:, 0] = np.arange(40) < 6
        y[X[:, 0] == 1] = 1.0
    full = np.c_[np.ones(40), X]
    profile = binomial(X, y, penalised=True)
    top = -penalised_loss(full, y, profile.best)

    def fallen(value: float) -> float:
        """Twice the fall of the penalised likelihood when the first slope is held, less the quantile."""
        others = minimize(
            lambda rest: penalised_loss(full, y, np.array([rest[0], value, rest[1]])),
            profile.best[[0, 2]],
            method="Nelder-Mead",
            options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000},
        )
        return float(2 * (top + others.fun) - 2 * DROP)

    low, high = profile.limits(1, DROP)
    assert np.isfinite([low, high]).all()
    assert fallen(low) == pytest.approx(0, abs=1e-6)
    assert fallen(high) == pytest.approx(0, abs=1e-6)


def test_two_outcomes_are_the_multinomial_case(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    one = binomial(X, y)
    other = open_profile(X, MultinomialRows(y.astype(np.intp), 2, None, None), coef=fit_binomial(X, y).coef)
    for j in range(4):
        np.testing.assert_allclose(other.limits(j, DROP), one.limits(j, DROP), rtol=1e-8)


def test_multinomial_limits_are_those_of_a_general_optimiser(rng: np.random.Generator) -> None:
    X = rng.normal(size=(90, 1))
    codes = rng.integers(0, 3, 90)
    fit = fit_multinomial(X, codes, 3)
    profile = open_profile(X, MultinomialRows(codes, 3, None, None), coef=fit.coef)
    full = np.c_[np.ones(90), X]

    def log_likelihood(coef: np.ndarray) -> float:
        eta = np.c_[np.zeros(90), full @ coef.reshape(2, 2).T]
        return float((eta[np.arange(90), codes] - np.log(np.exp(eta).sum(axis=1))).sum())

    assert profile.top == pytest.approx(log_likelihood(fit.coef), rel=1e-12)
    for j in range(4):
        for end in profile.limits(j, DROP):
            others = minimize(
                lambda rest, j=j, end=end: -log_likelihood(np.insert(rest, j, end)), np.delete(profile.best, j)
            )
            assert profile.top + others.fun == pytest.approx(DROP, abs=1e-6)
    # Both coefficients of the column at zero: what chance alone says of the outcomes.
    sizes = np.bincount(codes)
    assert profile.top - profile.fall([1, 3]) == pytest.approx(float(sizes @ np.log(sizes / 90)), rel=1e-10)


def test_column_left_out_has_no_limits(rng: np.random.Generator) -> None:
    X, y = simulated(rng)
    twice = np.c_[X, X[:, 0] - 2 * X[:, 1]]
    profile = open_profile(twice, Rows(y, None, None), coef=fit_binomial(twice, y).coef)
    assert np.isnan(profile.limits(4, DROP)).all()
    np.testing.assert_allclose(profile.limits(1, DROP), binomial(X, y).limits(1, DROP), rtol=1e-7)
    assert profile.fall([4]) == 0.0


def test_nearly_equal_columns_keep_their_limits(rng: np.random.Generator) -> None:
    # b1 x1 + b2 (x1 + g x2) has the profile of the slope of x2, divided by g, in b2.
    X, y = simulated(rng, p=2)
    wanted = np.array(binomial(X, y).limits(2, DROP))
    for gap in (1e-2, 1e-5):
        close = binomial(np.c_[X[:, 0], X[:, 0] + gap * X[:, 1]], y)
        np.testing.assert_allclose(np.array(close.limits(2, DROP)) * gap, wanted, rtol=1e-5)
