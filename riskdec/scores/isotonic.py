"""Isotonic regression: the event rate as a rising step function of the risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.optional import has_numba
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray


# Loading what was compiled takes a good part of a second once in a process, so there must be some work to do.
_LEAST_COMPILED = 20_000


class IsotonicFit(NamedTuple):
    """The rising step function closest to the data.

    Attributes
    ----------
    x : ndarray of shape (m,)
        Distinct values, ascending.
    level : ndarray of shape (m,)
        Fitted value at each of them.
    blocks : ndarray of int, shape (k + 1,)
        Block j holds ``x[blocks[j]:blocks[j + 1]]``.
    """

    x: FloatArray
    level: FloatArray
    blocks: IntArray


def isotonic_fit(x: FloatArray, y: FloatArray, weight: FloatArray | None = None) -> IsotonicFit:
    """Fit a rising function of x to y by weighted least squares.

    Tied x are pooled to their weighted mean first, so the order of the rows does not matter.

    Parameters
    ----------
    x, y : ndarray of shape (n,)
        Where, and what was seen there.
    weight : ndarray of shape (n,), optional
        Positive weights.

    Returns
    -------
    IsotonicFit
        At the distinct x.

    References
    ----------
    Ayer M, Brunk HD, Ewing GM, Reid WT, Silverman E (1955). An empirical distribution function for sampling
    with incomplete information. Annals of Mathematical Statistics 26:641-647.

    Examples
    --------
    >>> fit = isotonic_fit(np.array([0.1, 0.2, 0.2, 0.4]), np.array([0.0, 1.0, 0.0, 0.0]))
    >>> fit.x, fit.level.round(3)
    (array([0.1, 0.2, 0.4]), array([0.   , 0.333, 0.333]))
    """
    if weight is None and bool(((y == 0) | (y == 1)).all()):
        sums = sum_by_forecast(x, y == 1)
        x, total, seen = sums.risk, sums.weight, sums.events
    else:
        order = np.argsort(x)
        x, seen = x[order], y[order]
        total = np.ones(len(x)) if weight is None else weight[order]
        seen *= total
        new = np.concatenate([[True], x[1:] != x[:-1]])
        if not new.all():
            start = np.flatnonzero(new)
            x, seen, total = x[start], np.add.reduceat(seen, start), np.add.reduceat(total, start)
    level, blocks = pool_violators(seen, total)
    return IsotonicFit(x, level, blocks)


def pool_violators(events: FloatArray, weight: FloatArray) -> tuple[FloatArray, IntArray]:
    """Pool adjacent violators: rising levels closest to ``events / weight``, and where the blocks start.

    Parameters
    ----------
    events, weight : ndarray of shape (m,)
        Sums per distinct forecast in ascending order; positive weights.

    Returns
    -------
    level : ndarray of shape (m,)
        Fitted event rates.
    blocks : ndarray of int, shape (k + 1,)
        First place of each block, and m.
    """
    blocks, block_events, block_weight = pool_blocks(events, weight)
    return np.repeat(block_events / block_weight, np.diff(blocks)), blocks


def pool_blocks(events: FloatArray, weight: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Pool adjacent violators, and give where the blocks start (and m), and the events and weight of each."""
    if len(events) >= _LEAST_COMPILED and has_numba():
        return _pool_compiled(events, weight)
    return _pool_scipy(events, weight)


def _pool_compiled(events: FloatArray, weight: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    from riskdec.scores.compiled_isotonic import pool

    start = np.empty(len(events) + 1, dtype=np.intp)
    block_events, block_weight = np.empty(len(events)), np.empty(len(events))
    # One kind of array (locked, side by side) is one compilation.
    n_blocks = pool(_plain(events), _plain(weight), start, block_events, block_weight)
    start[n_blocks] = len(events)
    return start[: n_blocks + 1].copy(), block_events[:n_blocks].copy(), block_weight[:n_blocks].copy()


def _plain(values: FloatArray) -> FloatArray:
    plain = np.ascontiguousarray(values, dtype=np.float64).view()
    plain.flags.writeable = False
    return plain


def _pool_scipy(events: FloatArray, weight: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    from scipy.optimize import isotonic_regression

    # Runs that do not rise end up in one block anyway; pooling them first leaves a third of 0/1 outcomes or less.
    rate = events / weight
    start = np.flatnonzero(np.concatenate([[True], rate[1:] > rate[:-1]]))
    events, weight = np.add.reduceat(events, start), np.add.reduceat(weight, start)
    first = np.asarray(isotonic_regression(events / weight, weights=weight).blocks[:-1], dtype=np.intp)
    blocks = np.append(start[first], len(rate))
    return blocks, np.add.reduceat(events, first), np.add.reduceat(weight, first)
