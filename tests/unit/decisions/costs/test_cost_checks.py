"""Cost matrices that are refused, and the sentence that says why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskdec.decisions import CostMatrix
from riskdec.errors import InputError

NAMES: dict[str, Any] = {"outcomes": ("healthy", "ill"), "actions": ("wait", "treat")}


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        (
            [[0, 1], [np.nan, 0]],
            r"costs must be finite \(no NaN, no inf\); got nan at position \(1, 0\) \(1 of 4\)\. Every",
        ),
        ([[0, np.inf], [5, 0]], r"got inf at position \(0, 1\) \(1 of 4\)"),
        ([[0, 1, 2], [5, 0, 1]], r"one column per action \(2\); got shape \(2, 3\)"),
        ([0, 1], r"costs must be 2-dimensional; got shape \(2,\)"),
        ([[0, 1], [5]], "costs must have rows of equal length"),
        ([["a", "b"], ["c", "d"]], "costs must hold numbers"),
        ([[0, 1e101], [5, 0]], r"stay below 1e100 in size; got 1e\+101 at position \(0, 1\).*larger unit"),
        (
            [[3, 3], [7, 7]],
            "costs must differ between actions under some outcome; got equal columns.*nothing to decide",
        ),
    ],
)
def test_costs_are_refused_with_place_and_cure(costs: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        CostMatrix(costs, **NAMES)


def test_turned_shape_is_recognised() -> None:
    with pytest.raises(InputError, match=r"got shape \(3, 2\)\. Rows are outcomes: transpose"):
        CostMatrix([[0, 9], [1, 0], [0.5, 0.5]], outcomes=("healthy", "ill"), actions=("wait", "treat", "defer"))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("ab", "outcomes must be a sequence of names; got 'ab'"),
        (None, "costs must come with names for its rows and columns.*CostMatrix\\(costs, outcomes="),
        (("healthy",), "outcomes must be at least two names; got 1"),
        (("ill", "ill"), "outcomes must differ from each other; got 'ill' more than once"),
        (("ill", 0.5), r"outcomes must be names \(text or whole numbers\); got 0.5 at position 1"),
        (("ill", ""), "got '' at position 1"),
        (("a", "b", "c"), r"one row per outcome \(3\)"),
    ],
)
def test_names_are_refused_with_value(names: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        CostMatrix([[0, 1], [5, 0]], outcomes=names, actions=("wait", "treat"))


def test_whole_numbers_are_names() -> None:
    assert CostMatrix([[0, 1], [5, 0]], outcomes=(0, 1), actions=("wait", "treat")).outcomes == ("0", "1")  # type: ignore[arg-type]


def test_defer_must_be_one_of_the_actions() -> None:
    with pytest.raises(
        InputError, match=r"defer must be one of the actions \('wait', 'treat'\); got 'ask'. Use with_defer"
    ):
        CostMatrix([[0, 1], [5, 0]], **NAMES, defer="ask")


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"false_positive": [1, 2]}, "false_positive must be one number; got a list"),
        ({"true_positive": np.nan}, "true_positive must be a number; got nan"),
        ({"defer": np.inf}, "defer must be a number; got inf"),
        ({"defer": [1, 2, 3]}, r"defer must be one number, or one per outcome \(2\); got 3 numbers"),
        ({"defer": [lambda rows: rows, 1]}, "defer must be one number; got a function. Amounts that differ"),
        ({"actions": ("a", "b", "c")}, "actions must be 2 names; got 3. A third action needs its cost"),
        ({"actions": ("a", "defer"), "defer": 0.1}, "actions must differ from each other; got 'defer'"),
        ({"outcomes": ("a", "b", "c")}, "outcomes must be 2 names; got 3"),
    ],
)
def test_binary_names_the_argument_it_refuses(keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        CostMatrix.binary(**{"false_positive": 1, "false_negative": 5} | keywords)


def test_unknown_argument_of_binary_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="fee"):
        CostMatrix.binary(false_positive=1, false_negative=5, fee=1)  # type: ignore[call-arg]
