"""Row weights and class weights: what is scaled, what is counted, what enters the robust variance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskdec.errors import InputError, WeightKindWarning
from riskdec.models.doors.fit_weights import FitWeights, combine_weights

IS_SECOND = np.array([False, False, False, True])
LABELS = np.array(["no", "yes"])


def combined(rows: Any = None, class_weight: object = None, kind: Any = "frequency") -> Any:
    rows = None if rows is None else np.asarray(rows, dtype=float)
    return combine_weights(rows, class_weight, kind=kind, codes=IS_SECOND, classes=LABELS)


def test_no_weights_stay_none() -> None:
    for kind in ("frequency", "importance"):
        assert combined(kind=kind) == FitWeights(None, None, None, None)
        assert combined(kind=kind).are_counts


def test_counts_are_never_scaled() -> None:
    weights = combined([1, 2, 3, 4])
    np.testing.assert_array_equal(weights.total, [1, 2, 3, 4])
    np.testing.assert_array_equal(weights.multiplicity, [1, 2, 3, 4])
    assert weights.single is None
    assert weights.are_counts


def test_importance_has_mean_one_and_enters_the_variance_squared() -> None:
    weights = combined([1, 2, 3, 4], kind="importance")
    np.testing.assert_allclose(weights.total, [0.4, 0.8, 1.2, 1.6])
    np.testing.assert_array_equal(weights.single, weights.total)
    assert weights.multiplicity is None
    assert not weights.are_counts


@pytest.mark.parametrize(
    "class_weight", ["balanced", "natural", {"no": 1, "yes": 3}, {"yes": 3.0}, {"no": 2, "yes": 6}]
)
def test_class_weights_sum_to_the_number_of_rows(class_weight: object) -> None:
    weights = combined(class_weight=class_weight)
    assert weights.by_class == pytest.approx((2 / 3, 2))
    assert weights.total.sum() == pytest.approx(4)
    np.testing.assert_array_equal(weights.single, weights.total)
    assert weights.multiplicity is None
    assert not weights.are_counts


def test_balanced_is_scikit_learns_formula() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    wanted = compute_class_weight("balanced", classes=LABELS, y=LABELS[IS_SECOND.astype(int)])
    assert combined(class_weight="balanced").by_class == pytest.approx(tuple(wanted))


def test_counts_and_class_weights_keep_their_parts() -> None:
    weights = combined([1, 2, 3, 6], {"no": 1, "yes": 4})
    low, high = weights.by_class
    assert high / low == pytest.approx(4)
    np.testing.assert_allclose(weights.single, [low, low, low, high])
    np.testing.assert_array_equal(weights.multiplicity, [1, 2, 3, 6])
    np.testing.assert_allclose(weights.total, [low, 2 * low, 3 * low, 6 * high])
    assert np.sum(weights.total) == pytest.approx(12)
    # The classes weigh 6 and 6 already, so balancing them changes nothing.
    assert combined([1, 2, 3, 6], "balanced").by_class == pytest.approx((1, 1))


def test_importance_and_class_weights_are_all_importance() -> None:
    weights = combined([10, 20, 30, 60], {"no": 1, "yes": 4}, kind="importance")
    assert weights.multiplicity is None
    np.testing.assert_array_equal(weights.single, weights.total)
    assert np.sum(weights.total) == pytest.approx(4)
    assert weights.total[3] / weights.total[0] == pytest.approx(6 * 4)


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ("equal", "class_weight must be None, 'balanced', 'natural' or a mapping of label to weight; got 'equal'"),
        ([1, 2], "class_weight must be None, 'balanced', 'natural' or a mapping"),
        (3, "class_weight must be None"),
        ({"maybe": 2}, r"class_weight must name labels of y \('no', 'yes'\); got 'maybe'"),
        ({"yes": 0}, r"class_weight\['yes'\] must be a number above 0; got 0"),
        ({"no": -1.0}, r"class_weight\['no'\] must be a number above 0; got -1.0"),
        ({"no": float("nan")}, r"class_weight\['no'\] must be a number above 0; got nan"),
        ({"yes": "5"}, r"class_weight\['yes'\] must be a number above 0; got '5'"),
    ],
)
def test_strange_class_weights_are_refused(class_weight: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        combined(class_weight=class_weight)


def test_weights_that_are_not_counts_are_doubted_once() -> None:
    with pytest.warns(WeightKindWarning, match="RD104 .*weight_kind='importance'") as caught:
        combined([1, 0.5, 2, 1])
    assert len(caught) == 1
    combined([1, 0.5, 2, 1], kind="importance")  # would raise: warnings are errors here
    combined([1, 3, 2, 1])
