"""Cross Venn-Abers calibration: folds, how they are dealt, and how they are merged."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold

from riskdec import CrossVennAbersCalibrator, ScoreSums, VennAbersCalibrator
from riskdec.errors import InputError, NotFittedError

RNG = np.random.default_rng(21)
P = expit(RNG.normal(-1, 1.3, 400)).round(2)
Y = (RNG.random(400) < P).astype(int)
FOLDS = RNG.integers(0, 4, 400)
NEW = np.linspace(0, 1, 57)


def by_fold(folds: np.ndarray, weight: np.ndarray | None = None) -> list[VennAbersCalibrator]:
    return [
        VennAbersCalibrator().fit(P[folds == k], Y[folds == k], None if weight is None else weight[folds == k])
        for k in np.unique(folds)
    ]


def test_folds_calibrate_by_themselves_and_merge_by_geometric_means() -> None:
    fitted = CrossVennAbersCalibrator().fit(P, Y, folds=FOLDS)
    both = np.stack([one.predict_interval(NEW) for one in by_fold(FOLDS)])
    no_event, event = np.prod(1 - both[..., 0], axis=0) ** (1 / 4), np.prod(both[..., 1], axis=0) ** (1 / 4)
    np.testing.assert_allclose(fitted.predict_risk(NEW), event / (no_event + event), rtol=1e-12)
    assert fitted.n_folds_ == 4
    assert fitted.n_ == 400


def test_merged_risk_is_the_mean_of_the_folds_on_the_logit_scale_and_inside_the_range() -> None:
    fitted = CrossVennAbersCalibrator().fit(P, Y, folds=np.array(list("abcd"))[FOLDS])
    risks = np.stack([one.predict_risk(NEW) for one in by_fold(FOLDS)])
    np.testing.assert_allclose(fitted.predict_risk(NEW), expit(logit(risks).mean(axis=0)), rtol=1e-12)
    low, high = fitted.predict_interval(NEW).T
    both = np.stack([one.predict_interval(NEW) for one in by_fold(FOLDS)])
    np.testing.assert_array_equal(low, both[..., 0].min(axis=0))
    np.testing.assert_array_equal(high, both[..., 1].max(axis=0))
    assert (low <= fitted.predict_risk(NEW)).all()
    assert (fitted.predict_risk(NEW) <= high).all()


def test_weights_of_0_leave_the_row_out_of_its_fold() -> None:
    weight = np.random.default_rng(0).integers(0, 3, 400)
    fitted = CrossVennAbersCalibrator().fit(P, Y, weight, folds=FOLDS)
    kept = weight > 0
    again = CrossVennAbersCalibrator().fit(P[kept], Y[kept], weight[kept], folds=FOLDS[kept])
    np.testing.assert_array_equal(fitted.predict_risk(NEW), again.predict_risk(NEW))


def test_number_of_folds_deals_events_and_others_evenly_over_the_scores() -> None:
    # Every third event and every third other row, in the order of the scores.
    score = np.arange(12) / 12
    y = np.array([0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1])
    events, others = np.flatnonzero(y), np.flatnonzero(y == 0)
    folds = np.empty(12, dtype=int)
    folds[np.concatenate([others, events])] = np.arange(12) % 3
    dealt = CrossVennAbersCalibrator(cv=3).fit(score, y)
    np.testing.assert_array_equal(
        dealt.predict_interval(NEW), CrossVennAbersCalibrator().fit(score, y, folds=folds).predict_interval(NEW)
    )


def test_splitter_of_scikit_learn_deals_rows() -> None:
    splitter = StratifiedKFold(4, shuffle=True, random_state=1)
    folds = np.empty(400, dtype=int)
    for k, (_, inside) in enumerate(splitter.split(P, Y)):
        folds[inside] = k
    np.testing.assert_array_equal(
        CrossVennAbersCalibrator(cv=splitter).fit(P, Y).predict_risk(NEW),
        CrossVennAbersCalibrator().fit(P, Y, folds=folds).predict_risk(NEW),
    )


def test_sums_are_dealt_as_their_rows_would_be() -> None:
    parts = ScoreSums.from_rows(P[:150], Y[:150]) + ScoreSums.from_rows(P[150:], Y[150:])
    np.testing.assert_array_equal(
        CrossVennAbersCalibrator().fit_sums(parts).predict_risk(NEW),
        CrossVennAbersCalibrator().fit(P, Y).predict_risk(NEW),
    )
    with pytest.raises(InputError, match="cv must be a number of folds for sums"):
        CrossVennAbersCalibrator(cv=StratifiedKFold(3)).fit_sums(parts)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"folds": np.zeros(400)}, "folds must hold at least two folds; got one"),
        ({"folds": FOLDS[:-1]}, "folds must have one entry per row"),
        ({"folds": np.where(Y, 0, FOLDS)}, "each fold must hold events and non-events; got 0 events in"),
    ],
)
def test_folds_that_cannot_calibrate_are_refused(given: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(InputError, match=message):
        CrossVennAbersCalibrator().fit(P, Y, **given)


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        (1, "cv must be a whole number of at least 2"),
        ("five", "cv must be a number of folds or a splitter"),
        (RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0), "cv must put each row into one fold"),
        (300, "each fold must hold events and non-events"),
    ],
)
def test_what_deals_no_folds_is_refused(cv: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        CrossVennAbersCalibrator(cv=cv).fit(P, Y)


def test_no_signal_in_any_fold_is_told_and_the_summary_lists_the_folds() -> None:
    fitted = CrossVennAbersCalibrator(cv=3).fit(1 - P, Y)
    assert [finding.code for finding in fitted.findings_] == ["RD502"]
    assert "fold 3" in str(fitted.summary())
    assert CrossVennAbersCalibrator(cv=3).fit(P, Y).findings_ == ()
    with pytest.raises(NotFittedError):
        CrossVennAbersCalibrator().predict_interval(NEW)
