"""Gauge freedom: only the ratio of class weights matters, under every penalty and every covariance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskdec import LogisticRiskModel, TabularRiskModel, compare_weighting

PENALTIES: list[dict[str, Any]] = [
    {},
    {"penalty": "ridge", "alpha": 5.0},
    {"penalty": "ridge", "alpha": "cv"},
    {"penalty": "firth"},
    {"penalty": "flic"},
    {"penalty": "flac"},
]
NAMES = ["mle", "ridge", "ridge by cv", "firth", "flic", "flac"]


def draw(seed: int, n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (rng.random(n) < 1 / (1 + np.exp(2 - X[:, 0]))).astype(int)


@pytest.mark.parametrize("groups", [None, np.arange(600) // 3], ids=["rows", "groups"])
@pytest.mark.parametrize("options", PENALTIES, ids=NAMES)
def test_weights_times_seven_are_the_same_fit_with_the_same_covariance(options: dict[str, Any], groups: Any) -> None:
    X, y = draw(0)
    one, seven = (LogisticRiskModel(class_weight={0: c, 1: 3 * c}, **options).fit(X, y, groups=groups) for c in (1, 7))
    np.testing.assert_allclose(seven.predict_risk(X), one.predict_risk(X), rtol=1e-12)
    naive = "posterior" if options.get("penalty") == "ridge" else "model"
    for kind in (naive, "robust", *(() if groups is None else ("cluster",))):
        np.testing.assert_allclose(
            np.asarray(seven.cov_params(kind=kind)), np.asarray(one.cov_params(kind=kind)), rtol=1e-10
        )


@pytest.mark.parametrize("options", [{}, {"shape": "linear", "penalty": None}], ids=["splines", "straight"])
def test_default_on_tables_has_the_same_freedom(options: dict[str, Any]) -> None:
    X, y = draw(1)
    one, seven = (TabularRiskModel(class_weight={0: c, 1: 3 * c}, **options).fit(X, y) for c in (1, 7))
    np.testing.assert_allclose(seven.predict_risk(X), one.predict_risk(X), rtol=1e-12)


@pytest.mark.parametrize("options", PENALTIES[:2], ids=NAMES[:2])
def test_importance_weights_have_the_same_freedom(options: dict[str, Any]) -> None:
    X, y = draw(2)
    weight = np.where(y == 1, 3.0, 1.0)
    one, seven = (
        LogisticRiskModel(weight_kind="importance", **options).fit(X, y, sample_weight=c * weight) for c in (1, 7)
    )
    np.testing.assert_allclose(seven.predict_risk(X), one.predict_risk(X), rtol=1e-12)
    np.testing.assert_allclose(
        np.asarray(seven.cov_params(kind="robust")), np.asarray(one.cov_params(kind="robust")), rtol=1e-10
    )


def test_frequency_weights_have_no_such_freedom() -> None:
    # They count rows: seven times as many rows are more information, and a penalty then weighs less.
    X, y = draw(3)
    one, seven = (
        LogisticRiskModel(penalty="ridge", alpha=50.0).fit(X, y, sample_weight=np.full(600, c)) for c in (1, 7)
    )
    assert np.abs(seven.predict_risk(X) - one.predict_risk(X)).max() > 0.01


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.sampled_from([0.125, 3.0, 7.0, 1e4]))
def test_scale_of_a_mapping_changes_no_figure_of_a_comparison(seed: int, scale: float) -> None:
    X, y = draw(seed)
    rows = {"X_test": X[::2], "y_test": y[::2], "n_resamples": 20, "rng": 0}
    one, other = (
        compare_weighting(LogisticRiskModel(), X[1::2], y[1::2], schemes=({0: c, 1: 5 * c},), **rows)
        for c in (1.0, scale)
    )
    assert one.frame().drop(columns=["scheme"]).equals(other.frame().drop(columns=["scheme"])) or np.allclose(
        one.frame().select_dtypes("number"), other.frame().select_dtypes("number"), rtol=1e-9, equal_nan=True
    )
