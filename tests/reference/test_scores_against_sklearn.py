"""Scores and isotonic fits against scikit-learn, with ties and weights."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from riskdec import brier_score, log_score
from riskdec.scores.isotonic import isotonic_fit
from riskdec.scores.ranking import area_under_curve


@pytest.fixture(params=["plain", "weighted"])
def weight(request: pytest.FixtureRequest, rng: np.random.Generator) -> np.ndarray | None:
    return None if request.param == "plain" else rng.gamma(2, 1, 300)


@pytest.fixture
def risk(rng: np.random.Generator) -> np.ndarray:
    # One digit, so that nearly all risks are tied.
    return np.clip(rng.random(300).round(1), 0.05, 0.95)


@pytest.fixture
def y(risk: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(300) < risk).astype(int)


def test_binary_scores_equal_sklearn(y: np.ndarray, risk: np.ndarray, weight: np.ndarray | None) -> None:
    assert brier_score(y, risk, sample_weight=weight) == pytest.approx(
        brier_score_loss(y, risk, sample_weight=weight), rel=1e-12
    )
    assert log_score(y, risk, sample_weight=weight) == pytest.approx(log_loss(y, risk, sample_weight=weight), rel=1e-12)


def test_multiclass_scores_equal_sklearn(rng: np.random.Generator, weight: np.ndarray | None) -> None:
    proba = rng.dirichlet([3, 2, 1], 300)
    labels = np.array(["a", "b", "c"])[rng.integers(0, 3, 300)]
    # Both sum over the outcomes: in [0, 2].
    theirs = brier_score_loss(labels, proba, sample_weight=weight, labels=["a", "b", "c"])
    assert brier_score(labels, proba, sample_weight=weight) == pytest.approx(theirs, rel=1e-12)
    theirs = log_loss(labels, proba, sample_weight=weight)
    assert log_score(labels, proba, sample_weight=weight) == pytest.approx(theirs, rel=1e-12)


def test_area_under_curve_equals_sklearn(y: np.ndarray, risk: np.ndarray, weight: np.ndarray | None) -> None:
    theirs = roc_auc_score(y, risk, sample_weight=weight)
    assert area_under_curve(y == 1, risk, weight) == pytest.approx(theirs, rel=1e-12)


def test_isotonic_fit_equals_sklearn(y: np.ndarray, risk: np.ndarray, weight: np.ndarray | None) -> None:
    theirs = IsotonicRegression().fit(risk, y, sample_weight=weight)
    fit = isotonic_fit(risk, y.astype(float), weight)
    assert fit.level == pytest.approx(theirs.predict(fit.x), abs=1e-12)
