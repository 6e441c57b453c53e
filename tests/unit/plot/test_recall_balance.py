"""The drawing of a balance of recalls shows each class and way once, with limits, spread and price beside."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression

from riskdec import CostMatrix, RecallBalance, balance_recall
from riskdec.plot import draw, to_svg


def make_balance(n_classes=3, **options) -> RecallBalance:
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(300 * n_classes) % n_classes)
    X = rng.normal(size=(len(y), n_classes)) + np.linspace(1, 3, n_classes)[y, None] * np.eye(n_classes)[y]
    return balance_recall(LogisticRegression(), X, y, rng=0, **options)


@pytest.fixture(scope="module")
def balance() -> RecallBalance:
    return make_balance()


def test_bars_are_the_recalls_in_the_order_of_the_plain_fit(balance) -> None:
    ax = draw(balance).axes[0]
    order = np.argsort(balance.arms[0].recall, kind="stable")
    bars = [c for c in ax.containers if hasattr(c, "patches")]
    assert len(bars) == 3
    for container, arm in zip(bars, balance.arms, strict=True):
        np.testing.assert_allclose([patch.get_height() for patch in container.patches], arm.recall[order])
    names = [str(balance.classes[k]) for k in order]
    assert [label.get_text() for label in ax.get_xticklabels()] == names


def test_limits_stand_on_the_bars(balance) -> None:
    ax = Figure().add_subplot()
    assert draw(balance, ax) is ax
    assert isinstance(ax, Axes)
    order = np.argsort(balance.arms[0].recall, kind="stable")
    ends = np.array([segment[:, 1] for segment in ax.collections[0].get_segments()])
    np.testing.assert_allclose(ends, np.column_stack([balance.arms[0].low, balance.arms[0].high])[order])
    assert len(ax.get_legend().get_texts()) == 3


def test_spread_and_accuracy_stand_beside(balance) -> None:
    figure = draw(balance)
    assert isinstance(figure, Figure)
    _, spread, price = figure.axes
    np.testing.assert_allclose([bar.get_width() for bar in spread.patches], [arm.range for arm in balance.arms])
    assert spread.get_title(loc="left") == "range of recalls"
    assert price.get_title(loc="left") == "accuracy"
    assert b"<svg" in to_svg(balance)


def test_repeats_are_points_on_the_ranges() -> None:
    balance = make_balance(n_repeats=3)
    spread = draw(balance).axes[1]
    points = [line for line in spread.lines if line.get_marker() == "o"]
    assert len(points) == 3
    for j, line in enumerate(points):
        np.testing.assert_array_equal(line.get_xdata(), [repeat.arms[j].range for repeat in balance.repeats])


def test_costs_take_the_place_of_accuracy() -> None:
    names = ("a", "b", "c")
    costs = CostMatrix(1.0 - np.eye(3), outcomes=names, actions=names)
    figure = draw(make_balance(costs=costs))
    assert figure.axes[2].get_title(loc="left") == "cost per row"
    assert len(figure.axes[1].patches) == 4


def test_of_many_classes_the_least_and_the_most_found_are_drawn() -> None:
    ax = draw(make_balance(20, ways=("offsets",))).axes[0]
    assert len(ax.get_xticks()) == 16
