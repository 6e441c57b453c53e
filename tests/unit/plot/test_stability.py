"""The drawing of stability shows the range of each risk, and with costs how often actions change."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from riskdec import DecisionStability, LogisticRiskModel, decision_stability
from riskdec.plot import draw


@pytest.fixture
def stability(rng: np.random.Generator) -> DecisionStability:
    X = rng.normal(size=(400, 3))
    y = rng.random(400) < 1 / (1 + np.exp(1 - X[:, 0]))
    costs = {"false_positive": 1, "false_negative": 4}
    return decision_stability(LogisticRiskModel(), X, y, costs=costs, n_resamples=30, rng=0)


def test_ranges_and_dots_are_the_numbers_of_the_answer(stability: DecisionStability) -> None:
    figure = draw(stability)
    above, below = figure.axes
    shown = stability.shown
    assert len(shown) == 300
    ends = np.array([segment[:, 1] for segment in above.collections[0].get_segments()])
    np.testing.assert_array_equal(ends, np.c_[stability.low[shown], stability.high[shown]])
    dots = next(line for line in above.lines if line.get_label() == "single refits")
    assert set(dots.get_ydata()) <= set(stability.shown_risks.ravel())
    assert stability.actions is not None
    np.testing.assert_array_equal(below.lines[0].get_ydata(), stability.actions.share_changed[shown])


def test_given_axes_take_the_risks_alone(stability: DecisionStability) -> None:
    ax = Figure().add_subplot()
    assert stability.plot(ax) is ax
    assert ax.figure.axes == [ax]


def test_without_costs_there_is_one_panel(rng: np.random.Generator) -> None:
    X = rng.normal(size=(50, 1))
    y = rng.random(50) < 0.5
    ax = draw(decision_stability(LogisticRiskModel(), X, y, n_resamples=5, rng=0))
    assert len(ax.figure.axes) == 1


def test_low_risks_are_drawn_on_a_logit_axis(rng: np.random.Generator) -> None:
    X = rng.normal(size=(2000, 2))
    y = rng.random(2000) < 1 / (1 + np.exp(4 - 0.5 * X[:, 0]))
    ax = draw(decision_stability(LogisticRiskModel(), X, y, n_resamples=10, rng=0))
    assert 0 < ax.get_xlim()[0] < ax.get_xlim()[1] < 0.5
