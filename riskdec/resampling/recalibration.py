"""Intercept and slope of a set of log-odds against what happened, fast enough to be fitted hundreds of times."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

_STEPS, _HALVINGS = 50, 30
# Per row, the gain in log-likelihood below which a step lands on the maximum: what is left is its square.
_ENOUGH = 1e-13
# The same for the length of a step.
_CLOSE = 1e-6
# Rows that the line separates have no finite slope: the last step shows it, or the slope never stops growing.
_CERTIFICATE = 0.5
_STEEPEST = 1e6


class Line(NamedTuple):
    """A logistic recalibration ``logit P(event) = intercept + slope eta``; NaN where no finite one is likeliest.

    Attributes
    ----------
    intercept, slope : float
        The line.
    risk : ndarray of shape (n,)
        Recalibrated risks.
    """

    intercept: float
    slope: float
    risk: FloatArray


class _Point(NamedTuple):
    """The line under trial, its risks, and the score of the two coefficients."""

    line: FloatArray
    risk: FloatArray
    score: FloatArray


def fit_line(eta: FloatArray, y: FloatArray, weight: FloatArray) -> Line:
    """Fit intercept and slope by maximum likelihood, starting at the line that changes nothing.

    Parameters
    ----------
    eta : ndarray of shape (n,)
        Log-odds.
    y : ndarray of shape (n,)
        1.0 for events, 0.0 for the others.
    weight : ndarray of shape (n,)
        Rows of weight 0 do not count.

    Notes
    -----
    Newton's method. Along a step d the slope of the concave log-likelihood falls; a step is halved until that slope
    is in absolute value no larger than at its start, which needs no logarithms.
    """
    total = float(weight.sum())
    here = _evaluate(np.array([0.0, 1.0]), eta, y, weight)
    for _ in range(_STEPS):
        step = _newton_step(here, eta, weight)
        if step is None or abs(here.line[1]) > _STEEPEST:
            break
        gain = float(here.score @ step)
        if gain <= _ENOUGH * total:
            if not _exists(here, step, eta, y, weight):
                break
            intercept, slope = (here.line + step).tolist()
            return Line(intercept, slope, risks_of(intercept + slope * eta))
        for halving in range(_HALVINGS):
            there = _evaluate(here.line + step / 2.0**halving, eta, y, weight)
            if abs(float(there.score @ step)) <= gain:
                break
        here = there
    return Line(float("nan"), float("nan"), np.full(len(eta), np.nan))


def fit_shift(eta: FloatArray, y: FloatArray, weight: FloatArray) -> float:
    """Fit the intercept beside a slope of 1: calibration-in-the-large; infinite without events or non-events."""
    events, total = float(weight @ y), float(weight.sum())
    if not 0 < events < total:
        return float("inf") if events else float("-inf")
    shift = 0.0
    for _ in range(_STEPS):
        risk = risks_of(eta + shift)
        expected = weight * risk
        step = (events - float(expected.sum())) / max(float(expected.sum() - expected @ risk), 1e-300)
        # The average of logistic curves is steepest in the middle: from far out a full step may jump over it.
        shift += min(max(step, -1.0), 1.0)
        if abs(step) < _CLOSE:
            break
    return shift


def _evaluate(line: FloatArray, eta: FloatArray, y: FloatArray, weight: FloatArray) -> _Point:
    risk = risks_of(line[0] + line[1] * eta)
    residual = weight * (y - risk)
    return _Point(line, risk, np.array([residual.sum(), residual @ eta]))


def _exists(here: _Point, step: FloatArray, eta: FloatArray, y: FloatArray, weight: FloatArray) -> bool:
    """Tell whether the last step proves that the maximum exists; see `riskdec.likelihood.fit_binomial`."""
    multiplier = (here.risk - (1 - y)) * (step[0] + step[1] * eta)
    return float(multiplier[weight > 0].max()) <= _CERTIFICATE


def _newton_step(here: _Point, eta: FloatArray, weight: FloatArray) -> FloatArray | None:
    variance = weight * here.risk
    variance *= 1 - here.risk
    along = variance * eta
    h00, h01, h11 = float(variance.sum()), float(along.sum()), float(along @ eta)
    determinant = h00 * h11 - h01 * h01
    if not determinant > 1e-14 * h00 * h11:
        return None
    s0, s1 = here.score
    return np.array([(h11 * s0 - h01 * s1) / determinant, (h00 * s1 - h01 * s0) / determinant])


def risks_of(eta: FloatArray) -> FloatArray:
    """Give ``1 / (1 + exp(-eta))``."""
    # Beyond 709 the exponential is infinite and the risk 0, as it should be.
    with np.errstate(over="ignore"):
        risk = np.exp(-eta)
    risk += 1
    return np.reciprocal(risk, out=risk)


def log_chances(eta: FloatArray, y: FloatArray) -> FloatArray:
    """Give the logarithm of the probability of what happened, as log-odds state it."""
    signed = (2 * y - 1) * eta
    with np.errstate(divide="ignore"):
        logs = np.log(risks_of(signed))
    # So far out the probability is below the range of numbers, and its logarithm equals its log-odds.
    return logs if np.isfinite(logs.min()) else np.where(np.isfinite(logs), logs, signed)
