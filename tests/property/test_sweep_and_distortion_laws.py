"""Laws of sweeps, distortions and efficiencies: turned events, shifted risks, and counts that weights cannot move."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskdec import LogisticRiskModel, sweep_weights, weighting_distortion, weighting_efficiency

seeds = st.integers(0, 10**6)


def draw(seed: int, n: int = 500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    return X, (rng.random(n) < 1 / (1 + np.exp(1.2 - X[:, 0]))).astype(int)


@given(seed=seeds, ratio=st.floats(0.05, 20))
@settings(max_examples=25)
def test_turning_the_event_around_turns_the_ratio_around(seed: int, ratio: float) -> None:
    X, y = draw(seed)
    assume(abs(np.log(ratio)) > 0.01)
    one = sweep_weights(LogisticRiskModel(), X, y, ratios=[ratio], X_test=X, y_test=y)
    other = sweep_weights(LogisticRiskModel(), X, 1 - y, ratios=[1 / ratio], X_test=X, y_test=1 - y)
    at = int(np.abs(np.log(one.weight_ratio / ratio)).argmin())
    there = int(np.abs(np.log(other.weight_ratio * ratio)).argmin())
    np.testing.assert_allclose(one.coefficients[at], -other.coefficients[there], atol=1e-8)
    assert one.mean_risk[at] + other.mean_risk[there] == pytest.approx(1)
    assert one.slope[at] == pytest.approx(other.slope[there])
    assert one.citl[at] == pytest.approx(-other.citl[there], abs=1e-8)


@given(seed=seeds)
@settings(max_examples=25)
def test_more_weight_raises_every_mean_risk_and_natural_weights_balance_the_training_rows(seed: int) -> None:
    X, y = draw(seed)
    sweep = sweep_weights(LogisticRiskModel(), X, y, X_test=X, y_test=y)
    assert (np.diff(sweep.mean_risk) > 0).all()
    # The score of the intercept: weighted risks sum to weighted events, in the training rows.
    coef = sweep.coefficients[sweep.natural]
    risk = 1 / (1 + np.exp(-coef[0] - X @ coef[1:]))
    weight = np.where(y == 1, sweep.natural_ratio, 1.0)
    assert np.average(risk, weights=weight) == pytest.approx(0.5, abs=1e-8)


@given(seed=seeds, shift=st.floats(-3, 3), ratio=st.floats(0.05, 20))
@settings(max_examples=40)
def test_a_shift_of_all_log_odds_is_observed_as_it_is_and_changes_nothing_else(
    seed: int, shift: float, ratio: float
) -> None:
    rng = np.random.default_rng(seed)
    eta = rng.normal(-1, 1, 600)
    y = rng.random(600) < 1 / (1 + np.exp(-eta))
    plain, moved = (weighting_distortion(y, 1 / (1 + np.exp(-eta - by)), weight_ratio=ratio) for by in (0.0, shift))
    assert moved.observed_shift.estimate == pytest.approx(plain.observed_shift.estimate + shift, abs=1e-6)
    assert moved.unexplained_shift.estimate == pytest.approx(moved.observed_shift.estimate - np.log(ratio))
    assert moved.slope.estimate == pytest.approx(plain.slope.estimate, rel=1e-6)
    assert moved.residual_p_value == pytest.approx(plain.residual_p_value, rel=1e-4)


@given(seed=seeds, ratio=st.floats(0.02, 50))
@settings(max_examples=25)
def test_efficiencies_lie_between_nothing_and_one(seed: int, ratio: float) -> None:
    X, y = draw(seed)
    found = weighting_efficiency(LogisticRiskModel(), X, y, weight_ratio=ratio)
    for values in (found.efficiency, found.undersampling_efficiency):
        assert (values > 0).all()
        assert (values <= 1 + 1e-9).all()
    assert 0 < found.undersampling_predictor_efficiency <= found.predictor_efficiency + 1e-9
