"""Any classifier calibrated: pooled scores of rows left out, one calibrator, and every method of a risk model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import (
    StratifiedKFold,
    cross_val_predict,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from riskdec import BetaCalibrator, CalibratedRiskModel, LogisticRiskModel, PlattCalibrator, TabularRiskModel, log_score
from riskdec.errors import IncompleteRowsWarning, InputError, NotFittedError
from tests.unit.models.calibrated.made import FOLDS, N, X, Y, Z, codes, platt


def test_scores_of_all_folds_teach_one_calibrator() -> None:
    model = CalibratedRiskModel(GaussianNB(), cv=FOLDS).fit(X, Y)
    left_out = cross_val_predict(GaussianNB(), X, Y, cv=FOLDS, method="predict_log_proba")
    intercept, slope = platt(left_out[:, 1] - left_out[:, 0], Y)
    assert model.calibrator_.intercept_ == pytest.approx(intercept, abs=1e-6)
    assert model.calibrator_.slope_ == pytest.approx(slope, abs=1e-6)
    whole = GaussianNB().fit(X, Y).predict_log_proba(X)
    assert model.predict_risk(X) == pytest.approx(expit(intercept + slope * (whole[:, 1] - whole[:, 0])), abs=1e-6)


def test_platt_on_log_odds_repairs_what_a_sigmoid_of_probabilities_cannot() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=24_000)
    rows = np.column_stack([z + 0.2 * rng.normal(size=len(z)) for _ in range(8)])
    risk = expit(2 * z - 3)
    y = (rng.random(len(z)) < risk).astype(int)
    train, new = slice(0, 4000), slice(4000, None)
    ours = CalibratedRiskModel(GaussianNB(), cv=5).fit(rows[train], y[train]).predict_risk(rows[new])
    theirs = CalibratedClassifierCV(GaussianNB(), method="sigmoid", cv=5, ensemble=False).fit(rows[train], y[train])
    folds = StratifiedKFold(5)
    left_out = cross_val_predict(GaussianNB(), rows[train], y[train], cv=folds, method="predict_log_proba")
    intercept, slope = platt(left_out[:, 1] - left_out[:, 0], y[train])
    whole = GaussianNB().fit(rows[train], y[train]).predict_log_proba(rows[new])
    by_hand = log_score(y[new], expit(intercept + slope * (whole[:, 1] - whole[:, 0])))
    score, best = log_score(y[new], ours), log_score(y[new], risk[new])
    assert score == pytest.approx(by_hand, abs=0.0005)
    assert score < best + 0.01
    assert log_score(y[new], theirs.predict_proba(rows[new])[:, 1]) > score + 0.02


def test_estimator_is_fitted_on_all_rows_and_its_copy_is_kept() -> None:
    estimator = GaussianNB()
    model = CalibratedRiskModel(estimator, method="none").fit(X, Y)
    assert not vars(estimator).get("classes_")
    np.testing.assert_array_equal(model.predict_proba(X), GaussianNB().fit(X, Y).predict_proba(X))
    assert model.calibrator_ is None
    assert model.n_features_in_ == 4


def test_prefit_calibrates_on_the_rows_given() -> None:
    fitted = GaussianNB().fit(X[:300], Y[:300])
    model = CalibratedRiskModel(fitted, cv="prefit").fit(X[300:], Y[300:])
    logs = fitted.predict_log_proba(X[300:])
    assert (model.calibrator_.intercept_, model.calibrator_.slope_) == pytest.approx(
        platt(logs[:, 1] - logs[:, 0], Y[300:]), abs=1e-6
    )
    assert model.estimator_ is fitted
    frozen = CalibratedRiskModel(FrozenEstimator(fitted), cv="prefit")
    scores = cross_validate(frozen, X[300:], Y[300:], cv=3, scoring="neg_log_loss", error_score="raise")
    assert np.isfinite(scores["test_score"]).all()


def test_prefit_refuses_what_is_not_fitted_or_has_other_classes() -> None:
    with pytest.raises(NotFittedError, match="estimator must be a fitted classifier; got an unfitted GaussianNB"):
        CalibratedRiskModel(GaussianNB(), cv="prefit").fit(X, Y)
    with pytest.raises(InputError, match="y must hold the classes of the estimator"):
        CalibratedRiskModel(GaussianNB().fit(X, Y), cv="prefit").fit(X, np.where(Y == 1, "yes", "no"))


@pytest.mark.parametrize("kind", ["texts", "mixed frame", "sparse", "lists"])
def test_rows_of_any_kind_reach_the_classifier(kind: str) -> None:
    texts = np.where(Z > 0.5, "fever cough", np.where(Z > -0.5, "cough", "well")).tolist()
    frame = pd.DataFrame({"z": Z, "sign": np.where(Z > 0, "up", "down")})
    encoder = make_pipeline(OneHotEncoder(), LogisticRegression())
    table, estimator = {
        "texts": (texts, make_pipeline(CountVectorizer(), MultinomialNB())),
        "mixed frame": (frame, TabularRiskModel(calibration=None)),
        "sparse": (csr_array(np.maximum(X, 0)), LogisticRegression()),
        "lists": (frame[["sign"]].to_numpy().tolist(), encoder),
    }[kind]
    model: Any = CalibratedRiskModel(estimator).fit(table, Y)
    risk = model.predict_risk(table)
    assert log_score(Y, risk) < log_score(Y, np.full(N, Y.mean()))
    # Dealt by what they hold, so their order changes nothing.
    order = np.random.default_rng(3).permutation(N)
    shuffled = table.iloc[order] if kind == "mixed frame" else table[order] if kind == "sparse" else None
    if shuffled is None:
        shuffled = [table[place] for place in order]
    np.testing.assert_allclose(model.fit(shuffled, Y[order]).predict_risk(table), risk, rtol=0, atol=1e-5)


def test_decision_function_is_asked_where_there_are_no_probabilities() -> None:
    model = CalibratedRiskModel(RidgeClassifier(), cv=FOLDS).fit(X, Y)
    left_out = cross_val_predict(RidgeClassifier(), X, Y, cv=FOLDS, method="decision_function")
    assert (model.calibrator_.intercept_, model.calibrator_.slope_) == pytest.approx(platt(left_out, Y), abs=1e-5)
    assert model.scores(X)[:, 1] - model.scores(X)[:, 0] == pytest.approx(
        RidgeClassifier().fit(X, Y).decision_function(X), abs=1e-12
    )
    assert model.predict_proba(X).sum(axis=1) == pytest.approx(1)
    chosen = CalibratedRiskModel(RidgeClassifier(), method="auto").fit(X, Y)
    assert "none" not in chosen.choice_.methods
    with pytest.raises(InputError, match="not be 'none' where there are no probabilities"):
        CalibratedRiskModel(RidgeClassifier(), method="none").fit(X, Y)
    with pytest.raises(InputError, match="estimator must have predict_proba; got a RidgeClassifier"):
        CalibratedRiskModel(RidgeClassifier(), response_method="predict_proba").fit(X, Y)


def test_which_response_is_asked_is_an_option_and_never_a_guess() -> None:
    scores = CalibratedRiskModel(LogisticRegression(), response_method="decision_function", cv=FOLDS).fit(X, Y)
    probabilities = CalibratedRiskModel(LogisticRegression(), cv=FOLDS).fit(X, Y)
    # The decision function of a logistic regression is the log-odds of its probabilities.
    assert scores.predict_risk(X) == pytest.approx(probabilities.predict_risk(X), abs=1e-9)


def test_certain_probabilities_keep_their_order() -> None:
    forest = RandomForestClassifier(10, random_state=0)
    model = CalibratedRiskModel(forest, cv=FOLDS).fit(X, Y)
    left_out = cross_val_predict(RandomForestClassifier(10, random_state=0), X, Y, cv=FOLDS, method="predict_proba")
    floor = left_out[left_out > 0].min() / 2
    assert "RD508" in codes(model)
    inside = left_out.clip(floor)
    expected = platt(np.log(inside[:, 1]) - np.log(inside[:, 0]), Y)
    assert (model.calibrator_.intercept_, model.calibrator_.slope_) == pytest.approx(expected, abs=1e-6)
    risk, own = model.predict_risk(X), model.estimator_.predict_proba(X)[:, 1]
    assert (np.diff(risk[np.argsort(own, kind="stable")]) >= -1e-12).all()
    assert risk[own == 0].max() < risk[own == 0.1].min()
    tree = CalibratedRiskModel(DecisionTreeClassifier(random_state=0)).fit(X, Y)
    assert 0 < tree.predict_risk(X).min() < tree.predict_risk(X).max() < 1


def test_calibrator_of_the_callers_is_copied_and_reads_what_its_input_says() -> None:
    given = BetaCalibrator(input="probability", parameters="ab")
    model = CalibratedRiskModel(LogisticRegression(), given, cv=FOLDS).fit(X, Y)
    assert "classes_" not in vars(given)
    assert model.method_ == "BetaCalibrator"
    # One half stays one half.
    assert model.calibrator_.predict_risk([0.5]) == pytest.approx([0.5])
    same = CalibratedRiskModel(LogisticRegression(), PlattCalibrator(input="probability"), cv=FOLDS).fit(X, Y)
    named = CalibratedRiskModel(LogisticRegression(), cv=FOLDS).fit(X, Y)
    assert same.predict_risk(X) == pytest.approx(named.predict_risk(X), abs=1e-9)
    with pytest.raises(InputError, match="method must be a Calibrator or one of 'auto', 'none', 'platt'"):
        CalibratedRiskModel(LogisticRegression(), "sigmoid").fit(X, Y)  # type: ignore[arg-type]


def test_event_and_decisions_are_those_of_every_risk_model() -> None:
    names = np.where(Y == 1, "good", "bad")
    model = CalibratedRiskModel(GaussianNB(), event="bad").fit(X, names)
    assert model.predict_risk(X) == pytest.approx(model.predict_proba(X)[:, 0])
    decisions = model.decide(X, costs={"false_positive": 1, "false_negative": 4})
    assert (decisions.action == "positive").tolist() == (model.predict_risk(X) >= 0.2).tolist()
    with pytest.raises(InputError, match="event must be one of the labels of y"):
        CalibratedRiskModel(GaussianNB(), event="ugly").fit(X, names)
    assert (model.predict(X) == np.where(model.predict_proba(X)[:, 1] > 0.5, "good", "bad")).all()


@pytest.mark.parametrize(("method", "told"), [("platt", False), ("none", True), ("temperature", True)])
def test_costs_count_twice_where_class_weights_stay(method: Any, told: bool) -> None:
    model = CalibratedRiskModel(LogisticRegression(class_weight="balanced"), method).fit(X, Y)
    findings = model.decide(X, costs={"false_positive": 1, "false_negative": 4}).findings
    assert ("RD309" in {finding.code for finding in findings}) is told


def test_calibration_takes_the_shift_of_class_weights_back() -> None:
    model = CalibratedRiskModel(LogisticRegression(class_weight={0: 1, 1: 20})).fit(X, Y)
    assert model.estimator_.predict_proba(X)[:, 1].mean() > 2 * Y.mean()
    assert model.predict_risk(X).mean() == pytest.approx(Y.mean(), abs=0.01)


def test_rows_without_a_risk_stay_without_one() -> None:
    frame = pd.DataFrame({"a": X[:, 0], "y": Y})
    fitted = LogisticRiskModel.from_formula("y ~ a", frame[:300], missing="drop")
    model = CalibratedRiskModel(fitted, cv="prefit").fit(frame[300:], Y[300:])
    holes = frame[:4].assign(a=[0.0, np.nan, 1.0, np.nan])
    with pytest.warns(IncompleteRowsWarning):
        risk = model.predict_risk(holes)
    assert np.isnan(risk).tolist() == [False, True, False, True]
    assert risk[[0, 2]] == pytest.approx(model.predict_risk(holes.iloc[[0, 2]]))
    with (
        pytest.warns(IncompleteRowsWarning),
        pytest.raises(InputError, match="responses of the estimator must be numbers; got 2 of 4"),
    ):
        CalibratedRiskModel(fitted, cv="prefit").fit(holes, [0, 1, 1, 0])


def test_summary_says_what_was_done() -> None:
    model = CalibratedRiskModel(HistGradientBoostingClassifier(max_iter=20, random_state=0), method="auto").fit(X, Y)
    text = str(model.summary())
    for part in ("HistGradientBoostingClassifier", "rows left out of its fits", "Calibrator: ", "RD514", "600"):
        assert part in text
