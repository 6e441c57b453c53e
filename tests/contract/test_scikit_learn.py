"""Scikit-learn's own checks of an estimator, none excepted."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from riskdec import DecisionClassifier, LogisticRiskModel

MODELS = [
    LogisticRiskModel(),
    LogisticRiskModel(penalty="firth"),
    LogisticRiskModel(class_weight="balanced"),
    LogisticRiskModel(penalty="ridge", alpha=1.0),
    LogisticRiskModel(penalty="ridge", alpha="cv"),
    DecisionClassifier(LogisticRegression(), {"false_positive": 1, "false_negative": 1, "defer": 0.2}),
]


# The checks fit separated and collinear data on purpose; nothing else may warn.
@pytest.mark.filterwarnings("ignore::riskdec.errors.SeparationWarning")
@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
@parametrize_with_checks(MODELS)  # type: ignore[untyped-decorator]  # scikit-learn is untyped
def test_estimator_passes_the_check(estimator: Any, check: Any) -> None:
    check(estimator)
