"""Fitting under a scheme: where the weights enter, and which estimators are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from riskdec.errors import InputError
from riskdec.models import CalibratedRiskModel, LogisticRiskModel, TabularRiskModel
from riskdec.weighting.fitting import check_estimator, fit_scheme, predict_event, row_weights
from riskdec.weighting.schemes import Scheme
from riskdec.weighting.units import RowWeights

NONE = Scheme(name="none", labels=(0, 1), weights=(1.0, 1.0))
FIVE = Scheme(name="ratio 5", labels=(0, 1), weights=(2.0, 10.0))


@pytest.fixture
def rows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(400, 2))
    y = (rng.random(400) < 1 / (1 + np.exp(1.5 - X[:, 0]))).astype(int)
    return X, y


def fit(estimator: Any, rows: tuple[np.ndarray, np.ndarray], scheme: Scheme, groups: Any = None) -> np.ndarray:
    X, y = rows
    check_estimator(estimator)
    fitted = fit_scheme(estimator, X, y, scheme, is_event=y == 1, groups=groups)
    return predict_event(fitted, X, 1)


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(C=np.inf, tol=1e-10),
        GaussianNB(),
        HistGradientBoostingClassifier(max_iter=5, random_state=0),
        make_pipeline(StandardScaler(), LogisticRegression(C=np.inf, tol=1e-10)),
        make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), GaussianNB())),
    ],
)
def test_weights_of_a_scheme_equal_sample_weights_by_hand(estimator: Any, rows: Any) -> None:
    X, y = rows
    weight = np.where(y == 1, 5.0, 1.0)
    weight /= weight.mean()
    by_hand = {"logisticregression": "logisticregression__", "pipeline": "pipeline__gaussiannb__"}
    steps = dict(estimator.steps) if "steps" in estimator.get_params() else {}
    prefix = next((p for name, p in by_hand.items() if name in steps), "")
    from sklearn.base import clone

    theirs = clone(estimator).fit(X, y, **{f"{prefix}sample_weight": weight})
    ours = fit(estimator, rows, FIVE)
    np.testing.assert_allclose(ours, theirs.predict_proba(X)[:, 1], rtol=1e-6)
    assert ours.mean() > fit(estimator, rows, NONE).mean() + 0.1


@pytest.mark.parametrize("estimator", [LogisticRiskModel(), LogisticRegression(), GaussianNB()])
def test_estimator_itself_is_left_unfitted_and_unchanged(estimator: Any, rows: Any) -> None:
    before = dict(estimator.get_params())
    fit(estimator, rows, FIVE)
    assert estimator.get_params() == before
    assert "classes_" not in vars(estimator)


def test_groups_reach_the_models_of_riskdec_and_no_others(rows: Any) -> None:
    X, y = rows
    groups = np.arange(len(y)) // 4
    for model in (LogisticRiskModel(), TabularRiskModel(penalty=None)):
        fitted = fit_scheme(model, X, y, FIVE, is_event=y == 1, groups=groups)
        inner = fitted.model_ if isinstance(fitted, TabularRiskModel) else fitted
        assert inner.fit_result_.covariance_kind == "cluster"
    fit(LogisticRegression(), rows, FIVE, groups=groups)


def test_row_weights_have_mean_one_and_the_ratio_of_the_scheme() -> None:
    is_event = np.array([True, False, False, False])
    weight = row_weights(FIVE, is_event)
    assert weight.mean() == pytest.approx(1, rel=1e-15)
    assert weight[0] / weight[1] == pytest.approx(5, rel=1e-15)


class PositiveWeight(ClassifierMixin, BaseEstimator):
    """A classifier in the manner of gradient-boosting packages: its class weight has a name of its own."""

    def __init__(self, scale_pos_weight: float = 1) -> None:
        self.scale_pos_weight = scale_pos_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> PositiveWeight:
        self.classes_ = np.unique(y)
        self.rate_ = np.average(np.asarray(y), weights=sample_weight)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return np.tile([1 - self.rate_, self.rate_], (len(X), 1))


def test_neutral_class_weight_of_another_package_is_no_weight(rows: Any) -> None:
    rate = rows[1].mean()
    expected = 5 * rate / (5 * rate + 1 - rate)
    np.testing.assert_allclose(fit(PositiveWeight(), rows, FIVE), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("estimator", "sentence"),
    [
        (LogisticRegression, "be a scikit-learn-style classifier; got the class LogisticRegression"),
        ("logistic", "be a scikit-learn-style classifier; got 'logistic'"),
        (SVC(), "have predict_proba; got SVC"),
        (LogisticRegression(class_weight="balanced"), "carry no class weights of its own; got class_weight='balanced'"),
        (
            LogisticRiskModel(class_weight={0: 1, 1: 2}),
            "carry no class weights of its own; got class_weight={0: 1, 1: 2}",
        ),
        (PositiveWeight(scale_pos_weight=12), "got scale_pos_weight=12. Set scale_pos_weight=1: .*counted twice"),
        (
            make_pipeline(StandardScaler(), LogisticRegression(class_weight={0: 1, 1: 2})),
            "got logisticregression__class_weight={0: 1, 1: 2}",
        ),
        (
            CalibratedClassifierCV(LogisticRegression(class_weight="balanced")),
            "got estimator__class_weight='balanced'",
        ),
        (KNeighborsClassifier(), "take class_weight, or sample_weight in fit; got KNeighborsClassifier, which takes"),
        (make_pipeline(StandardScaler(), KNeighborsClassifier()), "got KNeighborsClassifier, which takes neither"),
        (GridSearchCV(LogisticRegression(), {"C": [1]}), "got GridSearchCV, which takes neither"),
    ],
)
def test_estimator_without_a_place_for_weights_is_refused(estimator: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        check_estimator(estimator)


def test_models_that_count_rows_read_weights_of_a_scheme_as_importance(rows: Any) -> None:
    X, y = rows
    model = CalibratedRiskModel(LogisticRegression(C=np.inf, tol=1e-10), cv=3)
    ours = fit(model, rows, FIVE)
    weight = np.where(y == 1, 5.0, 1.0)
    by_hand = CalibratedRiskModel(LogisticRegression(C=np.inf, tol=1e-10), cv=3, weight_kind="importance")
    np.testing.assert_allclose(ours, by_hand.fit(X, y, weight).predict_risk(X), rtol=1e-6)
    assert model.weight_kind == "frequency"
    assert fit(make_pipeline(StandardScaler(), model), rows, FIVE).mean() > fit(model, rows, NONE).mean() + 0.1


@pytest.mark.parametrize("estimator", [LogisticRegression(C=0.01), GaussianNB()], ids=["class_weight", "sample_weight"])
def test_scale_of_the_weights_of_a_scheme_changes_no_fit(estimator: Any, rows: Any) -> None:
    tenfold = Scheme(name="ratio 5", labels=(0, 1), weights=(20.0, 100.0))
    np.testing.assert_allclose(fit(estimator, rows, FIVE), fit(estimator, rows, tenfold), rtol=1e-9)


class Seeing(PositiveWeight):
    """A classifier that keeps the weights it was given."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Seeing:
        self.seen_ = sample_weight
        super().fit(X, y, sample_weight)
        return self


class SeeingScaler(StandardScaler):
    """A scaler that does so too."""

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        self.seen_ = sample_weight
        return super().fit(X, y, sample_weight)


@pytest.mark.parametrize("kind", ["frequency", "importance"])
def test_weights_of_rows_reach_every_step_and_those_of_the_scheme_the_last(kind: Any, rows: Any) -> None:
    X, y = rows
    values = np.random.default_rng(0).integers(1, 5, len(y)).astype(float)
    pipeline = make_pipeline(SeeingScaler(), Seeing())
    given = RowWeights(values, kind)
    fitted = fit_scheme(pipeline, X, y, FIVE, is_event=y == 1, groups=None, weights=given)
    expected = values if kind == "frequency" else values / values.mean()
    np.testing.assert_allclose(fitted[0].seen_, expected, rtol=1e-12)
    product = expected * np.where(y == 1, 5, 1)
    np.testing.assert_allclose(fitted[1].seen_, product * expected.sum() / product.sum(), rtol=1e-12)
