"""One slope for the log-odds of all outcomes: the multinomial likelihood of intercepts and a common slope."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.likelihood import probabilities

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray

_MAX_STEPS = 60
_HALVINGS = 30
_TOLERANCE = 1e-9
# As in `riskdec.likelihood.fit_multinomial`: every value below 1 proves that the maximum exists.
_CERTIFICATE = 0.5


class CommonSlope(NamedTuple):
    """Where the likelihood is largest.

    Attributes
    ----------
    coef : ndarray of shape (K,)
        K - 1 intercepts, then the slope.
    covariance : ndarray of shape (K, K)
        Inverse information, or the sandwich.
    log_likelihood : float
        There.
    exists : bool
        Whether the maximum is proved to exist.
    """

    coef: FloatArray
    covariance: FloatArray
    log_likelihood: float
    exists: bool


class _Here(NamedTuple):
    value: float
    score: FloatArray
    information: FloatArray
    proba: FloatArray
    # The rows' own contributions to the score of the slope, and the fitted means of the log-odds.
    mean: FloatArray


def fit_common_slope(
    log_odds: FloatArray, codes: IntArray, weight: FloatArray, *, meat_of: IntArray | None = None, robust: bool = False
) -> CommonSlope:
    """Maximise the likelihood of ``eta_k = a_k + b log(p_k / p_0)`` by Newton's method with halved steps.

    Parameters
    ----------
    log_odds : ndarray of shape (n, K - 1)
        ``log(p_k / p_0)`` of each outcome but the first; finite.
    codes : ndarray of int, shape (n,)
        The outcome that happened, 0 to K - 1.
    weight : ndarray of shape (n,)
        Positive weights.
    meat_of : ndarray of int, shape (n,), optional
        Group of each row: the covariance is then cluster-robust.
    robust : bool
        Whether the covariance is the sandwich of rows with importance weights.
    """
    coef: FloatArray = np.append(np.zeros(log_odds.shape[1]), 1.0)
    here = _evaluate(log_odds, codes, weight, coef)
    total, exists = float(weight.sum()), False
    for _ in range(_MAX_STEPS):
        if np.linalg.cond(here.information) > 1 / np.finfo(float).eps:
            break
        step = np.asarray(np.linalg.solve(here.information, here.score), dtype=np.float64)
        near = np.abs(here.score).max() <= _TOLERANCE * total
        if near:
            exists = _largest_multiplier(log_odds, codes, here, step) <= _CERTIFICATE
            break
        coef, here = _halved(log_odds, codes, weight, coef, here, step)
    inverse = np.asarray(np.linalg.pinv(here.information), dtype=np.float64)
    if robust or meat_of is not None:
        inverse = inverse @ _meat(log_odds, codes, weight, here, meat_of) @ inverse
    return CommonSlope(coef, inverse, here.value, exists)


def _evaluate(log_odds: FloatArray, codes: IntArray, weight: FloatArray, coef: FloatArray) -> _Here:
    full, log_proba = probabilities(coef[:-1] + coef[-1] * log_odds)
    value = float((weight * log_proba[codes, np.arange(len(codes))]).sum())
    q = full[1:].T
    mean = np.einsum("ik,ik->i", q, log_odds)
    residual = _residual(q, codes)
    score = np.append(weight @ residual, weight @ np.einsum("ik,ik->i", residual, log_odds))
    weighted = q * weight[:, None]
    information = np.empty((len(coef), len(coef)))
    information[:-1, :-1] = np.diag(weighted.sum(axis=0)) - weighted.T @ q
    information[:-1, -1] = information[-1, :-1] = (weighted * (log_odds - mean[:, None])).sum(axis=0)
    information[-1, -1] = weight @ (np.einsum("ik,ik->i", q, log_odds**2) - mean**2)
    return _Here(value, score, information, q, mean)


def _residual(q: FloatArray, codes: IntArray) -> FloatArray:
    residual = -q
    happened = np.flatnonzero(codes > 0)
    residual[happened, codes[happened] - 1] += 1
    return residual


def _halved(
    log_odds: FloatArray, codes: IntArray, weight: FloatArray, coef: FloatArray, here: _Here, step: FloatArray
) -> tuple[FloatArray, _Here]:
    slack = 1e-12 * abs(here.value)
    for _ in range(_HALVINGS):
        there = _evaluate(log_odds, codes, weight, coef + step)
        if there.value >= here.value - slack:
            return coef + step, there
        step = step / 2
    return coef, here


def _largest_multiplier(log_odds: FloatArray, codes: IntArray, here: _Here, step: FloatArray) -> float:
    """Give the largest ``a_ik = sum_l q_il d_il - d_ik`` over the outcomes k that did not happen."""
    change = np.column_stack([np.zeros(len(codes)), step[:-1] + step[-1] * log_odds])
    multiplier = np.einsum("ik,ik->i", here.proba, change[:, 1:])[:, None] - change
    multiplier[np.arange(len(codes)), codes] = 0.0
    return float(multiplier.max())


def _meat(
    log_odds: FloatArray, codes: IntArray, weight: FloatArray, here: _Here, groups: IntArray | None
) -> FloatArray:
    residual = _residual(here.proba, codes) * weight[:, None]
    scores = np.column_stack([residual, np.einsum("ik,ik->i", residual, log_odds)])
    if groups is None:
        return np.asarray(scores.T @ scores)
    sums = np.zeros((int(groups.max()) + 1, scores.shape[1]))
    np.add.at(sums, groups, scores)
    return np.asarray(len(sums) / (len(sums) - 1) * (sums.T @ sums))
