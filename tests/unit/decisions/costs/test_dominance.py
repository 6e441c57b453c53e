"""Actions never worth taking, and the price at which one more would be."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.decisions.costs.dominance import advantage, break_even_price, never_optimal

STORY = np.array([[0.0, 3, 40, 6], [8, 0, 15, 6], [200, 60, 0, 6]])


def test_advantage_of_an_action_that_is_best_for_certain_is_its_lead_there() -> None:
    costs = np.array([[0.0, 3.0], [8.0, 0.0], [20.0, 0.0]])
    assert advantage(costs, 0) == pytest.approx(3)
    assert advantage(costs, 1) == pytest.approx(20)


def test_advantage_is_negative_when_beaten_everywhere() -> None:
    # The second action costs one more than the first under every outcome.
    assert advantage(np.array([[0.0, 1], [5, 6], [2, 3]]), 1) == pytest.approx(-1)


def test_advantage_scales_with_costs() -> None:
    assert advantage(1e6 * STORY, 3) == pytest.approx(1e6 * advantage(STORY, 3), rel=1e-9)
    assert advantage(1e-6 * STORY, 3) == pytest.approx(1e-6 * advantage(STORY, 3), rel=1e-9)


def test_never_optimal_finds_action_beaten_only_by_a_mixture() -> None:
    # No single action beats the last one, yet at every p one of the others is cheaper: its cost of 2 is above
    # the most (1.5) that the cheapest of the first three can cost, at p = (1/3, 1/3, 1/3) with costs 0, 2.25, 2.25.
    costs = np.array([[0, 2.25, 2.25, 2.0], [2.25, 0, 2.25, 2.0], [2.25, 2.25, 0, 2.0]])
    assert never_optimal(costs) == (3,)
    costs[:, 3] = 1.49
    assert never_optimal(costs) == ()


def test_never_optimal_keeps_first_of_equal_columns() -> None:
    costs = np.array([[0.0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 1, 1]])
    assert never_optimal(costs) == (2, 3)
    assert never_optimal(costs[:2]) == (2, 3)


def test_never_optimal_finds_action_that_only_ties_for_certain() -> None:
    # The first action is as cheap as the second under the first outcome, and dearer otherwise.
    assert never_optimal(np.array([[0.0, 0], [5, 3], [5, 3]])) == (0,)


def test_break_even_price_is_what_the_others_cost_where_one_knows_least() -> None:
    # Zero-one costs of K outcomes: the cheapest guess costs 1 - 1/K at the uniform distribution.
    for k in (2, 3, 5):
        assert break_even_price(1.0 - np.eye(k)) == pytest.approx(1 - 1 / k)


def test_break_even_price_of_a_single_action_is_its_highest_cost() -> None:
    assert break_even_price(np.array([[1.0], [4.0], [2.0]])) == pytest.approx(4)
    assert break_even_price(np.array([[1.0], [4.0]])) == pytest.approx(4)


@pytest.mark.parametrize("step", [-1e-4, 1e-4])
def test_defer_is_optimal_somewhere_exactly_below_break_even_price(step: float) -> None:
    price = break_even_price(STORY[:, :3])
    costs = np.column_stack([STORY[:, :3], np.full(3, price + step)])
    assert never_optimal(costs) == (() if step < 0 else (3,))
