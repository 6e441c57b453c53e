"""Cross-validation judges each row by fits that did not see it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import brier_score_loss

from riskdec import LogisticRiskModel, validate_by_folds
from riskdec.errors import InputError
from riskdec.resampling.door import open_procedure
from riskdec.resampling.folds import _deal

if TYPE_CHECKING:
    from tests.unit.resampling.conftest import Rows


def test_as_many_folds_as_rows_leave_one_out(rows: Rows) -> None:
    X, y = rows.X[:60, :2], rows.y[:60]
    left_out = np.empty(60)
    for i in range(60):
        others = np.arange(60) != i
        left_out[i] = LogisticRiskModel().fit(X[others], y[others]).predict_risk(X[[i]])[0]
    validation = validate_by_folds(LogisticRiskModel(), X, y, n_folds=60, n_repeats=1, rng=0)
    assert validation["brier"].corrected == pytest.approx(brier_score_loss(y, left_out), rel=1e-6)
    assert validation.n_folds == 60
    assert "cross-validation (60 folds" in str(validation.summary())


def test_folds_hold_events_evenly_and_groups_whole(rows: Rows) -> None:
    procedure = open_procedure(LogisticRiskModel(), rows.X, rows.y)
    fold = _deal(procedure, 5, np.random.default_rng(0))
    assert set(np.bincount(fold)) == {60}
    assert np.ptp(np.bincount(fold, weights=rows.y)) <= 1
    groups = np.repeat(np.arange(30), 10)
    procedure = open_procedure(LogisticRiskModel(), rows.X, rows.y, groups=groups)
    fold = _deal(procedure, 5, np.random.default_rng(0))
    assert all(len(set(fold[groups == g])) == 1 for g in range(30))


def test_same_bits_for_any_number_of_workers(rows: Rows) -> None:
    one, two = (
        validate_by_folds(LogisticRiskModel(), rows.X, rows.y, n_folds=4, n_repeats=2, rng=1, n_jobs=jobs)
        for jobs in (1, 2)
    )
    assert [index.corrected for index in one.indices] == [index.corrected for index in two.indices]


def test_executor_of_the_caller_gives_the_same_bits(rows: Rows) -> None:
    alone = validate_by_folds(LogisticRiskModel(), rows.X, rows.y, n_folds=4, n_repeats=2, rng=1)
    with ThreadPoolExecutor(2) as executor:
        options: dict[str, Any] = {"n_folds": 4, "n_repeats": 2, "rng": 1, "executor": executor}
        helped = validate_by_folds(LogisticRiskModel(), rows.X, rows.y, **options)
        with pytest.raises(InputError, match="n_jobs must be left out with an executor; got 2"):
            validate_by_folds(LogisticRiskModel(), rows.X, rows.y, n_jobs=2, executor=executor)
    assert [index.corrected for index in alone.indices] == [index.corrected for index in helped.indices]
    with pytest.raises(InputError, match="executor must be an executor of concurrent.futures; got a int"):
        validate_by_folds(LogisticRiskModel(), rows.X, rows.y, executor=4)  # type: ignore[arg-type]


def test_corrected_is_worse_than_apparent(rows: Rows) -> None:
    validation = validate_by_folds(LogisticRiskModel(), rows.X, rows.y, n_repeats=2, rng=0)
    assert validation["auc"].corrected < validation["auc"].apparent
    assert validation["slope"].corrected < 1
    assert np.isnan(validation["auc"].training)


def test_slope_of_a_procedure_that_learns_by_heart_exists_on_rows_left_out(rows: Rows) -> None:
    forest = RandomForestClassifier(20, min_samples_leaf=1, bootstrap=False, max_features=1, random_state=0)
    validation = validate_by_folds(forest, rows.X, rows.y, n_folds=5, n_repeats=1, rng=0)
    assert np.isnan(validation["slope"].apparent)
    assert 0 < validation["slope"].corrected < 1


def test_more_folds_than_rows_are_refused(rows: Rows) -> None:
    with pytest.raises(InputError, match=r"n_folds must be at most the number of groups \(3\)"):
        validate_by_folds(LogisticRiskModel(), rows.X, rows.y, groups=np.arange(300) % 3)
