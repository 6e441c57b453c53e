"""Bad input is refused with its name, the rule, the value, its place and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.doors.door import check_finite_columns

if TYPE_CHECKING:
    from collections.abc import Callable

N = 60
FIFTH = np.arange(N) == 5


def good(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    X = pd.DataFrame(rng.normal(size=(N, 3)), columns=["age", "dose", "bmi"])
    return X, (rng.random(N) < 1 / (1 + np.exp(-X["age"]))).to_numpy().astype(int)


def changed(values: Any, place: Any, value: Any) -> Any:
    copy = np.array(values, dtype=object if isinstance(value, (str, type(None))) else float)
    copy[place] = value
    return copy


def refusal(X: Any, y: Any, **more: Any) -> str:
    options = {name: more.pop(name) for name in tuple(more) if name not in ("sample_weight", "offset", "groups")}
    with pytest.raises(InputError) as caught:
        LogisticRiskModel(**options).fit(X, y, **more)
    return str(caught.value)


def assert_says(message: str, *parts: str) -> None:
    missing = [part for part in parts if part not in message]
    assert not missing, f"{missing} not in: {message}"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_name_column_and_row(rng: np.random.Generator, value: float) -> None:
    X, y = good(rng)
    X.iloc[7, 1] = value
    X.iloc[9, 2] = np.nan
    rule = "X must be finite (no NaN, no inf)"
    assert_says(refusal(X, y), rule, f"got {value}", "column 'dose'", "row 7", "2 of 60 rows", "Drop or impute")
    assert_says(refusal(X.to_numpy(), y), rule, f"got {value}", "column 1", "row 7", "2 of 60 rows")


def test_numbers_whose_sum_overflows_are_finite() -> None:
    check_finite_columns(np.full((10, 2), 1e308), LogisticRiskModel())
    check_finite_columns(np.tile([1e308, -1e308], (10, 1)), LogisticRiskModel())


def test_missing_values_of_nullable_columns_are_found(rng: np.random.Generator) -> None:
    X, y = good(rng)
    X["visits"] = pd.array([1, None] * 30, dtype="Int64")
    assert_says(refusal(X, y), "X must be finite", "'visits'", "row 1", "30 of 60 rows")
    table = pl.DataFrame({"age": X["age"].to_numpy(), "visits": [1, None] * 30})
    assert_says(refusal(table, y), "X must be finite", "'visits'", "row 1", "30 of 60 rows")


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_text_columns_are_named_with_the_way_out(rng: np.random.Generator, make: Any) -> None:
    X, y = good(rng)
    X = make({**{name: X[name].to_numpy() for name in X}, "city": ["Ulm"] * N, "sex": ["f", "m"] * 30})
    assert_says(refusal(X, y), "X must hold numbers", "'city', 'sex'", "TabularRiskModel")


def test_dates_are_refused_by_name(rng: np.random.Generator) -> None:
    X, y = good(rng)
    X["seen"] = pd.date_range("2026-01-01", periods=N)
    assert_says(refusal(X, y), "X must hold numbers", "'seen'")


def test_lazy_frame_is_refused_with_the_way_out(rng: np.random.Generator) -> None:
    X, y = good(rng)
    assert_says(refusal(pl.DataFrame(X.to_dict("list")).lazy(), y), "LazyFrame", ".collect()")


def test_sparse_numbers_that_are_none_are_refused_by_place(rng: np.random.Generator) -> None:
    X, y = good(rng)
    matrix: Any = sparse.csr_array(changed(X.to_numpy(), (3, 1), np.nan))
    with pytest.raises(InputError, match=r"X must be finite .*; got nan in column 1 at row 3 \(1 such entries\)"):
        LogisticRiskModel().fit(matrix, y)


def test_weights_are_refused_by_place(rng: np.random.Generator) -> None:
    X, y = good(rng)
    weight = np.ones(N)
    message = refusal(X, y, sample_weight=changed(weight, 4, -2))
    assert_says(message, "sample_weight must not be negative; got -2.0 at position 4 (1 of 60)")
    message = refusal(X, y, sample_weight=changed(weight, slice(8, 10), np.nan))
    assert_says(message, "sample_weight must be finite", "got nan at position 8 (2 of 60)", "leave them out.")
    assert_says(refusal(X, y, sample_weight=weight[:9]), "sample_weight must have one entry per row (60); got 9")
    assert_says(refusal(X, y, sample_weight=np.ones((N, 2))), "sample_weight must be 1-dimensional; got shape (60, 2)")
    assert_says(refusal(X, y, sample_weight=0 * weight), "sample_weight", "zero in every row", "removes its row")


@pytest.mark.parametrize("strange", [["1.0"] * N, [1 + 1j] * N, np.full(N, np.datetime64("2026-01-01"))])
def test_weights_that_are_not_numbers_are_refused(rng: np.random.Generator, strange: Any) -> None:
    X, y = good(rng)
    assert_says(refusal(X, y, sample_weight=strange), "sample_weight must hold numbers")


def test_offset_and_groups_are_refused_by_place(rng: np.random.Generator) -> None:
    X, y = good(rng)
    assert_says(refusal(X, y, offset=changed(np.ones(N), 3, np.inf)), "offset must be finite", "inf at position 3")
    assert_says(refusal(X, y, offset=[0.0]), "offset must have one entry per row (60); got 1 entries")
    message = refusal(X, y, groups=changed(["a"] * N, 6, None))
    assert_says(message, "groups must not be missing", "None at position 6 (1 of 60)")
    assert_says(refusal(X, y, groups=np.arange(5)), "groups must have one entry per row (60); got 5 entries")
    assert_says(refusal(X, y, groups=np.ones(N)), "groups must hold at least two groups; got one group")
    assert_says(refusal(X, y, groups=np.array(["a", 1] * 30, dtype=object)), "groups must hold labels of one type")


def test_groups_left_by_rows_of_weight_zero_are_counted(rng: np.random.Generator) -> None:
    X, y = good(rng)
    message = refusal(X, y, sample_weight=np.arange(N) < 30, groups=np.arange(N) >= 30)
    assert_says(message, "groups must hold at least two groups")


def test_number_of_classes_is_told_with_the_labels(rng: np.random.Generator) -> None:
    X, _ = good(rng)
    for one in (np.zeros(N, int), np.ones(N, bool), np.zeros(N, bool), np.full(N, "yes")):
        message = refusal(X, one)
        assert_says(message, "y must hold two classes; got one class", repr(one.tolist()[0]), "all 60 rows")
    assert LogisticRiskModel().fit(X, np.arange(N) % 3).classes_.tolist() == [0, 1, 2]


def test_classes_are_counted_without_rows_of_weight_zero(rng: np.random.Generator) -> None:
    X, y = good(rng)
    three = np.where(np.arange(N) == 5, 2, y)
    model = LogisticRiskModel().fit(X, three, sample_weight=three != 2)
    assert model.classes_.tolist() == [0, 1]
    assert_says(refusal(X, y, sample_weight=y == 1), "got one class, 1, in all")


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param(lambda y: np.where(FIFTH, np.nan, y), id="number"),
        pytest.param(lambda y: changed(np.array(["no", "yes"])[y], 5, None), id="None among text"),
        pytest.param(lambda y: np.where(FIFTH, np.nan, np.array(["no", "yes"], dtype=object)[y]), id="NaN among text"),
        pytest.param(lambda y: pd.Series(np.array(["no", "yes"])[y], dtype="string").mask(FIFTH), id="string"),
        pytest.param(lambda y: pd.Series(y, dtype="Int64").mask(FIFTH), id="Int64"),
        pytest.param(lambda y: pl.Series(y).set(pl.Series(FIFTH), None), id="polars"),
    ],
)  # fmt: skip
def test_missing_outcome_is_told_by_place(rng: np.random.Generator, missing: Any) -> None:
    X, y = good(rng)
    assert_says(refusal(X, missing(y)), "y must not be missing", "at position 5 (1 of 60)", "Drop")


@pytest.mark.parametrize("labels", [[0, 1], [False, True], ["no", "yes"]])
def test_outcome_of_objects_is_understood(rng: np.random.Generator, labels: list[Any]) -> None:
    # A column that once held missing values keeps its booleans and numbers as objects.
    X, y = good(rng)
    named = np.array(labels, dtype=object)[y]
    model = LogisticRiskModel(event=labels[1]).fit(X, named)
    assert model.classes_.tolist() == labels
    np.testing.assert_allclose(model.predict_risk(X), LogisticRiskModel().fit(X, y).predict_risk(X), rtol=1e-12)


def test_outcome_of_mixed_types_is_refused(rng: np.random.Generator) -> None:
    X, y = good(rng)
    mixed = np.array(["no", 1], dtype=object)[y]
    assert_says(refusal(X, mixed), "y must hold labels of one type")


def test_continuous_outcome_is_refused(rng: np.random.Generator) -> None:
    X, _ = good(rng)
    assert_says(refusal(X, rng.normal(size=N)), "Unknown label type")


def test_shapes_are_refused_in_scikit_learns_words(rng: np.random.Generator) -> None:
    X, y = good(rng)
    assert_says(refusal(X["age"].to_numpy(), y), "Expected 2D array", "Reshape your data")
    assert_says(refusal(X, y[:50]), "inconsistent numbers of samples", "60", "50")
    assert_says(refusal(X.iloc[:0], y[:0]), "0 sample(s)")
    assert_says(refusal(X.to_numpy()[:, :0], y), "0 feature(s)")
    assert_says(refusal(X, None), "requires y to be passed")


def test_other_columns_at_prediction_are_refused(rng: np.random.Generator) -> None:
    X, y = good(rng)
    model = LogisticRiskModel().fit(X, y)
    for strange, part in (
        (X.rename(columns={"dose": "Dose"}), "Dose"),
        (X[["bmi", "dose", "age"]], "same order"),
        (X[["age", "dose"]], "missing"),
        (X.assign(sex=1), "sex"),
    ):
        with pytest.raises(InputError, match=part):
            model.predict_risk(strange)
    with pytest.raises(InputError, match="X has 2 features"):
        LogisticRiskModel().fit(X.to_numpy(), y).predict_risk(X.to_numpy()[:, :2])


def test_numbers_that_are_none_at_prediction_name_column_and_row(rng: np.random.Generator) -> None:
    X, y = good(rng)
    model = LogisticRiskModel().fit(X, y)
    X.iloc[2, 0] = np.inf
    for method in (model.predict, model.predict_proba, model.predict_risk, model.risk_interval):
        with pytest.raises(InputError, match=r"got inf in column 'age' at row 2 \(1 of 60 rows\)"):
            method(X)


def test_no_rows_at_prediction_give_no_risks(rng: np.random.Generator) -> None:
    X, y = good(rng)
    model = LogisticRiskModel().fit(X, y)
    assert model.predict(X.iloc[:0]).shape == (0,)
    assert model.predict_proba(X.iloc[:0]).shape == (0, 2)
    assert model.predict_risk(X.iloc[:0]).shape == (0,)
    assert model.risk_interval(X.iloc[:0]).shape == (0, 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda X, y: (X, None), "y must be given; got None"),
        (lambda X, y: (X, y[:-1]), "X and y must have the same number of rows"),
        (lambda X, y: (X, np.c_[y, y]), "y must hold one label per row. Pass one column"),
        (lambda X, y: (X, np.linspace(0, 1, len(y))), "y must hold labels. Say what the event is"),
        (lambda X, y: (X[:, 0], y), "X must have rows and columns. Reshape your data"),
        (lambda X, y: (X[:, :0], y), "X must have at least one column"),
        (lambda X, y: (pd.DataFrame(X[:, :2], columns=["a", 1]), y), "column names must all be text"),
        (lambda X, y: (pd.DataFrame(X[:, :1], columns=["Intercept"]), y), "leave 'Intercept' to the model"),
        (lambda X, y: (X * 1e200, y), "hold numbers between 1e-150 and 1e150 in size"),
        (lambda X, y: (X * 1e-200, y), "hold numbers between 1e-150 and 1e150 in size"),
    ],
)
def test_what_is_refused_is_told_with_a_cure_and_without_the_data(change: Callable[..., Any], said: str) -> None:
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(40, 3)), (rng.random(40) < 0.5).astype(int)
    with pytest.raises(InputError) as caught:
        LogisticRiskModel().fit(*change(X, y))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
