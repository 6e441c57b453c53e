"""The door: clean arrays in the type promised, or a message with name, rule, value, place and cure."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec._base import checks
from riskdec.errors import InputError


def refusal(check: Any, *args: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        check(*args, **options)
    return str(caught.value)


def test_refuse_rows_shows_first_culprit_place_and_number() -> None:
    values = np.array([[1.0, -2.0], [-3.0, 4.0]])
    error = checks.refuse_rows("x", "be positive", values, values < 0, "Do this.")
    assert isinstance(error, ValueError)
    assert str(error) == "x must be positive; got -2.0 at position (0, 1) (2 of 4). Do this."
    one = checks.refuse_rows("x", "be positive", values[0], values[0] < 0)
    assert str(one) == "x must be positive; got -2.0 at position 1 (1 of 2)."


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        (1.0, 2.0, 3.0),
        np.array([1, 2, 3], dtype=np.uint8),
        np.array([[1], [2], [3]]),
        pd.Series([1, 2, 3]),
        pl.Series([1, 2, 3]),
        pd.DataFrame({"a": [1, 2, 3]}),
        np.array([1, 2, 3], dtype=object),
        pd.Series([1, 2, 3], dtype="Int64"),
    ],
)
def test_check_numbers_gives_float64_of_one_dimension(values: Any) -> None:
    numbers = checks.check_numbers(values, name="x", n=3)
    assert numbers.dtype == np.float64
    assert numbers.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, np.nan, np.inf], "x must be finite (no NaN, no inf); got nan at position 1 (2 of 3)."),
        ([1, None, 3], "x must be finite (no NaN, no inf); got nan at position 1 (1 of 3)."),
        ([1, 2], "x must have one entry per row (3); got 2 entries."),
        (np.ones((3, 2)), "x must be 1-dimensional; got shape (3, 2)."),
        (3.0, "x must be 1-dimensional; got shape ()."),
        (["a", "b", "c"], "x must hold numbers; got values of type <U1."),
        (["1", "2", "3"], "x must hold numbers"),
        ([1j, 2j, 3j], "x must hold numbers"),
        (np.array(["2026-01-01"] * 3, dtype="M8[D]"), "x must hold numbers"),
        (np.array([1, 2, 3], dtype="m8[D]"), "x must hold numbers"),
    ],
)
def test_check_numbers_refuses(values: Any, message: str) -> None:
    assert refusal(checks.check_numbers, values, name="x", n=3).startswith(message)


def test_check_risks_takes_both_forms() -> None:
    both = np.array([[0.9, 0.1], [0.3, 0.7]])
    for values in (
        [0.1, 0.7],
        both,
        pd.DataFrame(both, columns=["no", "yes"]),
        pl.Series([0.1, 0.7]),
        np.float32(both),
    ):
        np.testing.assert_allclose(checks.check_risks(values), [0.1, 0.7], rtol=1e-6)
    np.testing.assert_array_equal(checks.check_risks(both, event_column=0), [0.9, 0.3])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.2, 1.5], "y_proba must lie in [0, 1]; got 1.5 at position 1 (1 of 2). Pass probabilities, not scores"),
        ([-0.1, 0.5], "y_proba must lie in [0, 1]; got -0.1 at position 0"),
        ([0.2, np.nan], "y_proba must be finite"),
        (np.full((2, 3), 1 / 3), "y_proba must hold the risk of one event; got 3 columns. Pick the column"),
        ([[0.5, 0.6], [0.5, 0.5]], "rows of y_proba must sum to 1 (within 1e-6); got 1.1 at position 0 (1 of 2)."),
        ([[1.5, -0.5], [0.5, 0.5]], "y_proba must lie in [0, 1]; got 1.5 at position (0, 0) (2 of 4)."),
    ],
)
def test_check_risks_refuses(values: Any, message: str) -> None:
    assert refusal(checks.check_risks, values).startswith(message)


def test_check_distributions_allows_the_rounding_of_single_precision(rng: np.random.Generator) -> None:
    proba = rng.dirichlet(np.ones(10), size=1000).astype(np.float32)
    checked = checks.check_distributions(proba, n_outcomes=10, n=1000)
    assert checked.dtype == np.float64
    message = refusal(checks.check_distributions, proba, n_outcomes=9)
    assert message == "y_proba must have one column per outcome (9); got 10 columns."


@pytest.mark.parametrize(
    "labels", [[0, 1, 1], [0.0, 1.0, 1.0], [False, True, True], np.array([0, 1, 1], dtype=np.uint8)]
)
def test_check_outcome_knows_the_event_of_zero_and_one(labels: Any) -> None:
    outcome = checks.check_outcome(labels, n=3)
    assert outcome.is_event.tolist() == [False, True, True]
    assert outcome.is_event.dtype == bool
    assert outcome.event == 1
    assert outcome.classes.tolist() == [0, 1]
    other = checks.check_outcome(labels, event=0)
    assert other.is_event.tolist() == [True, False, False]


@pytest.mark.parametrize("event", ["sick", "well"])
def test_check_outcome_takes_the_event_named(event: str) -> None:
    labels = ["well", "sick", "sick"]
    for values in (
        labels,
        np.array(labels),
        np.array(labels, dtype=object),
        pd.Series(labels, dtype="category"),
        pl.Series(labels),
    ):
        outcome = checks.check_outcome(values, event=event)
        assert outcome.is_event.tolist() == [label == event for label in labels]
        assert (outcome.event, outcome.classes.tolist()) == (event, ["sick", "well"])


@pytest.mark.parametrize("labels", [[0, 1, 1], [0.0, 1.0, 1.0]])
def test_check_outcome_reads_the_event_of_a_command_line(labels: list[float]) -> None:
    assert checks.check_outcome(labels, event="1").is_event.tolist() == [False, True, True]


def test_check_outcome_may_see_one_outcome_only() -> None:
    assert checks.check_outcome([0, 0]).is_event.tolist() == [False, False]
    assert checks.check_outcome([True, True]).is_event.tolist() == [True, True]
    assert checks.check_outcome(["yes", "yes"], event="yes").is_event.tolist() == [True, True]


@pytest.mark.parametrize(
    ("labels", "event", "message"),
    [
        ([1, np.nan, 0], None, "y_true must not be missing (NaN or None); got nan at position 1 (1 of 3)."),
        (["a", None, None], "a", "y_true must not be missing (NaN or None); got None at position 1 (2 of 3)."),
        (pd.Series(["a", pd.NA, "b"], dtype="string"), "a", "y_true must not be missing"),
        (pd.Series([1, None, 0], dtype="Int64"), None, "y_true must not be missing"),
        (pd.Series([True, None, False], dtype="object"), None, "y_true must not be missing"),
        (
            ["a", "b"],
            None,
            "event must be given when the outcomes are not 0/1 or False/True; got the labels 'a' and 'b'.",
        ),
        ([1, 2], None, "event must be given"),
        (["a", "b"], "c", "event must be one of the labels of y_true ('a', 'b'); got 'c'."),
        ([0, 1], 2, "event must be one of the labels of y_true (0, 1); got 2."),
        ([0, 1, 2], 1, "y_true must hold two outcomes; got 3 (0, 1, 2, ...). Pass y_true == event instead."),
        ([], None, "y_true must have at least one row; got 0 rows."),
        (np.array(["a", 1], dtype=object), "a", "y_true must hold labels of one type"),
        ([[0, 1], [1, 0]], None, "y_true must be 1-dimensional; got shape (2, 2)."),
    ],
)
def test_check_outcome_refuses(labels: Any, event: Any, message: str) -> None:
    assert refusal(checks.check_outcome, labels, event=event).startswith(message)


def test_check_outcome_of_three_labels_says_so_before_it_asks_for_the_event() -> None:
    # Asking for an event first would send the reader from one error to the next.
    assert "hold two outcomes; got 3" in refusal(checks.check_outcome, ["a", "b", "c"])


def test_check_weights() -> None:
    assert checks.check_weights(None, 3) is None
    assert checks.check_weights(2, 3).tolist() == [2, 2, 2]  # type: ignore[union-attr]
    assert checks.check_weights([0, 1, 2], 3).tolist() == [0, 1, 2]  # type: ignore[union-attr]
    assert checks.check_weights([], 0).tolist() == []  # type: ignore[union-attr]
    assert (
        refusal(checks.check_weights, [1, -1, -2], 3)
        == "sample_weight must not be negative; got -1.0 at position 1 (2 of 3)."
    )
    assert "zero in every row" in refusal(checks.check_weights, [0, 0], 2)
    assert "one entry per row (3); got 2" in refusal(checks.check_weights, [1, 1], 3)
    assert refusal(checks.check_weights, np.nan, 2).startswith("sample_weight must be finite")


def test_check_counts() -> None:
    assert checks.check_counts([0, 2.0, 3], 3).tolist() == [0, 2, 3]  # type: ignore[union-attr]
    message = refusal(checks.check_counts, [1, 2.5, 0.5], 3)
    assert message.startswith("sample_weight must be whole numbers; got 2.5 at position 1 (2 of 3).")
    assert "weight_kind='importance'" in message


def test_check_groups_numbers_any_labels() -> None:
    assert checks.check_groups(None, 3) is None
    for groups in (
        ["b", "a", "b"],
        [7, -1, 7],
        pd.Series(["b", "a", "b"], dtype="category"),
        pl.Series([2.5, 1.0, 2.5]),
    ):
        numbers = checks.check_groups(groups, 3)
        assert numbers is not None
        assert numbers.tolist() == [1, 0, 1]
        assert numbers.dtype == np.intp
    assert "groups must not be missing" in refusal(checks.check_groups, ["a", None, "b"], 3)
    assert "groups must have one entry per row (3)" in refusal(checks.check_groups, ["a"], 3)
    assert "groups must hold labels of one type" in refusal(checks.check_groups, np.array(["a", 1, 2], dtype=object), 3)


@pytest.mark.parametrize("level", [0.95, 0.5, np.float32(0.9), Fraction(1, 3)])
def test_check_level_gives_a_float(level: Any) -> None:
    assert checks.check_level(level) == float(level)


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, np.nan, "0.95", None, True])
def test_check_level_refuses(level: Any) -> None:
    assert refusal(checks.check_level, level).endswith("Write 0.95 for 95 %.")


def test_check_number() -> None:
    assert checks.check_number(3, name="x", low=0) == 3.0
    assert checks.check_number(0, name="x", low=0) == 0.0
    assert checks.check_number(np.float32(0.5), name="x", low=0, high=1) == 0.5
    assert refusal(checks.check_number, 0, name="x", low=0, open_low=True) == "x must be a number above 0; got 0."
    assert refusal(checks.check_number, -1, name="x", low=0) == "x must be a number of at least 0; got -1."
    assert (
        refusal(checks.check_number, 2, name="x", low=0, high=1)
        == "x must be a number of at least 0 and at most 1; got 2."
    )
    assert refusal(checks.check_number, "3", name="x") == "x must be a number; got '3'."
    for value in (np.nan, np.inf, None, [1]):
        assert refusal(checks.check_number, value, name="x").startswith("x must be a number; got ")


def test_check_integer() -> None:
    assert checks.check_integer(np.int64(3), name="k", low=1) == 3
    assert type(checks.check_integer(np.int64(3), name="k")) is int
    for value in (0, 2.0, True, "3", None):
        assert refusal(checks.check_integer, value, name="k", low=1).startswith(
            "k must be a whole number of at least 1; got"
        )


def test_check_option_tells_one_from_true() -> None:
    assert checks.check_option("a", ("a", "b"), name="way") == "a"
    assert checks.check_option(None, (None, "b"), name="way") is None
    assert checks.check_option(True, (True, False), name="flag") is True
    assert refusal(checks.check_option, 1, (True, False), name="flag") == "flag must be one of True, False; got 1."
    assert refusal(checks.check_option, "c", ("a", None), name="way") == "way must be one of 'a', None; got 'c'."
    assert refusal(checks.check_option, np.arange(3), ("a", "b"), name="way").startswith("way must be one of")


def test_check_rng_makes_a_generator_and_passes_one_on() -> None:
    generator = np.random.default_rng(3)
    assert checks.check_rng(generator) is generator
    assert checks.check_rng(3).integers(1 << 40) == np.random.default_rng(3).integers(1 << 40)
    assert isinstance(checks.check_rng(None), np.random.Generator)
    for strange in ("seed", -1, 1.5):
        assert refusal(checks.check_rng, strange).startswith("rng must be a seed, a numpy Generator or None; got")
