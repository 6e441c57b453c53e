"""The design: columns centred and scaled chunk by chunk, dependent columns left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, FloatArray, IntArray

# Numbers in one chunk: the chunk and its weighted copy stay in a 2 MiB cache.
_CHUNK_NUMBERS = 1 << 16
# Below this size the standardised rows are made once and kept (8 MiB).
_KEEP_NUMBERS = 1 << 20

# Squared length of a column's residual on the columns before it, relative to the column. Below the first the
# crossproduct has lost too many digits to tell, and the residual itself is computed; below the second it is nothing.
_DOUBT = 1e-8
_NOTHING = 1e-20


class Alias(NamedTuple):
    """A column that earlier columns determine.

    Attributes
    ----------
    column : int
        Its position in X.
    partner : int
        The earlier column with the largest share in it; -1 for the intercept.
    """

    column: int
    partner: int


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Standardised rows of X, with the intercept first where there is one.

    Row i is ``(1, (x_i - center) / scale)`` over the kept columns. Standardising makes the information
    matrix as well conditioned as the data allow, whatever the units of the columns.
    """

    X: AnyArray
    kept: IntArray
    center: FloatArray
    scale: FloatArray
    intercept: bool
    aliases: tuple[Alias, ...]
    cache: FloatArray | None

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
        if self.cache is not None:
            for start in range(0, self.n_rows, step):
                rows = slice(start, min(start + step, self.n_rows))
                yield rows, self.cache[rows]
            return
        buffer = np.empty((step, self.n_columns))
        for start in range(0, self.n_rows, step):
            rows = slice(start, min(start + step, self.n_rows))
            yield rows, self.standardise(rows, buffer[: rows.stop - rows.start])

    def standardise(self, rows: slice, out: FloatArray) -> FloatArray:
        """Write the standardised rows of a slice into ``out`` and give it."""
        first = int(self.intercept)
        out[:, :first] = 1.0
        block = self.X[rows] if len(self.kept) == self.X.shape[1] else self.X[rows][:, self.kept]
        np.subtract(block, self.center, out=out[:, first:])
        out[:, first:] /= self.scale
        return out

    def product(self, coef: FloatArray) -> FloatArray:
        """Multiply the standardised rows by coefficients: shape (n,)."""
        result = np.empty(self.n_rows)
        for rows, Z in self.chunks():
            np.dot(Z, coef, out=result[rows])
        return result

    def to_columns(self) -> FloatArray:
        """Give T of shape (1 + p or p, n_columns) with ``coef = T @ standardised coef``.

        Rows of columns left out are zero.
        """
        first = int(self.intercept)
        T = np.zeros((first + self.X.shape[1], self.n_columns))
        place = np.arange(len(self.kept))
        T[first + self.kept, first + place] = 1 / self.scale
        if self.intercept:
            T[0, 0] = 1.0
            T[0, 1:] = -self.center / self.scale
        return T


def chunk_rows(n_columns: int) -> int:
    """Give the number of rows of a chunk: a function of the width alone, so that sums have one fixed order."""
    return max(256, _CHUNK_NUMBERS // max(n_columns, 1))


def make_design(X: AnyArray, *, weight: FloatArray | None, intercept: bool) -> Design:
    """Standardise the columns and leave out those that earlier columns determine, in column order as R does.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Finite numbers, any float or integer type, any memory order.
    weight : ndarray of shape (n,), optional
        Positive row weights; the verdict does not depend on their scale.
    intercept : bool
        Whether a column of ones comes first. Without it columns are scaled but not centred.

    Returns
    -------
    Design
        With ``kept`` columns and the ``aliases`` that were left out.

    Notes
    -----
    The verdict on column j looks at the squared length of its residual on columns 0..j-1, taken from the
    standardised crossproduct (p x p) by a Cholesky sweep without pivoting. Where rounding of the crossproduct
    leaves doubt, the residual is computed from the rows themselves.
    """
    p = X.shape[1]
    every = np.arange(p)
    total = float(X.shape[0]) if weight is None else float(weight.sum())
    center = _means(X, weight, total) if intercept else np.zeros(p)
    raw = Design(X, every, center, np.ones(p), False, (), None)  # noqa: FBT003 -- no intercept among the columns
    gram = _crossproduct(raw, weight) / total
    spread = np.sqrt(np.diag(gram).copy())
    scale = np.where(spread > 0, spread, 1.0)
    kept, aliases = _independent(raw, gram / np.outer(scale, scale), scale, weight, intercept=intercept)
    design = Design(X, kept, center[kept], scale[kept], intercept, aliases, None)
    if design.n_rows * design.n_columns > _KEEP_NUMBERS:
        return design
    cache = design.standardise(slice(0, design.n_rows), np.empty((design.n_rows, design.n_columns)))
    return Design(X, kept, center[kept], scale[kept], intercept, aliases, cache)


def _means(X: AnyArray, weight: FloatArray | None, total: float) -> FloatArray:
    # Sums of differences from the first row: a constant column gets its value to the last bit.
    first = X[0].astype(np.float64)
    sums = np.zeros(X.shape[1])
    for start in range(0, X.shape[0], step := chunk_rows(X.shape[1])):
        difference = X[start : start + step] - first
        sums += difference.sum(axis=0) if weight is None else weight[start : start + step] @ difference
    means: FloatArray = first + sums / total
    return means


def _crossproduct(design: Design, weight: FloatArray | None) -> FloatArray:
    gram = np.zeros((design.n_columns, design.n_columns))
    for rows, Z in design.chunks():
        scaled = Z if weight is None else Z * np.sqrt(weight[rows])[:, None]
        gram += scaled.T @ scaled
    return gram


def _independent(
    raw: Design, gram: FloatArray, scale: FloatArray, weight: FloatArray | None, *, intercept: bool
) -> tuple[IntArray, tuple[Alias, ...]]:
    p = gram.shape[0]
    kept: list[int] = []
    aliases: list[Alias] = []
    factor = np.zeros((p, p))  # rows: kept columns so far, the transposed Cholesky factor
    for j in range(p):
        m = len(kept)
        # Column j on the kept columns: forward substitution, done row by row as the factor grows.
        row = factor[:m, j]
        rest = gram[j, j] - row @ row
        if gram[j, j] == 0:
            aliases.append(Alias(j, -1 if intercept else j))
            continue
        if rest <= _DOUBT:
            shares, rest = _regress(raw, gram, scale, weight, kept, j)
            if rest <= _NOTHING:
                aliases.append(Alias(j, kept[int(np.argmax(np.abs(shares)))]))
                continue
        pivot = np.sqrt(rest)
        factor[m, j] = pivot
        later = slice(j + 1, p)
        factor[m, later] = (gram[j, later] - row @ factor[:m, later]) / pivot
        kept.append(j)
    return np.array(kept, dtype=np.intp), tuple(aliases)


def _regress(
    raw: Design, gram: FloatArray, scale: FloatArray, weight: FloatArray | None, kept: list[int], j: int
) -> tuple[FloatArray, float]:
    """Regress column j on the kept ones; give the shares and the squared relative length of the residual.

    The residual is made from the rows, and the shares are refined once with it, so that the answer has the
    digits that the crossproduct lost.
    """
    inner = gram[np.ix_(kept, kept)]
    shares: FloatArray = np.linalg.lstsq(inner, gram[kept, j], rcond=None)[0].astype(np.float64)
    square = 0.0
    for _ in range(2):
        cross = np.zeros(len(kept))
        square = total = 0.0
        for rows, Z in raw.chunks():
            w = np.ones(Z.shape[0]) if weight is None else weight[rows]
            others = Z[:, kept] / scale[kept]
            left = Z[:, j] / scale[j] - others @ shares
            cross += (w * left) @ others
            square += float(w @ left**2)
            total += float(w.sum())
        shares = shares + np.linalg.lstsq(inner, cross / total, rcond=None)[0]
        square /= total
    return shares, square
