"""Recalibration of many columns at once equals that of each by itself, and says where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec import calibration_slope
from riskdec.weighting.sweep.recalibrating import recalibrate_columns


def columns(rng: np.random.Generator, n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(-2, 1, n)
    log_odds = np.column_stack([x, 1.4 * x + 2, x + 0.3 * x**2, 0.4 * x - 3])
    return log_odds, rng.random(n) < 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("start", [0.0, -4.0, 6.0], ids=["near", "below", "far above"])
def test_columns_equal_single_recalibrations_wherever_they_start(rng: np.random.Generator, start: float) -> None:
    log_odds, event = columns(rng)
    found = recalibrate_columns(log_odds, event, None, start=np.full(4, start), confidence_level=0.9)
    assert found.obstacles == ("",) * 4
    for j in range(4):
        single = calibration_slope(event, 1 / (1 + np.exp(-log_odds[:, j])), confidence_level=0.9)
        for ours, wanted in ((found.citl[j], single.citl), (found.slope[j], single.slope)):
            np.testing.assert_allclose(ours, [wanted.estimate, wanted.low, wanted.high], rtol=1e-7, atol=1e-9)


def test_certain_risks_and_separated_outcomes_are_told(rng: np.random.Generator) -> None:
    log_odds, event = columns(rng)
    right, wrong = log_odds[:, 0].copy(), log_odds[:, 0].copy()
    right[np.flatnonzero(~event)[:5]] = -np.inf
    wrong[np.flatnonzero(event)[:5]] = -np.inf
    apart = np.where(event, 1.0, -1.0) + 0.1 * rng.normal(size=len(event)).clip(-3, 3)
    found = recalibrate_columns(
        np.column_stack([right, wrong, apart]), event, None, start=np.zeros(3), confidence_level=0.95
    )
    single = calibration_slope(event, 1 / (1 + np.exp(-right)))
    assert found.slope[0, 0] == pytest.approx(single.slope.estimate)
    assert np.isnan(found.slope[1]).all()
    assert "proved wrong" in found.obstacles[1]
    assert np.isnan(found.slope[2, 0])
    assert "infinite" in found.obstacles[2]
    assert np.isfinite(found.citl[2, 0])


def test_constant_risks_have_no_slope(rng: np.random.Generator) -> None:
    _, event = columns(rng)
    found = recalibrate_columns(np.full((len(event), 1), -1.0), event, None, start=np.zeros(1), confidence_level=0.95)
    assert np.isnan(found.slope[0, 0])
    rate = event.mean()
    assert found.citl[0, 0] == pytest.approx(np.log(rate / (1 - rate)) + 1)
