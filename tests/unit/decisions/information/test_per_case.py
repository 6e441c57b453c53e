"""Value of information per case: enumeration, bounds, and the identities with deferring."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskdec import CostMatrix, decide, value_of_information
from riskdec.errors import InputError

COSTS = {"false_positive": 1, "false_negative": 9}
RISK = np.linspace(0, 1, 201)


def test_perfect_information_saves_the_expected_cost_of_not_knowing() -> None:
    value = value_of_information(RISK, COSTS)
    assert value.perfect == pytest.approx(np.minimum(9 * RISK, 1 - RISK))
    assert (value.imperfect, value.worth_asking, value.net) == (None, None, None)


def test_perfect_test_is_worth_as_much_as_knowing() -> None:
    value = value_of_information(RISK, COSTS, sensitivity=1, specificity=1)
    assert value.imperfect == pytest.approx(value.perfect, abs=1e-14)


def test_useless_test_is_worth_nothing() -> None:
    value = value_of_information(RISK, COSTS, sensitivity=0.4, specificity=0.6)
    assert value.imperfect == pytest.approx(0, abs=1e-14)


@given(
    st.lists(st.lists(st.integers(-5, 20), min_size=3, max_size=3), min_size=3, max_size=3),
    st.lists(st.integers(1, 20), min_size=3, max_size=3),
    st.lists(st.lists(st.integers(1, 9), min_size=2, max_size=2), min_size=3, max_size=3),
)
def test_test_is_worth_between_nothing_and_knowing_by_enumeration(
    costs: list[list[int]], shares: list[int], results: list[list[int]]
) -> None:
    table = np.array(costs, dtype=float)
    if (table == table[:, [0]]).all():
        return
    state = {"costs": table, "outcomes": ["x", "y", "z"], "actions": ["a", "b", "c"], "defer": None}
    matrix = CostMatrix.from_dict(state)
    p = np.array(shares) / sum(shares)
    likelihood = np.array(results) / np.sum(results, axis=1, keepdims=True)
    value = value_of_information(p[None, :], matrix, likelihood=likelihood)
    now = min(p @ table)
    # Every rule that says what to do after each result, by brute force.
    rules = itertools.product(range(3), repeat=2)
    after = min(sum(p[k] * likelihood[k, s] * table[k, rule[s]] for k in range(3) for s in range(2)) for rule in rules)
    assert value.imperfect is not None
    assert value.imperfect[0] == pytest.approx(now - after, abs=1e-9)
    assert -1e-12 <= value.imperfect[0] <= value.perfect[0] + 1e-9


def test_knowing_is_worth_more_than_the_fee_exactly_where_deferring_to_a_perfect_expert_wins() -> None:
    fee = 0.37
    deferred = decide(RISK, {**COSTS, "defer": fee}).action == "defer"
    worth = value_of_information(RISK, COSTS).perfect
    assert np.array_equal(worth > fee, deferred)


def test_test_pays_where_the_costs_with_the_test_choose_it() -> None:
    costs = CostMatrix.binary(false_positive=1, false_negative=30)
    bought = costs.with_test("biopsy", price=0.8, sensitivity=0.95, specificity=0.9)
    chosen = decide(RISK, bought).action == "biopsy"
    value = value_of_information(RISK, bought, sensitivity=0.95, specificity=0.9, price=0.8)
    assert value.actions == ("biopsy",)
    assert value.worth_asking == pytest.approx(chosen.mean())
    assert value.action_share[0] == pytest.approx(chosen.mean())
    assert value.net == pytest.approx(value.action_saving[0])
    assert "biopsy" in str(value.summary())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sensitivity": 0.9}, "both be given"),
        ({"sensitivity": 1.2, "specificity": 0.5}, "sensitivity must"),
        ({"likelihood": [[0.5, 0.6], [0.5, 0.5]]}, "sum to 1 per outcome"),
        ({"likelihood": [[1.0]]}, "per outcome"),
        ({"likelihood": np.eye(2), "sensitivity": 1, "specificity": 1}, "without sensitivity"),
    ],
)
def test_half_a_test_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        value_of_information(RISK, COSTS, **options)


def test_two_rates_do_not_describe_a_test_of_three_outcomes() -> None:
    costs = CostMatrix(1 - np.eye(3), outcomes=("x", "y", "z"), actions=("a", "b", "c"))
    with pytest.raises(InputError, match="two outcomes"):
        value_of_information(np.full((1, 3), 1 / 3), costs, sensitivity=1, specificity=1)
