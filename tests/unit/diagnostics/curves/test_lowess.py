from __future__ import annotations

import numpy as np
import pytest
from statsmodels.nonparametric.smoothers_lowess import lowess as statsmodels_lowess

from riskdec.diagnostics.curves.lowess import find_anchors, find_radius, lowess
from riskdec.scores.sums import sum_by_forecast


@pytest.mark.parametrize("digits", [15, 3, 2, 1])
@pytest.mark.parametrize("n", [30, 400])
def test_lowess_equals_statsmodels_with_ties(n: int, digits: int, rng: np.random.Generator) -> None:
    risk = rng.beta(1, 3, n).round(digits)
    y = rng.random(n) < risk
    spacing = 0.01 * (risk.max() - risk.min())
    theirs = statsmodels_lowess(y.astype(float), risk, frac=2 / 3, it=0, delta=spacing, return_sorted=False)
    sums = sum_by_forecast(risk, y)
    ours = lowess(sums.risk, sums.weight, sums.events[None, :])[0]
    assert ours[np.searchsorted(sums.risk, risk)] == pytest.approx(theirs, abs=1e-9)


def test_lowess_reproduces_straight_lines(rng: np.random.Generator) -> None:
    x, weight = np.sort(rng.random(200)), rng.integers(1, 4, 200).astype(float)
    assert lowess(x, weight, (weight * (0.1 + 0.7 * x))[None, :])[0] == pytest.approx(0.1 + 0.7 * x)


def test_lowess_smooths_each_line_as_if_alone(rng: np.random.Generator) -> None:
    x, weight, events = np.sort(rng.random(50)), np.ones(50), rng.random((3, 50))
    together = lowess(x, weight, events)
    for line, alone in zip(together, events, strict=True):
        assert line == pytest.approx(lowess(x, weight, alone[None, :])[0])


def test_lowess_of_one_forecast_is_its_event_rate() -> None:
    assert lowess(np.array([0.4]), np.array([5.0]), np.array([[2.0]])).tolist() == [[0.4]]


def test_radius_reaches_the_nearest_two_thirds_of_the_rows(rng: np.random.Generator) -> None:
    x, weight = np.sort(rng.random(30)), rng.integers(1, 4, 30).astype(float)
    rows = np.repeat(x, weight.astype(int))
    nearest = int(2 / 3 * len(rows) + 1e-7)
    wanted = [np.sort(np.abs(rows - t))[nearest - 1] for t in x]
    assert find_radius(x, weight, x) == pytest.approx(wanted, abs=1e-15)


def test_anchors_span_the_forecasts_at_steps_of_a_hundredth_of_the_range(rng: np.random.Generator) -> None:
    x = np.sort(rng.random(5000))
    anchors = find_anchors(x)
    assert anchors[0] == 0
    assert anchors[-1] == len(x) - 1
    assert np.diff(x[anchors]).max() <= 0.01 * (x[-1] - x[0])
    assert len(anchors) < 205
