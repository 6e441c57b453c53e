"""A sweep: every fit is the single fit, every figure the one counted by hand, for every kind of model and data."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import LogisticRiskModel, TabularRiskModel, calibration_slope, evaluate_decisions, sweep_weights
from riskdec._base.result import Estimate
from riskdec.decisions import CostMatrix, decide
from riskdec.errors import InputError, SeparationWarning
from riskdec.weighting.sweep.sentences import conclude_sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightSweep

    Draw = Callable[..., tuple[np.ndarray, np.ndarray]]


def halves(draw: Any, seed: int, **options: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    X, y = draw(seed, **options)
    return X[::2], y[::2], X[1::2], y[1::2]


def code(sweep: WeightSweep, wanted: str) -> Any:
    found = [finding for finding in sweep.findings if finding.code == wanted]
    assert len(found) == 1, [str(finding) for finding in sweep.findings]
    return found[0]


@pytest.mark.parametrize("bend", [0.0, 0.7], ids=["right form", "wrong form"])
def test_coefficients_equal_those_of_single_fits(draw: Draw, bend: float) -> None:
    X, y, X_test, y_test = halves(draw, 1, bend=bend)
    sweep = sweep_weights(LogisticRiskModel(), X, y, X_test=X_test, y_test=y_test)
    assert sweep.terms == ("Intercept", "x0", "x1", "x2")
    assert len(sweep.weight_ratio) == 41
    for ratio, coef in zip(sweep.weight_ratio, sweep.coefficients, strict=True):
        direct = LogisticRiskModel(class_weight={0: 1, 1: ratio}).fit(X, y)
        np.testing.assert_allclose(coef, np.r_[direct.intercept_, direct.coef_[0]], atol=1e-8, rtol=0)


def test_default_ratios_hold_one_and_the_natural_ratio(draw: Draw) -> None:
    X, y, X_test, y_test = halves(draw, 2)
    sweep = sweep_weights(LogisticRiskModel(), X, y, X_test=X_test, y_test=y_test)
    natural = (y == 0).sum() / (y == 1).sum()
    assert sweep.natural_ratio == natural
    assert sweep.weight_ratio[sweep.natural] == natural
    assert sweep.weight_ratio[sweep.unweighted] == 1
    assert sweep.weight_ratio[0] == pytest.approx(0.25)
    assert sweep.weight_ratio[-1] == pytest.approx(4 * natural)
    assert (np.diff(sweep.weight_ratio) > 0).all()


def test_figures_equal_counts_by_hand(draw: Draw) -> None:
    X, y, X_test, y_test = halves(draw, 3)
    sweep = sweep_weights(LogisticRiskModel(), X, y, ratios=[4.0], X_test=X_test, y_test=y_test)
    at = int(np.flatnonzero(sweep.weight_ratio == 4.0)[0])
    weighted = LogisticRiskModel(class_weight={0: 1, 1: 4}).fit(X, y).predict_risk(X_test)
    none = LogisticRiskModel().fit(X, y).predict_risk(X_test)
    event = y_test == 1
    for risk, cut, name in ((weighted, 0.5, ""), (none, 0.2, "threshold_")):
        flags = risk >= cut
        assert getattr(sweep, f"{name}precision")[at] == pytest.approx(event[flags].mean())
        assert getattr(sweep, f"{name}recall")[at] == pytest.approx(flags[event].mean())
        assert getattr(sweep, f"{name}flagged")[at] == pytest.approx(flags.mean())
    assert sweep.threshold[at] == 0.2
    assert sweep.agreement[at] == pytest.approx(((weighted >= 0.5) == (none >= 0.2)).mean())
    assert sweep.mean_risk[at] == pytest.approx(weighted.mean())
    assert sweep.observed_rate == pytest.approx(event.mean())


@pytest.mark.parametrize("grouped", [False, True], ids=["rows", "groups"])
def test_calibration_equals_calibration_slope(draw: Draw, *, grouped: bool) -> None:
    X, y, X_test, y_test = halves(draw, 4)
    people = np.random.default_rng(0).integers(0, 150, len(y_test)) if grouped else None
    sweep = sweep_weights(LogisticRiskModel(), X, y, ratios=[0.3, 30], X_test=X_test, y_test=y_test, groups_test=people)
    for at, ratio in enumerate(sweep.weight_ratio):
        risk = LogisticRiskModel(class_weight={0: 1, 1: ratio}).fit(X, y).predict_risk(X_test)
        single = calibration_slope(y_test, risk, groups=people)
        for name in ("citl", "slope"):
            ours = [getattr(sweep, name)[at], getattr(sweep, f"{name}_low")[at], getattr(sweep, f"{name}_high")[at]]
            wanted = getattr(single, name)
            np.testing.assert_allclose(ours, [wanted.estimate, wanted.low, wanted.high], rtol=1e-6, atol=1e-8)


def test_precision_and_recall_cross_where_as_many_rows_are_flagged_as_have_the_event(draw: Draw) -> None:
    X, y, X_test, y_test = halves(draw, 5, n=20_000)
    around = sweep_weights(LogisticRiskModel(), X, y, X_test=X_test, y_test=y_test)
    sweep = sweep_weights(LogisticRiskModel(), X, y, ratios=[around.crossing_ratio], X_test=X_test, y_test=y_test)
    at = int(np.flatnonzero(sweep.weight_ratio == around.crossing_ratio)[0])
    assert sweep.flagged[at] == pytest.approx(sweep.observed_rate, rel=0.02)
    assert sweep.precision[at] == pytest.approx(around.crossing_value, abs=0.01)
    assert 1 / (1 + around.crossing_ratio) == pytest.approx(around.threshold_crossing, rel=0.05)


@pytest.mark.parametrize("defer", [None, 0.4])
def test_costs_equal_those_of_decisions_made_one_by_one(draw: Draw, defer: float | None) -> None:
    X, y, X_test, y_test = halves(draw, 6)
    costs = CostMatrix.binary(false_positive=1, false_negative=7, true_positive=0.2, defer=defer)
    sweep = sweep_weights(LogisticRiskModel(), X, y, ratios=[3.0], costs=costs, X_test=X_test, y_test=y_test)
    at = int(np.flatnonzero(sweep.weight_ratio == 3.0)[0])
    none = LogisticRiskModel().fit(X, y).predict_risk(X_test)
    weighted = LogisticRiskModel(class_weight={0: 1, 1: 3}).fit(X, y).predict_risk(X_test)
    table = np.array([[0, 1], [7, 0.2]])
    assert sweep.cost[at] == pytest.approx(table[y_test, (weighted >= 0.5).astype(int)].mean())
    assert sweep.threshold_cost[at] == pytest.approx(table[y_test, (none >= 0.25).astype(int)].mean())
    for risk, told in ((none, sweep.decided_cost), (weighted, sweep.believed_cost[at])):
        assert told == pytest.approx(evaluate_decisions(y_test, decide(risk, costs)).mean_realised_cost)


def test_without_costs_none_are_told(draw: Draw) -> None:
    X, y, X_test, y_test = halves(draw, 7)
    sweep = sweep_weights(LogisticRiskModel(), X, y, ratios=[3.0], X_test=X_test, y_test=y_test)
    assert sweep.cost is None
    assert sweep.decided_cost is None
    assert "cost" not in sweep.frame().columns


def test_a_model_of_the_right_form_decides_as_the_threshold(draw: Draw) -> None:
    X, y, X_test, y_test = halves(draw, 8, n=20_000)
    sweep = sweep_weights(LogisticRiskModel(), X, y, X_test=X_test, y_test=y_test)
    assert sweep.agreement.min() > 0.97
    assert code(sweep, "RD421").severity == "good"
    assert code(sweep, "RD422").severity == "issue"


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(20, random_state=0, min_samples_leaf=20),
        GaussianNB(),
        make_pipeline(StandardScaler(), LogisticRegression(C=1.0)),
    ],
    ids=["class weights", "sample weights only", "pipeline"],
)
def test_any_classifier_is_fitted_ratio_by_ratio(draw: Draw, estimator: Any) -> None:
    X, y, X_test, y_test = halves(draw, 9, n=1200)
    sweep = sweep_weights(estimator, X, y, ratios=[2.0, 5.0], X_test=X_test, y_test=y_test)
    assert sweep.coefficients is None
    assert sweep.terms == ()
    assert (np.diff(sweep.mean_risk) > 0).all()
    assert sweep.agreement[sweep.unweighted] == 1


def test_ridge_is_fitted_ratio_by_ratio_and_says_so(draw: Draw) -> None:
    X, y, X_test, y_test = halves(draw, 10, n=1200)
    model = LogisticRiskModel(penalty="ridge", alpha=5.0)
    sweep = sweep_weights(model, X, y, ratios=[6.0], X_test=X_test, y_test=y_test)
    assert "the fit is penalised (ridge)" in code(sweep, "RD424").sentence
    direct = LogisticRiskModel(penalty="ridge", alpha=5.0, class_weight={0: 1, 1: 6}).fit(X, y)
    at = int(np.flatnonzero(sweep.weight_ratio == 6.0)[0])
    np.testing.assert_allclose(sweep.coefficients[at], np.r_[direct.intercept_, direct.coef_[0]], atol=1e-8)


def test_formulas_and_categories_follow_the_path_too() -> None:
    rng = np.random.default_rng(31)
    table = pd.DataFrame({"dose": rng.normal(size=1600), "ward": rng.choice(list("abc"), 1600)})
    y = (rng.random(1600) < 1 / (1 + np.exp(1.5 - table.dose - (table.ward == "b")))).astype(int)
    for model, rows in (
        (LogisticRiskModel(formula="~ rcs(dose, 4) + C(ward)"), table),
        (LogisticRiskModel(), table.astype({"ward": "category"})),
    ):
        X, X_test, weights = rows.iloc[::2], rows.iloc[1::2], {0: 1, 1: 7}
        sweep = sweep_weights(model, X, y[::2], ratios=[7], X_test=X_test, y_test=y[1::2])
        assert not [finding for finding in sweep.findings if finding.code == "RD424"]
        direct = LogisticRiskModel(formula=model.formula, class_weight=weights).fit(X, y[::2])
        at = int(np.flatnonzero(sweep.weight_ratio == 7)[0])
        np.testing.assert_allclose(sweep.coefficients[at], direct.fit_result_.coef, atol=1e-7)
        assert sweep.mean_risk[at] == pytest.approx(direct.predict_risk(X_test).mean(), abs=1e-9)


@pytest.mark.parametrize("kind", ["sparse", "drop"])
def test_rows_without_a_path_are_fitted_ratio_by_ratio_and_say_why(draw: Draw, kind: str) -> None:
    X, y, X_test, y_test = halves(draw, 32, n=1200)
    model, words = LogisticRiskModel(), "needs dense rows"
    rows, test = csr_array(X), csr_array(X_test)
    if kind == "drop":
        model, words = LogisticRiskModel(formula="~ a + b", missing="drop"), "leaves out rows that lack values"
        rows, test = (pd.DataFrame(part[:, :2], columns=["a", "b"]) for part in (X, X_test))
        rows.loc[3, "a"] = np.nan
    sweep = sweep_weights(model, rows, y, ratios=[4], X_test=test, y_test=y_test)
    assert words in code(sweep, "RD424").sentence
    assert "takes longer" in code(sweep, "RD424").sentence


def test_separated_outcomes_are_fitted_ratio_by_ratio_and_say_so() -> None:
    x = np.linspace(-2, 2, 400)
    y = (x > 1).astype(int)
    with pytest.warns(SeparationWarning):
        sweep = sweep_weights(
            LogisticRiskModel(), x[::2, None], y[::2], ratios=[3.0], X_test=x[1::2, None], y_test=y[1::2]
        )
    assert "the outcomes are separated" in code(sweep, "RD424").sentence
    assert "are penalised (Firth)" in code(sweep, "RD406").sentence
    assert np.isfinite(sweep.coefficients).all()


def test_tabular_model_without_penalty_follows_the_path_too() -> None:
    rng = np.random.default_rng(11)
    frame = pd.DataFrame({"dose": rng.normal(size=2000), "ward": rng.choice(["a", "b", "c"], 2000)})
    frame.loc[::9, "dose"] = np.nan
    y = (rng.random(2000) < 1 / (1 + np.exp(2 - frame["dose"].fillna(0)))).astype(int).to_numpy()
    model = TabularRiskModel(shape="linear", penalty=None)
    sweep = sweep_weights(model, frame[::2], y[::2], ratios=[5.0], X_test=frame[1::2], y_test=y[1::2])
    at = int(np.flatnonzero(sweep.weight_ratio == 5.0)[0])
    direct = TabularRiskModel(shape="linear", penalty=None, class_weight={0: 1, 1: 5}).fit(frame[::2], y[::2])
    np.testing.assert_allclose(sweep.coefficients[at], direct.fit_result_.coef, atol=1e-8)
    assert sweep.mean_risk[at] == pytest.approx(direct.predict_risk(frame[1::2]).mean())


def test_the_first_label_may_be_the_event(draw: Draw) -> None:
    X, y, X_test, y_test = halves(draw, 12)
    names = np.array(["well", "ill"])
    as_numbers = sweep_weights(LogisticRiskModel(), X, y, X_test=X_test, y_test=y_test)
    as_words = sweep_weights(LogisticRiskModel(event="ill"), X, names[y], X_test=X_test, y_test=names[y_test])
    np.testing.assert_allclose(as_words.coefficients, as_numbers.coefficients, atol=1e-9)
    for name in ("precision", "recall", "agreement", "recall_at_equal_precision"):
        np.testing.assert_array_equal(getattr(as_words, name), getattr(as_numbers, name))
    assert as_words.event == "ill"


def test_order_of_the_held_out_rows_does_not_matter(draw: Draw) -> None:
    X, y, X_test, y_test = halves(draw, 13)
    X_test = X_test.round(0)
    order = np.random.default_rng(0).permutation(len(y_test))
    one = sweep_weights(LogisticRiskModel(), X.round(0), y, X_test=X_test, y_test=y_test)
    other = sweep_weights(LogisticRiskModel(), X.round(0), y, X_test=X_test[order], y_test=y_test[order])
    for name in ("precision", "recall", "threshold_recall", "agreement", "recall_difference", "recall_difference_se"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-9)


def test_where_no_row_is_flagged_precision_is_missing_and_said_to_be(draw: Draw) -> None:
    X, y, X_test, y_test = halves(draw, 14)
    sweep = sweep_weights(LogisticRiskModel(), X, y, ratios=[1e-3, 1e-2], X_test=X_test, y_test=y_test)
    assert np.isnan(sweep.precision[0])
    assert "no row is flagged" in code(sweep, "RD205").sentence
    assert "no threshold is as precise" in code(sweep, "RD425").sentence


def test_too_few_events_leave_estimates_without_limits(draw: Draw) -> None:
    X, y = draw(15)
    keep = np.r_[np.flatnonzero(y == 1)[-7:], np.flatnonzero(y == 0)[-200:]]
    sweep = sweep_weights(LogisticRiskModel(), X[:2000], y[:2000], ratios=[3.0], X_test=X[keep], y_test=y[keep])
    assert np.isfinite(sweep.citl).all()
    assert np.isnan(sweep.citl_low).all()
    assert "not available at 3 of 3 ratios" in code(sweep, "RD207").sentence


def test_answer_prints_and_travels(draw: Draw) -> None:
    X, y = draw(16)
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]})
    sweep = sweep_weights(LogisticRiskModel(), frame, y, costs={"false_positive": 1, "false_negative": 9}, rng=3)
    assert isinstance(sweep.frame(), pl.DataFrame)
    assert sweep.frame().shape == (41, 22)
    assert "Random split" in sweep.split
    text = str(sweep.summary())
    assert "(natural)" in text
    assert "(none)" in text
    assert "RD423" in text
    assert repr(sweep).startswith("<WeightSweep: 41 ratios, at the natural ratio ")
    told = json.loads(json.dumps(sweep.to_dict(), allow_nan=False))
    assert told["natural_ratio"] == sweep.natural_ratio
    assert len(told["recall"]) == 41
    assert set(told["largest_difference"]) == {"estimate", "low", "high"}


@pytest.mark.parametrize(
    ("ratios", "message"),
    [
        ([1.0, -2.0], r"ratios\[1\] must be a number above 0; got -2"),
        (5, "ratios must be a sequence of positive numbers; got 5"),
        ([], "ratios must hold at least one number"),
        ("12", "ratios must be a sequence"),
    ],
)
def test_ratios_that_are_none_are_refused(draw: Draw, ratios: Any, message: str) -> None:
    X, y = draw(17)
    with pytest.raises(InputError, match=message):
        sweep_weights(LogisticRiskModel(), X, y, ratios=ratios)


def test_estimator_with_weights_of_its_own_is_refused(draw: Draw) -> None:
    X, y = draw(18)
    with pytest.raises(InputError, match="carry no class weights of its own"):
        sweep_weights(LogisticRiskModel(class_weight="natural"), X, y)


def test_few_rows_do_not_tell_the_trade_offs_apart_and_nothing_more_is_claimed() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 25))
    y = (rng.random(300) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(int)
    sweep = sweep_weights(LogisticRiskModel(), X, y, rng=0)
    (finding,) = [one for one in sweep.findings if "threshold of 1 / (1 + ratio)" in one.sentence]
    assert sweep.agreement.min() < 0.95
    assert sweep.largest_difference.low < 0 < sweep.largest_difference.high
    assert "do not tell the two trade-offs apart" in finding.sentence
    assert "traces the same" not in finding.sentence


def test_a_difference_of_nothing_is_said_as_such_and_limits_have_no_sign_of_zero(draw: Draw) -> None:
    X, y = draw(19)
    sweep = sweep_weights(LogisticRiskModel(), X, y, rng=0)
    for estimate, words in (
        (0.0, "find no fewer and no more of the events"),
        (-0.02, "2.0 % of the events fewer (0 to"),
    ):
        largest = Estimate(estimate=estimate, low=-1e-9, high=0.01, confidence_level=0.95)
        same = replace(sweep, largest_difference=largest)
        said = next(one for one in conclude_sweep(same, obstacle="", separated=()) if one.code == "RD421").sentence
        assert words in said
        assert "-0 " not in said
