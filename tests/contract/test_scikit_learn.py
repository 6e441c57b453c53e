"""Scikit-learn's own checks of an estimator, none excepted."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from riskdec import CalibratedRiskModel, DecisionClassifier, LogisticRiskModel

MODELS = [
    LogisticRiskModel(),
    LogisticRiskModel(penalty="firth"),
    LogisticRiskModel(class_weight="balanced"),
    LogisticRiskModel(penalty="ridge", alpha=1.0),
    LogisticRiskModel(penalty="ridge", alpha="cv"),
    CalibratedRiskModel(LogisticRegression()),
    # Weights equal repetition as far as the classifier's own tolerance allows.
    CalibratedRiskModel(LogisticRegression(tol=1e-10, max_iter=5000), method="auto"),
    CalibratedRiskModel(DecisionTreeClassifier(random_state=0), method="beta"),
    # Scores and no probabilities.
    CalibratedRiskModel(RidgeClassifier()),
    DecisionClassifier(LogisticRegression(), {"false_positive": 1, "false_negative": 1, "defer": 0.2}),
]


# The checks fit separated and collinear data on purpose; nothing else may warn.
@pytest.mark.filterwarnings("ignore::riskdec.errors.SeparationWarning")
@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
@parametrize_with_checks(MODELS)  # type: ignore[untyped-decorator]  # scikit-learn is untyped
def test_estimator_passes_the_check(estimator: Any, check: Any) -> None:
    check(estimator)
