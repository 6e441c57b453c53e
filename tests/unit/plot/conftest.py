"""Answers to draw: small, made by hand where a drawing needs a corner case."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from riskdec.diagnostics import ReliabilityCurve
from riskdec.models import LogisticRiskModel
from riskdec.weighting import CoefficientShift, WeightingComparison, compare_weighting

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def make_curve() -> Callable[..., ReliabilityCurve]:
    """Makes a curve of five forecasts with a band; every field can be replaced."""

    def make(**changes: Any) -> ReliabilityCurve:
        fields: dict[str, Any] = {
            "method": "isotonic",
            "description": "isotonic, CORP",
            "band": "consistency",
            "confidence_level": 0.95,
            "risk": np.array([0.01, 0.02, 0.05, 0.1, 0.4]),
            "event_rate": np.array([0.0, 0.03, 0.03, 0.2, 1.0]),
            "low": np.array([0.0, 0.005, 0.02, 0.05, 0.1]),
            "high": np.array([0.05, 0.06, 0.1, 0.2, 0.9]),
            "weight": np.array([50.0, 40, 30, 20, 10]),
            "events": np.array([0.0, 1, 1, 4, 10]),
            "rows": np.array([50.0, 70, 70, 20, 10]),
            "n": 150,
            "n_events": 16,
            "weight_kind": "frequency",
            "scale": "logit",
            "bin_edges": np.array([0.005, 0.02, 0.1, 0.5]),
            "bin_events": np.array([0, 2, 14]),
            "bin_nonevents": np.array([50, 80, 4]),
        }
        return ReliabilityCurve(**(fields | changes))

    return make


@pytest.fixture(scope="session")
def comparison() -> WeightingComparison:
    """A logistic model with three columns, fitted with and without natural weights."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(1200, 3))
    y = rng.random(1200) < 1 / (1 + np.exp(2.2 - X @ [1.0, 0.5, 0.0]))
    held_out = np.arange(1200) % 2 == 1
    return compare_weighting(LogisticRiskModel(), X[~held_out], y[~held_out], X_test=X[held_out], y_test=y[held_out])


@pytest.fixture
def make_shift(comparison: WeightingComparison) -> Callable[[str, float], CoefficientShift]:
    """Makes a coefficient that weights moved by so much; its standard errors are 0.2, 0.1 (naive), 0.25 (robust)."""
    known = {"unweighted_se": 0.2, "naive_se": 0.1, "robust_se": 0.25}

    def make(name: str, shift: float) -> CoefficientShift:
        return replace(comparison.coefficients[1], name=name, shift=shift, **known)

    return make
