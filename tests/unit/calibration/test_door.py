"""Scores at the door: what they are is said, never guessed; certainties keep their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskdec import BetaCalibrator, PlattCalibrator
from riskdec.calibration.door import ScoredRows, log_odds_scale, read_scores
from riskdec.errors import InputError


def test_two_columns_are_the_event_against_the_other() -> None:
    proba = np.array([[0.8, 0.2], [0.4, 0.6]])
    assert read_scores(proba, input="probability").tolist() == [0.2, 0.6]
    assert read_scores(proba, input="probability", event_column=0).tolist() == [0.8, 0.4]
    logits = np.array([[1.0, 3.0], [0.0, -2.0]])
    assert read_scores(logits, input="logit").tolist() == [2.0, -2.0]
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax[:, 1], 1 / (1 + np.exp(-read_scores(logits, input="logit"))))


@pytest.mark.parametrize(
    ("scores", "given", "message"),
    [
        ([0.2, 1.4], "probability", r"scores must lie in \[0, 1\]; got 1.4 at position 1 \(1 of 2\)"),
        ([0.2, np.nan], "probability", "scores must be finite"),
        ([0.2, np.inf], "logit", "scores must be finite"),
        ([[0.2, 0.3, 0.5]], "logit", "hold the logit of one event; got 3 columns"),
        ([0.2, 0.3], "odds", "input must be one of 'probability', 'logit'"),
        (["a", "b"], "logit", "scores must hold numbers"),
    ],
)
def test_what_is_no_score_is_refused(scores: Any, given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_scores(scores, input=given)


def test_certain_scores_stay_in_order_and_half_as_far_from_the_end() -> None:
    score = np.array([0.0, 0.02, 0.5, 0.9, 1.0])
    scale = log_odds_scale(ScoredRows(score, score > 0.6), "probability")
    assert (scale.low, scale.high, scale.n_certain) == (0.01, 0.95, 2)
    seen = scale.log_odds(score)
    assert np.isfinite(seen).all()
    assert (np.diff(seen) > 0).all()
    np.testing.assert_allclose(seen[[1, 3]], np.log([0.02 / 0.98, 0.9 / 0.1]))
    # A score beyond all that were seen is no more certain than a certainty.
    assert scale.log_odds(np.array([1e-9])) == pytest.approx(seen[0])


@pytest.mark.parametrize("calibrator", [PlattCalibrator(), BetaCalibrator()])
def test_certainties_are_kept_where_none_was_fitted_on_and_counted_where_some_were(calibrator: Any) -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.01, 0.99, 500)
    y = (rng.random(500) < p).astype(int)
    assert calibrator.fit(p, y).predict_risk([0.0, 1.0]).tolist() == [0.0, 1.0]
    assert calibrator.findings_ == ()
    assert calibrator.predict_interval([0.0, 1.0]).tolist() == [[0.0, 1.0]] * 2
    p[:7] = 0.0
    y[:7] = 0
    calibrator.fit(p, y)
    assert [finding.code for finding in calibrator.findings_] == ["RD508"]
    assert calibrator.findings_[0].sentence.startswith("7 scores are exactly 0 or 1")
    low, high = calibrator.predict_risk([0.0, 1.0])
    assert 0 < low < 0.05
    assert 0.95 < high < 1
    with pytest.raises(InputError, match="not all be exactly 0 or 1"):
        calibrator.fit([0.0, 1.0, 1.0], [0, 1, 0])


@pytest.mark.parametrize(
    ("y", "weight", "message"),
    [
        ([0, 0, 0, 0], None, "y_true must hold events and non-events; got 0 events in 4 rows"),
        ([0, 1, 0], None, "one entry for each of the 4 scores"),
        ([0, 1, 0, 1], [1, 0, 1, 0], "got 0 events in 2 rows"),
        ([0, 1, 0, 1], [1, 0.5, 1, 2], "sample_weight must be whole numbers"),
        ([0, 1, 0, np.nan], None, "y_true must not be missing"),
        (["a", "b", "a", "b"], None, "event must be given"),
    ],
)
def test_outcomes_and_weights_are_checked(y: Any, weight: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        PlattCalibrator().fit([0.1, 0.2, 0.3, 0.4], y, weight)
