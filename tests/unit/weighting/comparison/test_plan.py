"""Who is fitted and judged where: folds that take turns, splitters, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.model_selection import KFold, RepeatedKFold, ShuffleSplit, TimeSeriesSplit

from riskdec import LogisticRiskModel, compare_weighting
from riskdec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec.weighting import WeightingRow


def test_every_row_is_judged_by_the_fit_that_did_not_see_it(
    draw: Callable[..., Any], row: Callable[..., WeightingRow]
) -> None:
    X, y = draw(41, n=1200)
    folds = KFold(4, shuffle=True, random_state=3)
    comparison = compare_weighting(LogisticRiskModel(), X, y, schemes=("natural",), cv=folds, rng=0)
    risk, undone = np.empty(1200), np.empty(1200)
    for training, test in folds.split(X):
        ratio = (y[training] == 0).sum() / (y[training] == 1).sum()
        model = LogisticRiskModel(class_weight={0: 1, 1: ratio}).fit(X[training], y[training])
        risk[test] = model.predict_risk(X[test])
        undone[test] = 1 / (1 + ratio * (1 - risk[test]) / risk[test])
    natural = row(comparison, "natural")
    assert natural.brier == pytest.approx(np.mean((risk - y) ** 2), rel=1e-8)
    assert row(comparison, "natural, undone").brier == pytest.approx(np.mean((undone - y) ** 2), rel=1e-8)
    assert natural.weight_ratio == pytest.approx((y == 0).sum() / (y == 1).sum(), rel=0.05)
    assert (comparison.n_train, comparison.n_test) == (1200, 1200)
    assert "4 folds: 1,200 rows, each judged by the fit that did not see it" in comparison.split


def test_coefficients_of_folds_are_those_of_all_rows(draw: Callable[..., Any]) -> None:
    X, y = draw(42, n=900)
    comparison = compare_weighting(LogisticRiskModel(), X, y, cv=3, rng=0)
    plain = LogisticRiskModel().fit(X, y)
    found = [shift.unweighted for shift in comparison.coefficients]
    np.testing.assert_allclose(found, plain.fit_result_.coef, rtol=1e-8)
    natural = LogisticRiskModel(class_weight="natural").fit(X, y)
    np.testing.assert_allclose([s.weighted for s in comparison.coefficients], natural.fit_result_.coef, rtol=1e-8)


def test_groups_are_judged_whole(draw: Callable[..., Any]) -> None:
    X, y = draw(43, n=1200)
    groups = np.arange(1200) // 4
    comparison = compare_weighting(LogisticRiskModel(), X, y, cv=5, groups=groups, rng=0)
    assert comparison.n_groups_test == 300
    assert "whole groups at a time" in comparison.split


def test_rows_that_a_splitter_never_judges_are_told(draw: Callable[..., Any]) -> None:
    X, y = draw(44, n=1000)
    comparison = compare_weighting(LogisticRiskModel(), X, y, cv=TimeSeriesSplit(3), rng=0)
    assert comparison.n_test == 750
    assert "750 of them judged by fits that did not see it" in comparison.split


class Leaky:
    """A splitter that judges rows it fits on."""

    def split(self, X: Any, y: Any, groups: Any) -> Any:
        half = np.arange(len(X)) < len(X) // 2
        yield np.arange(len(X)), np.flatnonzero(half)
        yield np.arange(len(X)), np.flatnonzero(~half)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"cv": 1}, "cv must be a whole number of at least 2; got 1"),
        ({"cv": "five"}, "cv must be a number of folds or a splitter of scikit-learn; got 'five'"),
        ({"cv": RepeatedKFold(n_splits=2, n_repeats=2)}, "cv must judge no row twice; got test parts that overlap"),
        ({"cv": ShuffleSplit(3)}, "cv must judge no row twice"),
        ({"cv": Leaky()}, "cv must fit on other rows than it judges"),
        ({"cv": 50, "groups": np.arange(400) // 10}, r"cv must be at most the number of groups \(40\); got 50"),
        ({"cv": KFold(2)}, "cv must leave events and non-events to fit on"),
        ({"cv": 3, "X_test": np.zeros((4, 3)), "y_test": [0, 1, 0, 1]}, "cv must come without X_test"),
    ],
)
def test_bad_folds_are_refused(options: dict[str, Any], sentence: str, draw: Callable[..., Any]) -> None:
    X, y = draw(45, n=400)
    order = np.argsort(y, kind="stable") if isinstance(options["cv"], KFold) else np.arange(400)
    # All events in one half: the other half has none to fit on.
    labels = np.where(np.arange(400) < 200, 0, 1) if isinstance(options["cv"], KFold) else y[order]
    with pytest.raises(InputError, match=sentence):
        compare_weighting(LogisticRiskModel(), X, labels, rng=0, **options)
