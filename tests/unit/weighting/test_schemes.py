"""Weighting schemes: their ratios, their names, the costs they assume, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.class_weight import compute_class_weight

from riskdec._base.checks import check_outcome
from riskdec.errors import InputError
from riskdec.weighting import balanced_weights, implied_costs, natural_weights
from riskdec.weighting.schemes import Scheme, resolve_schemes

Y = np.repeat([0, 1], [75, 25])


def resolve(*schemes: object, y: object = Y, event: object = None) -> tuple[Scheme, ...]:
    return resolve_schemes(schemes, y, check_outcome(y, event=event))  # type: ignore[arg-type]  # arrays


def test_natural_weights_are_the_sizes_of_the_other_class() -> None:
    assert natural_weights(Y) == {0: 25.0, 1: 75.0}
    assert natural_weights(pd.Series(["yes", "no", "no"])) == {"no": 1.0, "yes": 2.0}


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    theirs = compute_class_weight("balanced", classes=np.array([0, 1]), y=Y)
    assert list(balanced_weights(Y).values()) == pytest.approx(theirs.tolist(), rel=1e-15)


def test_natural_and_balanced_have_the_same_ratio() -> None:
    _, natural, balanced = resolve("natural", "balanced")
    assert natural.ratio == pytest.approx(balanced.ratio, rel=1e-15)
    assert natural.ratio == 3.0


@pytest.mark.parametrize("weights", [natural_weights, balanced_weights])
@pytest.mark.parametrize(("y", "sentence"), [([1, 1], "got 1 \\(1\\)"), ([0, 1, 2], "got 3 \\(0, 1, 2\\)")])
def test_weights_need_two_classes(weights: object, y: list[int], sentence: str) -> None:
    with pytest.raises(InputError, match=f"y must hold two classes; {sentence}"):
        weights(y)  # type: ignore[operator]  # one of two functions


def test_number_is_the_weight_of_an_event_over_that_of_a_non_event() -> None:
    _, scheme = resolve(4)
    assert (scheme.name, scheme.ratio, scheme.class_weight) == ("ratio 4", 4.0, {0: 1.0, 1: 4.0})


def test_mapping_follows_labels_not_events() -> None:
    y = np.array(["ill", "well", "well"])
    _, scheme = resolve({"well": 2, "ill": 6}, y=y, event="ill")
    assert scheme.labels == ("well", "ill")
    assert scheme.ratio == 3.0
    _, scheme = resolve({"well": 2, "ill": 6}, y=y, event="well")
    assert scheme.ratio == pytest.approx(1 / 3)


def test_label_that_a_mapping_leaves_out_has_weight_one_as_in_scikit_learn() -> None:
    _, scheme = resolve({1: 5})
    assert scheme.class_weight == {0: 1.0, 1: 5.0}


def test_unweighted_scheme_comes_first_wherever_it_was_named() -> None:
    assert [scheme.name for scheme in resolve("natural", "none", 2)] == ["none", "natural", "ratio 2"]
    assert [scheme.name for scheme in resolve("natural")] == ["none", "natural"]


@pytest.mark.parametrize(
    ("schemes", "sentence"),
    [
        (("none", "undersample"), "'none', 'natural', 'balanced', a number .*; got 'undersample'. Resampling"),
        (("smote",), "a scheme must be 'none', 'natural', 'balanced'"),
        ((True,), "a scheme must be .*; got True"),
        ((0,), "the weight ratio of a scheme must be a number above 0; got 0"),
        ((float("nan"),), "the weight ratio of a scheme must be a number above 0; got nan"),
        (({0: 1, 1: -3},), "the weight of 1 must be a number above 0; got -3"),
        (({0: 1, 2: 3},), r"the scheme \{0: 1, 2: 3\} must name labels of y \(0, 1\); got 2"),
        ((3, {0: 1, 1: 3}), "schemes must differ from each other; got 'ratio 3' twice"),
        (("none",), r"schemes must hold at least one with weights; got \('none',\)"),
        ((), "schemes must hold at least one with weights"),
    ],
)
def test_bad_schemes_are_refused_with_a_sentence(schemes: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        resolve(*schemes)


@pytest.mark.parametrize("schemes", ["natural", {0: 1, 1: 3}, 3])
def test_schemes_are_a_sequence(schemes: object) -> None:
    with pytest.raises(InputError, match="schemes must be a sequence of schemes"):
        resolve_schemes(schemes, Y, check_outcome(Y))


@pytest.mark.parametrize("ratio", [0.2, 1, 9, 250])
def test_implied_costs_put_the_threshold_where_the_weights_do(ratio: float) -> None:
    costs = implied_costs(ratio)
    assert costs.costs.tolist() == [[0, 1], [ratio, 0]]
    assert costs.regions().thresholds.tolist() == pytest.approx([1 / (1 + ratio)], rel=1e-14)


@pytest.mark.parametrize("ratio", [0, -1, float("inf"), "3"])
def test_implied_costs_need_a_positive_ratio(ratio: object) -> None:
    with pytest.raises(InputError, match="weight_ratio must be a number above 0"):
        implied_costs(ratio)  # type: ignore[arg-type]  # wrong on purpose
