"""Limits: the cheapest assignment equals the whole linear programme, prices give it back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from riskdec.decisions import decide, evaluate_decisions
from riskdec.decisions.choosing import allocation
from riskdec.decisions.choosing.allocation import allocate
from riskdec.errors import InputError

COSTS = {"false_positive": 1, "false_negative": 8, "defer": 0.3}


def by_linear_programme(expected: np.ndarray, caps: dict[int, int]) -> float:
    n, n_actions = expected.shape
    limits = np.zeros((len(caps), n * n_actions))
    for line, a in zip(limits, caps, strict=True):
        line[a::n_actions] = 1
    answer = linprog(
        expected.ravel(),
        A_ub=limits,
        b_ub=list(caps.values()),
        A_eq=np.kron(np.eye(n), np.ones((1, n_actions))),
        b_eq=np.ones(n),
        method="highs",
    )
    return float(answer.fun)


@pytest.mark.parametrize("digits", [1, 15], ids=["ties", "no ties"])
@pytest.mark.parametrize("seed", range(30))
def test_assignment_costs_what_the_linear_programme_costs(seed: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    n, n_actions = int(rng.integers(3, 40)), int(rng.integers(2, 6))
    expected = np.round(rng.random((n, n_actions)), digits)
    limited = rng.choice(n_actions, int(rng.integers(1, n_actions)), replace=False).tolist()
    caps = {a: int(rng.integers(0, n // 2 + 1)) for a in limited}
    found = allocate(expected, caps, order=rng.permutation(n))
    cost = expected[np.arange(n), found.action].sum()
    assert cost == pytest.approx(by_linear_programme(expected, caps), abs=1e-9)
    assert all((found.action == a).sum() <= cap for a, cap in caps.items())
    assert found.gap <= 1e-8
    assert (found.price >= 0).all()


def test_clear_rows_are_fixed_and_the_answer_is_still_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    risk = rng.beta(0.5, 5, 3_000)
    expected = np.column_stack([10 * risk, 1 - risk, np.full(3_000, 0.5), 0.3 + 2 * risk])
    caps = {1: 60, 2: 50, 3: 300}
    whole = allocate(expected, caps, order=np.arange(3_000))
    monkeypatch.setattr(allocation, "_ALL_ROWS", 40)
    sifted = allocate(expected, caps, order=np.arange(3_000))
    rows = np.arange(3_000)
    assert sifted.gap <= 1e-8
    assert expected[rows, sifted.action].sum() == pytest.approx(expected[rows, whole.action].sum(), rel=1e-12)


def test_prices_give_back_the_assignment_where_nothing_is_tied() -> None:
    rng = np.random.default_rng(2)
    expected = rng.random((500, 3))
    found = allocate(expected, {2: 40}, order=np.arange(500))
    assert ((expected + found.price).argmin(axis=1) == found.action).all()


def test_limits_that_do_not_bind_change_nothing() -> None:
    risk = np.linspace(0, 1, 50)
    limited = decide(risk, COSTS, capacity={"defer": 50})
    assert (limited.action_index == decide(risk, COSTS).action_index).all()
    assert limited.capacity is not None
    assert limited.capacity.cost_of_limits == 0
    assert limited.regions is not None


def test_the_rows_that_gain_most_get_the_limited_action() -> None:
    risk = np.random.default_rng(0).beta(1, 4, 300)
    gain = np.minimum(8 * risk, 1 - risk) - 0.3
    decisions = decide(risk, COSTS, capacity={"defer": 20})
    assert set(np.flatnonzero(decisions.action == "defer")) == set(np.argsort(-gain)[:20])
    assert decisions.capacity is not None
    (limit,) = decisions.capacity.limits
    ordered = np.sort(gain)[::-1]
    assert ordered[20] <= limit.price <= ordered[19]
    assert (limit.used, limit.capacity, limit.wanted) == (20, 20, int((gain > 0).sum()))
    without = decide(risk, COSTS)
    lost = 300 * (decisions.mean_expected_cost - without.mean_expected_cost)
    assert decisions.capacity.cost_of_limits == pytest.approx(lost)
    assert decisions.regions is None
    assert "RD320" in {finding.code for finding in decisions.findings}


def test_share_of_rows_is_a_limit_too() -> None:
    risk = np.random.default_rng(0).beta(1, 4, 300)
    assert decide(risk, COSTS, capacity={"defer": 0.1}).counts[2] == 30


def test_ties_go_by_key_and_not_silently_by_row() -> None:
    risk, key = np.full(6, 0.2), [5, 4, 3, 2, 1, 0]
    by_row, by_key = (decide(risk, COSTS, capacity={"defer": 2}, tie_break=k) for k in (None, key))
    assert np.flatnonzero(by_row.action == "defer").tolist() == [0, 1]
    assert np.flatnonzero(by_key.action == "defer").tolist() == [4, 5]
    assert "RD321" in {finding.code for finding in by_row.findings}
    assert "RD321" not in {finding.code for finding in by_key.findings}


def test_rules_that_no_limit_allows_are_no_baselines() -> None:
    risk = np.random.default_rng(0).beta(1, 4, 300)
    evaluation = evaluate_decisions(risk > 0.3, decide(risk, COSTS, capacity={"defer": 20}))
    assert "always defer" not in {baseline.name for baseline in evaluation.baselines}


@pytest.mark.parametrize(
    ("capacity", "message"),
    [
        ({"ask": 3}, "capacity must name actions .*; got 'ask'"),
        ({"defer": -1}, "capacity of 'defer' must be a whole number of rows, or a share of them below 1; got -1"),
        ({"defer": 1.5}, "share of them below 1; got 1.5"),
        ({"defer": True}, "got True"),
        (3, "capacity must map names of actions to limits; got a int"),
        ({"negative": 0, "positive": 1, "defer": 1}, "capacity must leave an action for every row; got 2 for 3 rows"),
    ],
)
def test_capacity_is_refused_with_reason(capacity: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decide([0.1, 0.2, 0.3], COSTS, capacity=capacity)
