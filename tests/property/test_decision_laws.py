"""Laws of decisions that hold for all costs and all probabilities.

Costs are whole numbers and probabilities are counts of sixty-fourths, so that expected costs are exact in binary
and "equal" means equal: ties are part of every law.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from riskdec.decisions import CostMatrix, Decisions, decide, evaluate_decisions
from riskdec.decisions.costs.dominance import advantage, break_even_price, never_optimal
from riskdec.decisions.zones.envelope import gray_zone_exists, lower_envelope

PARTS = 64


def matrix(costs: np.ndarray, defer: str | None = None) -> CostMatrix:
    """Name rows and columns, without the warnings that odd costs deserve."""
    outcomes, actions = ([f"{letter}{i}" for i in range(size)] for letter, size in zip("ka", costs.shape, strict=True))
    return CostMatrix.from_dict({"costs": costs, "outcomes": outcomes, "actions": actions, "defer": defer})


@st.composite
def cost_tables(draw: Any, outcomes: tuple[int, int] = (2, 4), actions: tuple[int, int] = (2, 5)) -> np.ndarray:
    """Draw whole-number costs that tell at least two actions apart."""
    k, a = draw(st.integers(*outcomes)), draw(st.integers(*actions))
    cells = st.lists(st.integers(-9, 30), min_size=k * a, max_size=k * a)
    costs = np.reshape(draw(cells), (k, a)).astype(float)
    assume(not (costs == costs[:, :1]).all())
    return costs


@st.composite
def problems(draw: Any, outcomes: tuple[int, int] = (2, 4)) -> tuple[np.ndarray, np.ndarray]:
    """Draw costs, and probabilities of their outcomes for some rows."""
    costs = draw(cost_tables(outcomes))
    k = costs.shape[0]
    cuts = st.lists(st.integers(0, PARTS), min_size=k - 1, max_size=k - 1).map(sorted)
    rows = draw(st.lists(cuts, min_size=1, max_size=12))
    proba = np.array([np.diff([0, *row, PARTS]) for row in rows]) / PARTS
    return costs, proba


def chosen_columns(decisions: Decisions) -> list[list[float]]:
    """Give the costs of the chosen actions: equal columns are one action under two names."""
    return decisions.costs.costs.T[decisions.action_index].tolist()


@given(problems())
def test_chosen_cost_is_the_minimum(problem: tuple[np.ndarray, np.ndarray]) -> None:
    costs, proba = problem
    decisions = decide(proba, matrix(costs))
    expected = proba @ costs
    assert np.array_equal(expected[np.arange(len(proba)), decisions.action_index], expected.min(axis=1))
    assert np.array_equal(decisions.expected_cost, expected.min(axis=1))
    assert np.array_equal(decisions.counts, np.bincount(decisions.action_index, minlength=costs.shape[1]))
    assert np.isclose(decisions.mean_expected_cost, expected.min(axis=1).mean(), rtol=1e-12, atol=1e-12)


@given(problems(), st.data())
def test_row_constants_change_no_decision_and_no_regret(problem: tuple[np.ndarray, np.ndarray], data: Any) -> None:
    costs, proba = problem
    k = costs.shape[0]
    constants = np.array(data.draw(st.lists(st.integers(-50, 50), min_size=k, max_size=k)), dtype=float)
    before, after = decide(proba, matrix(costs)), decide(proba, matrix(costs + constants[:, None]))
    assert np.array_equal(before.action_index, after.action_index)
    assert np.array_equal(before.expected_cost + proba @ constants, after.expected_cost)


@given(problems(), st.sampled_from([0.125, 3.0, 7.0, 1024.0]))
def test_positive_scale_changes_no_decision(problem: tuple[np.ndarray, np.ndarray], scale: float) -> None:
    costs, proba = problem
    before, after = decide(proba, matrix(costs)), decide(proba, matrix(scale * costs))
    assert np.array_equal(before.action_index, after.action_index)
    assert np.array_equal(scale * before.expected_cost, after.expected_cost)


@given(problems(), st.randoms(use_true_random=False))
def test_order_of_actions_changes_no_cost(problem: tuple[np.ndarray, np.ndarray], random: Any) -> None:
    costs, proba = problem
    order = random.sample(range(costs.shape[1]), costs.shape[1])
    before, after = decide(proba, matrix(costs)), decide(proba, matrix(costs[:, order]))
    assert np.array_equal(before.expected_cost, after.expected_cost)
    if costs.shape[0] == 2:
        # The rule for ties of two outcomes looks at costs, not at positions.
        assert chosen_columns(before) == chosen_columns(after)


@given(problems(), st.randoms(use_true_random=False))
def test_order_of_outcomes_changes_no_cost(problem: tuple[np.ndarray, np.ndarray], random: Any) -> None:
    costs, proba = problem
    order = random.sample(range(costs.shape[0]), costs.shape[0])
    before, after = decide(proba, matrix(costs)), decide(proba[:, order], matrix(costs[order]))
    assert np.array_equal(before.expected_cost, after.expected_cost)
    expected = proba @ costs
    alone = (expected == expected.min(axis=1, keepdims=True)).sum(axis=1) == 1
    assert np.array_equal(before.action_index[alone], after.action_index[alone])


@given(problems(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing_else(problem: tuple[np.ndarray, np.ndarray], random: Any) -> None:
    costs, proba = problem
    order = random.sample(range(len(proba)), len(proba))
    before, after = decide(proba, matrix(costs)), decide(proba[order], matrix(costs))
    assert np.array_equal(before.action_index[order], after.action_index)


@given(problems(), st.data())
def test_another_action_never_raises_expected_cost(problem: tuple[np.ndarray, np.ndarray], data: Any) -> None:
    costs, proba = problem
    k = costs.shape[0]
    column = data.draw(st.lists(st.integers(-9, 30), min_size=k, max_size=k))
    more = decide(proba, matrix(np.column_stack([costs, column])))
    assert (more.expected_cost <= decide(proba, matrix(costs)).expected_cost).all()


@given(problems(), st.integers(0, 40), st.integers(1, 10))
def test_dearer_deferral_never_defers_more(problem: tuple[np.ndarray, np.ndarray], fee: int, rise: int) -> None:
    costs, proba = problem
    deferred = []
    for price in (fee, fee + rise):
        decisions = decide(proba, matrix(np.column_stack([costs, np.full(len(costs), price)]), f"a{costs.shape[1]}"))
        deferred.append(decisions.action_index == costs.shape[1])
    assert (deferred[0] | ~deferred[1]).all()


@given(problems())
def test_no_constant_action_is_cheaper_on_the_same_probabilities(problem: tuple[np.ndarray, np.ndarray]) -> None:
    costs, proba = problem
    decisions = decide(proba, matrix(costs))
    assert decisions.mean_expected_cost <= (proba @ costs).mean(axis=0).min() + 1e-9


@given(problems(), st.data())
def test_realised_costs_add_up(problem: tuple[np.ndarray, np.ndarray], data: Any) -> None:
    costs, proba = problem
    n, k = proba.shape
    y = np.array(data.draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n)))
    decisions = decide(proba, matrix(costs, "a0"))
    evaluation = evaluate_decisions(y, decisions)
    assert np.isclose((evaluation.confusion * costs).sum(), evaluation.total_realised_cost, atol=1e-9)
    assert evaluation.confusion.sum() == evaluation.n == n
    assert evaluation.coverage + evaluation.deferral_rate == 1
    assert np.isclose(evaluation.deferral_rate, decisions.deferral_rate)
    for baseline in evaluation.baselines:
        assert np.isclose(baseline.saving, baseline.mean_realised_cost - evaluation.mean_realised_cost, atol=1e-9)


@given(cost_tables(outcomes=(2, 2), actions=(2, 7)))
def test_regions_tile_all_risks_and_agree_with_decide_around_every_cut(costs: np.ndarray) -> None:
    named = matrix(costs)
    regions = named.regions()
    assert regions.regions[0].low == 0
    assert regions.regions[-1].high == 1
    assert all(left.high == right.low for left, right in zip(regions.regions, regions.regions[1:], strict=False))
    assert all(region.low < region.high for region in regions)
    cuts = regions.thresholds
    for risk in (cuts, np.nextafter(cuts, 0), np.nextafter(cuts, 1), np.array([0.0, 1.0])):
        for p, action in zip(risk, decide(risk, named).action, strict=True):
            (region,) = [r for r in regions if r.low <= p < r.high or p == r.high == 1]
            assert region.action == action


@given(cost_tables(outcomes=(2, 2), actions=(2, 6)))
def test_cuts_are_exact_points_of_indifference(costs: np.ndarray) -> None:
    envelope = lower_envelope(costs)
    lines = [[Fraction(int(c)) for c in column] for column in costs.T]
    for left, right, cut in zip(envelope.actions, envelope.actions[1:], envelope.cuts, strict=False):
        rise, fall = lines[right][0] - lines[left][0], lines[left][1] - lines[right][1]
        exact = rise / (rise + fall)
        assert cut == float(exact)
        # Neither a third action nor the tie rule is cheaper there.
        at_cut = [(1 - exact) * c0 + exact * c1 for c0, c1 in lines]
        assert at_cut[left] == at_cut[right] == min(at_cut)


@given(cost_tables(outcomes=(2, 2), actions=(2, 6)))
def test_never_optimal_by_envelope_equals_never_optimal_by_programme(costs: np.ndarray) -> None:
    unique = np.unique(costs, axis=1)
    assume(unique.shape[1] > 1)
    programme = [a for a in range(unique.shape[1]) if advantage(unique, a) <= 1e-9]
    assert list(never_optimal(unique)) == programme


@given(cost_tables(outcomes=(3, 3), actions=(2, 5)))
def test_action_that_wins_somewhere_on_a_grid_is_not_called_useless(costs: np.ndarray) -> None:
    grid = np.array([(i, j, 24 - i - j) for i in range(25) for j in range(25 - i)]) / 24
    expected = grid @ costs
    useless = never_optimal(costs)
    for action in useless:
        others = np.delete(expected, action, axis=1)
        assert (expected[:, action] >= others.min(axis=1) - 1e-9).all()
    assert len(useless) < costs.shape[1]


@given(st.lists(st.integers(-20, 20), min_size=2, max_size=2), st.lists(st.integers(1, 40), min_size=4, max_size=4))
def test_gray_zone_exists_under_its_exact_condition(correct: list[int], steps: list[int]) -> None:
    # Reasonable costs, with deferring between the two under both outcomes.
    ctn, ctp = correct
    d0, d1 = ctn + steps[0], ctp + steps[1]
    cfp, cfn = d0 + steps[2], d1 + steps[3]
    exists = (d0 - ctn) * (d1 - ctp) < (cfp - d0) * (cfn - d1)
    assert gray_zone_exists((ctn, cfn), (d0, d1), (cfp, ctp)) == exists
    regions = matrix(np.array([[ctn, cfp, d0], [cfn, ctp, d1]], dtype=float), "a2").regions()
    assert (regions.gray_zone is not None) == exists
    if exists:
        cut = (cfp - ctn) / ((cfp - ctn) + (cfn - ctp))
        assert regions.gray_zone.low < cut < regions.gray_zone.high


@given(cost_tables(outcomes=(2, 4), actions=(2, 4)), st.floats(0.001, 5))
def test_fee_pays_somewhere_exactly_below_break_even_price(costs: np.ndarray, step: float) -> None:
    price = break_even_price(costs)
    new = costs.shape[1]
    for fee, useless in ((price - step, False), (price + step, True)):
        assert (new in never_optimal(np.column_stack([costs, np.full(len(costs), fee)]))) == useless
