"""Class weights by formula: their ratios, their limits, any number of classes, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.class_weight import compute_class_weight

from riskdec import balanced_weights, effective_number_weights, natural_weights, recall_driven_weights
from riskdec.errors import InputError

Y = np.repeat([0, 1], [75, 25])
MANY = np.repeat(["a", "b", "c", "d"], [200, 50, 10, 3])


def test_natural_weights_are_the_sizes_of_the_other_class() -> None:
    assert natural_weights(Y) == {0: 25.0, 1: 75.0}
    assert natural_weights(pd.Series(["yes", "no", "no"])) == {"no": 1.0, "yes": 2.0}


@pytest.mark.parametrize("y", [Y, MANY])
def test_balanced_weights_are_those_of_scikit_learn(y: np.ndarray) -> None:
    theirs = compute_class_weight("balanced", classes=np.unique(y), y=y)
    assert list(balanced_weights(y).values()) == pytest.approx(theirs.tolist(), rel=1e-15)


@pytest.mark.parametrize("y", [Y, MANY])
def test_natural_and_balanced_have_the_same_ratios(y: np.ndarray) -> None:
    natural, balanced = natural_weights(y), balanced_weights(y)
    ratios = [natural[label] / balanced[label] for label in balanced]
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=1e-12)


def test_effective_number_is_the_sum_of_a_geometric_series() -> None:
    # 1 + beta + ... + beta^(n-1), by hand.
    weights = effective_number_weights(MANY, beta=0.9)
    effective = {label: sum(0.9**k for k in range(size)) for label, size in zip("abcd", (200, 50, 10, 3), strict=True)}
    scale = weights["a"] * effective["a"]
    assert {label: weight * effective[label] / scale for label, weight in weights.items()} == pytest.approx(
        dict.fromkeys("abcd", 1.0), rel=1e-12
    )
    assert sum(weights.values()) == pytest.approx(4, rel=1e-12)


def test_effective_number_goes_from_equal_weights_to_natural_ones() -> None:
    assert effective_number_weights(Y, beta=0) == {0: 1.0, 1: 1.0}
    near = effective_number_weights(Y, beta=1 - 1e-12)
    assert near[1] / near[0] == pytest.approx(3.0, rel=1e-9)
    ratios = [effective_number_weights(Y, beta=beta) for beta in (0.5, 0.9, 0.99, 0.999)]
    assert np.diff([weights[1] / weights[0] for weights in ratios]).min() > 0


@pytest.mark.parametrize("power", [-1.0, 0.0, 0.5, 3.0])
def test_recall_driven_weights_are_the_formula_of_the_question(power: float) -> None:
    recalls = {"cat": 0.55, "dog": 0.7, "car": 0.94}
    mean = (0.55 + 0.7 + 0.94) / 3
    expected = {label: (1 - (recall - mean) / recall) ** power for label, recall in recalls.items()}
    assert recall_driven_weights(recalls, power=power) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "weights", [natural_weights, balanced_weights, lambda y: effective_number_weights(y, beta=0.9)]
)
def test_weights_need_two_classes(weights: object) -> None:
    with pytest.raises(InputError, match=r"y must hold two classes or more; got 1 \(1\)"):
        weights([1, 1])  # type: ignore[operator]  # one of three functions


@pytest.mark.parametrize("beta", [1, 1.5, -0.1, float("nan"), "0.9"])
def test_beta_lies_between_0_and_1(beta: object) -> None:
    with pytest.raises(InputError, match="beta must"):
        effective_number_weights(Y, beta=beta)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("recalls", "sentence"),
    [
        ({"a": 0.5}, "recalls must be a mapping of two labels or more"),
        ([0.5, 0.6], "recalls must be a mapping of two labels or more"),
        ({"a": 0.5, "b": 0}, r"recalls\['b'\] must lie in \(0, 1\]; got 0.0. A class that is never found"),
        ({"a": 0.5, "b": 1.2}, r"recalls\['b'\] must lie in \(0, 1\]; got 1.2"),
    ],
)
def test_bad_recalls_are_refused(recalls: object, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        recall_driven_weights(recalls)  # type: ignore[arg-type]  # wrong on purpose
