"""The comparison of a model with itself under weights: its rows, its coefficients, and every kind of model and data."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import LogisticRiskModel, TabularRiskModel, compare_weighting, diagnose, undo_class_weight

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightingComparison
    from riskdec.weighting import WeightingRow


def test_rows_come_in_order_none_first(right: WeightingComparison) -> None:
    states = {
        name: [r.repair for r in right.rows if r.scheme == name] for name in dict.fromkeys(r.scheme for r in right.rows)
    }
    all_states = ["raw", "undone", "recentred", "recalibrated"]
    assert states == {"none": ["raw", "recentred", "recalibrated"], "natural": all_states, "ratio 3": all_states}
    assert right.rows[0].name == "none"
    assert [name for name, _ in right.curves] == ["none", "natural", "natural, undone", "ratio 3", "ratio 3, undone"]
    assert [curve.band for _, curve in right.curves] == ["consistency", None, None, None, None]


def test_rows_agree_with_diagnose_on_the_same_risks(draw: Callable[..., Any], row: Callable[..., WeightingRow]) -> None:
    X, y = draw(8)
    comparison = compare_weighting(LogisticRiskModel(), X[::2], y[::2], X_test=X[1::2], y_test=y[1::2], rng=0)
    weighted = LogisticRiskModel(class_weight="natural").fit(X[::2], y[::2])
    report = diagnose(y[1::2], weighted.predict_risk(X[1::2]), rng=0)
    raw = row(comparison, "natural")
    for name in ("brier", "log_score", "auc"):
        assert getattr(raw, name) == pytest.approx(getattr(report, name), rel=1e-12)
    assert raw.ici == pytest.approx(report.ici.estimate, rel=1e-9)
    assert raw.miscalibration == pytest.approx(report.miscalibration.estimate, rel=1e-9)
    for name in ("citl", "intercept", "slope"):
        assert getattr(raw, name).to_dict() == pytest.approx(getattr(report, name).to_dict(), rel=1e-9)


def test_figures_at_half_equal_counts_by_hand(
    draw: Callable[..., Any], row: Callable[..., WeightingRow], costs: dict[str, float]
) -> None:
    X, y = draw(9)
    comparison = compare_weighting(
        LogisticRegression(C=np.inf, tol=1e-10), X[::2], y[::2], X_test=X[1::2], y_test=y[1::2], costs=costs, rng=0
    )
    none = LogisticRegression(C=np.inf, tol=1e-10).fit(X[::2], y[::2]).predict_proba(X[1::2])[:, 1]
    model = LogisticRegression(C=np.inf, tol=1e-10, class_weight="balanced").fit(X[::2], y[::2])
    risk, truth = model.predict_proba(X[1::2])[:, 1], y[1::2] == 1
    raw = row(comparison, "natural")
    flagged = risk >= 0.5
    assert raw.flagged_at_half == pytest.approx(flagged.mean(), rel=1e-12)
    assert raw.precision_at_half == pytest.approx(truth[flagged].mean(), rel=1e-12)
    assert raw.recall_at_half == pytest.approx(flagged[truth].mean(), rel=1e-12)
    same = flagged == (none >= 1 / (1 + raw.weight_ratio))
    assert raw.agreement_with_mle_cut == pytest.approx(same.mean(), abs=2 / len(truth))
    # Cheapest action by hand: below 0.04 negative, from 0.4 positive, defer between.
    cost = np.where(risk < 0.04, 15.0 * truth, np.where(risk >= 0.4, 1.0 * ~truth, 0.6))
    assert raw.mean_realised_cost == pytest.approx(cost.mean(), rel=1e-12)
    difference = (risk - truth) ** 2 - (none - truth) ** 2
    assert raw.brier_difference.estimate == pytest.approx(difference.mean(), rel=1e-6)
    half = 1.959964 * difference.std(ddof=1) / np.sqrt(len(truth))
    assert raw.brier_difference.high - raw.brier_difference.estimate == pytest.approx(half, rel=1e-5)


def test_groups_make_intervals_cluster_robust_and_stay_whole(row: Callable[..., WeightingRow]) -> None:
    rng = np.random.default_rng(10)
    n_groups, size = 300, 8
    groups = np.repeat(np.arange(n_groups), size)
    X = np.repeat(rng.normal(size=(n_groups, 2)), size, axis=0)
    spread = np.repeat(rng.normal(size=n_groups), size)
    y = rng.random(len(groups)) < 1 / (1 + np.exp(1.5 - X[:, 0] - spread))
    clustered = compare_weighting(LogisticRiskModel(), X, y, groups=groups, rng=1)
    assert "whole groups at a time" in clustered.split
    assert clustered.n_groups_test is not None
    assert clustered.n_test == size * clustered.n_groups_test
    half = len(groups) // 2
    parts = {"X_test": X[half:], "y_test": y[half:], "rng": 1}
    one = compare_weighting(
        LogisticRiskModel(), X[:half], y[:half], groups=groups[:half], groups_test=groups[half:], **parts
    )
    other = compare_weighting(LogisticRiskModel(), X[:half], y[:half], **parts)
    for name in ("citl", "slope", "brier_difference"):
        wide, narrow = getattr(row(one, "natural"), name), getattr(row(other, "natural"), name)
        assert wide.estimate == pytest.approx(narrow.estimate, rel=1e-9)
        assert wide.high - wide.low > 1.2 * (narrow.high - narrow.low)
    assert one.coefficients[1].robust_se > 1.2 * other.coefficients[1].robust_se
    without = compare_weighting(LogisticRiskModel(), X[:half], y[:half], groups=groups[:half], **parts)
    assert "Without groups_test these are taken for independent" in without.split


@pytest.mark.parametrize(
    "estimator", [LogisticRiskModel(event="ill"), TabularRiskModel(event="ill", shape="linear", penalty=None)]
)
def test_event_of_a_model_of_riskdec_is_taken_over(estimator: Any, draw: Callable[..., Any]) -> None:
    X, y = draw(12, n=1500)
    comparison = compare_weighting(estimator, X, np.where(y == 1, "ill", "well"), rng=0)
    assert comparison.event == "ill"
    assert comparison.rows[0].observed_rate == pytest.approx(y.mean(), abs=0.01)
    shift = comparison.coefficients[0]
    assert shift.shift == pytest.approx(np.log(comparison.rows[-1].weight_ratio), abs=0.3)


def test_tabular_model_shows_the_coefficients_of_its_encoded_columns(draw: Callable[..., Any]) -> None:
    X, y = draw(13, n=1500)
    frame = pd.DataFrame({"dose": X[:, 0], "ward": np.where(X[:, 1] > 0, "a", "b")})
    comparison = compare_weighting(TabularRiskModel(shape="linear", penalty=None), frame, y, rng=0)
    assert [shift.name for shift in comparison.coefficients] == ["Intercept", "dose", "ward[b]"]
    assert len(comparison.shape_tests) == 1


def test_ridge_is_compared_without_coefficients_and_undoing_it_is_approximate(
    draw: Callable[..., Any], finding: Callable[..., Any], costs: dict[str, float]
) -> None:
    X, y = draw(22)
    model = LogisticRiskModel(penalty="ridge", alpha=60.0)
    comparison = compare_weighting(model, X[::2], y[::2], costs=costs, X_test=X[1::2], y_test=y[1::2])
    # A ridge fit has no likelihood at its maximum: neither influence values nor robust errors of its coefficients.
    assert comparison.coefficients == comparison.shape_tests == ()
    assert {"RD401", "RD403", "RD404", "RD405", "RD411"} <= {one.code for one in comparison.findings}
    natural = {0: (y[::2] == 1).sum(), 1: (y[::2] == 0).sum()}
    direct = LogisticRiskModel(penalty="ridge", alpha=60.0, class_weight=natural).fit(X[::2], y[::2])
    row = next(one for one in comparison.rows if one.name == "natural")
    assert row.mean_risk == pytest.approx(direct.predict_risk(X[1::2]).mean(), rel=1e-9)
    # Weights that sum to the number of rows meet the same penalty with another information: the slopes move.
    assert abs(row.slope_difference.estimate) > 0.01
    assert "unpenalised" in finding(comparison, "RD405").sentence
    comparison.plot()


@pytest.mark.parametrize(
    "estimator",
    [
        HistGradientBoostingClassifier(max_iter=20, random_state=0),
        make_pipeline(StandardScaler(), LogisticRegression(C=np.inf)),
        GaussianNB(),
    ],
)
def test_foreign_models_are_compared_without_coefficients(
    estimator: Any, draw: Callable[..., Any], finding: Callable[..., Any], costs: dict[str, float]
) -> None:
    X, y = draw(14)
    comparison = compare_weighting(estimator, X, y, costs=costs, rng=0)
    assert comparison.coefficients == ()
    assert comparison.shape_tests == ()
    assert "expected the log of the ratio" in finding(comparison, "RD401").sentence
    assert {f.code for f in comparison.findings} >= {"RD401", "RD403", "RD404", "RD405", "RD407"}


@pytest.mark.parametrize("make", [pd.DataFrame, lambda X: pl.DataFrame(X, schema=["a", "b", "c"]), csr_array])
def test_rows_of_every_kind_are_split(make: Any, draw: Callable[..., Any]) -> None:
    X, y = draw(20, n=1000)
    table = make(X)
    if isinstance(table, pd.DataFrame):
        table.columns = ["a", "b", "c"]
    estimator = LogisticRegression(C=np.inf)
    comparison = compare_weighting(estimator, table, y, rng=3)
    plain = compare_weighting(estimator, X, y, rng=3)
    assert comparison.rows[3].brier == pytest.approx(plain.rows[3].brier, rel=1e-6)
    assert isinstance(comparison.frame(), pl.DataFrame if isinstance(table, pl.DataFrame) else pd.DataFrame)


def test_same_seed_gives_the_same_answer_and_another_one_another_split(draw: Callable[..., Any]) -> None:
    X, y = draw(21, n=1000)
    first, again, other = (compare_weighting(LogisticRiskModel(), X, y, rng=seed).to_dict() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_room_leaves_pandas_and_other_heavy_packages_to_its_functions() -> None:
    # scikit-learn imports pandas by itself where it is installed, so the source is looked at, not the modules loaded.
    rooms = [
        Path(compare_weighting.__code__.co_filename).parents[1],
        Path(undo_class_weight.__code__.co_filename).parent,
    ]
    for path in (path for room in rooms for path in room.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"pandas", "statsmodels", "matplotlib", "torch"}
