"""One column of a mixed table, from pandas, polars and pyarrow."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from riskdec.errors import InputError
from riskdec.models.columns import CategoryColumn, NumberColumn, keep_rows, learn_column, open_columns


def column(native):
    return nw.from_native(native, series_only=True).alias("c")


def learned(native, weight=None):
    return learn_column(column(native), weight)


@pytest.mark.parametrize(
    "native",
    [
        pd.Series([1, None, 5]),
        pd.Series([1, None, 5], dtype="Int64"),
        pd.Series([1, None, 5], dtype="Float64"),
        pl.Series([1, None, 5]),
        pl.Series([1.0, float("nan"), 5.0]),
        pl.Series(["1", None, "5"]).cast(pl.Decimal(8, 2)),
        pa.chunked_array([[1, None, 5]]),
        pa.chunked_array([[1], [None, 5]], type=pa.float32()),
    ],
    ids=lambda native: f"{type(native).__module__}-{getattr(native, 'dtype', '')}",
)
def test_numbers_get_the_mean_where_they_are_missing(native):
    assert learned(native) == NumberColumn(name="c", mean=3.0, n_missing=1)
    out = np.empty((3, 2))
    assert not learned(native).fill(column(native), out).any()
    np.testing.assert_array_equal(out, [[1, 0], [3, 1], [5, 0]])


@pytest.mark.parametrize(
    "native",
    [
        pd.Series([True, False, None], dtype=object),
        pd.Series([True, False, None], dtype="boolean"),
        pl.Series([True, False, None]),
        pa.chunked_array([[True, False, None]]),
    ],
    ids=lambda native: f"{type(native).__module__}-{getattr(native, 'dtype', '')}",
)
def test_booleans_are_zero_and_one(native):
    out = np.empty((3, 2))
    learned(native).fill(column(native), out)
    np.testing.assert_array_equal(out, [[1, 0], [0, 0], [0.5, 1]])


TEXTS = ["b", None, "a", "b"]


@pytest.mark.parametrize(
    ("native", "levels"),
    [
        (pd.Series(TEXTS, dtype="str"), ("a", "b")),
        (pd.Series(TEXTS, dtype=object), ("a", "b")),
        (pd.Series(TEXTS, dtype="string"), ("a", "b")),
        (pl.Series(TEXTS), ("a", "b")),
        (pa.chunked_array([TEXTS]), ("a", "b")),
        # Nobody declares the order of a polars Categorical or of an Arrow dictionary: sorted.
        (pl.Series(TEXTS, dtype=pl.Categorical), ("a", "b")),
        (pa.chunked_array([pa.array(TEXTS).dictionary_encode()]), ("a", "b")),
        # A declared order is kept; a level that training does not show is not a level.
        (pd.Series(pd.Categorical(TEXTS, categories=["z", "b", "a"])), ("b", "a")),
        (pd.Series(pd.Categorical(TEXTS, categories=["z", "b", "a"], ordered=True)), ("b", "a")),
        (pl.Series(TEXTS, dtype=pl.Enum(["z", "b", "a"])), ("b", "a")),
    ],
    ids=str,
)
def test_categories_are_coded_against_the_first_level(native, levels):
    assert learned(native) == CategoryColumn(name="c", levels=levels, n_missing=1)
    assert learned(native).names == (f"c[{levels[1]}]", "c[missing]")
    out = np.full((4, 2), np.nan)
    assert not learned(native).fill(column(native), out).any()
    second = [float(text == levels[1]) for text in TEXTS]
    np.testing.assert_array_equal(out, np.column_stack([second, [0, 1, 0, 0]]))


def test_levels_are_compared_as_text_across_types():
    # A file with a missing value reads whole numbers as floats.
    trained = learned(pd.Series(pd.Categorical([1, 2, 10])))
    assert trained.levels == ("1", "2", "10")
    for native in (pd.Series([1.0, 10.0]), pl.Series([1, 10]), pl.Series(["1", "10"])):
        out = np.empty((2, 2))
        assert not trained.fill(column(native), out).any()
        np.testing.assert_array_equal(out, [[0, 0], [0, 1]])


def test_unseen_levels_and_missing_values_are_told():
    trained = learned(pd.Series(["a", "b"]))
    out = np.empty((3, 1))
    np.testing.assert_array_equal(trained.fill(column(pd.Series(["z", "b", None])), out), [True, False, True])
    np.testing.assert_array_equal(out, [[0], [1], [0]])


def test_a_column_that_became_all_missing_is_told_for_any_type():
    for native in (pd.Series([None, None]), pd.Series([np.nan, np.nan]), pl.Series([None, None])):
        out = np.empty((2, 1))
        assert learned(pd.Series([1.0, 3.0])).fill(column(native), out).all()
        np.testing.assert_array_equal(out, [[2], [2]])
        assert learned(pd.Series(["a", "b"])).fill(column(native), out).all()


def test_mean_is_weighted():
    assert learned(pd.Series([1.0, None, 5.0]), weight=np.array([3.0, 9.0, 1.0])).mean == 2.0


@pytest.mark.parametrize(
    ("native", "found"),
    [
        (pd.Series(pd.to_datetime(["2020-01-01"])), "dates .Datetime"),
        (pl.Series(["2020-01-01"]).str.to_date(), "dates .Date"),
        (pd.Series(pd.to_timedelta(["1 day"])), "dates .Duration"),
        (pd.Series([1, "a"], dtype=object), "Object values such as 1"),
        (pl.Series([[1]]), "List.* values such as"),
        (pa.chunked_array([[b"x"]]), "Binary values such as b'x'"),
    ],
    ids=str,
)
def test_other_types_are_refused(native, found):
    with pytest.raises(InputError, match=f"column 'c' must hold numbers, booleans, text or categories; got {found}"):
        learned(native)


def test_columns_that_cannot_teach_anything_are_refused():
    with pytest.raises(InputError, match="column 'c' must hold at least one value; got only missing ones"):
        learned(pd.Series([None, np.nan]))
    with pytest.raises(InputError, match="column 'c' must have at most 1000 levels; got 1001. Drop"):
        learned(pd.Series([f"id{i}" for i in range(1001)]))
    assert len(learned(pd.Series([f"id{i}" for i in range(1000)])).levels) == 1000
    with pytest.raises(InputError, match=r"column 'c' must be finite \(no inf\); got -inf at position 1 \(1 of 2\)"):
        learned(pd.Series([1.0, -np.inf]))


def test_text_in_a_column_of_numbers_is_refused_with_its_value():
    trained = learned(pd.Series([1.0, 2.0]))
    message = r"column 'c' must hold numbers, as in training; got \? at position 1"
    with pytest.raises(InputError, match=message):
        trained.fill(column(pd.Series([None, "?"])), np.empty((2, 1)))


def test_lists_in_a_column_of_categories_are_refused():
    with pytest.raises(InputError, match="must hold numbers, booleans, text or categories"):
        learned(pd.Series(["a", "b"])).fill(column(pl.Series([[1], [2]])), np.empty((2, 1)))


def test_state_rebuilds_the_column():
    for native in (pd.Series([0.1, 0.2, None]), pd.Series(["ü", None, "b"])):
        trained = learned(native)
        assert type(trained).from_state(trained.to_state()) == trained


def test_open_columns_names_the_columns_of_an_array():
    columns = open_columns(np.array([[1, 2], [3, 4]], dtype=np.float32))
    assert list(columns) == ["x0", "x1"]
    assert columns["x1"].to_list() == [2.0, 4.0]


@pytest.mark.parametrize("table", [[1, 2], [["a", 1]], "data.csv", None, np.zeros((2, 2, 2))])
def test_open_columns_refuses_what_is_no_table(table):
    with pytest.raises(InputError, match="X must be a data frame, or a two-dimensional array of numbers"):
        open_columns(table)


def test_open_columns_refuses_lazy_frames_and_twins():
    with pytest.raises(InputError, match=r"Call .collect\(\)"):
        open_columns(pl.LazyFrame({"a": [1]}))
    with pytest.raises(InputError, match="columns of different names"):
        open_columns(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_keep_rows_keeps_the_kind():
    data = {"a": [1, 2, 3]}
    keep = np.array([True, False, True])
    for table in (pd.DataFrame(data), pl.DataFrame(data), pa.table(data)):
        kept = keep_rows(table, keep)
        assert type(kept) is type(table)
        assert open_columns(kept)["a"].to_list() == [1, 3]
    np.testing.assert_array_equal(keep_rows([[1], [2], [3]], keep), [[1], [3]])
