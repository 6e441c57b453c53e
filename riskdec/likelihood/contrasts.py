"""Each row's own outcome against each of the others: what separation and information are made of."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood.rows.readers import product
from riskdec.likelihood.wide.block_matrix import BlockMatrix

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray
    from riskdec.likelihood.rows.design import Design


class Contrasts:
    """The contrasts ``(e_own - e_other) kron z_i``, without the block of outcome 0.

    Row i has m of them, one for each other outcome in order, at the places ``i m`` to ``i m + m - 1`` of every array
    over the contrasts. With two outcomes (m = 1) there is one for each row, ``z_i`` for events and ``-z_i`` for the
    others.

    Parameters
    ----------
    design : Design
        Standardised rows.
    y : ndarray of shape (n,)
        Number of each row's outcome, from 0.
    m : int
        Number of linear predictors, one less than outcomes.
    """

    def __init__(self, design: Design, y: AnyArray, m: int) -> None:
        self.design, self.m = design, m
        self._own = y.astype(np.intp)
        self._is_other = np.arange(m + 1) != self._own[:, None]

    @property
    def is_sparse(self) -> bool:
        """Whether rows are mostly zeros."""
        return isinstance(self.design.X, BlockMatrix)

    def __len__(self) -> int:
        return len(self._own) * self.m

    def margins(self, eta: FloatArray) -> FloatArray:
        """Give by how much the own linear predictor exceeds each other one."""
        if self.m == 1:
            return np.where(self._own, eta.ravel(), -eta.ravel())
        full = np.zeros((len(eta), self.m + 1))
        full[:, 1:] = eta
        own = np.take_along_axis(full, self._own[:, None], axis=1)
        margins: FloatArray = (own - full)[self._is_other]
        return margins

    def margins_along(self, direction: FloatArray) -> FloatArray:
        """Give the margins of the linear predictors that a direction of coefficients makes."""
        return self.margins(product(self.design, direction.reshape(self.m, -1).T))

    def total(self, chosen: BoolArray) -> FloatArray:
        """Give the sum of the chosen contrasts, shape (m k,)."""
        signs = -self._by_outcome(chosen).astype(np.float64)
        np.put_along_axis(signs, self._own[:, None], -signs.sum(axis=1, keepdims=True), axis=1)
        total = np.zeros((self.m, self.design.n_columns))
        for rows, Z in self.design.chunks():
            total += signs[rows, 1:].T @ Z
        return total.ravel()

    def rows(self, chosen: BoolArray) -> FloatArray:
        """Give the chosen contrasts themselves, shape (number chosen, m k)."""
        i, other = np.nonzero(self._by_outcome(chosen))
        signs, order = np.zeros((len(i), self.m + 1)), np.arange(len(i))
        signs[order, self._own[i]] = 1.0
        signs[order, other] = -1.0
        Z = self.design.rows(i)
        return (signs[:, 1:, None] * Z[:, None, :]).reshape(len(i), -1)

    def crossproduct(self, chosen: BoolArray) -> FloatArray:
        """Give the sum of ``c c'`` over the chosen contrasts c, shape (m k, m k)."""
        table, own, k = self._by_outcome(chosen), self._own, self.design.n_columns
        pairs = tuple(combinations(range(self.m + 1), 2))
        blocks = np.zeros((len(pairs), k, k))
        for rows, Z in self.design.chunks():
            for j, (a, b) in enumerate(pairs):
                between = ((own[rows] == a) & table[rows, b]) | ((own[rows] == b) & table[rows, a])
                inside = Z[between]
                blocks[j] += inside.T @ inside
        return join_pairs(blocks, self.m + 1)

    def n_rows(self, chosen: BoolArray) -> int:
        """Give the number of rows with a chosen contrast."""
        return int(chosen.reshape(-1, self.m).any(axis=1).sum())

    def _by_outcome(self, chosen: BoolArray) -> BoolArray:
        """Give the chosen contrasts as a table of rows and other outcomes, shape (n, m + 1)."""
        table = np.zeros(self._is_other.shape, dtype=np.bool_)
        table[self._is_other] = chosen
        return table


def join_pairs(blocks: FloatArray, n_outcomes: int) -> FloatArray:
    """Give ``sum_{a<b} (e_a - e_b)(e_a - e_b)' kron block_ab``, without the rows and columns of outcome 0.

    Parameters
    ----------
    blocks : ndarray of shape (K (K - 1) / 2, k, k)
        One symmetric matrix for each pair of outcomes, in the order of `itertools.combinations`.
    n_outcomes : int
        K.

    Returns
    -------
    ndarray of shape ((K - 1) k, (K - 1) k)
    """
    k, m = blocks.shape[1], n_outcomes - 1
    joined = np.zeros((n_outcomes, k, n_outcomes, k))
    for block, (a, b) in zip(blocks, combinations(range(n_outcomes), 2), strict=True):
        joined[a, :, a] += block
        joined[b, :, b] += block
        joined[a, :, b] -= block
        joined[b, :, a] -= block
    return joined[1:, :, 1:].reshape(m * k, m * k)
