"""Deciding inside scikit-learn: around and inside pipelines, in searches and folds, with costs by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import CostMatrix, DecisionClassifier, LogisticRiskModel, decide, expected_cost_scorer, load
from riskdec.errors import InputError, NotFittedError

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(0)
N = 600
X = pd.DataFrame({"a": RNG.normal(size=N), "b": RNG.normal(size=N), "amount": RNG.uniform(1, 20, N)})
P = 1 / (1 + np.exp(1.5 - X["a"].to_numpy()))
Y = (RNG.random(N) < P).astype(int)
COSTS = CostMatrix.binary(false_positive=1, false_negative=9, defer=0.4)
BY_ROW = CostMatrix.binary(false_positive=1, false_negative=lambda rows: rows["amount"], defer=0.4)


def realised(costs: Any, risk: np.ndarray, y: np.ndarray, rows: Any = None) -> float:
    decisions = decide(risk, costs, rows=rows)
    return float(decisions.costs.realised(y.astype(int), decisions.action_index).mean())


def test_decisions_are_those_of_the_probabilities() -> None:
    model = DecisionClassifier(LogisticRegression(), COSTS).fit(X, Y)
    risk = LogisticRegression().fit(X, Y).predict_proba(X)[:, 1]
    assert (model.decide(X).action_index == decide(risk, COSTS).action_index).all()
    assert (model.predict(X) == (risk >= 0.1)).all()
    assert model.feature_names_in_.tolist() == ["a", "b", "amount"]


@pytest.mark.parametrize("costs", [COSTS, BY_ROW], ids=["one matrix", "by row"])
@pytest.mark.parametrize("place", ["around", "inside", "absent"])
def test_score_of_each_fold_is_minus_its_mean_cost(costs: Any, place: str) -> None:
    steps = make_pipeline(StandardScaler(), LogisticRegression())
    model: Any = {
        "around": DecisionClassifier(steps, costs),
        "inside": make_pipeline(
            StandardScaler().set_output(transform="pandas"), DecisionClassifier(LogisticRegression(), COSTS)
        ),
        "absent": steps,
    }[place]
    folds = KFold(3)
    scores = cross_validate(model, X, Y, cv=folds, scoring=expected_cost_scorer(costs), error_score="raise")
    for score, (train, test) in zip(scores["test_score"], folds.split(X), strict=True):
        risk = clone(steps).fit(X.iloc[train], Y[train]).predict_proba(X.iloc[test])[:, 1]
        assert score == pytest.approx(-realised(costs, risk, Y[test], X.iloc[test]))


def test_search_picks_the_cheapest_model() -> None:
    # Without the slopes nobody reaches the cut at one half, and every event is missed.
    costs = CostMatrix.binary(false_positive=1, false_negative=1)
    model = DecisionClassifier(LogisticRegression(), costs)
    search = GridSearchCV(model, {"estimator__C": [1e-6, 1.0]}, scoring=expected_cost_scorer(costs))
    search.fit(X, Y)
    assert search.best_params_ == {"estimator__C": 1.0}
    assert search.best_estimator_.decide(X).costs == costs


def test_arrays_of_costs_travel_as_metadata_of_the_scorer() -> None:
    tables = np.zeros((N, 2, 3))
    tables[:, 0, 1], tables[:, 1, 0], tables[:, :, 2] = 1, X["amount"], 0.4
    with config_context(enable_metadata_routing=True):
        scorer = expected_cost_scorer(COSTS).set_score_request(case_costs=True)
        routed = cross_validate(LogisticRegression(), X, Y, scoring=scorer, params={"case_costs": tables})
    plain = cross_validate(LogisticRegression(), X, Y, scoring=expected_cost_scorer(BY_ROW))
    assert routed["test_score"] == pytest.approx(plain["test_score"])


def test_weights_are_routed_to_the_estimator() -> None:
    weight = RNG.integers(1, 4, N).astype(float)
    direct = LogisticRegression().fit(X, Y, sample_weight=weight)
    with config_context(enable_metadata_routing=True):
        inner = LogisticRegression().set_fit_request(sample_weight=True)
        routed = DecisionClassifier(inner, COSTS).fit(X, Y, sample_weight=weight)
    assert routed.predict_proba(X) == pytest.approx(direct.predict_proba(X))
    assert DecisionClassifier(LogisticRegression(), COSTS).fit(X, Y, sample_weight=weight).predict_proba(
        X
    ) == pytest.approx(direct.predict_proba(X))


def test_routes_of_metadata_stay_out_of_the_file(tmp_path: Path) -> None:
    rows, weight = X.to_numpy(), np.ones(N)
    with config_context(enable_metadata_routing=True):
        inner = LogisticRiskModel().set_fit_request(sample_weight=True)
        model = DecisionClassifier(inner, COSTS).fit(rows, Y, sample_weight=weight)
    same = load(model.save(tmp_path / "routed.riskdec"))
    np.testing.assert_array_equal(same.predict_proba(rows), model.predict_proba(rows))


def test_labels_are_text_and_classes_are_three() -> None:
    labels = np.array(["high", "low", "mid"])[RNG.integers(0, 3, N)]
    costs = CostMatrix(
        [[0, 4, 9, 1], [2, 0, 3, 1], [5, 2, 0, 1]],
        outcomes=("low", "mid", "high"),
        actions=("nothing", "watch", "act", "ask"),
        defer="ask",
    )
    model = DecisionClassifier(LogisticRiskModel(), costs).fit(X, labels)
    expected = model.predict_proba(X)[:, [1, 2, 0]] @ costs.costs
    assert (model.decide(X).action_index == expected.argmin(axis=1)).all()
    assert set(model.predict(X)) <= {"high", "low", "mid"}
    score = expected_cost_scorer(costs)(model, X, labels)
    place = np.array([("low", "mid", "high").index(label) for label in labels])
    assert score == pytest.approx(-costs.costs[place, model.decide(X).action_index].mean())


@pytest.mark.parametrize("labels", [np.where(Y == 1, "1", "0"), Y + 5, np.where(X["a"] > 1, np.nan, Y)])
def test_labels_that_no_class_bears_have_no_cost(labels: np.ndarray) -> None:
    model = LogisticRegression().fit(X, Y)
    with pytest.raises(InputError, match="y must (hold labels that the model was fitted with|not be missing)"):
        expected_cost_scorer(COSTS)(model, X, labels)


def test_event_is_named_for_two_labels_of_text() -> None:
    labels = np.where(Y == 1, "bad", "good")
    with pytest.raises(InputError, match="event"):
        DecisionClassifier(LogisticRegression(), COSTS).fit(X, labels).decide(X)
    model = DecisionClassifier(LogisticRegression(), COSTS, event="bad").fit(X, labels)
    same = DecisionClassifier(LogisticRegression(), COSTS).fit(X, Y)
    assert (model.decide(X).action_index == same.decide(X).action_index).all()
    assert expected_cost_scorer(COSTS, event="bad")(model, X, labels) == pytest.approx(
        expected_cost_scorer(COSTS)(same, X, Y)
    )


def test_other_actions_and_unfitted_models_are_refused() -> None:
    other = CostMatrix([[0, 1], [9, 0]], outcomes=("no event", "event"), actions=("wait", "treat"))
    model = DecisionClassifier(LogisticRegression(), COSTS).fit(X, Y)
    with pytest.raises(InputError, match="costs must name the actions of the DecisionClassifier"):
        expected_cost_scorer(other)(model, X, Y)
    with pytest.raises(NotFittedError):
        DecisionClassifier(LogisticRegression(), COSTS).decide(X)
