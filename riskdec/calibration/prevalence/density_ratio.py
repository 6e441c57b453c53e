"""Densities of the scores under each outcome, relative to the first: from calibrated scores, or from labelled rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import refuse, refuse_rows
from riskdec.calibration.prevalence.rows import class_shares

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.calibration.prevalence.rows import Rows

_MAX_STEPS = 60
_HALVINGS = 30
_TOLERANCE = 1e-10
# As in `riskdec.likelihood.fit_multinomial`: every value below 1 proves that the maximum exists.
_CERTIFICATE = 0.5


class Recalibration(NamedTuple):
    """Multinomial recalibration of the scores on labelled rows.

    Attributes
    ----------
    shifts : ndarray of shape (K,)
        Added to the log-probabilities; the first is 0.
    slope : float
        Factor of the log-probabilities.
    shares : ndarray of shape (K,)
        Shares of the outcomes among the labelled rows, for which the recalibrated scores are right.
    covariance : ndarray of shape (K, K)
        Of the log density ratios' constants ``shift_k - log(share_k / share_0)``, k = 1..K-1, and of the slope;
        robust, so that it holds for rows sampled by outcome as well.
    wald : float
        Statistic of the test that nothing had to be changed; chi-square with K degrees of freedom.
    """

    shifts: FloatArray
    slope: float
    shares: FloatArray
    covariance: FloatArray
    wald: float


def ratio_from_calibrated(proba: FloatArray, train: FloatArray) -> FloatArray:
    """Give the density ratios of scores that are calibrated at a prevalence, largest of each row 1."""
    ratio = proba / train
    return np.asarray(ratio / ratio.max(axis=1, keepdims=True), dtype=np.float64)


def ratio_from_labelled(proba: FloatArray, fitted: Recalibration) -> FloatArray:
    """Give the density ratios of scores as the labelled rows say, largest of each row 1."""
    log_ratio = fitted.slope * np.log(proba) + fitted.shifts - np.log(fitted.shares)
    return np.asarray(np.exp(log_ratio - log_ratio.max(axis=1, keepdims=True)), dtype=np.float64)


def recalibrate(rows: Rows, train: FloatArray | None) -> Recalibration:
    """Fit shifts and one slope of the log-probabilities to labelled rows by maximum likelihood.

    Parameters
    ----------
    rows : Rows
        With labels.
    train : ndarray of shape (K,) or None
        Prevalence at which the scores are said to be right; the test is made at it. None: that of the rows.

    Notes
    -----
    ``log P(y = k)/P(y = 0) = shift_k + slope log(p_k / p_0)``: bias-corrected temperature scaling (Alexandari et al.
    2020), with two outcomes Platt's model on the log-odds. The density ratio of outcome k to 0 is then
    ``exp(shift_k - log(share_k / share_0)) (p_k / p_0)^slope`` (Qin 1998).
    """
    z = finite_log_odds(rows.proba, name="y_proba_calibration")
    shares = class_shares(rows)
    expected = np.zeros(len(shares))
    if train is not None:
        expected = np.log(shares / shares[0]) - np.log(train / train[0])
    coef = np.append(expected[1:], 1.0)
    coef, information = _maximise(z, rows, coef)
    inverse = np.linalg.inv(information)
    influence = _score_rows(z, rows.codes, coef) @ inverse
    # The shares of the labelled rows are estimates too.
    covariance = rows.variance(influence - _share_influence(rows, shares))
    off = coef - np.append(expected[1:], 1.0)
    wald = float(off @ np.linalg.solve(rows.variance(influence) if train is None else covariance, off))
    return Recalibration(np.append(0.0, coef[:-1]), float(coef[-1]), shares, covariance, wald)


def finite_log_odds(proba: FloatArray, *, name: str) -> FloatArray:
    """Give ``log(p_k / p_0)``, k = 1..K-1, or refuse probabilities of exactly 0."""
    zero = (proba == 0).any(axis=1)
    if zero.any():
        cure = 'Floor them, or use method="confusion", which needs no logarithms.'
        raise refuse_rows(name, "lie strictly between 0 and 1", proba.min(axis=1), zero, cure)
    logs = np.log(proba)
    return np.asarray(logs[:, 1:] - logs[:, :1], dtype=np.float64)


def _maximise(z: FloatArray, rows: Rows, coef: FloatArray) -> tuple[FloatArray, FloatArray]:
    value, score, information = _evaluate(z, rows, coef)
    for _ in range(_MAX_STEPS):
        if np.linalg.cond(information) > 1e14:
            break
        step = np.asarray(np.linalg.solve(information, score), dtype=np.float64)
        if float(step @ score) <= _TOLERANCE**2 * rows.total:
            if _largest_multiplier(z, rows.codes, coef, step) > _CERTIFICATE:
                break
            return coef + step, information
        for _ in range(_HALVINGS):
            there = _evaluate(z, rows, coef + step)
            if there[0] >= value - 1e-12 * abs(value):
                break
            step = step / 2
        coef, (value, score, information) = coef + step, there
    cure = 'Collect more labelled rows, or use method="confusion".'
    got = "scores that tell all labelled outcomes apart, or all the same"
    raise refuse("y_proba_calibration", "overlap between the outcomes, and differ", got, cure)


def _largest_multiplier(z: FloatArray, codes: IntArray, coef: FloatArray, step: FloatArray) -> float:
    """Give the largest ``a_ik = sum_l q_il d_il - d_ik`` over the outcomes k that did not happen."""
    q = _fitted(z, coef)[0]
    change = np.column_stack([np.zeros(len(z)), step[:-1] + step[-1] * z])
    multiplier = (q * change[:, 1:]).sum(axis=1)[:, None] - change
    multiplier[np.arange(len(z)), codes] = 0.0
    return float(multiplier.max())


def _evaluate(z: FloatArray, rows: Rows, coef: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    q, log_q = _fitted(z, coef)
    value = float(rows.weight @ log_q[np.arange(rows.n), rows.codes])
    score = rows.weight @ _score_rows(z, rows.codes, coef)
    mean = (q * z).sum(axis=1)
    weighted = q * rows.weight[:, None]
    information = np.empty((len(coef), len(coef)))
    information[:-1, :-1] = np.diag(weighted.sum(axis=0)) - weighted.T @ q
    information[:-1, -1] = information[-1, :-1] = (weighted * (z - mean[:, None])).sum(axis=0)
    information[-1, -1] = rows.weight @ ((q * z**2).sum(axis=1) - mean**2)
    return value, score, information


def _fitted(z: FloatArray, coef: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the fitted probabilities of outcomes 1..K-1 and the logarithms of all."""
    eta = np.column_stack([np.zeros(len(z)), coef[:-1] + coef[-1] * z])
    largest = eta.max(axis=1, keepdims=True)
    log_q = eta - largest - np.log(np.exp(eta - largest).sum(axis=1, keepdims=True))
    return np.exp(log_q[:, 1:]), log_q


def _score_rows(z: FloatArray, codes: IntArray, coef: FloatArray) -> FloatArray:
    """Give what each row of weight 1 adds to the score."""
    residual = -_fitted(z, coef)[0]
    happened = np.flatnonzero(codes > 0)
    residual[happened, codes[happened] - 1] += 1
    return np.column_stack([residual, (residual * z).sum(axis=1)])


def _share_influence(rows: Rows, shares: FloatArray) -> FloatArray:
    """Give what each row of weight 1 adds to the log-ratios of the shares; the slope has none of it."""
    indicator = rows.codes[:, None] == np.arange(len(shares))
    relative = indicator / (shares * rows.total)
    return np.column_stack([relative[:, 1:] - relative[:, :1], np.zeros(rows.n)])
