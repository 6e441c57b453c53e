"""Limits of calibrated risks are those of the calibrator, for the event that is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from riskdec import CalibratedRiskModel, LogisticRiskModel, OneVsRestCalibrator
from riskdec.calibration import BetaCalibrator, VennAbersCalibrator
from riskdec.errors import InputError
from tests.unit.models.calibrated.made import X, Y

RNG = np.random.default_rng(7)
MANY = RNG.normal(size=(500, 3))
OUTCOME = (MANY + RNG.gumbel(size=MANY.shape)).argmax(axis=1)


@pytest.mark.parametrize("method", ["platt", "temperature", "beta", "spline", "isotonic", "vector", "dirichlet"])
def test_limits_are_those_of_the_calibrator(method: Any) -> None:
    model = CalibratedRiskModel(GaussianNB(), method).fit(X, Y)
    limits = model.risk_interval(X, 0.9)
    np.testing.assert_array_equal(limits, model.calibrator_.predict_interval(model.scores(X), confidence_level=0.9))
    risk = model.predict_risk(X)
    assert ((limits[:, 0] <= risk) & (risk <= limits[:, 1])).all()
    np.testing.assert_allclose(model.risk_interval(X, 0.9, event=0), 1 - limits[:, ::-1], atol=1e-12)
    decisions = model.decide(X, {"false_positive": 1, "false_negative": 3, "defer": 0.4}, risk_interval=limits)
    assert len(decisions.action) == len(X)


def test_logistic_regression_calibrated_on_its_log_odds_has_the_limits_of_platts_line() -> None:
    model = CalibratedRiskModel(LogisticRegression(), response_method="decision_function").fit(X, Y)
    line, covariance = model.calibrator_, model.calibrator_.cov_params()
    z = model.estimator_.decision_function(X)
    error = np.sqrt(covariance[0, 0] + 2 * covariance[0, 1] * z + covariance[1, 1] * z**2)
    wanted = expit(line.intercept_ + line.slope_ * z - 1.959964 * error)
    np.testing.assert_allclose(model.risk_interval(X)[:, 0], wanted, rtol=1e-6)


def test_venn_abers_gives_its_two_risks_and_takes_no_level() -> None:
    model = CalibratedRiskModel(GaussianNB(), VennAbersCalibrator()).fit(X, Y)
    low, high = model.risk_interval(X).T
    np.testing.assert_allclose(model.predict_risk(X), high / (1 - low + high))
    with pytest.raises(InputError, match="confidence_level must be left out of a VennAbersCalibrator"):
        model.risk_interval(X, 0.95)


def test_where_there_are_no_limits_the_reason_is_said() -> None:
    left_alone = CalibratedRiskModel(GaussianNB(), "none").fit(X, Y)
    with pytest.raises(InputError, match="risk_interval must have a calibrator to ask; got probabilities"):
        left_alone.risk_interval(X)
    centred = CalibratedRiskModel(GaussianNB(), "centred isotonic").fit(X, Y)
    with pytest.raises(InputError, match="CentredIsotonicCalibrator, for which none are known"):
        centred.risk_interval(X)
    with pytest.raises(InputError, match="confidence_level"):
        CalibratedRiskModel(GaussianNB()).fit(X, Y).risk_interval(X, 95)


@pytest.mark.parametrize("method", ["platt", "temperature", "dirichlet", "beta", OneVsRestCalibrator(BetaCalibrator())])
def test_many_outcomes_have_limits_for_each_and_ask_which(method: Any) -> None:
    model = CalibratedRiskModel(RandomForestClassifier(30, random_state=0), method, cv=3).fit(MANY, OUTCOME)
    proba = model.predict_proba(MANY)
    for k in range(3):
        low, high = model.risk_interval(MANY, event=k).T
        assert ((low <= proba[:, k] + 1e-12) & (proba[:, k] <= high + 1e-12)).all()
    with pytest.raises(InputError, match="event"):
        model.risk_interval(MANY)


def test_scores_that_are_no_probabilities_and_rows_without_one_are_served() -> None:
    margins = CalibratedRiskModel(LinearSVC()).fit(X, Y)
    assert (np.diff(margins.risk_interval(X)) > 0).all()
    assert CalibratedRiskModel(LogisticRiskModel()).fit(X, Y).risk_interval(X[:0]).shape == (0, 2)
