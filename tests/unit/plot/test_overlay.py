"""Several answers of one kind on the same axes."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

import riskdec as rd
from riskdec.plot import CostCurveDisplay, DecisionCurveDisplay, ReliabilityDisplay, RiskCoverageDisplay
from riskdec.plot.overlay import COLORS, answers_on, line_look

RNG = np.random.default_rng(7)
RISK = RNG.beta(1, 3, 400)
Y = (RNG.random(400) < RISK).astype(int)
OTHER = np.clip(RISK**1.5, 0.001, 0.999)
FEW = slice(0, 150)


def labels(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def line(ax: Any, label: str) -> Any:
    found = [each for each in ax.get_lines() if str(each.get_label()).startswith(label)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(("cls", "reference"), [(DecisionCurveDisplay, "treat all"), (CostCurveDisplay, "act on all")])
def test_a_second_model_takes_the_next_colour_and_no_second_reference(cls: Any, reference: str) -> None:
    first = cls.from_predictions(Y, RISK, name="one")
    second = cls.from_predictions(Y, OTHER, name="two", ax=first.ax_)
    assert second.ax_ is first.ax_
    assert line(first.ax_, "one").get_color() == COLORS[0]
    assert line(first.ax_, "two").get_color() == COLORS[1]
    assert sum(text.startswith(reference) for text in labels(first.ax_)) == 1
    assert answers_on(first.ax_, type(first.curve)) == [first.curve, second.curve]


def test_other_rows_bring_their_own_reference() -> None:
    ax = DecisionCurveDisplay.from_predictions(Y, RISK, name="all").ax_
    few = DecisionCurveDisplay.from_predictions(Y[FEW], RISK[FEW], name="few", ax=ax)
    drawn = line(ax, "treat all (")
    np.testing.assert_array_equal(drawn.get_ydata(), few.curve.treat_all)
    assert f"{100 * Y[FEW].mean():.1f} % events" in drawn.get_label()


def test_axes_reach_as_far_as_all_curves() -> None:
    ax = CostCurveDisplay.from_predictions(Y, RISK, thresholds=[0.2, 0.3], name="short").ax_
    CostCurveDisplay.from_predictions(Y, 1 - RISK, thresholds=[0.1, 0.6], name="long", ax=ax)
    assert ax.get_xlim() == (0.1, 0.6)
    assert ax.get_ylim()[1] > line(ax, "long").get_ydata().max()


def test_the_second_reliability_curve_has_no_band_and_moves_the_diagonal() -> None:
    small = RISK / 20
    rare = (RNG.random(400) < small).astype(int)
    ax = Figure().add_subplot()
    first = ReliabilityDisplay.from_predictions(rare, small, name="rare", rng=0, ax=ax)
    bands = len(ax.collections)
    before = ax.get_xlim()
    ReliabilityDisplay.from_predictions(Y, RISK, name="common", rng=0, ax=ax)
    assert len(ax.collections) == bands
    assert ax.get_xlim()[1] > before[1]
    assert ax.get_xlim() == ax.get_ylim()
    np.testing.assert_array_equal(line(ax, "_diagonal").get_xdata(), ax.get_xlim())
    assert labels(ax)[-2:] == [f"{name} ({first.curve.description})" for name in ("rare", "common")]


def test_cost_over_coverage_adds_the_line_that_can_be_compared() -> None:
    costs = {"false_positive": 1, "false_negative": 3, "defer": 0.3}
    ax = RiskCoverageDisplay.from_predictions(Y, RISK, costs, name="one").ax_
    before = len(labels(ax))
    second = RiskCoverageDisplay.from_predictions(Y, OTHER, costs, name="two", ax=ax)
    assert len(labels(ax)) == before + 1
    np.testing.assert_array_equal(line(ax, "two: all cases").get_ydata(), second.curve.total_cost)


@pytest.mark.parametrize("wipe", ["clear", "remove"])
def test_what_is_wiped_off_the_axes_is_forgotten(wipe: str) -> None:
    figure, ax = plt.subplots()
    display = CostCurveDisplay.from_predictions(Y, RISK, name="one", ax=ax)
    if wipe == "clear":
        ax.clear()
    else:
        for each in ax.get_lines():
            each.remove()
    display.plot(ax)
    assert {"act on all", "act on none"} < set(labels(ax))
    assert line(ax, "one").get_color() == COLORS[0]
    plt.close(figure)


def test_answers_of_other_kinds_do_not_count() -> None:
    ax = Figure().add_subplot()
    rd.cost_curve(Y, {"cost": RISK}).plot(ax)
    rd.decision_curve(Y, {"net benefit": RISK}).plot(ax)
    assert {"act on all", "treat all", "treat none"} < set(labels(ax))


def test_more_models_than_colours_begin_again() -> None:
    ax = Figure().add_subplot()
    for k in range(len(COLORS) + 1):
        CostCurveDisplay.from_predictions(Y, RISK, name=f"model {k}", ax=ax)
    assert line(ax, "model 6").get_color() == line(ax, "model 0").get_color()


def test_short_names_of_properties_replace_ours() -> None:
    look = line_look({"linewidth": 2.0, "color": "red"}, {"lw": 1.0, "c": "blue"})
    assert look == {"linewidth": 1.0, "color": "blue"}
    assert line_look({"color": "red"}, None) == {"color": "red"}
