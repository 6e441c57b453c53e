"""A mixed table as numbers: names, order, missing values, levels not seen before."""

import json
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec.errors import InputError, RiskdecWarning
from riskdec.models.tables.encoding import EncodingRules, TableEncoding

FRAME = pd.DataFrame(
    {
        "age": [30.0, None, 50.0, 40.0],
        "smoker": [True, False, True, True],
        "ward": ["b", "a", None, "c"],
        "visits": [1, 2, 3, 4],
    }
)
NAMES = ("age", "age[missing]", "smoker", "ward[b]", "ward[c]", "ward[missing]", "visits")
DESIGN = [
    [30, 0, 1, 1, 0, 0, 1],
    [40, 1, 0, 0, 0, 0, 2],
    [50, 0, 1, 0, 0, 1, 3],
    [40, 0, 1, 0, 1, 0, 4],
]


@pytest.mark.parametrize("turn", [lambda f: f, pl.from_pandas, lambda f: pl.from_pandas(f).to_arrow()])
def test_every_library_gives_the_same_design(turn):
    encoding = TableEncoding.learn(turn(FRAME))
    assert encoding.names == NAMES
    np.testing.assert_array_equal(encoding.encode(turn(FRAME)), DESIGN)
    # Trained on one library, applied to another.
    np.testing.assert_array_equal(encoding.encode(FRAME), DESIGN)


def test_columns_are_found_by_name_and_others_are_ignored():
    encoding = TableEncoding.learn(FRAME)
    shuffled = FRAME[["visits", "ward", "smoker", "age"]].assign(outcome=pd.Timestamp("2020-01-01"))
    np.testing.assert_array_equal(encoding.encode(shuffled), DESIGN)


def test_missing_columns_are_named():
    encoding = TableEncoding.learn(FRAME)
    message = r"must have the 4 columns of training; got none named 'ward', 'visits' \(2 missing\)"
    with pytest.raises(InputError, match=message):
        encoding.encode(FRAME.drop(columns=["ward", "visits"]))


def test_no_rows_give_an_empty_design():
    assert TableEncoding.learn(FRAME).encode(FRAME.head(0)).shape == (0, 7)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        (
            "ward",
            ["a", "zz", "zz", "a"],
            r"column 'ward' must hold a level seen in training; got 'zz' at position 1 \(2 of 4\). "
            r"Train on rows that have it, or pass unseen='reference' to read it as 'a'.",
        ),
        ("visits", [1, 2, 3, None], r"column 'visits' must not be missing, as in training; got nothing at position 3"),
        ("smoker", [None, True, None, True], r"column 'smoker' must not be missing.*read it as the mean 0.75"),
    ],
)
def test_what_training_did_not_have_is_refused(column, values, message):
    encoding = TableEncoding.learn(FRAME)
    with pytest.raises(InputError, match=message):
        encoding.encode(FRAME.assign(**{column: values}))


def test_what_training_did_not_have_is_the_reference_when_asked_with_one_warning():
    encoding = TableEncoding.learn(FRAME)
    other = FRAME.assign(ward=["a", "zz", "zz", "a"], visits=[1, 2, 3, None])
    with pytest.warns(
        RiskdecWarning,
        match=r"RD106.*2 of 4 rows in column 'ward' \(read as 'a'\); 1 of 4 .*'visits' \(read as the mean 2.5\)",
    ) as caught:
        design = encoding.encode(other, unseen="reference")
    assert len(caught) == 1
    np.testing.assert_array_equal(design[:, 3:6], np.zeros((4, 3)))
    np.testing.assert_array_equal(design[:, 6], [1, 2, 3, 2.5])


def test_known_values_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TableEncoding.learn(FRAME).encode(FRAME, unseen="reference")


def test_missing_error_names_the_column_and_the_count():
    message = "column 'age' must not have missing values with missing='error'; got 1 of them"
    with pytest.raises(InputError, match=message):
        TableEncoding.learn(FRAME, missing="error")
    TableEncoding.learn(FRAME.dropna(), missing="error")


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"c": ["missing", "a", None]}),
        pd.DataFrame({"c": ["a", "b"], "c[b]": [1.0, 2.0]}),
    ],
)
def test_two_meanings_of_one_name_are_refused(frame):
    with pytest.raises(InputError, match="give encoded columns of different names; got 'c.* twice"):
        TableEncoding.learn(frame)


def test_a_category_of_one_level_gives_no_column_and_a_constant_stays():
    encoding = TableEncoding.learn(pd.DataFrame({"country": ["x", "x"], "one": [1, 1], "age": [1, 2]}))
    assert encoding.names == ("one", "age")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (FRAME.head(0), "the data must have at least one row; got 0 rows"),
        (pd.DataFrame(index=range(3)), "the data must have at least one column; got none"),
        (np.zeros((3, 0)), "the data must have at least one column; got none"),
        (pd.DataFrame({"c": ["x", "x"]}), "the data must differ between rows in some column"),
    ],
)
def test_tables_that_teach_nothing_are_refused(frame, message):
    with pytest.raises(InputError, match=message):
        TableEncoding.learn(frame)


def test_options_are_checked():
    with pytest.raises(InputError, match="missing must be one of 'indicate', 'error'"):
        TableEncoding.learn(FRAME, missing="drop")
    with pytest.raises(InputError, match="unseen must be one of 'error', 'reference'"):
        TableEncoding.learn(FRAME).encode(FRAME, unseen="nan")


def test_state_goes_through_json_and_holds_no_rows():
    encoding = TableEncoding.learn(FRAME)
    text = json.dumps(encoding.to_state(), allow_nan=False)
    assert TableEncoding.from_state(json.loads(text)) == encoding
    many = TableEncoding.learn(pd.concat([FRAME] * 50, ignore_index=True))
    assert len(json.dumps(many.to_state())) < len(text) + 10


def test_design_does_not_depend_on_the_order_of_rows():
    encoding = TableEncoding.learn(FRAME)
    assert TableEncoding.learn(FRAME.iloc[::-1]) == encoding


def test_rules_bend_numbers_pool_levels_and_code_all_of_them(rng):
    frame = pd.DataFrame({"age": np.arange(100.0), "ward": ["a"] * 60 + ["b"] * 38 + ["x", "y"], "one": 1})
    encoding = TableEncoding.learn(frame, rules=EncodingRules(n_knots=3, rare_below=10, full=True))
    assert encoding.names == ("age", "age'", "ward[a]", "ward[b]", "ward[other]", "one")
    design = encoding.encode(frame)
    np.testing.assert_array_equal(design[:, 2:5].sum(axis=0), [60, 38, 2])
    np.testing.assert_array_equal(design[:, 2:5].sum(axis=1), 1)


def test_filled_columns_tell_what_they_did_not_know_without_a_word():
    encoding = TableEncoding.learn(FRAME)
    other = FRAME.assign(ward=["a", "zz", "zz", "a"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        design, unknown = encoding.fill(encoding.take(other))
    np.testing.assert_array_equal([rows.sum() for rows in unknown], [0, 0, 2, 0])
    np.testing.assert_array_equal(design[:, 3:6], np.zeros((4, 3)))
