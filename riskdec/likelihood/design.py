"""The design: columns centred and scaled chunk by chunk, dependent columns left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.likelihood.rank import Alias

# Numbers in one chunk: the chunk and its weighted copy stay in a 2 MiB cache.
_CHUNK_NUMBERS = 1 << 16
# Below this size the standardised rows are made once and kept (32 MiB).
_KEEP_NUMBERS = 1 << 22


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
        block = self.X[rows] if len(self.kept) == self.X.shape[1] else self.X[rows][:, self.kept]
        np.subtract(block, self.center, out=out[:, first:])
        out[:, first:] /= self.scale
        if self.basis is not None:
            out[:, first:] = out[:, first:] @ self.basis
        return out

    def product(self, coef: FloatArray) -> FloatArray:
        """Multiply the standardised rows by coefficients, (k,) or (k, m): shape (n,) or (n, m)."""
        result = np.empty((self.n_rows, *coef.shape[1:]))
        for rows, Z in self.chunks():
            np.dot(Z, coef, out=result[rows])
        return result

    def rows(self, places: IntArray) -> FloatArray:
        """Give the standardised rows at some places."""
        part = replace(self, X=self.X[places], cache=None)
        return part.standardise(slice(0, len(places)), np.empty((len(places), self.n_columns)))

    def every(self, stride: int) -> Design:
        """Give every so many of the rows, standardised as all of them are."""
        return replace(self, X=self.X[::stride], cache=None).with_cache()

    def with_cache(self) -> Design:
        """Make the standardised rows once and keep them, where they are few."""
        if self.n_rows * self.n_columns > _KEEP_NUMBERS:
            return self
        rows = self.standardise(slice(0, self.n_rows), np.empty((self.n_rows, self.n_columns)))
        return replace(self, cache=rows)

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
