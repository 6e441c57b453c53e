"""Equal recall by offsets: against the full linear programme, against the ROC curve, with ties, targets and weights."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import linprog

from riskdec import CostMatrix, evaluate_decisions, recall_offsets
from riskdec.decisions.offsets.maxmin import expected_recall, largest_smallest_recall
from riskdec.errors import InputError

PRIOR = np.array([0.7, 0.2, 0.07, 0.03])


def sample(n: int, seed: int, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Draw outcomes from softmax probabilities, and sharpen the probabilities afterwards."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=(n, 4)) * 1.5 + np.log(PRIOR)
    proba = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    y = (rng.random(n)[:, None] > proba.cumsum(axis=1)).sum(axis=1).clip(0, 3)
    sharp = proba ** (1 / temperature)
    return y, sharp / sharp.sum(axis=1, keepdims=True)


Y, PROBA = sample(4000, 1)


def full_programme(scaled: np.ndarray) -> float:
    """Solve min over the simplex of the mean of row maxima as one linear programme with a variable per row."""
    n, k = scaled.shape
    rows = np.repeat(np.arange(n), k)
    table = np.zeros((n * k, k + n))
    table[np.arange(n * k), np.tile(np.arange(k), n)] = scaled.ravel()
    table[np.arange(n * k), k + rows] = -1
    equal = np.append(np.ones(k), np.zeros(n))[None, :]
    return float(linprog(np.append(np.zeros(k), np.full(n, 1 / n)), table, np.zeros(n * k), equal, [1.0]).fun)


@pytest.mark.parametrize("digits", [1, 8])
def test_value_is_that_of_the_full_linear_programme(digits: int) -> None:
    proba = np.round(PROBA[:150], digits) + 1e-3
    scaled = proba / proba.mean(axis=0)
    found = largest_smallest_recall(scaled, np.full(150, 1 / 150))
    assert found.value == pytest.approx(full_programme(scaled), abs=2e-6)
    mixed = sum(
        s * expected_recall(scaled, np.full(150, 1 / 150), v) for s, v in zip(found.shares, found.rules, strict=True)
    )
    assert mixed.min() == pytest.approx(found.value, abs=2e-6)
    assert found.shares.sum() == pytest.approx(1)


@pytest.mark.parametrize("method", ["labels", "probabilities"])
def test_recalls_are_nearly_equal_and_far_apart_without_offsets(method: str) -> None:
    offsets = recall_offsets(Y, PROBA, method=method)
    assert np.ptp(offsets.plain_recall) > 0.5
    assert np.ptp(offsets.recall) < (0.03 if method == "labels" else 0.12)
    new_y, new = sample(20_000, 2)
    chosen = offsets.apply(new).action_index
    recalls = [np.mean(chosen[new_y == k] == k) for k in range(4)]
    assert np.ptp(recalls) < 0.16
    assert offsets.sampling_floor == pytest.approx(0.07, abs=0.03)


def test_labels_hold_for_overconfident_probabilities_and_the_other_method_says_so() -> None:
    y, sharp = sample(4000, 3, temperature=0.4)
    labels = recall_offsets(y, sharp)
    assert np.ptp(labels.recall) < 0.04
    wrong = recall_offsets(y, sharp, method="probabilities")
    assert np.ptp(wrong.recall) > 3 * np.ptp(labels.recall)
    assert "RD314" in {finding.code for finding in wrong.findings}
    assert "RD314" not in {finding.code for finding in recall_offsets(Y, PROBA, method="probabilities").findings}


def test_two_classes_meet_where_both_rates_of_the_roc_curve_are_equal() -> None:
    rng = np.random.default_rng(4)
    risk = rng.beta(1, 4, 3000)
    y = (rng.random(3000) < risk).astype(int)
    offsets = recall_offsets(y, np.column_stack([1 - risk, risk]))
    cuts = np.unique(risk)
    tpr = np.array([(risk[y == 1] >= cut).mean() for cut in cuts])
    tnr = np.array([(risk[y == 0] < cut).mean() for cut in cuts])
    best = np.minimum(tpr, tnr).max()
    assert offsets.recall.min() == pytest.approx(best, abs=0.005)


def test_ties_are_broken_by_mixing_rules() -> None:
    rng = np.random.default_rng(5)
    step = rng.integers(0, 3, 3000)
    risk = np.array([0.1, 0.3, 0.6])[step]
    y = (rng.random(3000) < risk).astype(int)
    offsets = recall_offsets(y, np.column_stack([1 - risk, risk]))
    assert np.ptp(offsets.recall) > 0.05
    assert np.ptp(offsets.randomised_recall) < 0.01
    assert "RD315" in {finding.code for finding in offsets.findings}
    drawn = offsets.apply(np.column_stack([1 - risk, risk]), randomised=True, rng=0).action_index
    assert np.ptp([np.mean(drawn[y == k] == k) for k in range(2)]) < 0.05


def test_targets_are_met_in_proportion() -> None:
    target = {0: 0.9, 1: 0.3, 2: 0.45, 3: 0.45}
    offsets = recall_offsets(Y, PROBA, target=target)
    ratio = offsets.recall / np.array(list(target.values()))
    assert np.ptp(ratio) < 0.06
    assert "in proportion" in str(offsets.summary())


def test_price_is_the_difference_of_realised_costs() -> None:
    offsets = recall_offsets(Y, PROBA)
    errors = np.mean(offsets.apply(PROBA).action_index != Y) - np.mean(PROBA.argmax(axis=1) != Y)
    assert offsets.price.estimate == pytest.approx(errors)
    assert offsets.price.low < errors < offsets.price.high
    names = ("a", "b", "c", "d")
    costs = CostMatrix(
        np.array([[0, 1, 2, 3], [5, 0, 1, 1], [9, 3, 0, 1], [20, 9, 5, 0]]), outcomes=names, actions=names
    )
    priced = recall_offsets(Y, PROBA, costs=costs)
    realised = evaluate_decisions(Y, priced.apply(PROBA)).mean_realised_cost
    cheapest = costs.costs[Y, (PROBA @ costs.costs).argmin(axis=1)].mean()
    assert priced.price.estimate == pytest.approx(realised - cheapest)


def test_weights_equal_repetition() -> None:
    weight = np.random.default_rng(6).integers(0, 3, 1000)
    weighted = recall_offsets(Y[:1000], PROBA[:1000], sample_weight=weight)
    repeated = recall_offsets(np.repeat(Y[:1000], weight), np.repeat(PROBA[:1000], weight, axis=0))
    assert weighted.offsets == pytest.approx(repeated.offsets, abs=1e-9)
    assert weighted.low == pytest.approx(repeated.low)
    assert weighted.price.low == pytest.approx(repeated.price.low)
    assert np.array_equal(weighted.n_per_class, repeated.n_per_class)


def test_probabilities_stay_as_they_are() -> None:
    offsets = recall_offsets(Y, PROBA)
    assert np.array_equal(offsets.apply(PROBA).y_proba, PROBA)
    assert offsets.offsets.mean() == pytest.approx(0)


def test_labels_may_be_names_in_the_order_of_the_columns() -> None:
    names = np.array(["zebra", "cat", "dog", "ant"])
    named = recall_offsets(names[Y], PROBA, classes=names)
    assert named.classes == tuple(names)
    assert np.array_equal(named.offsets, recall_offsets(Y, PROBA).offsets)
    assert set(named.apply(PROBA[:50]).action) <= set(names)
    json.dumps(named.to_dict())
    assert len(named.frame()) == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y_true": np.minimum(Y, 2)}, "one class per column"),
        ({"y_true": np.minimum(Y, 2), "classes": [0, 1, 2, 3]}, "hold every class"),
        ({"classes": [0, 1, 2, 7]}, "hold the classes"),
        ({"target": "balanced"}, "target must be one of 'equal'"),
        ({"target": {0: 0.5}}, "a recall for each class"),
        ({"method": "network"}, "method must be one of"),
        ({"costs": {"false_positive": 1, "false_negative": 2}}, "one outcome and one action per class"),
        ({"y_proba": PROBA * 2}, "y_proba must"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        recall_offsets(**{"y_true": Y, "y_proba": PROBA, **change})


@pytest.mark.parametrize("method", ["labels", "probabilities"])
@pytest.mark.parametrize("seed", range(12))
def test_rows_tied_by_the_offsets_are_decided_alike_in_any_order_and_by_copies_as_by_weights(
    method: str, seed: int
) -> None:
    # With few different rows the best offsets tie a good share of them.
    rng = np.random.default_rng(seed)
    proba = np.floor(8 * rng.dirichlet(np.ones(3), 150)) + 0.25
    proba /= proba.sum(axis=1, keepdims=True)
    y = np.array([rng.choice(3, p=line) for line in proba])
    y[:3] = range(3)
    times = np.append([1, 1, 1], rng.integers(0, 4, 147))
    written, other = np.repeat(np.arange(150), times), rng.permutation(150)
    found = [
        recall_offsets(y, proba, method=method, sample_weight=times),
        recall_offsets(y[written], proba[written], method=method),
        recall_offsets(y[other], proba[other], method=method, sample_weight=times[other]),
    ]
    for one in found[1:]:
        np.testing.assert_allclose(one.recall, found[0].recall, rtol=1e-12)
        np.testing.assert_array_equal(one.apply(proba).action_index, found[0].apply(proba).action_index)
