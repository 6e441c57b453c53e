"""Maximum likelihood of mixture shares: the prevalences that make the probabilities seen most likely."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

_MAX_STEPS = 200
_HALVINGS = 60
# Bound on what the mean log-likelihood may still gain, at which one last Newton step is taken.
_GAP = 1e-11
# Keeps the quadratic programme solvable where shares cannot be told apart.
_RIDGE = 1e-13
# Log-odds beyond which a share is as good as 0 or 1.
_FARTHEST = 600.0


class Mixture(NamedTuple):
    """Where the likelihood is largest.

    Attributes
    ----------
    shares : ndarray of shape (K,)
        Not negative, sum 1.
    log_likelihood : float
        ``sum w log sum_k q_k r_k`` there.
    """

    shares: FloatArray
    log_likelihood: float


def fit_mixture(ratio: FloatArray, weight: FloatArray, start: FloatArray | None = None) -> Mixture:
    """Maximise ``sum w log sum_k q_k r_k`` over shares q.

    Parameters
    ----------
    ratio : ndarray of shape (n, K)
        Density of each row's score under each outcome, up to a factor for each row; not all 0 in a row.
    weight : ndarray of shape (n,)
        Positive weights.
    start : ndarray of shape (K,), optional
        Positive shares to start from.

    Notes
    -----
    Concave. Two outcomes: the score falls in q; its root is found by Brent's method on the log-odds of q, which rare
    outcomes need. More: Newton's method on ``-mean log(R q) + sum q`` over ``q >= 0``, whose solution sums to 1 by
    itself; each quadratic programme is one of non-negative least squares. It stops by the gap
    ``max_k mean(r_k / R q) - 1``, which bounds what the mean log-likelihood may still gain.
    """
    if ratio.shape[1] == 1:
        return Mixture(np.ones(1), float(weight @ np.log(ratio[:, 0])))
    shares = _two(ratio, weight) if ratio.shape[1] == 2 else _many(ratio, weight, start)
    return Mixture(shares, log_likelihood(ratio, weight, shares))


def log_likelihood(ratio: FloatArray, weight: FloatArray, shares: FloatArray) -> float:
    """Give ``sum w log sum_k q_k r_k``; minus infinity where a row is impossible."""
    with np.errstate(divide="ignore"):
        return float(weight @ np.log(ratio @ shares))


def _two(ratio: FloatArray, weight: FloatArray) -> FloatArray:
    from scipy.optimize import brentq
    from scipy.special import expit

    excess = ratio[:, 1] - ratio[:, 0]

    def score(share: float, rest: float) -> float:
        with np.errstate(divide="ignore"):
            return float((weight * excess / (rest * ratio[:, 0] + share * ratio[:, 1])).sum())

    if score(0.0, 1.0) <= 0:
        return np.array([1.0, 0.0])
    if score(1.0, 0.0) >= 0:
        return np.array([0.0, 1.0])
    root = brentq(lambda x: score(float(expit(x)), float(expit(-x))), -_FARTHEST, _FARTHEST, xtol=1e-13, rtol=1e-14)
    return np.array([expit(-root), expit(root)])


def _many(ratio: FloatArray, weight: FloatArray, start: FloatArray | None) -> FloatArray:
    k = ratio.shape[1]
    each = weight / weight.sum()
    shares = np.full(k, 1 / k) if start is None else start
    value = _objective(ratio, each, shares)
    last = False
    for _ in range(_MAX_STEPS):
        relative = ratio / (ratio @ shares)[:, None]
        weighted = relative * each[:, None]
        gradient = 1 - weighted.sum(axis=0)
        step = _newton_point(weighted.T @ relative, gradient, shares) - shares
        shares, value = _halved(ratio, each, shares, value, step, float(gradient @ step))
        if last:
            break
        last = -gradient.min() <= _GAP
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def _newton_point(hessian: FloatArray, gradient: FloatArray, shares: FloatArray) -> FloatArray:
    """Minimise the quadratic model over shares that are not negative, as non-negative least squares."""
    from scipy.optimize import nnls

    values, vectors = np.linalg.eigh(hessian)
    root = np.sqrt(np.maximum(values, _RIDGE * values[-1]))
    matrix = root[:, None] * vectors.T
    return np.asarray(nnls(matrix, matrix @ shares - (vectors.T @ gradient) / root)[0], dtype=np.float64)


def _halved(
    ratio: FloatArray, each: FloatArray, shares: FloatArray, value: float, step: FloatArray, slope: float
) -> tuple[FloatArray, float]:
    for _ in range(_HALVINGS):
        trial = np.maximum(shares + step, 0.0)
        there = _objective(ratio, each, trial)
        if there <= value + 1e-4 * min(slope, 0.0) + 1e-15 * abs(value):
            return trial, there
        step, slope = step / 2, slope / 2
    return shares, value


def _objective(ratio: FloatArray, each: FloatArray, shares: FloatArray) -> float:
    with np.errstate(divide="ignore"):
        return float(shares.sum() - each @ np.log(ratio @ shares))
