"""Mixture shares: against EM and direct maximisation, at the ends of the range, for rare outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from scipy.special import softmax

from riskdec.calibration.prevalence.mixture import fit_mixture, log_likelihood


def draw(seed: int, n: int, shares: list[float], distance: float = 1.5) -> np.ndarray:
    """Give density ratios of normal scores around the corners of a simplex."""
    rng = np.random.default_rng(seed)
    k = len(shares)
    centre = distance * np.eye(k)
    x = rng.normal(size=(n, k)) + centre[rng.choice(k, n, p=shares)]
    log_density = -0.5 * ((x[:, None, :] - centre) ** 2).sum(axis=2)
    return softmax(log_density, axis=1)


def em(ratio: np.ndarray, weight: np.ndarray, steps: int = 20_000) -> np.ndarray:
    """Take the steps of Saerens et al. (2002)."""
    q = np.full(ratio.shape[1], 1 / ratio.shape[1])
    for _ in range(steps):
        joint = ratio * q
        q = weight @ (joint / joint.sum(axis=1, keepdims=True)) / weight.sum()
    return q


@pytest.mark.parametrize("shares", [[0.8, 0.2], [0.6, 0.3, 0.1], [0.4, 0.3, 0.2, 0.07, 0.03]])
def test_shares_are_those_of_em_in_the_limit(shares: list[float]) -> None:
    ratio = draw(1, 800, shares)
    weight = np.random.default_rng(2).integers(1, 4, 800).astype(float)
    np.testing.assert_allclose(fit_mixture(ratio, weight).shares, em(ratio, weight), atol=1e-8)


def test_two_shares_are_those_of_direct_maximisation() -> None:
    ratio = draw(3, 2000, [0.97, 0.03])
    direct = minimize_scalar(
        lambda q: -np.log(ratio @ [1 - q, q]).sum(), bounds=(1e-6, 0.5), method="bounded", options={"xatol": 1e-12}
    )
    assert fit_mixture(ratio, np.ones(2000)).shares[1] == pytest.approx(direct.x, abs=1e-8)


def test_many_shares_are_those_of_direct_maximisation() -> None:
    ratio = draw(4, 600, [0.5, 0.3, 0.2])
    weight = np.ones(600)
    direct = minimize(
        lambda z: -np.log(ratio @ softmax(np.append(0, z))).sum(),
        np.zeros(2),
        jac=lambda z: -_slope(ratio, softmax(np.append(0, z)))[1:],
        method="BFGS",
        options={"gtol": 1e-9},
    )
    np.testing.assert_allclose(fit_mixture(ratio, weight).shares, softmax(np.append(0, direct.x)), atol=1e-8)


def _slope(ratio: np.ndarray, q: np.ndarray) -> np.ndarray:
    return q * ((ratio / (ratio @ q)[:, None]).sum(axis=0) - len(ratio))


@pytest.mark.parametrize("k", [2, 4])
def test_optimum_satisfies_its_conditions(k: int) -> None:
    # At the maximum each outcome's mean ratio is 1 where its share is positive, and at most 1 where it is 0.
    for seed in range(20):
        ratio = draw(seed, 60, [1.0, *([0.0] * (k - 1))], 0.8)
        found = fit_mixture(ratio, np.ones(60))
        mean = (ratio / (ratio @ found.shares)[:, None]).mean(axis=0)
        assert mean.max() <= 1 + 1e-9
        np.testing.assert_allclose(mean[found.shares > 1e-9], 1, atol=1e-6)
        assert found.shares.sum() == pytest.approx(1, abs=1e-14)


def test_outcome_that_no_row_speaks_for_has_share_zero() -> None:
    ratio = np.column_stack([np.ones(50), np.linspace(0.1, 0.9, 50)])
    np.testing.assert_array_equal(fit_mixture(ratio, np.ones(50)).shares, [1, 0])
    np.testing.assert_array_equal(fit_mixture(ratio[:, ::-1], np.ones(50)).shares, [0, 1])


def test_share_of_one_in_100_000_has_its_digits() -> None:
    # 3 certain events among 300,000 rows, and rows that hardly speak for one: a root in closed form for the first.
    certain = np.array([[0.0, 1.0]] * 3 + [[1.0, 0.0]] * 299_997)
    found = fit_mixture(certain, np.ones(300_000)).shares
    assert found[1] == pytest.approx(1e-5, rel=1e-12)


def test_information_of_the_likelihood_is_concave_around_the_maximum(rng: np.random.Generator) -> None:
    ratio, weight = draw(5, 300, [0.5, 0.4, 0.1]), np.ones(300)
    best = fit_mixture(ratio, weight)
    for _ in range(20):
        assert log_likelihood(ratio, weight, rng.dirichlet(np.ones(3))) <= best.log_likelihood


def test_impossible_rows_make_the_likelihood_zero() -> None:
    assert log_likelihood(np.array([[0.0, 1.0]]), np.ones(1), np.array([1.0, 0.0])) == -np.inf
