"""Displays: the curve of the function of the same name, drawn as scikit-learn's displays are."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import riskdec as rd
from riskdec.errors import InputError
from riskdec.plot import DecisionCurveDisplay, ReliabilityDisplay

RNG = np.random.default_rng(3)
X = RNG.normal(size=(300, 2))
Y = np.where(RNG.random(300) < 1 / (1 + np.exp(-X[:, 0])), "ill", "well")
MODEL = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
RISK = MODEL.predict_proba(X)[:, 0]


def test_from_estimator_and_from_predictions_draw_the_same_curve() -> None:
    by_model = ReliabilityDisplay.from_estimator(MODEL, X, Y, event="ill", rng=0)
    by_risk = ReliabilityDisplay.from_predictions(Y, RISK, event="ill", rng=0)
    wanted = rd.reliability_curve(Y, RISK, event="ill", rng=0)
    for display in (by_model, by_risk):
        np.testing.assert_array_equal(display.curve.event_rate, wanted.event_rate)
        assert display.ax_.get_ylabel() == "observed event rate"
        assert display.figure_ is display.ax_.figure
        assert list(display.frame().columns) == list(wanted.frame().columns)


def test_it_is_drawn_again_on_axes_of_the_caller() -> None:
    figure, (left, right) = plt.subplots(1, 2)
    display = ReliabilityDisplay.from_predictions(Y, RISK, event="ill", method="binned", band=None, ax=left)
    assert display.ax_ is left
    assert display.plot(ax=right) is display
    assert display.ax_ is right
    assert display.figure_ is figure
    assert "ReliabilityDisplay of <ReliabilityCurve" in repr(display)


def test_the_decision_curve_bears_the_name_of_the_model() -> None:
    display = DecisionCurveDisplay.from_estimator(MODEL, X, Y, event="ill", thresholds=[0.1, 0.2, 0.3])
    assert display.curve.names == ("Pipeline",)
    wanted = rd.decision_curve(Y, {"x": RISK}, event="ill", thresholds=[0.1, 0.2, 0.3])
    np.testing.assert_array_equal(display.curve.net_benefit, wanted.net_benefit)
    named = DecisionCurveDisplay.from_estimator(MODEL, X, Y, event="ill", name="score")
    assert named.curve.names == ("score",)
    assert named.ax_ in named.figure_.axes


def test_models_of_riskdec_know_their_event_and_others_are_asked() -> None:
    own = rd.LogisticRiskModel(event="ill").fit(X, Y)
    display = ReliabilityDisplay.from_estimator(own, X, Y, band=None)
    np.testing.assert_allclose(display.curve.risk.min(), own.predict_risk(X).min())
    with pytest.raises(InputError, match="event must be given"):
        ReliabilityDisplay.from_estimator(MODEL, X, Y)
    with pytest.raises(InputError, match="estimator must be a fitted classifier"):
        ReliabilityDisplay.from_estimator(LogisticRegression(), X, Y)
