"""Which rows teach what: folds by number, splitters and given splits, groups and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import config_context
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import CalibratedRiskModel, DecisionClassifier
from riskdec.errors import InputError, TrainingRowsWarning
from tests.unit.models.calibrated.made import FOLDS, N, Recorder, X, Y, Z, codes, platt


@pytest.fixture
def seen() -> list[tuple[Any, Any]]:
    Recorder.seen = []
    return Recorder.seen


def test_number_of_folds_keeps_groups_whole(seen: list[tuple[Any, Any]]) -> None:
    groups = np.repeat(np.arange(60), 10)
    rows = np.column_stack([groups, Z])
    CalibratedRiskModel(Recorder(), cv=5).fit(rows, Y, groups=groups)
    assert len(seen) == 6
    inside = [set(fitted.tolist()) for fitted, _ in seen[:5]]
    assert all(len(rows) in range(40, 56) for rows in inside)
    # Each group is outside exactly once, and then all of it is.
    assert sum(60 - len(rows) for rows in inside) == 60
    assert all(len(fitted) == 10 * len(rows) for (fitted, _), rows in zip(seen, inside, strict=False))


def test_splitter_that_tears_groups_is_told() -> None:
    groups = np.repeat(np.arange(60), 10)
    assert "RD511" not in codes(CalibratedRiskModel(GaussianNB(), cv=GroupKFold(5)).fit(X, Y, groups=groups))
    shuffled = KFold(5, shuffle=True, random_state=0)
    with pytest.warns(TrainingRowsWarning, match="RD511 .*5 of 5 splits have rows of one group on both sides"):
        model = CalibratedRiskModel(GaussianNB(), cv=shuffled).fit(X, Y, groups=groups)
    assert "RD511" in codes(model)


def test_splits_that_leave_out_training_rows_are_told() -> None:
    everything = np.arange(N)
    with pytest.warns(TrainingRowsWarning, match="RD510 .*splits leave out rows that the classifier is fitted on"):
        CalibratedRiskModel(GaussianNB(), cv=[(everything, everything)]).fit(X, Y)


def test_rows_left_out_several_times_count_once() -> None:
    folds = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    model = CalibratedRiskModel(GaussianNB(), cv=folds).fit(X, Y)
    scores, outcomes = [], []
    for inside, outside in folds.split(X, Y):
        logs = GaussianNB().fit(X[inside], Y[inside]).predict_log_proba(X[outside])
        scores.append(logs[:, 1] - logs[:, 0])
        outcomes.append(Y[outside])
    expected = platt(np.concatenate(scores), np.concatenate(outcomes), np.full(2 * N, 0.5))
    assert (model.calibrator_.intercept_, model.calibrator_.slope_) == pytest.approx(expected, abs=1e-6)
    assert "RD512" in codes(model)
    some = CalibratedRiskModel(GaussianNB(), cv=ShuffleSplit(1, test_size=0.3, random_state=0)).fit(X, Y)
    assert some.calibrator_.n_ == 180
    assert any("420 rows are never left out" in finding.sentence for finding in some.findings_)


def test_places_of_given_splits_are_those_of_the_rows_given() -> None:
    weight = (np.arange(N) % 3 > 0).astype(float)
    splits = list(FOLDS.split(X, Y))
    kept = np.flatnonzero(weight)
    place = np.full(N, -1)
    place[kept] = np.arange(len(kept))
    cut = [tuple(place[side][place[side] >= 0] for side in pair) for pair in splits]
    weighted = CalibratedRiskModel(GaussianNB(), cv=splits).fit(X, Y, weight)
    alone = CalibratedRiskModel(GaussianNB(), cv=cut).fit(X[kept], Y[kept])
    np.testing.assert_allclose(weighted.predict_proba(X), alone.predict_proba(X), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        (1, "cv must be a whole number of at least 2; got 1"),
        (True, "cv must be a number of folds"),
        ("five", "cv must be a number of folds, a scikit-learn splitter, an iterable of splits, or 'prefit'"),
        ([], "cv must leave rows out; got 0 splits"),
        ([(np.arange(3), np.arange(900, 950))], "cv must hold pairs .* another at split 0"),
        ([(np.flatnonzero(Y == 0), np.flatnonzero(Y == 1))], "rows of every class to fit on; got none of class 1"),
    ],
)
def test_splits_that_are_none_are_refused(cv: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        CalibratedRiskModel(GaussianNB(), cv=cv).fit(X, Y)


def test_a_class_of_one_row_cannot_be_left_out() -> None:
    y = np.zeros(N, dtype=int)
    y[5] = 1
    with pytest.raises(InputError, match="y must hold rows of each class in two folds at least; got 1 of class 1"):
        CalibratedRiskModel(GaussianNB()).fit(X, y)


def test_weights_reach_classifier_and_calibrator(seen: list[tuple[Any, Any]]) -> None:
    weight = np.random.default_rng(1).integers(1, 4, N)
    rows = np.column_stack([np.arange(N), 2 * Z])
    model = CalibratedRiskModel(Recorder(), cv=FOLDS).fit(rows, Y, weight)
    for fitted, given in seen:
        assert (given == weight[fitted]).all()
    assert (model.calibrator_.intercept_, model.calibrator_.slope_) == pytest.approx(platt(2 * Z, Y, weight), abs=1e-6)
    last = make_pipeline(StandardScaler(), Recorder())
    del seen[:]
    CalibratedRiskModel(last, cv=2).fit(rows, Y, weight)
    assert all(given is not None for _, given in seen)


def test_counts_are_dealt_as_rows_and_importance_is_not(seen: list[tuple[Any, Any]]) -> None:
    weight = np.full(N, 4.0)
    rows = np.column_stack([np.arange(N), Z])
    CalibratedRiskModel(Recorder(), cv=2).fit(rows, Y, weight)
    counted = [given for _, given in seen[:2]]
    assert {float(w) for given in counted for w in given} <= {1.0, 2.0, 3.0, 4.0}
    assert sum(given.sum() for given in counted) == 4 * N
    del seen[:]
    CalibratedRiskModel(Recorder(), cv=2, weight_kind="importance").fit(rows, Y, weight / 8)
    assert all((given == 0.5).all() for _, given in seen)


def test_classifier_that_would_ignore_weights_is_refused() -> None:
    with pytest.raises(InputError, match="estimator must take sample_weight in fit; got a KNeighborsClassifier"):
        CalibratedRiskModel(KNeighborsClassifier()).fit(X, Y, np.ones(N))
    knn = KNeighborsClassifier().fit(X[:300], Y[:300])
    CalibratedRiskModel(knn, method="isotonic", cv="prefit").fit(X[300:], Y[300:], np.ones(300))
    with pytest.raises(InputError, match="whole numbers.*importance"):
        CalibratedRiskModel(GaussianNB()).fit(X, Y, np.full(N, 0.5))


def test_pipeline_passes_weights_on_under_metadata_routing() -> None:
    weight = np.random.default_rng(1).integers(1, 4, N)
    plain = CalibratedRiskModel(make_pipeline(StandardScaler(), GaussianNB()), cv=FOLDS).fit(X, Y, weight)
    with config_context(enable_metadata_routing=True):
        steps = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False), GaussianNB().set_fit_request(sample_weight=True)
        )
        routed = CalibratedRiskModel(steps, cv=FOLDS).fit(X, Y, weight)
        assert routed.predict_risk(X) == pytest.approx(plain.predict_risk(X), abs=1e-12)


def test_bootstrap_keeps_copies_of_a_row_in_one_fold(seen: list[tuple[Any, Any]]) -> None:
    from riskdec import validate_by_bootstrap

    rows = np.column_stack([np.arange(N), Z])
    validate_by_bootstrap(CalibratedRiskModel(Recorder(), cv=3), rows, Y, n_resamples=2, rng=0)
    # The last four fits are those of the resample: three folds, and all of its rows.
    folds, whole = seen[-4:-1], seen[-1][0]
    for fitted, _ in folds:
        inside = set(fitted.tolist())
        outside = [row for row in whole.tolist() if row not in inside]
        assert len(fitted) + len(outside) == len(whole)


def test_groups_reach_the_model_through_other_estimators(seen: list[tuple[Any, Any]]) -> None:
    groups = np.repeat(np.arange(60), 10)
    rows = np.column_stack([groups, Z])
    costs = {"false_positive": 1, "false_negative": 4}
    DecisionClassifier(CalibratedRiskModel(Recorder(), cv=3), costs).fit(rows, Y, groups=groups)
    with config_context(enable_metadata_routing=True):
        model = CalibratedRiskModel(Recorder(), cv=3).set_fit_request(groups=True)
        cross_validate(model, rows, Y, params={"groups": groups}, cv=GroupKFold(2), error_score="raise")
    # Each fit has whole groups.
    assert all(len(fitted) == 10 * len(set(fitted.tolist())) for fitted, _ in seen)
    assert len(seen) == 3 * 4
