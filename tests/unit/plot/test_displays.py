"""Displays: the curve of the function of the same name, drawn as scikit-learn's displays are."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import riskdec as rd
from riskdec.errors import InputError
from riskdec.plot import CostCurveDisplay, DecisionCurveDisplay, ReliabilityDisplay, RiskCoverageDisplay

RNG = np.random.default_rng(3)
X = RNG.normal(size=(300, 2))
Y = np.where(RNG.random(300) < 1 / (1 + np.exp(-X[:, 0])), "ill", "well")
MODEL = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
RISK = MODEL.predict_proba(X)[:, 0]
COSTS = {"false_positive": 1, "false_negative": 3, "defer": 0.3}
STAGE = np.where(X[:, 1] > 1, "late", Y)
STAGES = LogisticRegression().fit(X, STAGE)


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


class Reversed:
    """A classifier of another library whose classes stand in an order of its own."""

    classes_ = MODEL.classes_[::-1]

    def predict_proba(self, rows: Any) -> np.ndarray:
        return np.asarray(MODEL.predict_proba(rows)[:, ::-1])


@pytest.mark.parametrize("cls", [ReliabilityDisplay, DecisionCurveDisplay, CostCurveDisplay, RiskCoverageDisplay])
def test_columns_follow_the_classes_of_the_estimator_in_any_order(cls: Any) -> None:
    options = {"band": None} if cls is ReliabilityDisplay else {}
    found, wanted = (
        cls.from_estimator(model, X, Y, event="ill", name="same", **options) for model in (Reversed(), MODEL)
    )
    assert found.curve.to_dict() == wanted.curve.to_dict()


def test_estimators_without_risks_are_refused() -> None:
    with pytest.raises(InputError, match="estimator must be a fitted classifier; got SVC"):
        CostCurveDisplay.from_estimator(SVC().fit(X, Y), X, Y, event="ill")
    with pytest.raises(InputError, match=r"estimator must know more than one class; got \['ill'\]"):
        CostCurveDisplay.from_estimator(DummyClassifier().fit(X, np.repeat("ill", 300)), X, Y, event="ill")


@pytest.mark.parametrize("y", [np.where(X[:, 1] > 1, "dead", Y), (Y == "ill").astype(int)])
def test_labels_that_the_estimator_does_not_know_are_no_second_outcome(y: np.ndarray) -> None:
    with pytest.raises(InputError, match="y must hold labels that the model was fitted with"):
        RiskCoverageDisplay.from_estimator(MODEL, X, y, COSTS, event="ill")


def test_the_cost_curve_is_that_of_the_risks() -> None:
    display = CostCurveDisplay.from_estimator(MODEL, X, Y, event="ill", density=(2, 18), name="score")
    wanted = rd.cost_curve(Y, {"score": RISK}, event="ill", density=(2, 18))
    np.testing.assert_array_equal(display.curve.cost, wanted.cost)
    assert display.curve.average[0] == wanted.average[0]
    assert display.frame()["cost"].tolist() == wanted.frame()["cost"].tolist()


def test_risk_coverage_is_that_of_the_risks() -> None:
    display = RiskCoverageDisplay.from_estimator(MODEL, X, Y, COSTS, event="ill")
    wanted = rd.risk_coverage(Y, RISK, COSTS, event="ill")
    np.testing.assert_array_equal(display.curve.total_cost, wanted.total_cost)
    assert display.name == "Pipeline"
    by_risk = RiskCoverageDisplay.from_predictions(Y, RISK, COSTS, event="ill")
    assert by_risk.curve.aurc == display.curve.aurc
    free = RiskCoverageDisplay.from_estimator(MODEL, X, Y, event="ill")
    assert free.curve.augrc == rd.risk_coverage(Y, RISK, event="ill").augrc


def test_one_of_many_classes_is_set_against_the_others() -> None:
    risk = STAGES.predict_proba(X)[:, STAGES.classes_.tolist().index("late")]
    is_late = (STAGE == "late").astype(int)
    curve = CostCurveDisplay.from_estimator(STAGES, X, STAGE, event="late").curve
    np.testing.assert_allclose(curve.average[0], ((risk - is_late) ** 2).mean(), rtol=1e-12)
    net = DecisionCurveDisplay.from_estimator(STAGES, X, STAGE, event="late", thresholds=[0.3]).curve
    np.testing.assert_allclose(
        net.net_benefit[0, 0], np.mean(np.where(risk >= 0.3, is_late - (1 - is_late) * 3 / 7, 0))
    )
    reliability = ReliabilityDisplay.from_estimator(STAGES, X, STAGE, event="late", band=None).curve
    assert reliability.n_events == is_late.sum()
    with pytest.raises(InputError, match="y must hold labels that the model was fitted with .*; got 'later'"):
        CostCurveDisplay.from_estimator(STAGES, X, np.where(STAGE == "late", "later", STAGE), event="late")
    coverage = RiskCoverageDisplay.from_estimator(STAGES, X, STAGE, COSTS, event="late").curve
    assert coverage.aurc == rd.risk_coverage(is_late, risk, COSTS).aurc


def test_costs_of_as_many_outcomes_as_classes_find_them_by_name() -> None:
    names = ("well", "late", "ill")
    costs = rd.CostMatrix([[0, 4, 1], [9, 0, 3], [5, 2, 0]], outcomes=names, actions=("send home", "operate", "treat"))
    display = RiskCoverageDisplay.from_estimator(STAGES, X, STAGE, costs)
    order = [STAGES.classes_.tolist().index(name) for name in names]
    wanted = rd.risk_coverage(STAGE, STAGES.predict_proba(X)[:, order], costs)
    np.testing.assert_array_equal(display.curve.accepted_cost, wanted.accepted_cost)


@pytest.mark.parametrize("cls", [ReliabilityDisplay, DecisionCurveDisplay, CostCurveDisplay, RiskCoverageDisplay])
def test_weights_count_rows(cls: Any) -> None:
    counts = np.arange(300) % 3
    options = {"band": None} if cls is ReliabilityDisplay else {}
    weighted = cls.from_estimator(MODEL, X, Y, event="ill", sample_weight=counts, **options).curve.to_dict()
    repeated = np.repeat(np.arange(300), counts)
    again = cls.from_estimator(MODEL, X[repeated], Y[repeated], event="ill", **options).curve.to_dict()
    for name in ("event_rate", "net_benefit", "cost", "accepted_cost"):
        np.testing.assert_allclose(weighted.get(name, 0), again.get(name, 0), rtol=1e-9, atol=1e-12)


def test_groups_widen_the_band_of_the_decision_curve() -> None:
    groups = np.argsort(np.argsort(RISK)) // 20
    alone, clustered = (
        DecisionCurveDisplay.from_estimator(MODEL, X, Y, event="ill", thresholds=[0.4], groups=g).curve
        for g in (None, groups)
    )
    assert clustered.n_groups == 15
    assert clustered.standard_error[0, 0] != alone.standard_error[0, 0]


@pytest.mark.parametrize("cls", [ReliabilityDisplay, DecisionCurveDisplay, CostCurveDisplay, RiskCoverageDisplay])
def test_displays_share_a_figure_and_are_drawn_again(cls: Any) -> None:
    options = {"rng": 0} if cls is ReliabilityDisplay else {}
    figure, (left, right) = plt.subplots(1, 2)
    display = cls.from_estimator(MODEL, X, Y, event="ill", name="first", ax=left, **options)
    before = len(left.get_lines())
    assert display.plot(left) is display
    assert len(left.get_lines()) == before  # what is there already is not drawn twice
    display.plot(right, name="renamed", curve_kwargs={"ls": ":", "c": "black"})
    assert display.figure_ is figure
    assert display.ax_ is right
    legend = [text.get_text() for text in right.get_legend().get_texts()]
    assert any("renamed" in text for text in legend)
    assert not any("first" in text for text in legend)
    assert any(line.get_color() == "black" and line.get_linestyle() == ":" for line in right.get_lines())
    alone = display.plot()
    assert alone.figure_ is not figure
    plt.close(figure)


def test_the_look_of_the_line_is_kept_until_it_is_replaced() -> None:
    display = CostCurveDisplay.from_estimator(MODEL, X, Y, event="ill", name="score")
    display.set_style(curve_kwargs={"color": "black"})
    display.set_style(curve_kwargs={"linestyle": "--"})
    line = display.plot().ax_.get_lines()[-1]
    assert (line.get_color(), line.get_linestyle()) == ("black", "--")
    display.set_style(policy="override", curve_kwargs={"linewidth": 1.0})
    line = display.plot().ax_.get_lines()[-1]
    assert (line.get_color() != "black", line.get_linestyle(), line.get_linewidth()) == (True, "-", 1.0)
    with pytest.raises(InputError, match="policy must be"):
        display.set_style(policy="replace")  # type: ignore[arg-type]


def test_help_names_what_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    CostCurveDisplay.from_estimator(MODEL, X, Y, event="ill").help()
    printed = capsys.readouterr().out
    for member in (".plot()", ".frame()", ".set_style()", ".curve", ".ax_"):
        assert member in printed


def test_a_notebook_shows_pictures_that_pyplot_does_not() -> None:
    display = CostCurveDisplay.from_estimator(MODEL, X, Y, event="ill")
    picture = display._repr_png_()
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    _, ax = plt.subplots()
    assert display.plot(ax)._repr_png_() is None


def test_a_curve_of_several_models_takes_no_other_name() -> None:
    both = rd.cost_curve(Y, {"a": RISK, "b": 1 - RISK}, event="ill")
    assert len(CostCurveDisplay(both).plot().ax_.get_lines()) == 4
    with pytest.raises(InputError, match="name must be left out"):
        CostCurveDisplay(both, name="c").plot()
