"""Logistic fits of one design to many outcomes at once; an outcome enters by its moments alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import risk_and_normaliser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec._base.typing import FloatArray

# What a Newton step may still gain in log-likelihood; the step itself then leaves less than the square of that.
_GAIN = 1e-8
# Where the outcomes are separated each step gains a fixed share of what is left, so the least upper bound is near.
_STEPS = 100
# A draw of separated outcomes has next to no information left; this keeps its equations solvable.
_RIDGE = 1e-12
# Numbers held at a time.
_CHUNK = 2**21


class ManyFits(NamedTuple):
    """Fits of one design to many outcomes.

    Attributes
    ----------
    coef : ndarray of shape (r, k)
        Coefficients, one line per outcome; without meaning where no estimate exists.
    log_likelihood : ndarray of shape (r,)
        The maximum of the log-likelihood, or its least upper bound.
    """

    coef: FloatArray
    log_likelihood: FloatArray


class _Pass(NamedTuple):
    value: FloatArray
    mean: FloatArray
    information: FloatArray


class OneDesign:
    """Weighted rows of one logistic model, to be fitted to many outcomes.

    Parameters
    ----------
    X : ndarray of shape (m, k)
        All columns of the linear predictor, a column of ones among them where it has an intercept.
    weight : ndarray of shape (m,)
        Sum of weights of each row.

    Notes
    -----
    The log-likelihood is ``b'(X' events) - sum W log(1 + exp(Xb))``: the outcomes enter by ``X' events``, k numbers.
    """

    __slots__ = ("_X", "_products", "_weight")

    def __init__(self, X: FloatArray, weight: FloatArray) -> None:
        self._X, self._weight = X, weight
        self._products = (X[:, :, None] * X[:, None, :]).reshape(len(X), -1)

    def moments(self, events: FloatArray) -> FloatArray:
        """Give ``X' events`` of one outcome, shape (k,)."""
        with one_blas_thread():
            return np.asarray(events @ self._X, dtype=np.float64)

    def value(self, coef: FloatArray, moments: FloatArray) -> FloatArray:
        """Give the log-likelihood of each outcome at its coefficients; one line of coefficients serves all."""
        with one_blas_thread():
            at = self._evaluate(np.atleast_2d(coef)).value
        return np.asarray((coef * moments).sum(axis=1) - at, dtype=np.float64)

    def score(self, coef: FloatArray, moments: FloatArray) -> FloatArray:
        """Give the score of each outcome at its coefficients, shape (r, k)."""
        with one_blas_thread():
            return np.asarray(moments - self._evaluate(coef).mean, dtype=np.float64)

    def maximise(self, moments: FloatArray, start: FloatArray, free: Sequence[int]) -> ManyFits:
        """Maximise over some of the coefficients, the others held at the start.

        Parameters
        ----------
        moments : ndarray of shape (r, k)
            One outcome per line.
        start : ndarray of shape (r, k) or (k,)
            Where to start.
        free : sequence of int
            Places of the coefficients that move.
        """
        coef = np.array(np.broadcast_to(start, moments.shape), dtype=np.float64)
        with one_blas_thread():
            here = self._evaluate(coef)
            value = (coef * moments).sum(axis=1) - here.value
            if free:
                self._climb(coef, value, here, moments, np.array(free))
        return ManyFits(coef, value)

    def _climb(self, coef: FloatArray, value: FloatArray, here: _Pass, moments: FloatArray, free: FloatArray) -> None:
        """Move coefficients and values of all outcomes to their maxima, in place."""
        block = np.ix_(free, free)
        left = np.arange(len(coef))
        share = np.ones(len(coef))
        for _ in range(_STEPS):
            score = (moments[left] - here.mean)[:, free]
            step = _solve(here.information[:, block[0], block[1]], score)
            move = share[left, None] * step
            trial = coef[left]
            trial[:, free] += move
            # A step that goes too far may overflow: what it reaches is no number, and the step is halved.
            with np.errstate(over="ignore", invalid="ignore"):
                there = self._evaluate(trial)
                reached = (trial * moments[left]).sum(axis=1) - there.value
                better = reached >= value[left] - _GAIN
                done = better & ((step * score).sum(axis=1) <= _GAIN)
            coef[left[better]], value[left[better]] = trial[better], reached[better]
            share[left] = np.where(better, 1.0, share[left] / 2)
            here = _Pass(*(np.where(_like(better, new), new, old) for old, new in zip(here, there, strict=True)))
            here = _Pass(*(part[~done] for part in here))
            left = left[~done]
            if not len(left):
                break

    def _evaluate(self, coef: FloatArray) -> _Pass:
        """Give normaliser, mean moments and information at each line of coefficients."""
        r, k = coef.shape
        out = _Pass(np.empty(r), np.empty((r, k)), np.empty((r, k, k)))
        for rows in _slices(r, max(1, _CHUNK // len(self._X))):
            risk, normaliser = risk_and_normaliser(coef[rows] @ self._X.T)
            out.value[rows] = normaliser @ self._weight
            weighted = risk * self._weight
            out.mean[rows] = weighted @ self._X
            weighted *= 1 - risk
            out.information[rows] = (weighted @ self._products).reshape(-1, k, k)
        return out


def _slices(n: int, size: int) -> Iterator[slice]:
    return (slice(begin, min(begin + size, n)) for begin in range(0, n, size))


def _like(flag: FloatArray, array: FloatArray) -> FloatArray:
    return flag.reshape(-1, *(1,) * (array.ndim - 1))


def _solve(information: FloatArray, score: FloatArray) -> FloatArray:
    diagonal = np.einsum("rkk->rk", information)
    diagonal *= 1 + _RIDGE
    diagonal += np.finfo(float).tiny
    return np.asarray(np.linalg.solve(information, score[:, :, None])[:, :, 0], dtype=np.float64)
