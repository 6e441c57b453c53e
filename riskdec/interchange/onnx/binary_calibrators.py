"""Calibrators of two outcomes: one score of the event in, its calibrated risk out."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec.calibration import (
    BetaCalibrator,
    BinaryCalibrator,
    CentredIsotonicCalibrator,
    CrossVennAbersCalibrator,
    IsotonicCalibrator,
    PlattCalibrator,
    SplineCalibrator,
    TemperatureCalibrator,
    VennAbersCalibrator,
)
from riskdec.interchange.onnx.formulas import (
    at_least,
    at_most,
    beside,
    count_passed,
    exp,
    interpolate,
    log,
    log1p,
    look_up,
    risk_of,
    softplus,
    spline_columns,
)
from riskdec.interchange.onnx.graph import Value

if TYPE_CHECKING:
    from riskdec.calibration.door import LogOddsScale

# Log-odds of the smallest number above 0: as far as the spline calibrator goes for a certainty.
_FARTHEST = 745.0


@singledispatch
def calibrated_risk(calibrator: BinaryCalibrator, score: Value) -> Value:
    """Give the calibrated risk of the event, shape (n, 1), from its score as the calibrator's `input` says."""
    cure = "The map of another calibrator has to be written as a graph by its author."
    raise refuse("the calibrator", "be one of riskdec's", f"a {type(calibrator).__name__}", cure)


@calibrated_risk.register
def _(calibrator: PlattCalibrator, score: Value) -> Value:
    return _line(_log_odds(calibrator.scale_, score), calibrator.slope_, calibrator.intercept_)


@calibrated_risk.register
def _(calibrator: TemperatureCalibrator, score: Value) -> Value:
    return _line(_log_odds(calibrator.scale_, score), calibrator.inverse_temperature_, 0.0)


@calibrated_risk.register
def _(calibrator: BetaCalibrator, score: Value) -> Value:
    log_odds = _log_odds(calibrator.scale_, score)
    total = score * 0.0 + calibrator.c_
    # A coefficient of zero stays silent where its column is infinite.
    if calibrator.a_ != 0:
        total = total - softplus(-log_odds) * calibrator.a_
    if calibrator.b_ != 0:
        total = total + softplus(log_odds) * calibrator.b_
    return risk_of(total)


@calibrated_risk.register
def _(calibrator: SplineCalibrator, score: Value) -> Value:
    log_odds = _log_odds(calibrator.scale_, score)
    if calibrator.input == "probability":
        log_odds = at_most(at_least(log_odds, -_FARTHEST), _FARTHEST)
    columns = spline_columns(log_odds, calibrator.knots_[np.newaxis])
    return risk_of(columns @ calibrator.coef_[:, np.newaxis] + calibrator.intercept_)


@calibrated_risk.register(IsotonicCalibrator)
@calibrated_risk.register(CentredIsotonicCalibrator)
def _(calibrator: IsotonicCalibrator | CentredIsotonicCalibrator, score: Value) -> Value:
    return interpolate(score, calibrator.knots_, calibrator.levels_)


@calibrated_risk.register
def _(calibrator: VennAbersCalibrator, score: Value) -> Value:
    fits = calibrator.fits_
    low = look_up(fits.low, count_passed(score, fits.low_score, side="right"))
    high = look_up(fits.high, count_passed(score, fits.high_score, side="left"))
    return high / (high - low + 1.0)


@calibrated_risk.register
def _(calibrator: CrossVennAbersCalibrator, score: Value) -> Value:
    folds = calibrator.fits_
    with np.errstate(divide="ignore"):
        low = [look_up(np.log1p(-one.low), count_passed(score, one.low_score, side="right")) for one in folds]
        high = [look_up(np.log(one.high), count_passed(score, one.high_score, side="left")) for one in folds]
    no_event, event = (exp(_mean(beside(parts))) for parts in (low, high))
    return event / (no_event + event)


def _log_odds(scale: LogOddsScale, score: Value) -> Value:
    """Give the log-odds of scores; infinite for certainties where none was seen in the fit."""
    if scale.input == "logit":
        return score
    inside = at_most(at_least(score, scale.low), scale.high) if scale.n_certain else score
    return log(inside) - log1p(-inside)


def _line(log_odds: Value, slope: float, intercept: float) -> Value:
    # Without a slope a certainty, whose log-odds are infinite, gets the event rate too.
    finite = log_odds if slope else at_most(at_least(log_odds, -_FARTHEST), _FARTHEST)
    return risk_of(finite * slope + intercept)


def _mean(columns: Value) -> Value:
    return columns.graph.add("ReduceMean", columns, axes=[1], keepdims=1)
