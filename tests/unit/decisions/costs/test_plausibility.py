"""Warnings about cost matrices that are probably not what was meant."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, decide
from riskdec.errors import CostMatrixWarning


def warning_of(*args: Any, **kwargs: Any) -> str:
    """Make a matrix that must warn once, and give the message."""
    with pytest.warns(CostMatrixWarning) as caught:
        CostMatrix(*args, **kwargs)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    return str(caught[0].message)


def test_gains_passed_as_costs_are_noticed_in_binary_matrix() -> None:
    with pytest.warns(
        CostMatrixWarning, match=r"^RD302 .*'negative' costs 0 and 'positive' gains 1 when the outcome is 'no event'"
    ):
        CostMatrix.binary(false_positive=-1, false_negative=-15)


def test_gains_passed_as_costs_are_noticed_when_one_is_negative() -> None:
    message = warning_of([[0, -1], [-20, 0]], outcomes=("healthy", "ill"), actions=("wait", "treat"))
    assert message.startswith("RD302")
    assert "every correct decision costs more than the error" in message
    assert "from_utilities" in message


def test_gains_passed_as_costs_are_noticed_when_actions_are_named_like_outcomes() -> None:
    # Actions in another order than outcomes: names decide, not positions.
    message = warning_of([[0, 1], [1, 0]], outcomes=("cat", "dog"), actions=("dog", "cat"))
    assert message.startswith("RD302")


def test_gains_passed_as_costs_are_noticed_for_three_outcomes() -> None:
    assert warning_of(np.eye(3), outcomes=("a", "b", "c"), actions=("x", "y", "z")).startswith("RD302")


def test_error_as_cheap_as_correct_decision_is_no_wrong_sign() -> None:
    with pytest.warns(CostMatrixWarning, match="^RD301"):
        CostMatrix.binary(false_positive=0, false_negative=-5)


@pytest.mark.parametrize(
    ("outcomes", "actions", "costs"),
    [
        (("healthy", "ill"), ("treat", "wait"), [[1, 0], [0, 20]]),
        (("ill", "healthy"), ("wait", "treat"), [[20, 0], [0, 1]]),
        (("cat", "dog"), ("dog", "cat"), [[1, 0], [0, 1]]),
    ],
)
def test_other_order_of_names_is_no_reason_to_warn(outcomes: Any, actions: Any, costs: Any) -> None:
    CostMatrix(costs, outcomes=outcomes, actions=actions)


def test_rows_that_are_all_equal_look_transposed() -> None:
    message = warning_of([[0, 1], [0, 1]], outcomes=("healthy", "ill"), actions=("wait", "treat"))
    assert message.startswith("RD302")
    assert "every action costs the same whatever the outcome is" in message


def test_constant_row_in_place_of_defer_column_looks_transposed() -> None:
    turned = np.array([[0, 3, 6], [8, 0, 6], [200, 60, 6]]).T
    message = warning_of(turned, outcomes=("healthy", "mild", "severe"), actions=("home", "operate", "defer"))
    assert "every action costs 6 when the outcome is 'severe'" in message
    assert "transpose" in message


def test_action_beaten_by_one_other_is_named_with_both_costs() -> None:
    with pytest.warns(CostMatrixWarning) as caught:
        CostMatrix.binary(false_positive=1, false_negative=15, true_negative=2)
    message = str(caught[0].message)
    assert message.startswith("RD301")
    assert "'negative' never costs less than 'positive'" in message
    assert "'negative' costs 2 when the outcome is 'no event' and costs 15 when it is 'event'" in message


def test_unreasonable_binary_costs_are_not_clipped_but_one_action_dominates() -> None:
    with pytest.warns(CostMatrixWarning, match="RD301"):
        costs = CostMatrix.binary(false_positive=-0.5, false_negative=15)
    assert [region.action for region in costs.regions()] == ["positive"]


def test_equal_columns_are_named() -> None:
    message = warning_of([[0, 1, 1], [9, 0, 0]], outcomes=("a", "b"), actions=("x", "y", "z"))
    assert "'z' costs as much as 'y', whatever the outcome" in message


def test_action_beaten_by_mixture_is_named() -> None:
    message = warning_of([[0, 2, 1.5], [2, 0, 1.5]], outcomes=("a", "b"), actions=("x", "y", "z"))
    assert "'z' is never the cheapest action: whatever the risks are, some other action costs less" in message


def test_fee_above_break_even_is_named_with_that_price() -> None:
    with pytest.warns(
        CostMatrixWarning, match=r"no gray zone: a fee for it would have to be below 0.9;.*'defer' costs 0.95"
    ):
        CostMatrix.binary(false_positive=1, false_negative=9, defer=0.95)


def test_sound_matrices_are_quiet() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6, true_positive=-3)
        CostMatrix(1 - np.eye(4), outcomes=list("abcd"), actions=list("wxyz"))


def test_keywords_warn_at_the_line_that_called_decide() -> None:
    with pytest.warns(CostMatrixWarning) as caught:
        decide([0.2], {"false_positive": 1, "false_negative": 1, "defer": 2})
    assert [warning.filename for warning in caught] == [__file__]
