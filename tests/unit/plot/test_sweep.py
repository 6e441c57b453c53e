"""The drawing of a sweep shows weights on the moving threshold, the natural ratio, and what the weights do beside."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec import LogisticRiskModel, WeightSweep, sweep_weights
from riskdec.plot import draw, to_svg

COSTS = {"false_positive": 1, "false_negative": 12}


@pytest.fixture(scope="module")
def sweep() -> WeightSweep:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4000, 2))
    y = (rng.random(4000) < 1 / (1 + np.exp(2.4 - X[:, 0]))).astype(int)
    return sweep_weights(LogisticRiskModel(), X, y, costs=COSTS, rng=0)


def test_figure_has_trade_off_risks_slope_and_costs(sweep: WeightSweep) -> None:
    figure = draw(sweep)
    assert isinstance(figure, Figure)
    assert [ax.get_title(loc="left") for ax in figure.axes[1:]] == [
        "mean predicted risk",
        "calibration slope, 95 % interval",
        "cost per row",
    ]


def test_weights_and_threshold_are_drawn_over_the_log_ratio(sweep: WeightSweep) -> None:
    ax = draw(sweep).axes[0]
    assert ax.get_xscale() == "log"
    lines = {line.get_label(): line for line in ax.lines}
    for name, values in (
        ("precision, weights cut at 0.5", sweep.precision),
        ("recall, weights cut at 0.5", sweep.recall),
        ("precision, no weights cut at 1 / (1 + ratio)", sweep.threshold_precision),
        ("recall, no weights cut at 1 / (1 + ratio)", sweep.threshold_recall),
    ):
        np.testing.assert_array_equal(lines[name].get_xdata(), sweep.weight_ratio)
        np.testing.assert_array_equal(lines[name].get_ydata(), values)


def test_natural_ratio_and_crossing_are_marked(sweep: WeightSweep) -> None:
    ax = draw(sweep).axes[0]
    words = [text.get_text() for text in ax.texts]
    assert any(word.startswith("natural ") for word in words)
    assert any(word.startswith("both ") for word in words)
    points = [line for line in ax.lines if line.get_marker() == "o"]
    assert points[0].get_xdata() == [sweep.crossing_ratio]


def test_given_axes_hold_the_trade_off_alone(sweep: WeightSweep) -> None:
    ax = Figure().add_subplot()
    assert sweep.plot(ax) is ax
    assert isinstance(ax, Axes)
    assert ax.get_legend() is not None


def test_without_costs_or_crossing_there_is_no_place_for_them() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(1500, 2))
    y = (rng.random(1500) < 1 / (1 + np.exp(2 - X[:, 0]))).astype(int)
    alone = sweep_weights(LogisticRiskModel(), X, y, ratios=[1e-4, 1e4], rng=0)
    assert len(draw(alone).axes) == 3
    assert b"<svg" in to_svg(alone)
