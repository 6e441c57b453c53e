"""A number for what each row holds, the same wherever it stands and in whatever form its zeros are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec.likelihood.wide.block_matrix import BlockMatrix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import AnyArray

# The constants of SplitMix64 (Steele, Lea and Flood 2014, Fast splittable pseudorandom number generators).
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))


def matrix_keys(X: AnyArray | BlockMatrix) -> AnyArray:
    """Give the keys of the rows of a matrix: shape (n,), uint64."""
    if not isinstance(X, BlockMatrix):
        return row_keys(X.T)
    keys = np.zeros(len(X), dtype=np.uint64)
    for column, place in zip(X.dense.T, X.dense_columns.tolist(), strict=True):
        keys += value_keys(column, place)
    for block in X.blocks:
        places = np.arange(block.start, block.start + block.n_levels)
        keys += np.append(value_keys(np.ones(block.n_levels), places), np.uint64(0))[block.codes]
    if X.rest is not None:
        row = np.repeat(np.arange(len(X)), np.diff(X.rest.indptr))
        np.add.at(keys, row, value_keys(X.rest.data, X.rest_columns[X.rest.indices]))
    return keys


def row_keys(columns: Iterable[AnyArray]) -> AnyArray:
    """Give a number for what each row holds, the same wherever it stands: shape (n,), uint64.

    Parameters
    ----------
    columns : iterable of ndarray, shape (n,)
        Numbers, in a fixed order of columns. Zeros leave no trace, so that sparse columns need not be filled in.
    """
    keys = [value_keys(column, place) for place, column in enumerate(columns)]
    if not keys:
        raise refuse("the data", "have at least one column", "none")
    return np.asarray(np.sum(keys, axis=0, dtype=np.uint64)) if len(keys) > 1 else keys[0]


def value_keys(values: AnyArray, place: int | AnyArray) -> AnyArray:
    """Give what values add to the keys of their rows, which depends on the place of their column; 0 adds nothing."""
    numbers = np.asarray(values, dtype=np.float64)
    # One pattern of bits for all that is not a number.
    bits = np.where(np.isnan(numbers), np.nan, numbers).view(np.uint64)
    mixed = _mix(bits ^ _mix(np.asarray(place, dtype=np.uint64) + _STEP))
    return np.where(numbers == 0, np.uint64(0), mixed)


def _mix(bits: AnyArray) -> AnyArray:
    with np.errstate(over="ignore"):
        mixed = (bits ^ (bits >> _SHIFTS[0])) * _MIX[0]
        mixed = (mixed ^ (mixed >> _SHIFTS[1])) * _MIX[1]
    return np.asarray(mixed ^ (mixed >> _SHIFTS[2]))
