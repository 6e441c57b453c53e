"""Means and spreads of columns, in one reading where their digits allow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.likelihood.rows.compiled_reader import column_sums, suits_loops
from riskdec.likelihood.rows.design import chunk_rows
from riskdec.likelihood.rows.reading import add_up, cut
from riskdec.likelihood.wide.block_matrix import BlockMatrix

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.likelihood.rows.reading import Sums

# A mean so many spreads away from the point of reference costs its spread the digits of its square, four of sixteen;
# the columns are then read again from nearer.
_FAR = 100.0


class Moments(NamedTuple):
    """Weighted mean and standard deviation of each column; the deviation of a constant is exactly 0."""

    mean: FloatArray
    spread: FloatArray


def column_moments(X: AnyArray, weight: FloatArray | None) -> Moments:
    """Compute weighted means and standard deviations.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Finite numbers of any type and memory order.
    weight : ndarray of shape (n,), optional
        Positive weights.

    Notes
    -----
    Sums are taken of differences from a point of reference: zero, and for columns far from zero their first value
    (a constant gets its value to the last bit), and after that, if the first value is an odd one, their mean.
    """
    if isinstance(X, BlockMatrix):
        return Moments(*X.moments(weight))
    total = float(X.shape[0]) if weight is None else float(weight.sum())
    reference: FloatArray = np.zeros(X.shape[1])
    moments = _about(X, weight, total, reference)
    for nearer in (X[0].astype(np.float64), None):
        far = np.abs(moments.mean - reference) > _FAR * moments.spread
        if not far.any():
            break
        reference = np.where(far, moments.mean if nearer is None else nearer, reference)
        moments = _about(X, weight, total, reference)
    return moments


def _about(X: AnyArray, weight: FloatArray | None, total: float, reference: FloatArray) -> Moments:
    block_sums = column_sums if suits_loops(X) else _by_chunks
    sums, squares = add_up(lambda block: block_sums(X, block, weight, reference), *X.shape)
    step = sums / total
    with np.errstate(over="ignore", invalid="ignore"):
        return Moments(reference + step, np.sqrt(np.maximum(squares / total - step**2, 0.0)))


def _by_chunks(X: AnyArray, block: slice, weight: FloatArray | None, reference: FloatArray) -> Sums:
    sums, squares = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    is_far = bool(reference.any())
    for chunk in cut(block, 2 * chunk_rows(X.shape[1])):
        part = X[chunk].astype(np.float64, copy=False)
        if is_far:
            part = part - reference
        weighted = part if weight is None else part * weight[chunk, None]
        sums += np.dot(np.ones(len(part)), weighted)
        squares += np.einsum("ij,ij->j", weighted, part)
    return sums, squares
