"""Wide rows without their zeros: dense numbers, one-hot blocks as codes, and other sparse columns, side by side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, FloatArray, IntArray

# Numbers that are filled in at a time (8 MiB).
_NUMBERS_AT_A_TIME = 1 << 20
# Blocks of fewer columns save nothing, and each pair of blocks costs a table.
FEWEST_LEVELS = 8
MOST_BLOCKS = 20


def join_columns(parts: list[FloatArray | OneHot]) -> Any:
    """Put columns and one-hot blocks side by side.

    Parameters
    ----------
    parts : list of ndarray of shape (n, width) or OneHot
        In the order of the columns.

    Returns
    -------
    BlockMatrix, or ndarray of shape (n, p) where no block has 8 levels
        Up to 20 blocks stay codes, the smaller ones become numbers.
    """
    blocks = sorted((part for part in parts if isinstance(part, OneHot)), key=lambda part: -part.n_levels)
    kept = tuple(part for part in blocks if part.n_levels >= FEWEST_LEVELS)[:MOST_BLOCKS]
    dense, places, start = [], [], 0
    for part in parts:
        width = part.n_levels if isinstance(part, OneHot) else part.shape[1]
        if not any(part is block for block in kept):
            dense.append(_fill(part) if isinstance(part, OneHot) else part)
            places.append(np.arange(start, start + width))
        start += width
    n = len(parts[0].codes if isinstance(parts[0], OneHot) else parts[0])
    filled = np.hstack([np.empty((n, 0)), *dense])
    if not kept:
        return filled
    in_order = tuple(sorted(kept, key=lambda block: block.start))
    none = np.arange(0)
    return BlockMatrix(start, filled, np.concatenate([none, *places]), in_order, None, none)


def _fill(block: OneHot) -> FloatArray:
    return block.pick(np.eye(block.n_levels))


def filled_chunks(X: Any) -> Iterator[slice]:
    """Yield slices of rows whose zeros may be filled in at a time: all rows of an array, few of a `BlockMatrix`."""
    if not isinstance(X, BlockMatrix):
        yield slice(None)
        return
    step = max(256, _NUMBERS_AT_A_TIME // max(X.n_columns, 1))
    for start in range(0, max(len(X), 1), step):
        yield slice(start, start + step)


def repeat_with_column(X: Any, times: int, column: FloatArray) -> Any:
    """Write all rows several times below each other, and one more column of shape (times n, 1) beside them."""
    if not isinstance(X, BlockMatrix):
        return np.hstack([np.vstack([X] * times), column])
    rows = X.take(np.tile(np.arange(len(X)), times))
    places = np.append(rows.dense_columns, X.n_columns)
    return replace(rows, n_columns=X.n_columns + 1, dense=np.hstack([rows.dense, column]), dense_columns=places)


def take_rows(X: Any, rows: Any) -> Any:
    """Give some rows of an array or a `BlockMatrix`, in the same form."""
    return X.take(rows) if isinstance(X, BlockMatrix) else X[rows]


@dataclass(frozen=True, slots=True, eq=False)
class OneHot:
    """A block of neighbouring columns of which at most one is 1 in any row, the others 0.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        Which column of the block is 1; `n_levels` where none is.
    start : int
        Place of the block's first column.
    n_levels : int
        Number of columns.
    """

    codes: IntArray
    start: int
    n_levels: int

    @property
    def columns(self) -> slice:
        """Places of the block's columns."""
        return slice(self.start, self.start + self.n_levels)

    def pick(self, values: FloatArray) -> FloatArray:
        """Give the value of each row's level, 0 where it has none; values of shape (n_levels,) or (n_levels, m)."""
        padded = np.zeros((self.n_levels + 1, *values.shape[1:]))
        padded[:-1] = values
        return padded.take(self.codes, axis=0)

    def sums(self, values: FloatArray) -> FloatArray:
        """Give the sum of some values of the rows over each level: shape (n_levels,)."""
        sums: FloatArray = np.bincount(self.codes, values, self.n_levels + 1).astype(np.float64, copy=False)
        return sums[:-1]


@dataclass(frozen=True, slots=True, eq=False)
class BlockMatrix:
    """A matrix of n rows and p columns, each column in one of three parts.

    Indexing gives dense rows; `take` gives some rows in the same form.

    Attributes
    ----------
    n_columns : int
        p.
    dense : ndarray of shape (n, q)
        Columns that are mostly not zero.
    dense_columns : ndarray of int, shape (q,)
        Their places.
    blocks : tuple of OneHot
        One-hot blocks.
    rest : scipy.sparse.csr_array of shape (n, r), or None
        All other columns.
    rest_columns : ndarray of int, shape (r,)
        Their places.
    made : dict
        What a reader has made of the rows, for the next one.
    """

    n_columns: int
    dense: FloatArray
    dense_columns: IntArray
    blocks: tuple[OneHot, ...]
    rest: Any
    rest_columns: IntArray
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.dense), self.n_columns

    @property
    def ndim(self) -> int:
        """Two."""
        return 2

    @property
    def dtype(self) -> Any:
        """Type of the rows that indexing gives."""
        return np.dtype(np.float64)

    def __len__(self) -> int:
        return len(self.dense)

    def __array__(self, dtype: Any = None, copy: Any = None) -> FloatArray:
        """Give all rows with their zeros."""
        filled: FloatArray = self[:].astype(self.dtype if dtype is None else dtype)
        return filled

    def take(self, rows: Any) -> BlockMatrix:
        """Give some rows, named by a mask, places or a slice."""
        return replace(
            self,
            dense=self.dense[rows],
            blocks=tuple(replace(block, codes=block.codes[rows]) for block in self.blocks),
            rest=None if self.rest is None else self.rest[rows],
            made={},
        )

    @overload
    def __getitem__(self, rows: tuple[slice, int]) -> FloatArray: ...
    @overload
    def __getitem__(self, rows: Any) -> FloatArray: ...
    def __getitem__(self, rows: Any) -> FloatArray:
        """Give some rows with their zeros, ``X[rows]``, or one column, ``X[:, j]``."""
        if isinstance(rows, tuple):
            unit = np.zeros(self.n_columns)
            unit[rows[1]] = 1.0
            return (self @ unit)[rows[0]]
        if isinstance(rows, int | np.integer):
            return np.asarray(self[int(rows) : int(rows) + 1 or None][0])
        dense = self.dense[rows]
        filled = np.zeros((len(dense), self.n_columns))
        filled[:, self.dense_columns] = dense
        for block in self.blocks:
            codes = block.codes[rows]
            marked = np.flatnonzero(codes < block.n_levels)
            filled[marked, block.start + codes[marked]] = 1.0
        if self.rest is not None:
            filled[:, self.rest_columns] = self.rest[rows].toarray()
        return filled

    def __matmul__(self, coef: AnyArray) -> FloatArray:
        """Multiply by coefficients of shape (p,) or (p, m)."""
        result: FloatArray = self.dense @ coef[self.dense_columns]
        for block in self.blocks:
            result += block.pick(coef[block.columns])
        if self.rest is not None:
            result += self.rest @ coef[self.rest_columns]
        return result

    def transposed_product(self, values: FloatArray) -> FloatArray:
        """Give ``X' v`` for values of shape (n,): shape (p,)."""
        result = np.zeros(self.n_columns)
        result[self.dense_columns] = values @ self.dense
        for block in self.blocks:
            result[block.columns] = block.sums(values)
        if self.rest is not None:
            result[self.rest_columns] = self.rest.T @ values
        return result

    def moments(self, weight: FloatArray | None) -> tuple[FloatArray, FloatArray]:
        """Give the weighted mean and standard deviation of each column."""
        weights = np.ones(len(self)) if weight is None else weight
        total = float(weights.sum())
        mean = self.transposed_product(weights) / total
        square = mean.copy()
        # A column of 0 and 1 is its own square; where it is always 1 the two differ by nothing.
        square -= mean**2
        if len(self.dense_columns):
            center = mean[self.dense_columns]
            # Differences from the first row: a constant column has exactly its value as mean.
            center = self.dense[0] + weights @ (self.dense - self.dense[0]) / total
            mean[self.dense_columns] = center
            square[self.dense_columns] = weights @ (self.dense - center) ** 2 / total
        if self.rest is not None:
            part = self.rest.copy()
            part.data **= 2
            square[self.rest_columns] = part.T @ weights / total - mean[self.rest_columns] ** 2
        return mean, np.sqrt(np.maximum(square, 0.0))

    def to_sparse(self) -> Any:
        """Give all columns as one scipy.sparse.csr_array."""
        from scipy import sparse

        n = len(self)
        row, column, value = [], [], []
        if len(self.dense_columns):
            row.append(np.repeat(np.arange(n), len(self.dense_columns)))
            column.append(np.tile(self.dense_columns, n))
            value.append(self.dense.ravel())
        for block in self.blocks:
            marked = np.flatnonzero(block.codes < block.n_levels)
            row.append(marked)
            column.append(block.start + block.codes[marked])
            value.append(np.ones(len(marked)))
        if self.rest is not None:
            part = self.rest.tocoo()
            row.append(part.row)
            column.append(self.rest_columns[part.col])
            value.append(part.data)
        if not row:
            return sparse.csr_array(self.shape)
        places = np.concatenate(row), np.concatenate(column)
        return sparse.csr_array((np.concatenate(value), places), shape=self.shape)
