"""A calibrator of log odds, applied to all windows of a scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec.calibration import BinaryCalibrator

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray


def check_calibrator(calibrator: object) -> BinaryCalibrator:
    """Give a calibrator of log odds.

    Raises
    ------
    InputError
        For what is none, and for one of probabilities.
    NotFittedError
        For one that is not fitted.
    """
    cure = "Pass what calibrate_scans gave."
    if not isinstance(calibrator, BinaryCalibrator):
        raise refuse("calibrator", "be a calibrator of one risk", f"a {type(calibrator).__name__}", cure)
    if calibrator.input != "logit":
        raise refuse("calibrator", 'have input="logit"', f"input={calibrator.input!r}", cure)
    calibrator.predict_risk(np.zeros(1))
    return calibrator


def calibrate_log_odds(calibrator: BinaryCalibrator, log_odds: FloatArray) -> FloatArray:
    """Give the calibrated log odds of windows, of the same shape; certain windows stay certain."""
    calibrated = log_odds.copy()
    known = np.isfinite(log_odds)
    calibrated[known] = calibrator.predict_log_odds(log_odds[known])
    return calibrated
