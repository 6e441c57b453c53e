"""The drawing of an evaluation puts the decisions among their baselines by cost."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure

from riskdec.decisions import DecisionEvaluation, decide, evaluate_decisions
from riskdec.plot import draw
from riskdec.plot.style import BLUE


@pytest.fixture
def evaluation() -> DecisionEvaluation:
    decisions = decide(
        np.repeat([0.01, 0.2, 0.9], [6, 3, 1]), {"false_positive": 1, "false_negative": 15, "defer": 0.6}
    )
    return evaluate_decisions(np.repeat([0, 1, 1], [6, 3, 1]), decisions)


def test_bars_are_the_costs_from_cheap_to_dear(evaluation: DecisionEvaluation) -> None:
    ax = draw(evaluation)
    drawn = {text.get_text(): bar.get_width() for text, bar in zip(ax.get_yticklabels(), ax.patches, strict=True)}
    assert drawn == {"these decisions": evaluation.mean_realised_cost} | {
        baseline.name: baseline.mean_realised_cost for baseline in evaluation.baselines
    }
    assert list(drawn.values()) == sorted(drawn.values())
    assert ax.yaxis_inverted()


def test_decisions_stand_out_and_every_bar_has_its_number(evaluation: DecisionEvaluation) -> None:
    ax = draw(evaluation)
    names = [text.get_text() for text in ax.get_yticklabels()]
    blue = [name for name, bar in zip(names, ax.patches, strict=True) if same_color(bar.get_facecolor(), BLUE)]
    assert blue == ["these decisions"]
    assert [float(text.get_text()) for text in ax.texts] == pytest.approx([bar.get_width() for bar in ax.patches])


def test_given_axes_are_used_and_others_stay_empty(evaluation: DecisionEvaluation) -> None:
    left, right = Figure().subplots(1, 2)
    assert draw(evaluation, right) is right
    assert right.patches
    assert not left.has_data()
    assert not left.texts
