"""Floors of recall: against the full linear programme and the ROC curve, with costs, weights, ties and refusals."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import linprog

from riskdec import CostMatrix, decide, evaluate_decisions, recall_floors
from riskdec.errors import InputError

PRIOR = np.array([0.7, 0.2, 0.1])
NAMES = ("0", "1", "2")
COSTS = CostMatrix([[0, 1, 3], [2, 0, 1], [5, 4, 0]], outcomes=NAMES, actions=NAMES)


def sample(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw outcomes from softmax probabilities."""
    rng = np.random.default_rng(seed)
    score = np.exp(rng.normal(size=(n, 3)) * 1.5 + np.log(PRIOR))
    proba = score / score.sum(axis=1, keepdims=True)
    return (rng.random(n)[:, None] > proba.cumsum(axis=1)).sum(axis=1).clip(0, 2), proba


Y, PROBA = sample(3000, 1)


def full_programme(proba: np.ndarray, costs: np.ndarray, floor: np.ndarray) -> float:
    """Give the least expected cost under the floors, with one variable per row and action."""
    n, k = proba.shape
    each = np.zeros((k, n * k))
    for a in range(k):
        each[a, a::k] = proba[:, a] / proba[:, a].sum()
    equal = np.kron(np.eye(n), np.ones(k))
    answer = linprog((proba @ costs).ravel() / n, A_ub=-each, b_ub=-floor, A_eq=equal, b_eq=np.ones(n), method="highs")
    return float(answer.fun)


@pytest.mark.parametrize("digits", [1, 9])
@pytest.mark.parametrize("floor", [(0.0, 0.0, 0.9), (0.0, 0.7, 0.8), (0.6, 0.5, 0.5)])
def test_least_price_is_that_of_the_full_linear_programme(digits: int, floor: tuple[float, ...]) -> None:
    proba = np.round(PROBA[:120], digits) + 1e-3
    proba /= proba.sum(axis=1, keepdims=True)
    y = np.append(Y[:117], [0, 1, 2])
    named = {k: f for k, f in enumerate(floor) if f}
    found = recall_floors(y, proba, floors=named, costs=COSTS, method="probabilities")
    free = (proba @ COSTS.costs).min(axis=1).mean()
    assert found.least_price + free == pytest.approx(full_programme(proba, COSTS.costs, np.array(floor)), abs=1e-6)


@pytest.mark.parametrize("method", ["labels", "probabilities"])
def test_floors_are_kept_and_cost_what_was_paid(method: str) -> None:
    found = recall_floors(Y, PROBA, floors={1: 0.7, 2: 0.85}, costs=COSTS, method=method)
    assert found.attained
    if method == "labels":
        assert (found.recall[1:] >= [0.7, 0.85]).all()
        assert (found.randomised_recall[1:] >= np.array([0.7, 0.85]) - 1e-9).all()
        assert found.least_price <= found.price.estimate + 1e-12
    decisions = found.apply(PROBA)
    cheapest = decide(PROBA, COSTS)
    realised = [evaluate_decisions(Y.astype(str), d).mean_realised_cost for d in (decisions, cheapest)]
    assert found.price.estimate == pytest.approx(realised[0] - realised[1])
    assert found.price.low < found.price.estimate < found.price.high
    assert "rule 'recall'" in str(decisions.explain(0))
    drawn = found.apply(PROBA, randomised=True, rng=0)
    again = [np.mean(drawn.action_index[k == Y] == k) for k in range(3)]
    assert again == pytest.approx(found.randomised_recall, abs=0.02)


def test_floors_that_hold_anyway_cost_nothing() -> None:
    found = recall_floors(Y, PROBA, floors={0: 0.3}, costs=COSTS)
    assert found.price.estimate == found.least_price == 0
    assert not found.worth.any()
    assert found.recall.tolist() == found.plain_recall.tolist()


def test_higher_floors_never_cost_less() -> None:
    prices = [
        recall_floors(Y, PROBA, floors={2: f}, costs=COSTS, method="probabilities").least_price
        for f in (0.5, 0.8, 0.9, 0.95, 0.99)
    ]
    assert prices == sorted(prices)


def test_two_classes_meet_the_point_of_the_roc_curve() -> None:
    """With equal costs the cheapest rule with a recall of at least 0.9 cuts at the highest risk that leaves 90 %."""
    y, risk = (Y > 0).astype(int), PROBA[:, 1:].sum(axis=1)
    found = recall_floors(y, np.column_stack([1 - risk, risk]), floors={1: 0.9})
    called = found.apply(np.column_stack([1 - risk, risk])).action_index == 1
    cut = np.sort(risk[y == 1])[int(np.floor(0.1 * y.sum()))]
    best = risk >= cut
    assert np.mean(called[y == 1]) >= 0.9
    assert np.mean(called != y) == pytest.approx(np.mean(best != y), abs=0.01)


def test_floors_out_of_reach_are_said() -> None:
    found = recall_floors(Y, PROBA, floors={0: 0.95, 1: 0.95, 2: 0.95}, costs=COSTS)
    assert not found.attained
    assert [finding.code for finding in found.findings] == ["RD316"]
    assert "No rule found keeps all floors" in str(found.summary())


def test_weights_equal_repetition_and_scale_of_costs_is_the_unit() -> None:
    weight = np.random.default_rng(0).integers(0, 3, len(Y))
    weighted = recall_floors(Y, PROBA, floors={2: 0.85}, costs=COSTS, sample_weight=weight)
    repeated = recall_floors(np.repeat(Y, weight), np.repeat(PROBA, weight, axis=0), floors={2: 0.85}, costs=COSTS)
    assert weighted.worth == pytest.approx(repeated.worth)
    assert weighted.price.low == pytest.approx(repeated.price.low)
    assert weighted.n == repeated.n
    dearer = CostMatrix(7 * COSTS.costs, outcomes=NAMES, actions=NAMES)
    scaled = recall_floors(Y, PROBA, floors={2: 0.85}, costs=dearer)
    plain = recall_floors(Y, PROBA, floors={2: 0.85}, costs=COSTS)
    assert scaled.price.estimate == pytest.approx(7 * plain.price.estimate)
    assert scaled.worth == pytest.approx(7 * plain.worth)


@pytest.mark.parametrize("floors", [{}, {5: 0.5}, {1: 1.5}, {1: 0.0}, 0.5])
def test_floors_that_make_no_sense_are_refused(floors: object) -> None:
    with pytest.raises(InputError, match="floor"):
        recall_floors(Y, PROBA, floors=floors)


def test_answer_prints_and_travels() -> None:
    found = recall_floors(Y, PROBA, floors={2: 0.85}, costs=COSTS)
    assert "worth of a found case" in str(found.summary())
    assert found.frame().shape == (3, 8)
    assert json.loads(json.dumps(found.to_dict()))["floors"] == [0.0, 0.0, 0.85]
    assert "recall 2 0.8" in repr(found)
