"""A graph gives the probabilities of its model: of every kind, for every sort of row."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import riskdec as rd

if TYPE_CHECKING:
    from collections.abc import Callable

N = 600
FORMULAS = [
    "~ age",
    "~ 0 + sex",
    "~ rcs(age, 4) * sex + C(ward)",
    "~ C(stage, ref=3) * sex:age + log(dose)",
    "~ pol(age, 3) + sqrt(abs(score)) + log2(dose) + log10(dose) + log1p(dose) + exp(score)",
    "~ rcs(log(dose), [-1, 0, 1]) * (sex + ward)",
    "~ sex:ward:age + sex:ward",
]


@pytest.fixture
def frame(rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": rng.normal(60, 10, N),
            "dose": rng.lognormal(0, 1, N),
            "score": rng.normal(size=N),
            "stage": rng.integers(1, 5, N),
            "sex": rng.choice(["m", "f"], N),
            "ward": rng.choice(["a", "b", "é"], N),
        }
    )


@pytest.fixture
def y(frame: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(N) < 1 / (1 + np.exp(-(frame.age - 60) / 10 - (frame.sex == "m")))).astype(int).to_numpy()


@pytest.fixture
def three(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(N) < 0.3, "moved", np.where(y == 1, "died", "well"))


def incomplete(frame: pd.DataFrame, rng: np.random.Generator, rate: float = 0.1) -> pd.DataFrame:
    """Take values away in numbers and categories."""
    lacking = frame.astype({"stage": float})
    for name in lacking.columns:
        lacking.loc[rng.random(len(lacking)) < rate, name] = None
    return lacking


def assert_same(answer: Any, model: Any, rows: Any, *, atol: float = 1e-12, **more: Any) -> None:
    """Probabilities are the same, nan where the model's are, and labels are those of `predict` elsewhere."""
    expected = model.predict_proba(rows, **more)
    np.testing.assert_allclose(answer.probabilities, expected, rtol=1e-9, atol=atol)
    known = ~np.isnan(expected).any(axis=1)
    np.testing.assert_array_equal(answer.label[known], model.classes_[expected[known].argmax(axis=1)])


@pytest.mark.parametrize("outcome", ["y", "three"])
@pytest.mark.parametrize("kind", ["array", "frame", "polars", "float32", "sparse"])
def test_logistic_regression_on_numbers(
    outcome: str, kind: str, frame: pd.DataFrame, ask: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    from scipy.sparse import csr_array

    numbers = frame[["age", "dose", "score"]]
    make = {
        "array": numbers.to_numpy,
        "frame": lambda: numbers,
        "polars": lambda: pl.from_pandas(numbers),
        "float32": lambda: numbers.to_numpy(np.float32),
        "sparse": lambda: csr_array(numbers.to_numpy()),
    }[kind]
    model = rd.LogisticRiskModel().fit(make(), request.getfixturevalue(outcome))
    given = numbers.to_numpy(np.float32 if kind == "float32" else float)
    rows = numbers if kind in ("frame", "polars") else given
    assert_same(ask(model, rows), model, make())


@pytest.mark.parametrize("outcome", ["y", "three"])
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
def test_formula(
    formula: str, outcome: str, frame: pd.DataFrame, ask: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    model = rd.LogisticRiskModel(formula=formula).fit(frame, request.getfixturevalue(outcome))
    assert_same(ask(model, frame), model, frame)


@pytest.mark.parametrize("n", [0, 1])
def test_no_row_and_one_row(n: int, frame: pd.DataFrame, y: np.ndarray, ask: Callable[..., Any]) -> None:
    for model in (rd.LogisticRiskModel(formula=FORMULAS[2]), rd.TabularRiskModel(alpha=1.0, calibration="beta")):
        model.fit(frame, y)
        answer = ask(model, frame.head(n))
        assert answer.probabilities.shape == (n, 2)
        assert answer.label.shape == (n,)
        assert_same(answer, model, frame.head(n))


def test_rows_that_lack_a_value_have_no_risk_with_a_formula(
    frame: pd.DataFrame, y: np.ndarray, rng: np.random.Generator, ask: Callable[..., Any]
) -> None:
    lacking = incomplete(frame, rng)
    model = rd.LogisticRiskModel(formula="~ rcs(age, 3) * sex + C(stage) + log(dose)", missing="drop").fit(lacking, y)
    answer = ask(model, lacking)
    with pytest.warns(rd.errors.IncompleteRowsWarning):
        assert_same(answer, model, lacking)
    gone = np.isnan(answer.probabilities[:, 0])
    assert 0.2 < gone.mean() < 0.5
    # Whole numbers have no nan: nobody takes this for a label.
    assert set(answer.label[gone].tolist()) == {np.iinfo(np.int64).min}


def test_what_the_model_refuses_has_no_risk(frame: pd.DataFrame, three: np.ndarray, ask: Callable[..., Any]) -> None:
    model = rd.LogisticRiskModel(formula="~ age * sex + log(dose) + exp(score)").fit(frame, three)
    bad = [
        {"age": np.inf},
        {"age": np.nan},
        {"dose": 0.0},
        {"dose": -1.0},
        {"score": 701.0},
        {"sex": "x"},
        {"sex": None},
    ]
    rows = pd.concat([frame.head(1).assign(**change) for change in bad] + [frame.head(3)])
    for i in range(len(bad)):
        with pytest.raises(rd.errors.InputError):
            model.predict_proba(rows.iloc[[i]])
    answer = ask(model, rows)
    assert np.isnan(answer.probabilities[: len(bad)]).all()
    assert set(answer.label[: len(bad)].tolist()) == {""}
    np.testing.assert_allclose(answer.probabilities[len(bad) :], model.predict_proba(frame.head(3)), rtol=1e-12)


def test_a_column_of_the_design_that_overflows_has_no_risk(
    frame: pd.DataFrame, y: np.ndarray, ask: Callable[..., Any]
) -> None:
    model = rd.LogisticRiskModel(formula="~ pol(age, 2)").fit(frame, y)
    rows = frame.head(2).copy()
    rows.loc[0, "age"] = 1e200
    with pytest.raises(rd.errors.InputError, match="be finite"):
        model.predict_proba(rows)
    np.testing.assert_array_equal(np.isnan(ask(model, rows).probabilities[:, 0]), [True, False])


def test_new_level_is_the_reference_where_the_model_says_so(
    frame: pd.DataFrame, y: np.ndarray, ask: Callable[..., Any]
) -> None:
    model = rd.LogisticRiskModel(formula="~ age * sex", unseen="reference").fit(frame, y)
    rows = frame.head(20).assign(sex="unknown")
    with warnings.catch_warnings(action="ignore"):
        assert_same(ask(model, rows), model, rows)


@pytest.mark.parametrize("penalty", [None, "ridge"])
@pytest.mark.parametrize("unseen", ["error", "reference"])
@pytest.mark.parametrize("outcome", ["y", "three"])
def test_declared_categories(
    penalty: str | None,
    unseen: str,
    outcome: str,
    frame: pd.DataFrame,
    ask: Callable[..., Any],
    request: pytest.FixtureRequest,
) -> None:
    frame = frame.astype({"sex": "category", "ward": "category", "stage": "category"})
    alpha = None if penalty is None else 1.0
    model = rd.LogisticRiskModel(penalty=penalty, alpha=alpha, unseen=unseen)
    model.fit(frame, request.getfixturevalue(outcome))
    assert_same(ask(model, frame), model, frame)
    strange = frame.astype({"ward": object, "sex": object}).head(5)
    strange.loc[[0, 1], "ward"] = ["new", None]
    strange.loc[2, "age"] = np.nan
    strange = strange.astype({"ward": "category", "sex": "category"})
    answer = ask(model, strange)
    if unseen == "error":
        assert np.isnan(answer.probabilities[:3]).all()
        assert_same(type(answer)(*(part[3:] for part in answer)), model, strange[3:])
    else:
        with warnings.catch_warnings(action="ignore"):
            assert_same(answer, model, strange)


@pytest.mark.parametrize("outcome", ["y", "three"])
def test_offset_is_an_input(
    outcome: str,
    frame: pd.DataFrame,
    rng: np.random.Generator,
    ask: Callable[..., Any],
    request: pytest.FixtureRequest,
) -> None:
    X, width = frame[["age", "score"]].to_numpy(), 1 if outcome == "y" else 3
    offset = rng.normal(size=(N, width))
    given = offset[:, 0] if width == 1 else offset
    model = rd.LogisticRiskModel().fit(X, request.getfixturevalue(outcome), offset=given)
    assert_same(ask(model, X, offset=offset), model, X, offset=given)
    offset[0, 0] = np.inf
    assert np.isnan(ask(model, X, offset=offset).probabilities[0]).all()


def test_imputations_are_averaged_on_the_scale_of_log_odds(
    frame: pd.DataFrame, y: np.ndarray, rng: np.random.Generator, ask: Callable[..., Any]
) -> None:
    formula = "~ rcs(age, [45, 60, 75]) + sex"
    copies = [frame.assign(age=frame.age + rng.normal(0, 1, N)) for _ in range(3)]
    pooled = rd.pool_imputations([rd.LogisticRiskModel(formula=formula).fit(copy, y) for copy in copies])
    assert_same(ask(pooled, frame), pooled, frame)


NAMES = ("temperature", "beta", "spline", "centred isotonic", "isotonic", "venn_abers", "vector", "dirichlet")
OPTIONS: list[dict[str, Any]] = [
    {},
    {"shape": "linear", "alpha": 0.5},
    {"penalty": None, "calibration": None},
    {"penalty": None, "calibration": "platt"},
    {"unseen": "error", "alpha": 1.0},
    *({"alpha": 1.0, "calibration": name} for name in NAMES),
    {"alpha": 1.0, "calibration": rd.BetaCalibrator(parameters="ab")},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_mixed_table_with_missing_values(
    options: dict[str, Any], frame: pd.DataFrame, y: np.ndarray, rng: np.random.Generator, ask: Callable[..., Any]
) -> None:
    # Rare missing values in one column, none in another, rare levels, booleans, and a column of one level.
    lacking = incomplete(frame, rng).assign(flag=rng.random(N) < 0.5, same="one")
    lacking["score"] = frame["score"]
    lacking["dose"] = frame["dose"].where(np.arange(N) >= 3)
    lacking["rare"] = rng.choice(["p", "q", "r", "s"], N, p=[0.6, 0.385, 0.01, 0.005])
    model = rd.TabularRiskModel(**options).fit(lacking, y)
    fresh = incomplete(frame, np.random.default_rng(1)).assign(flag=lacking.flag, same="one", rare=lacking.rare)
    fresh.loc[:9, "score"] = 1e6 * frame.score[:10]
    # A runtime rounds in other places, and a Venn-Abers risk jumps at the scores of its fit: these are other scores.
    if options.get("unseen") == "error":
        fresh[["score"]] = frame[["score"]]
    else:
        fresh.loc[20:29, ["rare", "sex"]] = "new"
        fresh.loc[30:34, "score"] = np.nan
    with warnings.catch_warnings(action="ignore"):
        assert_same(ask(model, fresh), model, fresh)


def test_table_of_categories_alone(frame: pd.DataFrame, y: np.ndarray, ask: Callable[..., Any]) -> None:
    model = rd.TabularRiskModel(alpha=1.0).fit(frame[["sex", "ward"]], y)
    rows = frame[["sex", "ward"]].head(5).copy()
    rows.loc[0, "sex"] = "new"
    with warnings.catch_warnings(action="ignore"):
        assert_same(ask(model, rows), model, rows)


def test_strict_table_has_no_risk_for_what_it_does_not_know(
    frame: pd.DataFrame, y: np.ndarray, ask: Callable[..., Any]
) -> None:
    model = rd.TabularRiskModel(unseen="error", alpha=1.0).fit(frame, y)
    rows = frame.head(4).copy()
    rows.loc[0, "sex"] = "new"
    rows.loc[1, "sex"] = None
    rows.loc[2, "age"] = np.nan
    answer = ask(model, rows)
    np.testing.assert_array_equal(np.isnan(answer.probabilities[:, 0]), [True, True, True, False])


@pytest.mark.parametrize("shape", ["splines", "linear"])
def test_infinite_number_in_a_table_has_no_risk(
    shape: str, frame: pd.DataFrame, y: np.ndarray, ask: Callable[..., Any]
) -> None:
    numbers = frame[["age", "dose"]]
    rows = numbers.head(3).copy()
    rows.loc[1, "dose"] = -np.inf
    for given, asked in ((numbers, rows), (numbers.to_numpy(), rows.to_numpy())):
        answer = ask(rd.TabularRiskModel(shape=shape, alpha=1.0).fit(given, y), asked)
        np.testing.assert_array_equal(np.isnan(answer.probabilities[:, 0]), [False, True, False])


def test_array_with_missing_numbers(y: np.ndarray, rng: np.random.Generator, ask: Callable[..., Any]) -> None:
    X = rng.normal(size=(N, 3)) ** 3
    X[rng.random(X.shape) < 0.1] = np.nan
    model = rd.TabularRiskModel().fit(X, y)
    assert_same(ask(model, X), model, X)


METHODS = ["platt", "temperature", "vector", "beta", "spline", "isotonic", "venn_abers", "dirichlet", "auto", "none"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("outcome", ["y", "three"])
def test_calibrated_model_of_riskdec(
    method: str,
    outcome: str,
    frame: pd.DataFrame,
    rng: np.random.Generator,
    ask: Callable[..., Any],
    request: pytest.FixtureRequest,
) -> None:
    X, labels = frame[["age", "score"]].to_numpy(), request.getfixturevalue(outcome)
    model = rd.CalibratedRiskModel(rd.LogisticRiskModel(), method=method, cv=3).fit(X, labels)
    rows = X + rng.normal(size=X.shape)
    assert_same(ask(model, rows), model, rows)
    asked = "decision_function"
    if method not in ("none", "auto"):
        model = rd.CalibratedRiskModel(rd.LogisticRiskModel(), method=method, cv=3, response_method=asked)
        assert_same(ask(model.fit(X, labels), rows), model, rows)


@pytest.mark.parametrize("method", ["dirichlet", "vector", "temperature", "spline"])
def test_probabilities_of_zero_are_scores_too(
    method: str, frame: pd.DataFrame, three: np.ndarray, ask: Callable[..., Any]
) -> None:
    X = frame[["age", "score"]].to_numpy()
    model = rd.CalibratedRiskModel(rd.LogisticRiskModel(), method=method, cv=3).fit(X, three)
    rows = 1e4 * (X - X.mean(axis=0))
    assert (model.estimator_.predict_proba(rows) == 0).any()
    assert_same(ask(model, rows), model, rows)


def test_calibrated_table_and_another_event(frame: pd.DataFrame, y: np.ndarray, ask: Callable[..., Any]) -> None:
    labels = np.where(y == 1, "died", "well")
    model = rd.CalibratedRiskModel(rd.TabularRiskModel(alpha=1.0), cv=3, event="died").fit(frame, labels)
    assert_same(ask(model, frame), model, frame)
    other = rd.as_risk_model(model, event="well")
    assert_same(ask(other, frame), other, frame)


def test_rows_that_lack_a_value_stay_without_a_risk_behind_a_calibrator(
    frame: pd.DataFrame, y: np.ndarray, ask: Callable[..., Any]
) -> None:
    inner = rd.LogisticRiskModel(formula="~ age + sex", missing="drop")
    model = rd.CalibratedRiskModel(inner, method="isotonic", cv=3).fit(frame, y)
    rows = frame.head(4).copy()
    rows.loc[1, "age"] = np.nan
    answer = ask(model, rows)
    np.testing.assert_array_equal(np.isnan(answer.probabilities[:, 0]), [False, True, False, False])
    with pytest.warns(rd.errors.IncompleteRowsWarning):
        assert_same(answer, model, rows)


def test_extreme_log_odds_keep_their_digits(ask: Callable[..., Any]) -> None:
    X = np.linspace(-800, 800, 4001)[:, np.newaxis]
    model = rd.LogisticRiskModel(fit_intercept=False, penalty="ridge", alpha=1e-3)
    model.fit(np.array([[-1.0], [1.0], [1.0], [-1.0]]), [0, 1, 0, 1])
    model.coef_ = np.array([[1.0]])
    np.testing.assert_allclose(ask(model, X).probabilities, model.predict_proba(X), rtol=1e-14, atol=1e-300)
