"""Calibrated log odds: those of the calibrated risks, with the order that risks next to 1 lose."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

import riskdec as rd
from riskdec.detection.calibrating import calibrate_log_odds

RNG = np.random.default_rng(0)
LOGIT = RNG.normal(-0.5, 1.5, 800)
Y = (RNG.random(800) < expit(0.6 * LOGIT + 0.3)).astype(int)
KINDS = (
    rd.PlattCalibrator,
    rd.BetaCalibrator,
    rd.SplineCalibrator,
    rd.TemperatureCalibrator,
    rd.IsotonicCalibrator,
    rd.CentredIsotonicCalibrator,
    rd.VennAbersCalibrator,
    rd.CrossVennAbersCalibrator,
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("input", ["logit", "probability"])
def test_log_odds_are_those_of_the_risks(kind, input) -> None:
    scores = LOGIT if input == "logit" else expit(LOGIT)
    calibrator = kind(input=input).fit(scores, Y)
    risk = calibrator.predict_risk(scores)
    np.testing.assert_allclose(expit(calibrator.predict_log_odds(scores)), risk, rtol=1e-12)
    other = calibrator.predict_log_odds(scores, event=0)
    np.testing.assert_allclose(expit(other), calibrator.predict_risk(scores, event=0), rtol=1e-9)


def test_log_odds_of_three_outcomes_are_against_the_others() -> None:
    scores = RNG.normal(0, 1.5, (300, 3))
    y = (0.5 * scores + RNG.gumbel(size=(300, 3))).argmax(axis=1)
    calibrator = rd.TemperatureCalibrator(input="logit").fit(scores, y)
    for label in range(3):
        risk = calibrator.predict_risk(scores, event=label)
        np.testing.assert_allclose(calibrator.predict_log_odds(scores, event=label), logit(risk), rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS[:4])
def test_sure_scores_keep_their_order_where_risks_round_to_one(kind) -> None:
    calibrator = kind(input="logit").fit(LOGIT, Y)
    sure = np.array([100.0, 150.0, 200.0])
    assert calibrator.predict_risk(sure).tolist() == [1.0] * 3
    log_odds = calibrator.predict_log_odds(sure)
    assert np.isfinite(log_odds).all()
    assert (np.diff(log_odds) > 1).all()


def test_platt_is_a_line_as_far_as_scores_go() -> None:
    calibrator = rd.PlattCalibrator(input="logit").fit(LOGIT, Y)
    windows = np.array([[-1000.0, 46.0], [np.inf, -np.inf]])
    found = calibrate_log_odds(calibrator, windows)
    expected = calibrator.intercept_ + calibrator.slope_ * windows[0]
    np.testing.assert_allclose(found[0], expected, rtol=1e-14)
    assert found[1].tolist() == [np.inf, -np.inf]
