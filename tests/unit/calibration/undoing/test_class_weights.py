"""Undoing of class weights: the map, its inverse, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.calibration import undo_class_weight
from riskdec.errors import InputError, RepairWarning


def weighted(p: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Give the class probabilities of the population in which outcome k is repeated `weight[k]` times."""
    mass = p * weight
    return mass / mass.sum(axis=1, keepdims=True)


def test_undoing_gives_back_the_probabilities_before_weighting(rng: np.random.Generator) -> None:
    p = rng.dirichlet([5, 2, 1, 0.5], size=200)
    weight = np.array([0.3, 1.0, 7.0, 40.0])
    np.testing.assert_allclose(undo_class_weight(weighted(p, weight), class_weight=weight), p, rtol=1e-12)


def test_risks_and_two_columns_are_undone_alike(rng: np.random.Generator) -> None:
    p = rng.uniform(size=100)
    q = weighted(np.column_stack([1 - p, p]), np.array([2.0, 9.0]))
    by_column = undo_class_weight(q, class_weight={"no": 2, "yes": 9})
    assert by_column.shape == (100, 2)
    np.testing.assert_allclose(by_column[:, 1], p, rtol=1e-12)
    by_risk = undo_class_weight(q[:, 1], class_weight={0: 2, 1: 9})
    assert by_risk.shape == (100,)
    np.testing.assert_allclose(by_risk, p, rtol=1e-12)


def test_odds_are_divided_by_the_ratio() -> None:
    p = undo_class_weight([0.2, 0.5, 0.8], class_weight=(1, 4))
    np.testing.assert_allclose(p / (1 - p), np.array([0.25, 1.0, 4.0]) / 4, rtol=1e-14)


def test_certain_risks_stay_certain() -> None:
    np.testing.assert_array_equal(undo_class_weight([0.0, 1.0], class_weight={0: 1, 1: 50}), [0.0, 1.0])
    rows = undo_class_weight([[0.0, 1.0, 0.0]], class_weight=[1, 5, 25])
    np.testing.assert_array_equal(rows, [[0.0, 1.0, 0.0]])


def test_labels_of_a_mapping_are_read_in_sorted_order_not_in_order_of_appearance() -> None:
    q = [[0.5, 0.5]]
    first = undo_class_weight(q, class_weight={"b": 3, "a": 1})
    np.testing.assert_allclose(first, [[0.75, 0.25]], rtol=1e-14)


def test_boolean_labels_are_0_and_1() -> None:
    np.testing.assert_allclose(undo_class_weight([0.5], class_weight={False: 1, True: 3}), [0.25], rtol=1e-14)


def test_result_is_float64_and_the_input_is_left_alone() -> None:
    q = np.array([0.5, 0.25], dtype=np.float32)
    p = undo_class_weight(q, class_weight=(1, 3))
    assert p.dtype == np.float64
    np.testing.assert_array_equal(q, np.array([0.5, 0.25], dtype=np.float32))


@pytest.mark.parametrize(
    ("y_proba", "class_weight", "sentence"),
    [
        ([0.5], "balanced", r"class_weight must be a mapping .*; got 'balanced'. .*balanced_weights\(y_train\)"),
        ([0.5], None, r"class_weight must be a mapping .*; got None"),
        ([0.5], 3.0, r"class_weight must be a mapping .*; got 3.0"),
        ([0.5], {0: 1}, r"name the labels 0 and 1 .*; got the labels 0\."),
        ([0.5], {"a": 1, "b": 2}, r"name the labels 0 and 1 .*; got the labels 'a', 'b'\. .*weight of the event"),
        ([0.5], (1, 2, 3), r"hold one weight per outcome \(2\); got 3 weights"),
        ([0.5], {0: 1, 1: 0}, r"class_weight\[1\] must be a number above 0; got 0"),
        ([0.5], {0: 1, 1: float("inf")}, r"class_weight\[1\] must be a number above 0; got inf"),
        ([0.5], (1, -2), r"class_weight\[1\] must be a number above 0; got -2"),
        ([[0.5, 0.3, 0.2]], {0: 1, 1: 2}, r"name every label, one per column of y_proba \(3\); got the labels 0, 1"),
        ([[0.5, 0.3, 0.2]], {0: 1, "a": 2, "b": 3}, r"have labels of one type"),
        ([1.5], (1, 2), r"y_proba must lie in \[0, 1\]; got 1.5 at position 0"),
        ([[0.5, 0.6]], (1, 2), r"rows of y_proba must sum to 1"),
        ([float("nan")], (1, 2), r"y_proba must be finite"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(y_proba: object, class_weight: object, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        undo_class_weight(y_proba, class_weight=class_weight)  # type: ignore[arg-type]  # wrong on purpose


def test_factors_beyond_the_range_of_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="class_weight must differ by less than a factor of 1e100"):
        undo_class_weight([0.5], class_weight=(1e-80, 1e80))


def test_tiny_and_nearly_certain_probabilities_keep_their_digits() -> None:
    q = np.array([[1 - 1e-12, 1e-12], [1e-300, 1.0], [1e-18, 1.0]])
    p = undo_class_weight(q, class_weight=(1, 1e6))
    np.testing.assert_allclose(p[0, 1], 1e-18, rtol=1e-11)
    np.testing.assert_allclose(p[1:, 0], [1e-294, 1e-12], rtol=1e-11)


def test_undoing_twice_is_noticed_where_the_prevalence_is_known(rng: np.random.Generator) -> None:
    risk = rng.beta(1, 9, 2000)
    q = weighted(np.column_stack([1 - risk, risk]), np.array([1.0, 9.0]))[:, 1]
    once = undo_class_weight(q, class_weight=(1, 9), prevalence=0.1)
    with pytest.warns(RepairWarning, match=r"RD520 .*mean probability of the event was .*before undo_class_weight"):
        undo_class_weight(once, class_weight=(1, 9), prevalence=0.1)
