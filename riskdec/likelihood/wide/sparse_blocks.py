"""From a scipy sparse matrix to its parts: columns that are mostly filled, one-hot blocks, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec.likelihood.wide.block_matrix import FEWEST_LEVELS, MOST_BLOCKS, BlockMatrix, OneHot

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, IntArray

# A column filled to this share is cheaper with its zeros.
_DENSE_SHARE = 0.2


def split_sparse(X: Any) -> BlockMatrix:
    """Find the parts of a sparse matrix.

    Parameters
    ----------
    X : scipy sparse matrix or array of shape (n, p)
        Any format; finite numbers.

    Returns
    -------
    BlockMatrix
        The same numbers. Neighbouring columns of ones form a block as long as no row has two of them; the up to 20
        largest blocks of 8 columns or more are kept as codes, the others stay sparse.
    """
    from scipy import sparse

    by_column: Any = sparse.csc_array(X)
    by_column.sum_duplicates()
    by_column.eliminate_zeros()
    n, p = by_column.shape
    is_dense = np.diff(by_column.indptr) > _DENSE_SHARE * n
    spans = _find_blocks(by_column, is_dense)
    spans = sorted(sorted(spans, key=lambda span: span[0] - span[1])[:MOST_BLOCKS])
    in_block = np.zeros(p, dtype=bool)
    blocks = []
    for start, stop in spans:
        in_block[start:stop] = True
        blocks.append(_one_hot(by_column, start, stop))
    dense_columns = np.flatnonzero(is_dense & ~in_block)
    rest_columns = np.flatnonzero(~is_dense & ~in_block)
    return BlockMatrix(
        n_columns=p,
        dense=np.ascontiguousarray(by_column[:, dense_columns].toarray(), dtype=np.float64),
        dense_columns=dense_columns,
        blocks=tuple(blocks),
        rest=sparse.csr_array(by_column[:, rest_columns], dtype=np.float64) if len(rest_columns) else None,
        rest_columns=rest_columns,
    )


def _find_blocks(by_column: Any, is_dense: BoolArray) -> list[tuple[int, int]]:
    """Give first and last column (exclusive) of each run of columns of ones that no row has two of."""
    n, p = by_column.shape
    indptr, rows = by_column.indptr, by_column.indices
    is_one = _columns_of_ones(by_column)
    # The block that has marked the row last; blocks are numbered from 1.
    owner = np.zeros(n, dtype=np.int32)
    spans: list[tuple[int, int]] = []
    start, number = 0, 1
    for j in range(p + 1):
        if j < p and is_one[j]:
            mine = rows[indptr[j] : indptr[j + 1]]
            if not (owner[mine] == number).any():
                owner[mine] = number
                continue
        if j - start >= FEWEST_LEVELS:
            spans.append((start, j))
        number += 1
        start = j if j < p and is_one[j] else j + 1
        if j < p and is_one[j]:
            owner[mine] = number
    return spans


def _columns_of_ones(by_column: Any) -> BoolArray:
    other = np.concatenate([[0], np.cumsum(by_column.data != 1)])
    return np.asarray(other[by_column.indptr[1:]] == other[by_column.indptr[:-1]])


def _one_hot(by_column: Any, start: int, stop: int) -> OneHot:
    indptr: IntArray = by_column.indptr[start : stop + 1]
    codes = np.full(by_column.shape[0], stop - start, dtype=np.intp)
    codes[by_column.indices[indptr[0] : indptr[-1]]] = np.repeat(np.arange(stop - start), np.diff(indptr))
    return OneHot(codes, start, stop - start)
