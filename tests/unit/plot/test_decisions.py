"""The drawing of decisions counts what was decided."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec.decisions import CostMatrix, decide
from riskdec.plot import draw

COSTS = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
RISK = np.repeat([0.01, 0.2, 0.9], [6, 3, 1])


def labels(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_yticklabels()]


def test_bars_are_the_counts_in_the_order_of_the_risk() -> None:
    figure = draw(decide(RISK, COSTS))
    bars = figure.axes[1]
    assert labels(bars) == ["negative", "defer", "positive"]
    assert [bar.get_width() for bar in bars.patches] == [6, 3, 1]
    assert [text.get_text() for text in bars.texts] == [
        "6 (60.0 %), risk below 4 %",
        "3 (30.0 %), risk 4 % to 40 %",
        "1 (10.0 %), risk from 40 %",
    ]


@pytest.mark.filterwarnings("ignore:RD301")
def test_an_action_that_no_risk_calls_for_is_shown_with_zero_rows() -> None:
    figure = draw(decide(RISK, {"false_positive": 1, "false_negative": 15, "defer": 0.99}))
    bars = figure.axes[1]
    assert labels(bars)[-1] == "defer"
    assert bars.patches[-1].get_width() == 0
    assert bars.texts[-1].get_text() == "0 (0.0 %)"


def test_three_outcomes_have_counts_and_no_regions() -> None:
    costs = CostMatrix([[0, 3], [8, 0], [9, 1]], outcomes=("a", "b", "c"), actions=("x", "y"))
    ax = draw(decide([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]], costs))
    assert isinstance(ax, Axes)
    assert [bar.get_width() for bar in ax.patches] == [1, 2]


def test_given_axes_hold_the_regions_alone() -> None:
    left, right = Figure().subplots(1, 2)
    assert draw(decide(RISK, COSTS), right) is right
    assert right.get_ylabel() == "expected cost per row"
    assert not left.has_data()
    assert not left.texts
    assert len(right.figure.axes) == 2
