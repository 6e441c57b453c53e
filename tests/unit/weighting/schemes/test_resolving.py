"""The door of schemes: their ratios, their names, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec import effective_number_weights
from riskdec._base.checks import check_outcome
from riskdec.errors import InputError
from riskdec.weighting.schemes import Scheme, needs_weights, resolve_schemes

Y = np.repeat([0, 1], [75, 25])


def resolve(*schemes: object, y: object = Y, event: object = None) -> tuple[Scheme, ...]:
    return resolve_schemes(schemes, y, check_outcome(y, event=event))  # type: ignore[arg-type]  # arrays


def test_natural_and_balanced_have_the_same_ratio() -> None:
    _, natural, balanced = resolve("natural", "balanced")
    assert natural.ratio == pytest.approx(balanced.ratio, rel=1e-15)
    assert natural.ratio == 3.0


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


def test_effective_number_is_a_pair_with_its_beta() -> None:
    _, scheme = resolve(("effective_number", 0.95))
    assert scheme.class_weight == effective_number_weights(Y, beta=0.95)
    assert scheme.name == "effective number, beta 0.95"


def test_mapping_may_have_a_name_of_its_own() -> None:
    _, plain, named = resolve({0: 2, 1: 3}, ("of the old model", {0: 1, 1: 3}))
    assert (plain.name, named.name, named.ratio) == ("ratio 1.5", "of the old model", 3.0)


def test_unweighted_scheme_comes_first_wherever_it_was_named() -> None:
    assert [scheme.name for scheme in resolve("natural", "none", 2)] == ["none", "natural", "ratio 2"]
    assert [scheme.name for scheme in resolve("natural")] == ["none", "natural"]


@pytest.mark.parametrize("way", ["undersample", "oversample", "smote"])
def test_resampling_has_the_ratio_of_natural_weights_without_a_number(way: str) -> None:
    _, scheme, other = resolve(way, (way, 2))
    assert scheme.ratio == pytest.approx(3.0, rel=1e-12)
    assert (other.name, other.ratio) == (f"{way} 2", pytest.approx(2.0, rel=0.02))
    assert scheme.way == way
    assert scheme.is_invertible == (way != "smote")


def test_ratio_of_resampling_is_that_of_whole_rows() -> None:
    # A tenth of 75 non-events is 7.5 rows; 8 are kept, so the ratio is 75 / 8.
    _, scheme = resolve(("undersample", 10))
    assert scheme.ratio == 75 / 8
    assert scheme.keep_rates == {0: 8 / 75, 1: 1.0}
    _, scheme = resolve(("oversample", 2.5))
    assert scheme.ratio == round(2.5 * 25) / 25


def test_frequent_events_are_the_ones_left_out() -> None:
    _, under, over = resolve("undersample", "oversample", y=1 - Y)
    assert under.keep_rates == {0: 1.0, 1: 1 / 3}
    assert over.weights == (3.0, 1.0)
    assert under.ratio == pytest.approx(over.ratio, rel=1e-15)


def test_resampling_alone_needs_no_weights() -> None:
    assert not needs_weights(("undersample", ("oversample", 3), "smote"))
    assert needs_weights(("undersample", "natural"))
    assert needs_weights((3,))


@pytest.mark.parametrize(
    ("schemes", "sentence"),
    [
        (("none", "focal"), "'none', 'natural', 'balanced', 'undersample', .*; got 'focal'"),
        (("effective_number",), r"got 'effective_number'. For example \('effective_number', 0.999\)"),
        (("recall_driven",), r"got 'recall_driven'. For example \('recall_driven', 1\)"),
        ((("natural", 3),), r"a scheme must be .*; got \('natural', 3\)"),
        ((("effective_number", 2),), r"beta must lie in \[0, 1\)"),
        ((("undersample", 0),), "the ratio of 'undersample' must be a number above 0; got 0"),
        ((True,), "a scheme must be .*; got True"),
        ((0,), "the weight ratio of a scheme must be a number above 0; got 0"),
        ((float("nan"),), "the weight ratio of a scheme must be a number above 0; got nan"),
        (({0: 1, 1: -3},), "the weight of 1 must be a number above 0; got -3"),
        (({0: 1, 2: 3},), r"the scheme \{0: 1, 2: 3\} must name labels of y \(0, 1\); got 2"),
        (({},), r"the scheme \{\} must name labels of y \(0, 1\); got none. For example \{0: 1, 1: 3\}"),
        ((("oversample", 1e9),), "the ratio of 'oversample' must make at most 100,000,000 rows; got 1.00e\\+09"),
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
