"""A fitted classifier as a risk model: its own probabilities, and every method of a risk model on them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import LogisticRiskModel, as_risk_model, decide, diagnose, expected_cost_scorer
from riskdec.errors import InputError, NotFittedError
from riskdec.models import FittedRiskModel

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(400, 2)), columns=["age", "dose"])
Y = (RNG.random(400) < expit(X["age"].to_numpy() - 1)).astype(int)
COSTS = {"false_positive": 1, "false_negative": 5, "defer": 0.4}


@pytest.fixture(params=["classifier", "pipeline", "search"])
def fitted(request: pytest.FixtureRequest) -> Any:
    estimators = {
        "classifier": LogisticRegression(),
        "pipeline": make_pipeline(StandardScaler(), RandomForestClassifier(50, random_state=0)),
        "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=3),
    }
    return estimators[request.param].fit(X[:200], Y[:200])


def test_probabilities_are_the_classifiers_own(fitted: Any) -> None:
    model = as_risk_model(fitted)
    assert isinstance(model, FittedRiskModel)
    assert model.estimator is fitted
    np.testing.assert_array_equal(model.predict_proba(X), fitted.predict_proba(X))
    np.testing.assert_array_equal(model.predict_risk(X), fitted.predict_proba(X)[:, 1])
    assert model.classes_.tolist() == [0, 1]
    assert model.n_features_in_ == 2


def test_every_method_is_that_of_the_probabilities(fitted: Any) -> None:
    model, risk = as_risk_model(fitted), fitted.predict_proba(X)[:, 1]
    new = slice(200, None)
    decisions = model.decide(X, costs=COSTS)
    np.testing.assert_array_equal(decisions.action_index, decide(risk, COSTS).action_index)
    report = model.diagnose(X[new], Y[new], rng=0, n_resamples=20)
    assert report.brier == diagnose(Y[new], risk[new], rng=0, n_resamples=20).brier
    certificate = model.certify_deferral(X[new], Y[new], max_error=0.4)
    assert certificate.n == 200


def test_event_is_named_or_asked_for() -> None:
    names = np.where(Y == 1, "dead", "well")
    fitted = LogisticRegression().fit(X, names)
    assert as_risk_model(fitted, event="dead").predict_risk(X) == pytest.approx(fitted.predict_proba(X)[:, 0])
    with pytest.raises(InputError, match="event must be given"):
        as_risk_model(fitted).predict_risk(X)
    with pytest.raises(InputError, match="event must be one of the labels of y"):
        as_risk_model(fitted, event="ill")


def test_what_is_not_fitted_or_gives_no_probabilities_is_refused() -> None:
    for unfitted in (LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())):
        with pytest.raises(NotFittedError, match="estimator must be a fitted classifier"):
            as_risk_model(unfitted)
    with pytest.raises(NotFittedError):
        as_risk_model(LogisticRiskModel())
    with pytest.raises(InputError, match="estimator must have predict_proba; got a RidgeClassifier"):
        as_risk_model(RidgeClassifier().fit(X, Y))
    with pytest.raises(NotFittedError):
        FittedRiskModel(LogisticRegression().fit(X, Y)).predict_proba(X)


def test_it_is_frozen() -> None:
    model = as_risk_model(LogisticRegression().fit(X[:200], Y[:200]))
    assert clone(model) is model
    before = model.predict_proba(X)
    np.testing.assert_array_equal(model.fit(X[200:], 1 - Y[200:]).predict_proba(X), before)
    # Model selection judges it as it is, and inspection takes it.
    scores = cross_val_score(model, X[200:], Y[200:], cv=2, scoring=expected_cost_scorer(COSTS), error_score="raise")
    assert (scores < 0).all()
    importance = permutation_importance(model, X, Y, n_repeats=2, random_state=0, scoring="neg_log_loss")
    assert importance.importances_mean[0] > importance.importances_mean[1]


def test_risk_model_is_given_back_unless_the_event_differs() -> None:
    own = LogisticRiskModel().fit(X, Y)
    assert as_risk_model(own) is own
    assert as_risk_model(own, event=0).predict_risk(X) == pytest.approx(1 - own.predict_risk(X))


def test_training_rows_are_recognised_where_there_is_a_fingerprint() -> None:
    steps = make_pipeline(StandardScaler(), LogisticRiskModel()).fit(X[:200], Y[:200])
    model = as_risk_model(steps)
    assert model.diagnose(X[:200], Y[:200], rng=0, n_resamples=20).apparent
    assert not model.diagnose(X[200:], Y[200:], rng=0, n_resamples=20).apparent
    assert as_risk_model(LogisticRegression().fit(X, Y)).fingerprint_ is None


@pytest.mark.parametrize("weights", [None, "balanced", {0: 1, 1: 3}])
def test_costs_count_twice_after_class_weights(weights: Any) -> None:
    steps = make_pipeline(StandardScaler(), LogisticRegression(class_weight=weights)).fit(X, Y)
    findings = {finding.code: finding for finding in as_risk_model(steps).decide(X, costs=COSTS).findings}
    assert ("RD309" in findings) is (weights is not None)
    if weights is not None:
        assert f"class_weight={weights!r}" in findings["RD309"].sentence
