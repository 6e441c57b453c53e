"""The design: columns centred and scaled chunk by chunk, dependent columns left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, FloatArray, IntArray

# Numbers in one chunk: the chunk and its weighted copy stay in a 2 MiB cache.
_CHUNK_NUMBERS = 1 << 16
# Below this size the standardised rows are made once and kept (32 MiB).
_KEEP_NUMBERS = 1 << 22
# Up to this size (8 MiB) even where readers are used: above it, they read the rows of X as fast.
_KEEP_FOR_READERS = 1 << 20


class Alias(NamedTuple):
    """A column that earlier columns determine.

    Attributes
    ----------
    column : int
        Its position in X.
    partner : int
        The earlier column with the largest share in it; -1 for a constant column.
    """

    column: int
    partner: int


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Standardised rows of X, with the intercept first where there is one.

    Row i is ``(1, ((x_i - center) / scale) @ basis)`` over the kept columns. Standardising makes the information
    matrix as well conditioned as the data allow, whatever the units of the columns; ``basis`` is the identity
    (None) unless some columns are so close to each other that one is replaced by what the others leave of it.
    """

    X: AnyArray
    kept: IntArray
    center: FloatArray
    scale: FloatArray
    basis: FloatArray | None
    intercept: bool
    aliases: tuple[Alias, ...]
    cache: FloatArray | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.X.shape[0])

    @property
    def n_columns(self) -> int:
        """Number of kept columns, the intercept among them."""
        return len(self.kept) + int(self.intercept)

    @property
    def cache_for_readers(self) -> FloatArray | None:
        """The standardised rows that are kept, where they are so few that readers take them from there."""
        return None if self.cache is None or self.cache.size > _KEEP_FOR_READERS else self.cache

    def chunks(self) -> Iterator[tuple[slice, FloatArray]]:
        """Yield row slices and their standardised rows; the rows are overwritten by the next chunk."""
        step = chunk_rows(self.n_columns)
        buffer = np.empty((step, self.n_columns)) if self.cache is None else self.cache
        for start in range(0, self.n_rows, step):
            rows = slice(start, min(start + step, self.n_rows))
            if self.cache is None:
                yield rows, self.standardise(rows, buffer[: rows.stop - rows.start])
            else:
                yield rows, buffer[rows]

    def standardise(self, rows: slice, out: FloatArray) -> FloatArray:
        """Write the standardised rows of a slice into ``out`` and give it."""
        first = int(self.intercept)
        out[:, :first] = 1.0
        np.subtract(self.columns(rows), self.center, out=out[:, first:])
        out[:, first:] /= self.scale
        if self.basis is not None:
            out[:, first:] = out[:, first:] @ self.basis
        return out

    def columns(self, rows: slice) -> AnyArray:
        """Give some rows of the kept columns as they are."""
        return self.X[rows] if len(self.kept) == self.X.shape[1] else self.X[rows][:, self.kept]

    def rows(self, places: IntArray) -> FloatArray:
        """Give the standardised rows at some places."""
        part = replace(self, X=self.X[places], cache=None)
        return part.standardise(slice(0, len(places)), np.empty((len(places), self.n_columns)))

    def every(self, stride: int) -> Design:
        """Give every so many of the rows, standardised as all of them are."""
        if not isinstance(self.X, np.ndarray):
            return replace(self, X=self.X.take(slice(None, None, stride)), cache=None).with_cache(for_readers=True)
        X = self.X[::stride]
        # Rows far apart are slow to read again and again.
        X = X.copy(order="K") if X.size <= _KEEP_NUMBERS else X
        return replace(self, X=X, cache=None).with_cache(for_readers=True)

    def with_cache(self, *, for_readers: bool = False) -> Design:
        """Make the standardised rows once and keep them, where they are few."""
        most = _KEEP_FOR_READERS if for_readers else _KEEP_NUMBERS
        size = self.n_rows * self.n_columns
        if self.cache is not None or size > most:
            return self
        # Weights multiply long columns faster than short rows; blocks for several threads must lie in one piece.
        room = np.empty((self.n_rows, self.n_columns), order="F" if size <= _KEEP_FOR_READERS else "C")
        return replace(self, cache=self.standardise(slice(0, self.n_rows), room))

    def to_columns(self, n_predictors: int = 1) -> FloatArray:
        """Give T with ``coef = T @ standardised coef``, for one block of coefficients or several below each other.

        A block has 1 + p (or p) rows and `n_columns` columns; rows of columns left out are zero.
        """
        first = int(self.intercept)
        slopes = np.diag(1 / self.scale) if self.basis is None else self.basis / self.scale[:, None]
        T = np.zeros((first + self.X.shape[1], self.n_columns))
        T[first + self.kept, first:] = slopes
        if self.intercept:
            T[0, 0] = 1.0
            T[0, 1:] = -self.center @ slopes
        return T if n_predictors == 1 else np.asarray(np.kron(np.eye(n_predictors), T), dtype=np.float64)


def chunk_rows(n_columns: int) -> int:
    """Give the number of rows of a chunk: a function of the width alone, so that sums have one fixed order."""
    return max(256, _CHUNK_NUMBERS // max(n_columns, 1))
