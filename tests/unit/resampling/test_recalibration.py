"""The recalibrating line is the logistic regression on the log-odds, to the last digits."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.likelihood import fit_binomial
from riskdec.resampling.recalibration import fit_line, fit_shift, log_chances, risks_of


@pytest.fixture
def eta(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(-1, 2, size=400)


@pytest.fixture
def y(eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(400) < risks_of(0.5 + 0.6 * eta)).astype(float)


@pytest.mark.parametrize("stretch", [1.0, 30.0, 0.01])
def test_line_maximises_the_likelihood(
    eta: np.ndarray, y: np.ndarray, rng: np.random.Generator, stretch: float
) -> None:
    weight = rng.integers(0, 3, 400).astype(float)
    kept = weight > 0
    fit = fit_binomial(stretch * eta[kept, None], y[kept], weight=weight[kept], tol=1e-12)
    line = fit_line(stretch * eta, y, weight)
    np.testing.assert_allclose([line.intercept, line.slope], fit.coef, rtol=1e-9)
    np.testing.assert_allclose(line.risk, risks_of(line.intercept + line.slope * stretch * eta))


def test_shift_makes_the_average_right(eta: np.ndarray, y: np.ndarray) -> None:
    weight = np.ones(400)
    for far in (0.0, 20.0, -20.0):
        shift = fit_shift(eta + far, y, weight)
        assert risks_of(eta + far + shift).mean() == pytest.approx(y.mean(), abs=1e-12)


def test_what_is_infinite_or_free_is_said(eta: np.ndarray, y: np.ndarray) -> None:
    weight = np.ones(400)
    assert np.isnan(fit_line(eta, (eta > 0).astype(float), weight).slope)
    assert np.isnan(fit_line(np.full(400, -1.0), y, weight).slope)
    assert fit_shift(eta, np.ones(400), weight) == np.inf
    assert fit_shift(eta, np.zeros(400), weight) == -np.inf


def test_chances_are_exact_far_out() -> None:
    eta = np.array([-800.0, -30.0, 0.0, 800.0])
    np.testing.assert_allclose(log_chances(eta, np.ones(4)), [-800, -30, -np.log(2), 0], rtol=1e-13)
    np.testing.assert_allclose(log_chances(eta, np.zeros(4)), [0, 0, -np.log(2), -800], atol=1e-12)
