"""Answers that become pages."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.decisions import DecisionEvaluation, Decisions, decide, evaluate_decisions
from riskdec.diagnostics import CalibrationReport, diagnose
from riskdec.models import LogisticRiskModel
from riskdec.weighting import WeightingComparison, compare_weighting

COSTS = {"false_positive": 1, "false_negative": 15, "defer": 0.6}


@pytest.fixture(scope="session")
def risk_and_outcome() -> tuple[np.ndarray, np.ndarray]:
    """Right risks of a rare event, and what happened."""
    rng = np.random.default_rng(11)
    risk = rng.beta(1, 15, 4000)
    return risk, rng.random(4000) < risk


@pytest.fixture(scope="session")
def report(risk_and_outcome: tuple[np.ndarray, np.ndarray]) -> CalibrationReport:
    """Of the right risks."""
    risk, y = risk_and_outcome
    return diagnose(y, risk, costs=COSTS, n_resamples=99, rng=1)


@pytest.fixture(scope="session")
def decisions(risk_and_outcome: tuple[np.ndarray, np.ndarray]) -> Decisions:
    """Under costs with a gray zone."""
    return decide(risk_and_outcome[0], COSTS)


@pytest.fixture(scope="session")
def evaluation(risk_and_outcome: tuple[np.ndarray, np.ndarray], decisions: Decisions) -> DecisionEvaluation:
    """Of these decisions."""
    return evaluate_decisions(risk_and_outcome[1], decisions)


@pytest.fixture(scope="session")
def comparison() -> WeightingComparison:
    """A logistic model with three columns, fitted with and without natural weights."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(3000, 3))
    y = rng.random(3000) < 1 / (1 + np.exp(2.5 - X @ [1.0, 0.5, 0.0]))
    first = np.arange(3000) < 1500
    return compare_weighting(LogisticRiskModel(), X[first], y[first], X_test=X[~first], y_test=y[~first], costs=COSTS)
