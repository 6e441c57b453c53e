"""One column of a mixed table, from pandas, polars and pyarrow."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from riskdec.errors import InputError
from riskdec.likelihood.splines.basis import spline_basis
from riskdec.models.tables.columns import (
    CategoryColumn,
    keep_rows,
    learn_category,
    open_columns,
    require_columns,
)
from riskdec.models.tables.encoding import EncodingRules, learn_column
from riskdec.models.tables.number_column import NumberColumn


def column(native):
    return nw.from_native(native, series_only=True).alias("c")


def learned(native, weight=None, counts=None, **rules):
    return learn_column(column(native), weight=weight, counts=counts, rules=EncodingRules(**rules))


def encoded(trained, native):
    """Give the encoded rows, and which of them training gave no rule for."""
    out = np.full((len(native), len(trained.names)), np.nan)
    unknown = trained.fill(column(native), out)
    return out, unknown


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
    assert learned(native) == NumberColumn(name="c", mean=3.0, n_missing=1, indicated=True)
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


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        ([10, 2, 1, 10], ("1", "2", "10")),
        ([10.0, 2.5, None, -1.0], ("-1", "2.5", "10")),
        ([True, False, True], ("False", "True")),
        (["10", "2"], ("10", "2")),
    ],
)
def test_levels_without_declared_order_are_sorted_by_value(values, levels):
    for native in (pd.Series(values), pl.Series(values)):
        assert learn_category(column(native)).levels == levels


def test_codes_are_the_places_of_levels():
    trained = CategoryColumn(name="c", levels=("b", "a"), n_missing=0)
    np.testing.assert_array_equal(trained.codes(column(pd.Series(["a", "b", "z", None]))), [1, 0, -1, -1])
    marked = CategoryColumn(name="c", levels=("b", "a"), n_missing=3)
    np.testing.assert_array_equal(marked.codes(column(pd.Series(["a", "b", "z", None]))), [1, 0, -1, 2])


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


def test_absent_columns_are_named():
    require_columns({"a": 0, "b": 0}, ["b"], "have what is needed")
    message = r"the data must have what is needed; got none named 'c', 'd' \(2 missing\). Names are compared"
    with pytest.raises(InputError, match=message):
        require_columns({"a": 0, "b": 0}, ["c", "a", "d"], "have what is needed")


def test_keep_rows_keeps_the_kind():
    data = {"a": [1, 2, 3]}
    keep = np.array([True, False, True])
    for table in (pd.DataFrame(data), pl.DataFrame(data), pa.table(data)):
        kept = keep_rows(table, keep)
        assert type(kept) is type(table)
        assert open_columns(kept)["a"].to_list() == [1, 3]
    np.testing.assert_array_equal(keep_rows([[1], [2], [3]], keep), [[1], [3]])


def test_splines_are_restricted_cubic_ones_of_a_scale_that_is_logarithmic_far_out():
    x = pd.Series(np.arange(1.0, 102.0))
    trained = learned(x, n_knots=5)
    np.testing.assert_allclose(trained.knots, [6, 28.5, 51, 73.5, 96])
    assert trained.names == ("c", "c'", "c''", "c'''")

    def bend(value):
        return np.arcsinh((np.asarray(value) - 51) / 45)

    out, unknown = encoded(trained, x)
    np.testing.assert_allclose(out, spline_basis(bend(x), bend(trained.knots)), rtol=1e-12)
    assert not unknown.any()
    # Straight on that scale beyond the knots: ten times the value adds the same again, in every column.
    far = encoded(trained, pd.Series([1e5, 1e6, 1e7]))[0]
    np.testing.assert_allclose(far[2] - far[1], far[1] - far[0], rtol=1e-3)


@pytest.mark.parametrize(
    ("values", "n_knots"),
    [([0.0, 1.0] * 30, 0), ([1, 2, 3, 4] * 30, 0), ([1, 2, 3, 4, 5] * 30, 3), ([1, 2, 3, 4, 5, 6] * 30, 4)],
)
def test_few_distinct_values_get_fewer_knots_or_none(values, n_knots):
    assert len(learned(pd.Series(values), n_knots=5).knots) == n_knots


def test_units_of_a_column_do_not_change_its_spline(rng):
    x = pd.Series(rng.lognormal(size=300))
    one, other = learned(x, n_knots=5), learned(1000 * x - 7, n_knots=5)
    np.testing.assert_allclose(encoded(other, 1000 * x - 7)[0], encoded(one, x)[0], rtol=1e-9, atol=1e-12)


def test_knots_and_rare_levels_count_rows_by_their_frequency(rng):
    x, times = pd.Series(rng.normal(size=80).round(1)), rng.integers(1, 5, 80)
    weighted = learned(x, weight=times.astype(float), counts=times.astype(float), n_knots=5)
    repeated = learned(x.repeat(times), n_knots=5)
    np.testing.assert_allclose(weighted.knots, repeated.knots, rtol=1e-12)
    level = pd.Series(["a", "b", "c", "b", "a"])
    counts = np.array([3.0, 1.0, 9.0, 1.0, 3.0])
    assert learned(level, counts=counts, rare_below=3).pooled == ("b",)
    assert learned(level, rare_below=2).pooled == ("c",)


def test_rare_levels_share_one_level_which_new_levels_join():
    trained = learned(pd.Series(["a"] * 5 + ["b"] * 4 + ["x", "y"]), rare_below=3)
    assert (trained.levels, trained.pooled, trained.names) == (("a", "b"), ("x", "y"), ("c[b]", "c[other]"))
    out, unknown = encoded(trained, pd.Series(["a", "b", "x", "y", "new", None]))
    np.testing.assert_array_equal(out, [[0, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 1]])
    np.testing.assert_array_equal(unknown, [False, False, False, False, True, True])
    assert trained.reference == "'other'"


def test_few_missing_values_are_pooled_or_read_as_the_mean():
    level = learned(pd.Series(["a"] * 5 + ["b"] * 4 + [None]), rare_below=3)
    assert level.names == ("c[b]", "c[other]")
    np.testing.assert_array_equal(encoded(level, pd.Series([None, "a"]))[0], [[0, 1], [0, 0]])
    number = learned(pd.Series([1.0, 3.0, None]), rare_below=2)
    assert number.names == ("c",)
    out, unknown = encoded(number, pd.Series([None, 1.0]))
    np.testing.assert_array_equal(out, [[2], [1]])
    assert not unknown.any()


def test_a_level_called_other_and_the_pool_are_two_levels():
    trained = learned(pd.Series(["other"] * 5 + ["b"] * 4 + ["x"]), rare_below=3)
    assert trained.slots == ("b", "other", "other, rare")
    np.testing.assert_array_equal(encoded(trained, pd.Series(["other", "x"]))[0], [[1, 0], [0, 1]])


def test_full_coding_gives_every_level_a_column_and_new_levels_none():
    trained = learned(pd.Series(["a", "b", None, "b"]), full=True)
    assert trained.names == ("c[a]", "c[b]", "c[missing]")
    out, unknown = encoded(trained, pd.Series(["b", "z", None, "a"]))
    np.testing.assert_array_equal(out, [[0, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(unknown, [False, True, False, False])
    assert learned(pd.Series(["a", "a"]), full=True).names == ()


def test_state_rebuilds_splines_pools_and_full_coding(rng):
    numbers = pd.Series(rng.normal(size=50))
    levels = pd.Series(["a"] * 5 + ["b"] * 4 + ["x", None])
    for trained in (learned(numbers, n_knots=4), learned(levels, rare_below=3, full=True)):
        assert type(trained).from_state(trained.to_state()) == trained


def test_whole_numbers_are_names_like_others():
    frame = pd.DataFrame([[1, 2], [3, 4]], columns=[1, 0])
    assert [values.to_list() for values in open_columns(frame).values()] == [[1, 3], [2, 4]]
    assert list(open_columns(frame)) == ["1", "0"]
    with pytest.raises(InputError, match="names that differ by type alone"):
        open_columns(pd.DataFrame([[1, 2]], columns=[1, "1"]))
