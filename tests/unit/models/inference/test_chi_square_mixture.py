"""The tail of a weighted sum of chi-squares against closed forms, numerical inversion and draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from riskdec.models.inference.chi_square_mixture import mixture_tail


@pytest.mark.parametrize("m", [1, 2, 5, 40])
def test_equal_weights_are_a_chi_square(m: int) -> None:
    for statistic in (0.0, 0.3, 5.0, 60.0):
        found = mixture_tail(statistic, np.full(m, 1.7))
        assert found == pytest.approx(chi2.sf(statistic / 1.7, m), rel=1e-9, abs=1e-13)


def test_pairs_of_equal_weights_are_a_mixture_of_exponentials() -> None:
    # a chi2_2 + b chi2_2 is the sum of two exponentials of means 2a and 2b.
    a, b = 3.0, 0.4
    for statistic in (0.5, 4.0, 30.0):
        wanted = (a * np.exp(-statistic / (2 * a)) - b * np.exp(-statistic / (2 * b))) / (a - b)
        assert mixture_tail(statistic, np.array([a, a, b, b])) == pytest.approx(wanted, rel=1e-9)


def imhof(statistic: float, weights: np.ndarray) -> float:
    """Imhof (1961): 1/2 + 1/pi int sin(theta(u)) / (u rho(u)) du."""

    def integrand(u: float) -> float:
        theta = 0.5 * np.arctan(weights * u).sum() - 0.5 * statistic * u
        return float(np.sin(theta) / (u * np.prod((1 + (weights * u) ** 2) ** 0.25)))

    return 0.5 + quad(integrand, 0, 400, limit=5000, epsabs=1e-11)[0] / np.pi


def test_tail_is_that_of_numerical_inversion(rng: np.random.Generator) -> None:
    for _ in range(5):
        weights = rng.uniform(0.2, 3, 8)
        statistic = float(weights.sum() * rng.uniform(0.5, 3))
        assert mixture_tail(statistic, weights) == pytest.approx(imhof(statistic, weights), abs=1e-8)


def test_tail_is_that_of_draws(rng: np.random.Generator) -> None:
    weights = np.array([2.5, 1.0, 0.3])
    draws = rng.normal(size=(200_000, 3)) ** 2 @ weights
    # Monte Carlo error below 0.0011.
    for statistic in (1.0, 4.0, 12.0):
        assert mixture_tail(statistic, weights) == pytest.approx(np.mean(draws > statistic), abs=0.004)


def test_tiny_and_many_weights_stay_careful() -> None:
    assert mixture_tail(4.0, np.array([1.0, 1e-9])) == pytest.approx(chi2.sf(4.0, 1), rel=2e-3)
    assert mixture_tail(4.0, np.array([1.0, 0.0])) >= chi2.sf(4.0, 1)
    many = np.r_[np.ones(300), np.full(300, 1e-6)]
    assert chi2.sf(330.0, 300) <= mixture_tail(330.0, many) <= 1.0
    assert mixture_tail(1e6, many) == 0.0
