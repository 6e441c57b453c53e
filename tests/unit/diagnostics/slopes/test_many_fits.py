from __future__ import annotations

import numpy as np
import pytest

from riskdec.diagnostics.slopes.many_fits import OneDesign
from riskdec.likelihood import fit_binomial


@pytest.fixture
def design(rng: np.random.Generator) -> np.ndarray:
    x = rng.normal(-1, 1, 200)
    return np.column_stack([np.ones(200), x, x**2])


def test_fits_of_many_outcomes_equal_one_by_one(design: np.ndarray, rng: np.random.Generator) -> None:
    weight = rng.integers(1, 5, 200).astype(float)
    outcomes = (rng.random((7, 200)) < 0.3).astype(float)
    many = OneDesign(design, weight)
    moments = np.array([many.moments(weight * y) for y in outcomes])
    fits = many.maximise(moments, np.zeros(3), (0, 1, 2))
    for y, coef, log_likelihood in zip(outcomes, fits.coef, fits.log_likelihood, strict=True):
        alone = fit_binomial(design[:, 1:], y, weight=weight)
        assert coef == pytest.approx(alone.coef, abs=1e-7)
        assert log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-9)


def test_coefficients_that_are_held_stay_and_the_others_are_at_their_best(design: np.ndarray) -> None:
    y = (np.arange(200) % 3 == 0).astype(float)
    many = OneDesign(design[:, :2], np.ones(200))
    moments = many.moments(y)[None, :]
    held = many.maximise(moments, np.array([0.0, 0.7]), (0,))
    assert held.coef[0, 1] == 0.7
    alone = fit_binomial(np.empty((200, 0)), y, offset=0.7 * design[:, 1])
    assert held.coef[0, 0] == pytest.approx(alone.coef[0], abs=1e-8)
    assert many.score(held.coef, moments)[0, 0] == pytest.approx(0, abs=1e-6)
    assert many.maximise(moments, held.coef, ()).log_likelihood == pytest.approx(many.value(held.coef, moments))


def test_separated_outcomes_get_their_least_upper_bound() -> None:
    x = np.linspace(-3, 3, 50)
    many = OneDesign(np.column_stack([np.ones(50), x]), np.ones(50))
    # None, all, the upper half, and the topmost: each can be fitted perfectly in the limit.
    outcomes = np.array([x > 9, x < 9, x > 0, x > 2.9], dtype=float)
    fits = many.maximise(np.array([many.moments(y) for y in outcomes]), np.array([0.0, 1.0]), (0, 1))
    assert fits.log_likelihood == pytest.approx(np.zeros(4), abs=1e-7)


def test_steps_that_go_too_far_are_halved_in_silence() -> None:
    # Risks that hardly differ, as of a network that has just begun: the first step would lead far away.
    rng = np.random.default_rng(0)
    x = -2.2 + 1e-3 * rng.normal(size=300)
    y = (x > np.quantile(x, 0.93)).astype(float)
    many = OneDesign(np.column_stack([np.ones(300), x]), np.ones(300))
    fits = many.maximise(many.moments(y)[None, :], np.array([0.0, 1.0]), (0, 1))
    assert np.isfinite(fits.log_likelihood).all()
    assert fits.log_likelihood[0] > -1  # separated: the least upper bound is 0
