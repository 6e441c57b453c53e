"""Separated data on any scale: the fallback converges, and its average risk is the event rate."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec import LogisticRiskModel
from riskdec.errors import SeparationWarning
from riskdec.likelihood import fit_binomial


@pytest.mark.filterwarnings("ignore::riskdec.errors.SeparationWarning")
def test_average_risk_of_the_fallback_is_the_event_rate_on_any_scale() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        first = rng.integers(3, 70, 40)
        y = (rng.random(40) < 0.2).astype(int)
        if y.min() == y.max():
            continue
        # Events lie on the line x1 = x0, the others above it, by steps of one on a scale of thousands.
        X = np.c_[first, np.where(y, first, first + rng.integers(1, 2000, 40))].astype(float)
        model = LogisticRiskModel().fit(X, y)
        assert model.converged_, seed
        assert model.predict_risk(X).mean() == pytest.approx(y.mean(), abs=1e-12), seed


def test_fallback_reaches_far_estimates_of_columns_on_a_long_scale() -> None:
    rng = np.random.default_rng(1)
    stay = rng.integers(1, 300, 2000).astype(float)
    y = (rng.random(2000) < 0.25).astype(int)
    follow_up = np.where(y, stay, stay + rng.integers(1, 2000, 2000))
    with pytest.warns(SeparationWarning):
        model = LogisticRiskModel().fit(np.c_[stay, follow_up], y)
    assert model.converged_
    assert model.fit_result_.log_likelihood > -20  # all but perfectly told apart; a constant risk has about -1,120
    assert model.predict_risk(np.c_[stay, follow_up]).mean() == pytest.approx(y.mean(), abs=1e-12)


@pytest.mark.parametrize("size", [20.0, 60.0, 200.0])
def test_offsets_of_any_size_and_both_signs_converge(size: float) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    offset = np.where(rng.random(400) < 0.5, size, -size)
    y = rng.random(400) < 0.4
    fit = fit_binomial(X, y, offset=offset)
    assert fit.status == "certified"
    residual = y - 1 / (1 + np.exp(-np.clip(fit.linear_predictor, -700, 700)))
    assert abs(residual.sum()) < 1e-6
    assert np.abs(residual @ X).max() < 1e-6
