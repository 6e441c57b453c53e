"""Drawings of decision curves and cost curves say what the answers hold."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec import DecisionCurve, cost_curve, decision_curve

RNG = np.random.default_rng(4)
RISK = RNG.beta(1, 3, 300)
Y = RNG.random(300) < RISK


@pytest.fixture(scope="module")
def curve() -> DecisionCurve:
    return decision_curve(Y, {"one": RISK, "two": np.sqrt(RISK)}, thresholds=np.arange(1, 80) / 100)


def test_lines_hold_the_net_benefit(curve: DecisionCurve) -> None:
    ax = curve.plot()
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert np.array_equal(lines["treat all"].get_ydata(), curve.treat_all)
    drawn = np.asarray(lines["one"].get_ydata())
    assert np.array_equal(drawn[curve.in_band[0]], curve.net_benefit[0][curve.in_band[0]])
    assert np.isnan(drawn[~curve.in_band[0]]).all()


def test_bands_are_drawn_for_few_strategies_only(curve: DecisionCurve) -> None:
    assert len(curve.plot().collections) == 2
    many = decision_curve(Y, {str(i): RISK for i in range(4)}, thresholds=[0.1, 0.2])
    assert not many.plot().collections


def test_axes_of_the_caller_are_used(curve: DecisionCurve) -> None:
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert curve.plot(ax) is ax
    assert ax.get_xlabel().startswith("threshold")


def test_a_single_threshold_can_be_drawn() -> None:
    decision_curve(Y, {"one": RISK}, thresholds=[0.2]).plot()
    cost_curve(Y, {"one": RISK}, thresholds=[0.2]).plot()


def test_cost_curve_names_the_averages() -> None:
    answer = cost_curve(Y, {"one": RISK})
    labels = [line.get_label() for line in answer.plot().get_lines()]
    assert f"one, average {answer.average[0]:.4f}" in labels
