"""Risk, diagnosis and decision from the model in hand: which class is the event, and what an unfitted model says."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.utils.validation import check_is_fitted

import riskdec
from riskdec import LogisticRiskModel
from riskdec.errors import InputError, NotFittedError

COSTS = {"false_positive": 1, "false_negative": 15, "defer": 0.6}


def rows(rng: np.random.Generator, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(n, 2))
    return X, (rng.random(n) < 1 / (1 + np.exp(2 - X[:, 0]))).astype(int)


@pytest.mark.parametrize("y_type", [int, bool, float, np.uint8])
def test_event_is_one_or_true_without_being_named(rng: np.random.Generator, y_type: type) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y.astype(y_type))
    risk = model.predict_risk(X)
    np.testing.assert_array_equal(risk, model.predict_proba(X)[:, 1])
    assert risk.shape == (400,)
    assert risk.dtype == np.float64
    assert model.classes_.dtype == np.dtype(y_type)


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        (["default", "paid"], "'default' and 'paid'"),
        ([1, 2], "1 and 2"),
        ([-1, 1], "-1 and 1"),
        (["0", "1"], "'0' and '1'"),
    ],
)
def test_ambiguous_labels_ask_for_the_event(rng: np.random.Generator, labels: list[Any], shown: str) -> None:
    X, y = rows(rng)
    named = np.array(labels)[y]
    model = LogisticRiskModel().fit(X, named)
    np.testing.assert_array_equal(model.classes_, np.array(labels))
    assert model.predict_proba(X).shape == (400, 2)
    assert set(model.predict(X)) <= set(labels)
    questions = (
        lambda: model.predict_risk(X),
        lambda: model.risk_interval(X),
        lambda: model.diagnose(X, named),
        lambda: model.decide(X, COSTS),
    )
    for ask in questions:
        with pytest.raises(InputError) as caught:
            ask()
        text = str(caught.value)
        assert text.startswith("event must be given")
        assert shown in text
        assert f"event={labels[1]!r}" in text


@pytest.mark.parametrize("event", ["default", "paid"])
def test_event_names_the_class_of_the_risk(rng: np.random.Generator, event: str) -> None:
    X, y = rows(rng)
    named = np.array(["default", "paid"])[y]
    model = LogisticRiskModel(event=event).fit(X, named)
    column = ["default", "paid"].index(event)
    np.testing.assert_array_equal(model.predict_risk(X), model.predict_proba(X)[:, column])
    assert model.predict_risk(X).mean() == pytest.approx((named == event).mean(), rel=1e-9)


def test_event_may_be_the_first_of_zero_and_one(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model, other = LogisticRiskModel(event=0).fit(X, y), LogisticRiskModel().fit(X, y)
    np.testing.assert_allclose(model.predict_risk(X), 1 - other.predict_risk(X), atol=1e-15)
    np.testing.assert_array_equal(model.coef_, other.coef_)


@pytest.mark.parametrize("y_type", [int, float])
def test_event_as_text_means_the_number(rng: np.random.Generator, y_type: type) -> None:
    # Command lines give text, and a column of a file is float as soon as another row had a missing value.
    X, y = rows(rng)
    model = LogisticRiskModel(event="0").fit(X, y.astype(y_type))
    np.testing.assert_array_equal(model.predict_risk(X), model.predict_proba(X)[:, 0])


def test_event_that_does_not_exist_is_refused_in_fit(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    with pytest.raises(InputError, match=r"event must be one of the labels of y \(0, 1\); got 'yes'"):
        LogisticRiskModel(event="yes").fit(X, y)


def test_diagnose_and_decide_are_those_of_the_functions(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    named = np.array(["no", "yes"])[y]
    model = LogisticRiskModel(event="no").fit(X, named)
    X_new, y_new = rows(rng, 300)
    report = model.diagnose(X_new, np.array(["no", "yes"])[y_new], n_resamples=20, rng=1)
    wanted = riskdec.diagnose(y_new == 0, model.predict_risk(X_new), n_resamples=20, rng=1)
    assert (report.n, report.brier, report.auc) == (wanted.n, wanted.brier, wanted.auc)
    assert report.prevalence == pytest.approx((y_new == 0).mean())
    decisions = model.decide(X_new, COSTS)
    np.testing.assert_array_equal(decisions.action, riskdec.decide(model.predict_risk(X_new), COSTS).action)


def test_unfitted_model_raises_both_kinds_of_not_fitted() -> None:
    model = LogisticRiskModel()
    X = np.zeros((2, 2))
    for ask in (
        lambda: model.params,
        lambda: model.bse,
        model.conf_int,
        model.cov_params,
        model.summary,
        model.to_state,
        lambda: model.predict(X),
        lambda: model.predict_proba(X),
        lambda: model.predict_risk(X),
        lambda: model.risk_interval(X),
        lambda: model.decision_function(X),
        lambda: model.decide(X, COSTS),
        lambda: check_is_fitted(model),
    ):
        with pytest.raises(SklearnNotFittedError):
            ask()
    for error in (NotFittedError, SklearnNotFittedError, ValueError, AttributeError):
        with pytest.raises(error, match="This LogisticRiskModel is not fitted yet. Call 'fit'"):
            model.predict_risk(X)


def test_unfitted_model_has_no_learned_attributes() -> None:
    model = LogisticRiskModel()
    for name in ("params", "bse", "coef_", "classes_", "fit_result_"):
        assert not hasattr(model, name)


@pytest.mark.parametrize("class_weight", ["natural", {0: 1, 1: 5}])
@pytest.mark.parametrize("penalty", [None, "ridge"])
def test_decide_says_that_class_weights_count_the_costs_twice(
    rng: np.random.Generator, class_weight: Any, penalty: str | None
) -> None:
    X, y = rows(rng)
    made = {"penalty": penalty, "shape": "linear", "alpha": 1.0 if penalty else "cv"}
    for plain in (LogisticRiskModel(), riskdec.TabularRiskModel(**made)):
        weighted = clone(plain).set_params(class_weight=class_weight).fit(X, y)
        finding = next(f for f in weighted.decide(X, COSTS).findings if f.code == "RD309")
        assert finding.severity == "issue"
        assert "undo_class_weight" in finding.todo
        assert "RD309" not in {f.code for f in plain.fit(X, y).decide(X, COSTS).findings}


def test_decide_is_silent_about_weights_that_shift_nothing(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    equal = LogisticRiskModel(class_weight={0: 2, 1: 2}).fit(X, y)
    # Platt's recalibration to unweighted rows takes the shift away.
    repaired = riskdec.TabularRiskModel(class_weight="natural", calibration="platt", shape="linear").fit(X, y)
    assert repaired.predict_risk(X).mean() == pytest.approx(y.mean(), abs=0.01)
    for model in (equal, repaired):
        assert "RD309" not in {f.code for f in model.decide(X, COSTS).findings}


def test_frames_of_the_answers_are_of_the_kind_of_the_rows(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    model = LogisticRiskModel().fit(frame, y)
    report = model.diagnose(frame, y, n_resamples=20, rng=1)
    for answer in (model.decide(frame, COSTS), report, report.curve):
        assert isinstance(answer.frame(), pl.DataFrame)


def test_decide_keeps_costs_as_the_function_does(rng: np.random.Generator) -> None:
    X, y = rows(rng)
    model = LogisticRiskModel().fit(X, y)
    assert model.decide(X, COSTS, keep_cost=False).expected_cost is None
    np.testing.assert_array_equal(model.decide(X, COSTS, keep_cost=True).y_proba, model.predict_risk(X))
