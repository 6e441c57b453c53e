"""The information of wide rows: tables between blocks, and the largest block, itself diagonal, eliminated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.likelihood.wide.block_matrix import BlockMatrix, OneHot

# Rows of which a few numbers each are held at a time.
_ROWS_AT_A_TIME = 4_096


class BlockCrossproduct:
    """Weighted crossproducts ``sum_i w_i z_i z_i'`` of the rows of a `BlockMatrix`, an intercept of ones before them.

    Parameters
    ----------
    X : BlockMatrix
        Rows; what does not depend on the weights is made once.
    intercept : bool
        Whether there is a column of ones, which comes first.
    """

    def __init__(self, X: BlockMatrix, *, intercept: bool) -> None:
        from scipy import sparse

        self.X, self.intercept = X, intercept
        first = int(intercept)
        self._room = np.empty_like(X.dense)
        self._dense_places = X.dense_columns + first
        ones = np.ones(len(X))
        self._levels = [_indicator(block, ones) for block in X.blocks]
        self._pairs = {
            (a, b): X.blocks[a].codes * (X.blocks[b].n_levels + 1) + X.blocks[b].codes
            for a, b in combinations(range(len(X.blocks)), 2)
        }
        self._rest: Any = None if X.rest is None else sparse.csr_array(X.rest)
        largest = max(range(len(X.blocks)), key=lambda a: X.blocks[a].n_levels, default=None)
        self.tail = np.arange(0)
        if largest is not None:
            block = X.blocks[largest]
            self.tail = np.arange(block.start, block.start + block.n_levels) + first
        self.head = np.setdiff1d(np.arange(X.n_columns + first), self.tail)

    def weighted(self, weight: FloatArray) -> BlockInformation:
        """Compute the crossproduct with weights of shape (n,)."""
        d, t = len(self.head), len(self.tail)
        found = BlockInformation(self.head, self.tail, np.zeros((d, d)), np.zeros((t, d)), np.zeros(t))
        sums = self.X.transposed_product(weight)
        if self.intercept:
            found.put(np.arange(1), np.arange(1), np.full((1, 1), weight.sum()))
            for places in (self._dense_places, *map(self._places, self.X.blocks), self.X.rest_columns + 1):
                if len(places):
                    found.put(places, np.arange(1), sums[places - 1][:, np.newaxis])
        self._put_dense(weight, found)
        self._put_blocks(weight, sums, found)
        self._put_rest(weight, found)
        return found

    def quadratic_forms(self, matrix: FloatArray) -> FloatArray:
        """Give ``z' matrix z`` of each row, the matrix symmetric: shape (n,)."""
        first = int(self.intercept)
        dense = np.hstack([np.ones((len(self.X), first)), self.X.dense])
        places = np.concatenate([np.arange(first), self._dense_places])
        forms: FloatArray = np.einsum("ij,ij->i", dense @ matrix[np.ix_(places, places)], dense)
        for a, block in enumerate(self.X.blocks):
            own = self._places(block)
            forms += block.pick(np.asarray(matrix[own, own]))
            for start in range(0, len(forms), _ROWS_AT_A_TIME):
                rows = slice(start, start + _ROWS_AT_A_TIME)
                edge = replace(block, codes=block.codes[rows]).pick(matrix[np.ix_(own, places)])
                forms[rows] += 2 * np.einsum("ij,ij->i", edge, dense[rows])
            for b in range(a):
                other = self.X.blocks[b]
                table = np.zeros((other.n_levels + 1, block.n_levels + 1))
                table[:-1, :-1] = matrix[np.ix_(self._places(other), own)]
                forms += 2 * table.ravel()[self._pairs[b, a]]
        return forms if self._rest is None else forms + self._rest_forms(matrix)

    def _rest_forms(self, matrix: FloatArray) -> FloatArray:
        """Give what the sparse columns add to the quadratic forms: ``2 r' M x + r' M r`` with x all other columns."""
        rest, X = self._rest, self.X
        places = X.rest_columns + int(self.intercept)
        edges = matrix[places]
        forms = np.zeros(len(X))
        for start in range(0, len(forms), _ROWS_AT_A_TIME):
            rows = slice(start, start + _ROWS_AT_A_TIME)
            products = rest[rows] @ edges
            filled = X[rows]
            if self.intercept:
                filled = np.column_stack([np.ones(len(filled)), filled])
            doubled = 2 * filled
            doubled[:, places] = filled[:, places]
            forms[rows] = np.einsum("ij,ij->i", products, doubled)
        return forms

    def _put_dense(self, weight: FloatArray, found: BlockInformation) -> None:
        dense, places, put = self.X.dense, self._dense_places, found.put
        if not len(places):
            return
        # One room for all weights: a new array of this size costs as much as the products.
        scaled = np.multiply(dense, weight[:, np.newaxis], out=self._room)
        put(places, places, scaled.T @ dense)
        for block, levels in zip(self.X.blocks, self._levels, strict=True):
            put(self._places(block), places, levels @ scaled)
        if self._rest is not None:
            put(self.X.rest_columns + int(self.intercept), places, self._rest.T @ scaled)

    def _put_blocks(self, weight: FloatArray, sums: FloatArray, found: BlockInformation) -> None:
        blocks, put = self.X.blocks, found.put
        for block in blocks:
            places = self._places(block)
            if places[0] == self.tail[0]:
                found.D[:] = sums[block.columns]
            else:
                put(places, places, np.diag(sums[block.columns]))
        for (a, b), joint in self._pairs.items():
            shape = blocks[a].n_levels + 1, blocks[b].n_levels + 1
            table: FloatArray = np.bincount(joint, weight, shape[0] * shape[1]).astype(np.float64, copy=False)
            put(self._places(blocks[a]), self._places(blocks[b]), table.reshape(shape)[:-1, :-1])

    def _put_rest(self, weight: FloatArray, found: BlockInformation) -> None:
        if self._rest is None:
            return
        put = found.put
        places = self.X.rest_columns + int(self.intercept)
        scaled = self._rest.multiply(weight[:, np.newaxis]).tocsr()
        put(places, places, (self._rest.T @ scaled).toarray())
        for block, levels in zip(self.X.blocks, self._levels, strict=True):
            put(self._places(block), places, (levels @ scaled).toarray())

    def _places(self, block: OneHot) -> IntArray:
        return np.arange(block.start, block.start + block.n_levels) + int(self.intercept)


def _indicator(block: OneHot, ones: FloatArray) -> Any:
    """Give the levels of the rows as a sparse matrix of shape (n_levels, n): its products are sums over levels."""
    from scipy import sparse

    marked = block.codes < block.n_levels
    ends = np.concatenate([[0], np.cumsum(marked)]).astype(np.int32)
    places = block.codes[marked].astype(np.int32)
    return sparse.csc_array((ones[: len(places)], places, ends), shape=(block.n_levels, len(ones)))


@dataclass(slots=True, eq=False)
class BlockInformation:
    """A symmetric matrix with a diagonal part: A between the other columns, B towards the block, D inside it.

    Attributes
    ----------
    head, tail : ndarray of int
        Places of the other columns, and of the block.
    A : ndarray of shape (d, d)
        Among the others.
    B : ndarray of shape (t, d)
        Of the block with the others.
    D : ndarray of shape (t,)
        Diagonal of the block.
    """

    head: IntArray
    tail: IntArray
    A: FloatArray
    B: FloatArray
    D: FloatArray

    def put(self, rows: IntArray, columns: IntArray, table: FloatArray) -> None:
        """Write the table of some rows and columns, and its transpose; neither lies partly in the block."""
        if len(self.tail) and rows[0] == self.tail[0]:
            self.B[:, self._into(columns)] = table
        elif len(self.tail) and columns[0] == self.tail[0]:
            self.B[:, self._into(rows)] = table.T
        else:
            i, j = self._into(rows), self._into(columns)
            if isinstance(i, slice) and isinstance(j, slice):
                self.A[i, j], self.A[j, i] = table, table.T
            else:
                self.A[np.ix_(*map(self._places, (rows, columns)))] = table
                self.A[np.ix_(*map(self._places, (columns, rows)))] = table.T

    def _places(self, columns: IntArray) -> IntArray:
        return np.searchsorted(self.head, columns)

    def _into(self, columns: IntArray) -> IntArray | slice:
        """Give places among the others; a slice where they are neighbours, which is written many times as fast."""
        places = self._places(columns)
        first, last = int(places[0]), int(places[-1])
        return slice(first, last + 1) if last - first == len(places) - 1 else places

    def penalised(self, strength: FloatArray, dead: BoolArray) -> BlockInformation:
        """Add strengths to the diagonal, and make columns that hold nothing stand alone."""
        A, B, D = self.A.copy(), self.B.copy(), self.D + strength[self.tail]
        A[np.diag_indices_from(A)] += strength[self.head]
        lone, alone = np.flatnonzero(dead[self.head]), np.flatnonzero(dead[self.tail])
        A[lone, :] = A[:, lone] = 0.0
        B[:, lone] = 0.0
        B[alone, :] = 0.0
        A[lone, lone] = 1.0
        D[alone] = 1.0
        return BlockInformation(self.head, self.tail, A, B, D)

    def factorise(self) -> FactorisedInformation | None:
        """Eliminate the block and factorise the rest; None where it is not positive definite."""
        from scipy.linalg.lapack import dpotrf

        if (self.D <= 0).any():
            return None
        scaled = self.B / np.sqrt(self.D)[:, np.newaxis]
        factor, failed = dpotrf(self.A - scaled.T @ scaled, lower=1)
        if failed or not np.isfinite(factor).all():
            return None
        return FactorisedInformation(self, factor)

    def product(self, vector: FloatArray) -> FloatArray:
        """Multiply by a vector, shape (k,)."""
        result = np.empty_like(vector)
        head, tail = vector[self.head], vector[self.tail]
        result[self.head] = self.A @ head + self.B.T @ tail
        result[self.tail] = self.B @ head + self.D * tail
        return result

    def full(self) -> FloatArray:
        """Give the matrix itself, in the order of the columns."""
        size = len(self.head) + len(self.tail)
        matrix = np.zeros((size, size))
        matrix[np.ix_(self.head, self.head)] = self.A
        matrix[np.ix_(self.tail, self.head)] = self.B
        matrix[np.ix_(self.head, self.tail)] = self.B.T
        matrix[self.tail, self.tail] = self.D
        return matrix


@dataclass(frozen=True, slots=True, eq=False)
class FactorisedInformation:
    """A positive definite `BlockInformation` with the Cholesky factor of its Schur complement."""

    matrix: BlockInformation
    factor: FloatArray

    def solve(self, right: FloatArray) -> FloatArray:
        """Solve for one right side, shape (k,)."""
        from scipy.linalg.lapack import dpotrs

        part = self.matrix
        head = right[part.head] - part.B.T @ (right[part.tail] / part.D)
        solved = np.empty_like(right)
        solved[part.head] = dpotrs(self.factor, head, lower=1)[0] if len(head) else head
        solved[part.tail] = (right[part.tail] - part.B @ solved[part.head]) / part.D
        return solved

    def diagonal_of_inverse(self) -> FloatArray:
        """Give the diagonal of the inverse, shape (k,)."""
        from scipy.linalg.lapack import dpotri

        part = self.matrix
        inverse = np.zeros((0, 0))
        if len(part.head):
            lower = dpotri(self.factor, lower=1)[0]
            inverse = np.tril(lower) + np.tril(lower, -1).T
        diagonal = np.empty(len(part.head) + len(part.tail))
        diagonal[part.head] = np.diag(inverse)
        ratio = part.B / part.D[:, np.newaxis]
        diagonal[part.tail] = 1 / part.D + np.einsum("ij,ij->i", ratio @ inverse, ratio)
        return diagonal
