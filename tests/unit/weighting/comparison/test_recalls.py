"""Recall-driven weights inside a comparison: the recalls are those of rows left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from riskdec import LogisticRiskModel, compare_weighting, recall_driven_weights
from riskdec._base.checks import check_outcome
from riskdec.errors import InputError
from riskdec.weighting.comparison.recalls import measure_recalls
from riskdec.weighting.door import Rows

if TYPE_CHECKING:
    from collections.abc import Callable


def rows_of(X: np.ndarray, y: np.ndarray) -> Rows:
    return Rows(X=X, labels=y, outcome=check_outcome(y), groups=None)


def test_recalls_are_those_of_rows_left_out(draw: Callable[..., Any], rng: np.random.Generator) -> None:
    X, y = draw(61, n=1500)
    recalls = measure_recalls(DecisionTreeClassifier(random_state=0), rows_of(X, y), rng)
    # A full tree finds all of its training rows, and few events among others.
    assert recalls[1] < 0.5
    assert 0.7 < recalls[0] < 1


def test_scheme_weighs_by_these_recalls(draw: Callable[..., Any]) -> None:
    X, y = draw(62, n=3000)
    comparison = compare_weighting(LogisticRiskModel(), X, y, schemes=(("recall_driven", 0.5),), rng=0)
    ratio = comparison.rows[-1].weight_ratio
    training = comparison.n_train
    assert training == 1800
    assert comparison.rows[-1].scheme == "recall-driven, power 0.5"
    # Recall about 1 of non-events and about .15 of events: ratio (1 / .15)^.5, about 2.6.
    assert 2 < ratio < 4
    half, whole = (recall_driven_weights({0: 0.98, 1: 0.15}, power=power) for power in (0.5, 1))
    assert whole[1] / whole[0] == pytest.approx((half[1] / half[0]) ** 2, rel=1e-12)


def test_class_that_is_never_found_has_no_weight(draw: Callable[..., Any]) -> None:
    X, y = draw(63, n=900)
    with pytest.raises(InputError, match=r"recalls\[1\] must lie in \(0, 1\]; got 0.0"):
        compare_weighting(
            LogisticRiskModel(),
            0.01 * X,
            (y == 1) & (np.arange(900) % 4 == 0),
            event=True,
            schemes=(("recall_driven", 1),),
            rng=0,
        )
