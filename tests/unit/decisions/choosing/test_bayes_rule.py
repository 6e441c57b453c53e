"""The pass over the rows: chunks, checks on the way, both ways of finding the smallest cost."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.decisions.choosing import bayes_rule
from riskdec.decisions.choosing.bayes_rule import CHUNK_ROWS, checked_chunks, choose_by_product, choose_by_risk
from riskdec.decisions.zones.risk_rule import make_rule
from riskdec.errors import InputError

BINARY = np.array([[0, 1, 0.6], [15, 0, 0.6]])
DECIDING = np.array([0, 1])
RULE = make_rule(BINARY, ("wait", "treat", "defer"), ("defer",))


@pytest.mark.parametrize("n", [0, 1, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 3 * CHUNK_ROWS + 7])
def test_chunks_cover_every_row_once(n: int) -> None:
    proba = np.linspace(0, 1, n)
    pieces = [chunk for _, chunk in checked_chunks(proba, CHUNK_ROWS)]
    assert np.array_equal(np.concatenate([np.empty(0), *pieces]), proba)


@pytest.mark.parametrize("position", [0, CHUNK_ROWS - 1, CHUNK_ROWS, 2 * CHUNK_ROWS + 5])
@pytest.mark.parametrize("value", [1.5, -0.1, np.nan, np.inf, -np.inf])
def test_bad_risk_is_found_in_any_chunk_with_its_place(position: int, value: float) -> None:
    risk = np.full(3 * CHUNK_ROWS, 0.5)
    risk[position] = value
    with pytest.raises(InputError, match=rf"got {value} at position {position} \(1 of {risk.size}\)"):
        choose_by_risk(risk, BINARY, RULE, keep=False)


def test_bad_row_sum_is_found_with_its_place() -> None:
    proba = np.full((2 * CHUNK_ROWS, 2), 0.5)
    proba[CHUNK_ROWS + 1, 0] = 0.4
    with pytest.raises(InputError, match=rf"rows of y_proba must sum to 1 .* at position {CHUNK_ROWS + 1} "):
        choose_by_risk(proba, BINARY, RULE, keep=False)
    with pytest.raises(InputError, match="sum to 1"):
        choose_by_product(proba, BINARY, DECIDING, keep=False)


def test_row_sum_at_the_tolerance_passes() -> None:
    proba = np.array([[0.5, 0.5 + 0.9e-6], [0.5, 0.5 - 0.9e-6]])
    assert choose_by_risk(proba, BINARY, RULE, keep=False).counts.sum() == 2


@pytest.mark.parametrize("n_actions", [bayes_rule.FEW_ACTIONS, bayes_rule.FEW_ACTIONS + 1, 300])
def test_few_and_many_actions_give_first_of_smallest_costs(n_actions: int, rng: np.random.Generator) -> None:
    # Whole numbers and sixty-fourths are exact, so that ties are ties.
    costs = rng.integers(0, 4, size=(3, n_actions)).astype(float)
    proba = rng.multinomial(64, [0.3, 0.3, 0.4], size=2000) / 64
    deciding = np.arange(1, n_actions)
    choice = choose_by_product(proba, costs, deciding, keep=True)
    expected = proba @ costs
    assert np.array_equal(choice.action, expected.argmin(axis=1))
    assert np.array_equal(choice.forced, 1 + expected[:, 1:].argmin(axis=1))
    assert np.array_equal(choice.expected_cost, expected.min(axis=1))
    assert choice.action.dtype == (np.uint8 if n_actions <= 256 else np.uint16)


def test_many_binary_actions_wrap_around_nowhere(rng: np.random.Generator) -> None:
    # A convex chain of 300 useful lines in random order: steps between neighbours go up and down.
    k = rng.permutation(300).astype(float)
    costs = np.vstack([k**2, (299 - k) ** 2])
    risk = rng.random(5000)
    choice = choose_by_risk(risk, costs, make_rule(costs, [f"action {a}" for a in range(300)], ()), keep=True)
    expected = np.column_stack([1 - risk, risk]) @ costs
    assert choice.action.dtype == np.uint16
    assert np.array_equal(choice.action, expected.argmin(axis=1))
    assert choice.expected_cost == pytest.approx(expected.min(axis=1), rel=1e-12)


def test_counts_and_total_agree_with_rows(rng: np.random.Generator) -> None:
    risk = rng.beta(0.5, 3, size=2 * CHUNK_ROWS + 3)
    choice = choose_by_risk(risk, BINARY, RULE, keep=True)
    assert np.array_equal(choice.counts, np.bincount(choice.action, minlength=3))
    assert choice.total_cost == pytest.approx(choice.expected_cost.sum(), rel=1e-12)


def test_nothing_is_copied_for_forced_choice_without_defer() -> None:
    rule = make_rule(BINARY[:, :2], ("wait", "treat"), ())
    assert rule.forced is None
    choice = choose_by_risk(np.array([0.2]), BINARY[:, :2], rule, keep=False)
    assert choice.forced is choice.action
