"""Logistic regression of more than two classes: what the model says, decides, refuses and keeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import expit, logit
from sklearn.base import clone

import riskdec
from riskdec import CostMatrix, LogisticRiskModel
from riskdec.errors import InputError, SeparationError, SeparationWarning

if TYPE_CHECKING:
    from pathlib import Path

LABELS = np.array(["high", "low", "mid"])
quiet = pytest.mark.filterwarnings("ignore::riskdec.errors.RiskdecWarning")


def rows(rng: np.random.Generator, n: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    X = pd.DataFrame({"age": rng.normal(50, 10, n), "dose": rng.integers(0, 4, n), "ward": np.arange(n) % 2})
    eta = np.c_[np.zeros(n), (X["age"] - 50) / 10, 0.4 * X["dose"] - 0.5]
    return X, LABELS[(eta - np.log(-np.log(rng.random((n, 3))))).argmax(axis=1)]


def separated(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Give rows in which the four people of level 'rare' all have the outcome 'high'."""
    X, y = rows(rng)
    return X.assign(rare=(np.arange(400) < 4).astype(float)), np.where(np.arange(400) < 4, "high", y)


def test_attributes_have_the_form_of_the_docstring(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    np.testing.assert_array_equal(model.classes_, LABELS)
    assert (model.coef_.shape, model.intercept_.shape) == ((3, 3), (3,))
    assert not model.coef_[0].any()
    assert model.intercept_[0] == 0
    np.testing.assert_array_equal(model.params.loc["Intercept"], model.intercept_[1:])
    np.testing.assert_array_equal(model.params.loc["age":"ward"].T, model.coef_[1:])
    assert list(model.params.columns) == list(model.bse.columns) == ["low", "mid"]
    assert model.conf_int().loc[("mid", "dose"), "low"] < model.params.loc["dose", "mid"]
    covariance = model.cov_params()
    assert covariance.shape == (8, 8)
    assert covariance.index.equals(covariance.columns)
    assert np.sqrt(covariance.loc[("low", "age"), ("low", "age")]) == pytest.approx(model.bse.loc["age", "low"])
    assert repr(model.fit_result_).startswith("<LogisticFit: 8 coefficients by maximum likelihood, n=400")


def test_probabilities_are_the_softmax_of_the_log_odds(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    eta, proba = model.decision_function(X), model.predict_proba(X)
    assert eta.shape == proba.shape == (400, 3)
    np.testing.assert_allclose(eta, model.intercept_ + X.to_numpy(float) @ model.coef_.T)
    np.testing.assert_allclose(proba, np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True), rtol=1e-12)
    np.testing.assert_array_equal(model.predict(X), LABELS[proba.argmax(axis=1)])
    np.testing.assert_allclose(proba.mean(axis=0), [(y == label).mean() for label in LABELS], rtol=1e-9)
    assert model.predict_proba(X.iloc[:0]).shape == model.decision_function(X.iloc[:0]).shape == (0, 3)
    assert model.risk_interval(X.iloc[:0], event="mid").shape == (0, 2)


@pytest.mark.parametrize(
    "labels", [[0, 1, 2], [5, -3, 700], [2_000_000_000, -1, 1], [0.0, 1.0, 9.0], ["b", "ä", "a"], [0, 1, 255]]
)
def test_names_of_the_classes_change_nothing(rng: np.random.Generator, labels: list[Any]) -> None:
    X, y = rows(rng)
    codes = np.searchsorted(LABELS, y)
    wanted = LogisticRiskModel().fit(X, y).predict_proba(X)
    model = LogisticRiskModel().fit(X, np.array(labels)[codes])
    assert model.classes_.tolist() == sorted(labels)
    order = [sorted(labels).index(label) for label in labels]
    np.testing.assert_allclose(model.predict_proba(X)[:, order], wanted, rtol=1e-8)
    assert model.predict(X).dtype == model.classes_.dtype == np.array(labels).dtype
    objects = LogisticRiskModel().fit(X, np.array(labels, dtype=object)[codes])
    np.testing.assert_array_equal(objects.predict_proba(X), model.predict_proba(X))


def test_risk_is_the_column_of_the_event(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model, named = LogisticRiskModel().fit(X, y), LogisticRiskModel(event="mid").fit(X, y)
    for j, event in enumerate(LABELS):
        np.testing.assert_array_equal(model.predict_risk(X, event=event), model.predict_proba(X)[:, j])
    np.testing.assert_array_equal(named.predict_risk(X), model.predict_risk(X, event="mid"))
    np.testing.assert_array_equal(named.predict_risk(X, event="low"), model.predict_risk(X, event="low"))
    for ask in (
        lambda: model.predict_risk(X),
        lambda: model.risk_interval(X),
        lambda: model.decide(X, {"false_positive": 1, "false_negative": 5}),
    ):
        with pytest.raises(InputError, match=r"event must be given .*'high' and 'low' and 'mid'.*event='mid'"):
            ask()
    with pytest.raises(InputError, match="event must be one of the labels of y"):
        model.predict_risk(X, event="middle")
    with pytest.raises(InputError, match="event must be one of the labels of y"):
        LogisticRiskModel(event="middle").fit(X, y)


def test_risk_interval_is_the_delta_method(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    coef, covariance = model.params.to_numpy().T, model.cov_params().to_numpy()
    full = np.c_[np.ones(400), X.to_numpy(float)]

    def log_odds(beta: np.ndarray, column: int) -> np.ndarray:
        odds = np.exp(np.c_[np.zeros(400), full @ beta.reshape(2, 4).T])
        return logit(odds[:, column] / odds.sum(axis=1))

    for column, event in enumerate(LABELS):
        steps = np.diag(1e-6 * np.maximum(np.abs(coef.ravel()), 0.1))
        slopes = [
            (log_odds(coef.ravel() + s, column) - log_odds(coef.ravel() - s, column)) / (2 * s.sum()) for s in steps
        ]
        half = 1.6448536269514722 * np.sqrt(np.einsum("ji,jk,ki->i", slopes, covariance, slopes))
        centre = log_odds(coef.ravel(), column)
        wanted = expit(np.c_[centre - half, centre + half])
        np.testing.assert_allclose(model.risk_interval(X, 0.9, event=event), wanted, rtol=1e-6)


def test_diagnosis_sets_the_event_against_all_others(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    report = model.diagnose(X, y, event="low", n_resamples=20, rng=1)
    wanted = riskdec.diagnose(y == "low", model.predict_risk(X, event="low"), n_resamples=20, rng=1)
    assert (report.n, report.brier, report.auc) == (wanted.n, wanted.brier, wanted.auc)
    assert report.event == "low"
    every = model.diagnose(X, y, n_resamples=5, rng=1)
    assert [outcome.name for outcome in every.outcomes] == ["high", "low", "mid"]
    assert abs(report.citl.estimate) < 1e-8
    with pytest.raises(InputError, match=r"y must hold labels that the model was fitted with .*got 'none'"):
        model.diagnose(X, np.where(y == "mid", "none", y), event="low")


def test_decision_takes_one_outcome_for_each_class(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    table = np.array([[0, 4, 2], [9, 0, 3], [2, 2, 0]])
    actions = ("treat", "wait", "watch")
    by_place = model.decide(X, CostMatrix(table, outcomes=("A", "B", "C"), actions=actions))
    np.testing.assert_array_equal(by_place.action_index, (model.predict_proba(X) @ table).argmin(axis=1))
    # Outcomes that bear the labels are found by name, in whatever order they stand.
    order = [1, 2, 0]
    by_name = model.decide(X, CostMatrix(table[order], outcomes=tuple(LABELS[order]), actions=actions))
    np.testing.assert_array_equal(by_name.action_index, by_place.action_index)
    with pytest.raises(InputError, match="the outcomes of costs must be the labels of y or none of them; got 'low'"):
        model.decide(X, CostMatrix(table, outcomes=("low", "middle", "high?"), actions=actions))
    with pytest.raises(InputError, match=r"costs must have one outcome for each of the 3 classes .*; got 4 outcomes"):
        model.decide(X, CostMatrix(1 - np.eye(4), outcomes=("a", "b", "c", "d"), actions=("w", "x", "y", "z")))
    with pytest.raises(InputError, match="event must be left out with costs for 3 outcomes; got 'low'"):
        model.decide(X, CostMatrix(table, outcomes=("A", "B", "C"), actions=actions), event="low")


def test_decision_on_one_event_uses_its_risk(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    costs = {"false_positive": 1, "false_negative": 5, "defer": 0.4}
    model = LogisticRiskModel(event="low").fit(X, y)
    for found, event in ((model.decide(X, costs), "low"), (model.decide(X, costs, event="mid"), "mid")):
        wanted = riskdec.decide(model.predict_risk(X, event=event), costs)
        np.testing.assert_array_equal(found.action_index, wanted.action_index)


def test_class_weights_have_ratios_only(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    sizes = np.array([(y == label).sum() for label in LABELS])
    wanted = 400 / (3 * sizes)
    models = [
        LogisticRiskModel(class_weight=scheme).fit(X, y)
        for scheme in ("balanced", "natural", dict(zip(LABELS.tolist(), 7 / sizes, strict=True)))
    ]
    for model in models:
        np.testing.assert_allclose(model.fit_result_.by_class, wanted, rtol=1e-12)
        np.testing.assert_allclose(model.params, models[0].params, rtol=1e-9)
        assert model.fit_result_.covariance_kind == "robust"
        np.testing.assert_allclose(model.predict_proba(X).T @ (wanted[np.searchsorted(LABELS, y)]) / 400, 1 / 3)
    assert "odds against high are multiplied by about" in str(models[0].summary())
    with pytest.raises(InputError, match=r"class_weight must name labels of y \('high', 'low', 'mid'\); got 'none'"):
        LogisticRiskModel(class_weight={"none": 2}).fit(X, y)


def test_weights_of_zero_take_rows_and_classes_away(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y, sample_weight=(y != "mid").astype(float))
    assert model.classes_.tolist() == ["high", "low"]
    assert model.decision_function(X).ndim == 1


def test_offset_has_one_column_for_each_class(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    offset = rng.normal(size=(400, 3))
    model = LogisticRiskModel().fit(X, y, offset=offset)
    proba = model.predict_proba(X, offset=offset)
    np.testing.assert_allclose(proba.mean(axis=0), [(y == label).mean() for label in LABELS], rtol=1e-9)
    shifted = LogisticRiskModel().fit(X, y, offset=offset + rng.normal(size=(400, 1)))
    np.testing.assert_allclose(shifted.params, model.params, rtol=1e-8)
    for wrong in (offset[:, 0], offset[:, :2]):
        with pytest.raises(InputError, match="offset must have 3 columns with 3 classes; got shape"):
            LogisticRiskModel().fit(X, y, offset=wrong)
        with pytest.raises(InputError, match="offset must have 3 columns with 3 classes; got shape"):
            model.predict_proba(X, offset=wrong)
    with pytest.raises(InputError, match="offset must hold one number for each row"):
        LogisticRiskModel().fit(X, y == "mid", offset=offset)
    with pytest.raises(InputError, match="offset must be used as in fit"):
        model.predict(X)


@quiet
def test_separated_classes_fall_back_to_firth(rng: np.random.Generator) -> None:
    X, y = separated(rng)
    with pytest.warns(SeparationWarning) as caught:
        model = LogisticRiskModel().fit(X, y)
    assert len(caught) == 1
    assert "the coefficients of 'low: rare', 'mid: rare' would be infinite" in str(caught[0].message)
    assert model.method_ == "firth"
    np.testing.assert_array_equal(model.params, LogisticRiskModel(penalty="firth").fit(X, y).params)
    assert model.separation_ is not None
    assert (model.separation_.n_rows, model.separation_.signs) == (4, (-1, -1))
    lines = str(model.summary()).splitlines()
    assert lines[0].startswith("NOT maximum likelihood estimates")
    assert [line.split()[0] for line in lines if line.endswith("MLE: -inf")] == ["rare", "rare"]
    assert json.loads(json.dumps(model.fit_result_.to_dict()))["separated"] == ["low: rare", "mid: rare"]
    with pytest.raises(SeparationError, match="'low: rare', 'mid: rare' would be infinite"):
        LogisticRiskModel(on_separation="error").fit(X, y)


def test_flic_is_for_two_classes(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    message = "penalty must be None, 'ridge' or 'firth' with more than two classes; got 'flic'"
    with pytest.raises(InputError, match=message):
        LogisticRiskModel(penalty="flic").fit(X, y)


def test_as_many_classes_as_rows_are_refused(rng: np.random.Generator) -> None:
    X, _ = rows(rng, 8000)
    with pytest.raises(InputError, match="y must leave at most 10000 coefficients; got 15996 for 3 columns and 4000"):
        LogisticRiskModel().fit(X, np.arange(8000) // 2)


def test_few_rows_of_the_rarest_class_are_a_finding(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    y[y == "mid"] = "low"
    y[:25] = "mid"
    (finding,) = LogisticRiskModel().fit(X, y).fit_result_.findings
    assert "25 rows of the rarest outcome (mid) for 3 coefficients" in finding.sentence


def test_summary_has_a_block_for_each_class_but_the_first(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    table = LogisticRiskModel().fit(X, y, groups=np.arange(400) // 4).summary()
    text = str(table)
    assert text.splitlines()[0] == "Multinomial logistic regression by maximum likelihood"
    assert [part.title for part in table.sections] == ["Log-odds of low against high", "Log-odds of mid against high"]
    assert {row[0] for part in table.sections for row in part.rows} == {"Intercept", "age", "dose", "ward"}
    assert all(f"{(y == label).sum()} of outcome {label}" in text for label in LABELS)
    assert "cluster-robust, 100 groups" in text


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_frame_names_the_outcome(rng: np.random.Generator, make: Any) -> None:
    X, y = rows(rng)
    fit = LogisticRiskModel().fit(make({name: X[name].to_numpy() for name in X}), y).fit_result_
    frame = fit.frame()
    assert isinstance(frame, make)
    assert list(frame.columns) == ["outcome", "term", "coef", "std_err", "z", "p_value", "low", "high"]
    assert list(frame["outcome"]) == ["low"] * 4 + ["mid"] * 4
    np.testing.assert_array_equal(frame["coef"], fit.coef.ravel())
    assert fit.coefficient_names[4:6] == ("mid: Intercept", "mid: age")


@quiet
@pytest.mark.parametrize("through", ["json", "file"])
@pytest.mark.parametrize("kind", ["plain", "weighted", "separated"])
def test_state_comes_back_whole(rng: np.random.Generator, tmp_path: Path, through: str, kind: str) -> None:
    X, y = separated(rng) if kind == "separated" else rows(rng)
    model = LogisticRiskModel(class_weight="balanced" if kind == "weighted" else None, event="mid")
    model.fit(X, y, groups=np.arange(400) // 2)
    if through == "json":
        header, arrays = model.to_state()
        twin = LogisticRiskModel.from_state(json.loads(json.dumps(header, allow_nan=False)), arrays)
    else:
        twin = riskdec.load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(twin.risk_interval(X), model.risk_interval(X))
    assert str(twin.summary()) == str(model.summary())
    assert twin.params.equals(model.params)
    assert clone(twin).get_params() == model.get_params()
