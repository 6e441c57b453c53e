"""Efficiency by quadrature equals what was derived elsewhere, and obeys what follows from the formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from riskdec.weighting.efficiency.formula import efficiency_of

# Natural weights, one normal predictor of standard deviation s on the logit scale: published in no paper, computed by
# Gauss-Hermite quadrature of the three matrices in R-independent code and confirmed by simulation (n = 4,000, 1,500
# repetitions: slope .797 with Monte Carlo error .020 at 5 %, s = 1).
TABLE = [
    (0.12, 1, 0.855, 0.919, 0.490),
    (0.12, 2, 0.772, 0.844, 0.449),
    (0.05, 1, 0.771, 0.874, 0.409),
    (0.05, 2, 0.627, 0.747, 0.338),
    (0.01, 1, 0.689, 0.830, 0.349),
    (0.01, 2, 0.442, 0.617, 0.226),
]


def one_predictor(prevalence: float, s: float) -> tuple[np.ndarray, np.ndarray]:
    x = norm.ppf((np.arange(20_001) + 0.5) / 20_001)
    shift = brentq(lambda a: (1 / (1 + np.exp(-a - s * x))).mean() - prevalence, -20, 5)
    return np.column_stack([np.ones(len(x)), x]), 1 / (1 + np.exp(-shift - s * x))


@pytest.mark.parametrize(("prevalence", "s", "slope", "predictor", "undersampled"), TABLE)
def test_natural_weights_and_one_normal_predictor(
    prevalence: float, s: float, slope: float, predictor: float, undersampled: float
) -> None:
    found = efficiency_of(*one_predictor(prevalence, s), (1 - prevalence) / prevalence)
    assert found.weighted[1] == pytest.approx(slope, abs=0.004)
    assert found.weighted_predictor == pytest.approx(predictor, abs=0.003)
    assert found.undersampled[1] == pytest.approx(undersampled, abs=0.002)


def test_as_many_rows_thrown_away_as_the_sentence_says() -> None:
    common, rare = (efficiency_of(*one_predictor(p, s), (1 - p) / p) for p, s in ((0.12, 1), (0.01, 2)))
    assert round(100 * (1 - common.weighted_predictor)) == 8
    assert round(100 * (1 - rare.weighted_predictor)) == 38


def test_no_weights_and_no_signal_lose_nothing() -> None:
    design, risk = one_predictor(0.1, 1)
    np.testing.assert_allclose(efficiency_of(design, risk, 1.0).weighted, 1, rtol=1e-12)
    flat = efficiency_of(design, np.full(len(design), 0.1), 9.0)
    np.testing.assert_allclose(flat.weighted, 1, rtol=1e-12)
    assert flat.weighted_predictor == pytest.approx(1)


def test_turning_the_event_around_turns_the_ratio_around() -> None:
    design, risk = one_predictor(0.2, 1.5)
    one, other = efficiency_of(design, risk, 4.0), efficiency_of(design, 1 - risk, 0.25)
    np.testing.assert_allclose(one.weighted, other.weighted, rtol=1e-10)
    np.testing.assert_allclose(one.undersampled, other.undersampled, rtol=1e-10)


def test_units_of_the_columns_do_not_matter() -> None:
    design, risk = one_predictor(0.2, 1.5)
    one, other = efficiency_of(design, risk, 4.0), efficiency_of(design * [1, 1e8], risk, 4.0)
    np.testing.assert_allclose(one.weighted, other.weighted, rtol=1e-9)
    assert one.weighted_predictor == pytest.approx(other.weighted_predictor)


def test_weights_are_never_better_and_undersampling_is_worse() -> None:
    for ratio in (0.2, 3.0, 50.0):
        found = efficiency_of(*one_predictor(0.07, 1.3), ratio)
        assert (found.weighted < 1).all()
        assert (found.undersampled < found.weighted).all()
