"""Weights of rows: whole ones equal rows written out, others count by their ratios, and no figure forgets them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import (
    CalibratedRiskModel,
    CostMatrix,
    LogisticRiskModel,
    TabularRiskModel,
    balance_recall,
    compare_weighting,
    sweep_weights,
)
from riskdec.errors import InputError
from tests.unit.weighting.row_laws import Weighted, differences, draw_weighted

COSTS = {"false_positive": 1, "false_negative": 4, "defer": 0.45}
CLASS_COSTS = CostMatrix([[0, 1, 1], [2, 0, 1], [9, 3, 0]], outcomes=("0", "1", "2"), actions=("0", "1", "2"))
EVERY_WAY = (
    "natural",
    3,
    ("effective_number", 0.99),
    ("recall_driven", 1),
    "undersample",
    ("oversample", 2.5),
)
TWO_WAYS = ("natural", ("oversample", 2.5))
# What depends on nothing but how the rows were written.
SAID = ("/weight_kind",)
# Offsets lie where held-out rows are tied; which of the tied ones counts as found hangs on rounding.
TIED = tuple(f"/offsets/{name}" for name in ("recall", "low", "high", "price", "sampling_floor", "rules", "shares"))


def compare(estimator: Any, X: Any, y: Any, **options: Any) -> Any:
    return compare_weighting(estimator, X, y, **{"schemes": TWO_WAYS, "n_resamples": 10, "costs": COSTS} | options)


def sweep(estimator: Any, X: Any, y: Any, **options: Any) -> Any:
    return sweep_weights(estimator, X, y, costs=COSTS, **options)


def balance(estimator: Any, X: Any, y: Any, **options: Any) -> Any:
    return balance_recall(estimator, X, y, costs=CLASS_COSTS, **options)


STUDIES = {compare: 2, sweep: 2, balance: 3}
LOGISTIC = LogisticRegression(C=np.inf, tol=1e-9, max_iter=1000)
PENALISED = make_pipeline(StandardScaler(), LogisticRegression(C=0.02, tol=1e-10))


def rows_of(study: Any, seed: int, n: int) -> Weighted:
    return draw_weighted(seed, n, STUDIES[study])


def given_test_rows(study: Any, *, weighted: bool, kind: str = "frequency") -> dict[str, Any]:
    rows = rows_of(study, 8, 300)
    if kind == "importance":
        return {"X_test": rows.X, "y_test": rows.y, "sample_weight_test": rows.times + 0.5}
    if weighted:
        return {"X_test": rows.X, "y_test": rows.y, "sample_weight_test": rows.times}
    return {"X_test": rows.X[rows.written], "y_test": rows.y[rows.written]}


@pytest.mark.parametrize("estimator", [LOGISTIC, PENALISED], ids=["logistic", "penalised pipeline"])
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_whole_weights_equal_rows_written_out_on_given_test_rows(study: Any, estimator: Any) -> None:
    X, y, times, _, written = rows_of(study, 7, 700)
    weighted = study(estimator, X, y, sample_weight=times, rng=0, **given_test_rows(study, weighted=True))
    repeated = study(estimator, X[written], y[written], rng=0, **given_test_rows(study, weighted=False))
    assert differences(weighted, repeated, leave=SAID + TIED) == []


@pytest.mark.parametrize("groups", [False, True], ids=["rows", "groups"])
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_whole_weights_are_split_as_rows_written_one_below_the_other(study: Any, groups: bool) -> None:
    X, y, times, number, written = rows_of(study, 9, 900)
    options = [{"groups": number}, {"groups": number[written]}] if groups else [{}, {}]
    weighted = study(LOGISTIC, X, y, sample_weight=times, rng=3, **options[0])
    repeated = study(LOGISTIC, X[written], y[written], rng=3, **options[1])
    assert differences(weighted, repeated, leave=SAID + TIED) == []


@pytest.mark.parametrize("way", EVERY_WAY, ids=str)
def test_whole_weights_equal_rows_written_out_under_every_scheme(way: Any) -> None:
    X, y, times, number, written = draw_weighted(11, 500)
    model = LogisticRiskModel()
    weighted = compare(model, X, y, sample_weight=times, schemes=(way,), groups=number, rng=1)
    repeated = compare(model, X[written], y[written], schemes=(way,), groups=number[written], rng=1)
    assert weighted.coefficients
    assert differences(weighted, repeated, leave=SAID) == []
    assert "equal rows" in str(weighted.summary())


def test_whole_weights_are_dealt_into_folds_as_rows_written_out() -> None:
    X, y, times, _, written = draw_weighted(12, 400)
    model = LogisticRiskModel()
    weighted = compare(model, X, y, sample_weight=times, cv=3, rng=1)
    repeated = compare(model, X[written], y[written], cv=3, rng=1)
    assert differences(weighted, repeated, leave=SAID) == []
    splitter = KFold(3, shuffle=True, random_state=0)
    weighted = compare(model, X, y, sample_weight=times, cv=splitter, schemes=("natural",), rng=1)
    repeated = compare(model, X[written], y[written], cv=splitter, schemes=("natural",), rng=1)
    assert differences(weighted, repeated, leave=SAID) == []


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_importance_weights_count_by_their_ratios(study: Any) -> None:
    X, y, times, _, _ = rows_of(study, 13, 600)
    test = given_test_rows(study, weighted=True, kind="importance")
    weight = times + 0.25
    one = study(PENALISED, X, y, sample_weight=weight, weight_kind="importance", rng=0, **test)
    scaled = test | {"sample_weight_test": 0.003 * test["sample_weight_test"]}
    other = study(PENALISED, X, y, sample_weight=700 * weight, weight_kind="importance", rng=0, **scaled)
    assert differences(one, other, leave=TIED) == []
    assert "only their ratios count" in str(one.summary())


@pytest.mark.parametrize("kind", ["frequency", "importance"])
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_rows_of_weight_zero_are_as_if_absent(study: Any, kind: str) -> None:
    X, y, times, number, _ = rows_of(study, 15, 800)
    weight, kept = times * (1.0 if kind == "frequency" else 0.7), times > 0
    hidden, label = X.copy(), y.astype(object)
    hidden[~kept], label[~kept] = np.nan, 77
    options: dict[str, Any] = {"weight_kind": kind, "rng": 2}
    if study is not balance:
        options["event"] = 1
    without = study(LOGISTIC, X[kept], y[kept], sample_weight=weight[kept], groups=number[kept], **options)
    label = np.array(label.tolist())
    with_zeros = study(LOGISTIC, hidden, label, sample_weight=weight, groups=number, **options)
    assert differences(with_zeros, without) == []


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_order_of_weighted_test_rows_changes_nothing(study: Any) -> None:
    X, y, times, _, _ = rows_of(study, 17, 600)
    test = given_test_rows(study, weighted=True, kind="importance")
    mixed = np.random.default_rng(0).permutation(len(test["y_test"]))
    shuffled = {name: values[mixed] for name, values in test.items()}
    options: dict[str, Any] = {"sample_weight": times + 0.5, "weight_kind": "importance", "rng": 0}
    one, other = study(LOGISTIC, X, y, **options, **test), study(LOGISTIC, X, y, **options, **shuffled)
    assert differences(one, other, leave=TIED) == []


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_equal_importance_is_no_weight_to_any_estimate(study: Any) -> None:
    X, y, _, _, _ = rows_of(study, 19, 600)
    test = given_test_rows(study, weighted=False)
    plain = study(LOGISTIC, X, y, rng=0, **test)
    equal = {"sample_weight": np.full(600, 3.0), "sample_weight_test": np.full(len(test["y_test"]), 0.2)}
    weighted = study(LOGISTIC, X, y, rng=0, weight_kind="importance", **equal, **test)
    # Limits of recalibration are robust ones now; nothing else may differ.
    limits = tuple(f"/{name}/{end}" for name in ("citl", "intercept", "slope") for end in ("low", "high"))
    columns = tuple(f"/{name}_{end}/{j}" for name in ("citl", "slope") for end in ("low", "high") for j in range(41))
    told = ("/sentence", "/severity", "/todo")
    assert differences(weighted, plain, leave=SAID + TIED + limits + columns + told) == []


def test_models_that_calibrate_or_draw_take_weights_too() -> None:
    X, y, times, _, _ = draw_weighted(21, 500)
    for estimator in (
        RandomForestClassifier(20, min_samples_leaf=20, random_state=0),
        CalibratedRiskModel(LogisticRegression(), cv=3),
        TabularRiskModel(),
    ):
        found = compare(estimator, X, y, sample_weight=times, schemes=("natural",), rng=0)
        assert found.n_train + found.n_test == times.sum()
        assert found.rows[0].weight_ratio == 1


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sample_weight": -np.ones(60)}, "sample_weight must not be negative; got -1.0 at position 0"),
        ({"sample_weight": np.ones(59)}, r"sample_weight must have one entry per row \(60\); got 59"),
        ({"sample_weight": np.full(60, 0.5)}, "sample_weight must be whole numbers; got 0.5 at position 0"),
        ({"sample_weight": np.zeros(60)}, "sample_weight must not be zero in every row"),
        (
            {"sample_weight": np.ones(60), "weight_kind": "survey"},
            "weight_kind must be one of 'frequency', 'importance'; got 'survey'",
        ),
        ({"sample_weight_test": np.ones(60)}, "sample_weight_test must come with X_test and y_test; got neither"),
        (
            {"X_test": np.zeros((60, 2)), "y_test": np.arange(60) % 3, "sample_weight_test": np.full(60, np.nan)},
            "sample_weight_test must be finite",
        ),
        (
            {"sample_weight": np.full(60, 1e9)},
            "sample_weight must sum to at most 100,000,000 where rows are dealt at random; got 60,000,000,000",
        ),
    ],
)
def test_bad_weights_are_refused_with_a_sentence(study: Any, options: dict[str, Any], sentence: str) -> None:
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % STUDIES[study]
    options = {name: y if name == "y_test" else value for name, value in options.items()}
    with pytest.raises(InputError, match=sentence):
        study(LOGISTIC, X, y, rng=0, **options)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_estimators_that_would_ignore_or_misread_weights_are_refused(study: Any) -> None:
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % STUDIES[study]
    options: dict[str, Any] = {"schemes": ("undersample",)} if study is compare else {}
    if study is balance:
        options["ways"] = ("offsets",)
    deaf = KNeighborsClassifier() if study is not sweep else ClassWeightAlone()
    with pytest.raises(InputError, match=f"take sample_weight in fit; got a {type(deaf).__name__} that does not"):
        study(deaf, X, y, sample_weight=np.ones(60), **options)
    with pytest.raises(InputError, match=r"got LogisticRiskModel\(weight_kind='frequency'\). Give both the same"):
        study(LogisticRiskModel(), X, y, sample_weight=np.ones(60), weight_kind="importance", **options)


class ClassWeightAlone(LogisticRegression):
    """A classifier with class weights and no weights of rows."""

    def fit(self, X: Any, y: Any) -> Any:
        return super().fit(X, y)


def test_made_up_rows_have_no_importance() -> None:
    X, y, times, _, _ = draw_weighted(23, 300)
    with pytest.raises(InputError, match="schemes must not hold 'smote' beside importance weights"):
        compare(LOGISTIC, X, y, sample_weight=times + 0.5, weight_kind="importance", schemes=("smote",))
