"""Columns that cannot be what they are named for: the message has the column, the row, the value, the cure."""

import numpy as np
import pandas as pd
import pytest

from riskdec.cli.columns import find_event, take_all_risks, take_predictors, take_risks, take_target, take_weights
from riskdec.cli.tables import read_table
from riskdec.errors import InputError


@pytest.fixture
def read(tmp_path):
    """Write a frame as CSV and read it as a command does."""

    def call(**columns):
        pd.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
        return read_table(tmp_path / "t.csv")

    return call


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, -1, 0], "got -1 in row 3 (1 of 3 rows)"),
        ([1, None, 0], "got no value in row 3 (1 of 3 rows)"),
        ([1, "many", 0], "got 'many' in row 3 (1 of 3 rows). Write plain numbers"),
        ([0, 0, 0], "must not be zero in every row"),
    ],
)
def test_weights_are_refused_by_row(read, values, message):
    with pytest.raises(InputError) as caught:
        take_weights(read(w=values, y=[0, 1, 0]), "w", target="y")
    assert "the column 'w' of --sample-weight must" in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.1, 1.5, 0.2], "got 1.5 in row 3 (1 of 3 rows). Divide percentages by 100 first."),
        ([0.1, -3, 0.2], "got -3 in row 3 (1 of 3 rows). Scores and log-odds are no risks."),
        (["10%", "20%", "30%"], "got '10%' in row 2 (3 of 3 rows). Write plain numbers"),
    ],
)
def test_risks_are_refused_by_row(read, values, message):
    with pytest.raises(InputError) as caught:
        take_risks(read(p=values), "p")
    assert str(caught.value) == f"the column 'p' of --risk must hold risks from 0 to 1; {message}" or message in str(
        caught.value
    )


def test_a_missing_risk_is_nan_or_refused(read):
    frame = read(p=[0.1, None], y=[0, 1])
    np.testing.assert_array_equal(take_risks(frame, "p"), [0.1, np.nan])
    with pytest.raises(InputError, match=r"hold a risk in each row; got no value in row 3 \(1 of 2 rows\)"):
        take_all_risks(frame, "p")


def test_a_missing_outcome_is_named_by_row(read):
    with pytest.raises(InputError, match=r"got none in row 3 \(1 of 3 rows\)"):
        take_target(read(y=[0, None, 1], x=[1, 2, 3]), "y")


@pytest.mark.parametrize("date", ["2020-01-31", "31.1.2020", "1/31/20", "2020-01-31 12:30:00"])
def test_dates_are_refused(read, date):
    frame = read(y=[0, 1], seen=[date, date])
    with pytest.raises(InputError, match=r"the column 'seen' must not hold dates; got .* --drop seen"):
        take_predictors(frame, (), aside=(), target="y")
    assert take_predictors(frame.assign(x=1), ("seen",), aside=(None,), target="y").columns.tolist() == ["x"]


def test_a_word_among_numbers_is_refused_and_codes_are_not(read):
    numbers = [str(1.5 * i) for i in range(60)]
    frame = read(y=[0, 1] * 30, x=[*numbers[:13], "unknown", *numbers[14:]])
    with pytest.raises(InputError, match=r"'x' must hold numbers as its other rows do; got 'unknown' in row 15 \(1 of"):
        take_predictors(frame, (), aside=(), target="y")
    codes = read(y=[0, 1] * 30, x=[*["1", "2", "3"] * 19, "U", "U", "1"])
    assert take_predictors(codes, (), aside=(), target="y").columns.tolist() == ["x"]


def test_a_table_of_the_target_alone_is_refused(read):
    with pytest.raises(InputError, match="must have a column to predict from"):
        take_predictors(read(y=[0, 1], id=[1, 2]), ("id",), aside=(), target="y")


@pytest.mark.parametrize(
    ("values", "text", "label"),
    [
        (["true", "false"], "true", True),
        (["TRUE", "FALSE"], "FALSE", False),
        ([True, False], "True", True),
        ([0, 1], "1.0", 1),
        (["Yes", "no"], "Yes", "Yes"),
    ],
)
def test_an_event_is_named_as_the_file_writes_it(read, values, text, label):
    found = find_event(take_target(read(y=values), "y"), text, target="y")
    assert found == label
    assert type(found) is type(label)
