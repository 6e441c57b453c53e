"""Rows that lack a value: counted, refused, left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from riskdec.errors import InputError
from riskdec.models.formula.missing import find_complete_rows

FRAME = pd.DataFrame(
    {
        "age": [30.0, None, 50.0, 40.0, np.nan],
        "sex": ["m", "f", None, "f", None],
        "smoker": pd.Series([True, False, True, None, True], dtype=object),
        "note": [None] * 5,
        "n": [1, 2, 3, 4, 5],
    }
)


@pytest.mark.parametrize("turn", [lambda f: f, pl.from_pandas, lambda f: pl.from_pandas(f).to_arrow()])
def test_rows_without_a_value_are_counted_by_column(turn) -> None:
    rows = find_complete_rows(turn(FRAME), ["age", "sex", "n"], missing="drop")
    np.testing.assert_array_equal(rows.keep, [True, False, False, True, False])
    assert rows.missing == (("age", 2), ("sex", 2))
    assert rows.n_missing == 3
    assert rows.sentence == "3 of 5 rows lack a value (2 in 'age', 2 in 'sex')"


def test_columns_that_are_not_named_may_be_empty() -> None:
    rows = find_complete_rows(FRAME, ["n"])
    assert rows.keep.all()
    assert rows.missing == ()
    assert find_complete_rows(FRAME, []).keep.tolist() == [True] * 5


def test_missing_values_are_an_error_unless_told_otherwise() -> None:
    message = (
        r"the data must not have missing values with missing='error'; got 3 of 5 rows lack a value "
        r"\(2 in 'age', 2 in 'sex'\). Pass missing='drop' to leave these rows out, or fill them."
    )
    with pytest.raises(InputError, match=message):
        find_complete_rows(FRAME, ["age", "sex"])


def test_no_complete_row_is_an_error() -> None:
    with pytest.raises(InputError, match="have a row without missing values; got 5 of 5 rows lack a value"):
        find_complete_rows(FRAME, ["note"], missing="drop")
    assert find_complete_rows(FRAME.head(0), ["age"], missing="drop").keep.shape == (0,)


def test_many_columns_are_listed_in_short() -> None:
    frame = pd.DataFrame({f"x{i}": [None, 1.0] for i in range(8)})
    rows = find_complete_rows(frame, list(frame), missing="drop")
    assert rows.sentence == (
        "1 of 2 rows lack a value (1 in 'x0', 1 in 'x1', 1 in 'x2', 1 in 'x3', 1 in 'x4' and 3 more columns)"
    )


def test_absent_columns_and_unknown_options_are_refused() -> None:
    with pytest.raises(InputError, match="have the columns that the formula names; got none named 'weight'"):
        find_complete_rows(FRAME, ["age", "weight"], missing="drop")
    with pytest.raises(InputError, match="missing must be one of 'error', 'drop'; got 'ignore'"):
        find_complete_rows(FRAME, ["age"], missing="ignore")  # type: ignore[arg-type]


def test_dates_may_be_missing_too() -> None:
    frame = pa.table({"day": pa.array([None, 18_000], type=pa.date32())})
    assert find_complete_rows(frame, ["day"], missing="drop").keep.tolist() == [False, True]
