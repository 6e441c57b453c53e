"""Covariance matrices and the condition number of ridge fits on wide rows, by the algebra of their blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.fit import invert

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.likelihood.wide.block_ridge import BlockProblem, BlockRidge

# The condition number tells orders of magnitude.
_DIGITS = 0.1


class BlockCovariance:
    """Inverse penalised information of a ridge fit, and sandwiches around it: for up to a few thousand columns.

    Parameters
    ----------
    found : BlockRidge
        A fit, fresh from its rows.
    """

    def __init__(self, found: BlockRidge) -> None:
        self._problem = found.problem
        with one_blas_thread():
            self._bread = invert(found.information.full())

    def posterior(self) -> FloatArray:
        """Give the inverse penalised information, shape (k, k); NaN for constant columns."""
        return self._in_units(self._bread)

    def sandwich(
        self, residual: FloatArray, *, multiplicity: FloatArray | None = None, groups: IntArray | None = None
    ) -> FloatArray:
        """Give ``B M B``; see `sandwich_covariance`, whose formulas these are.

        Parameters
        ----------
        residual : ndarray of shape (n,)
            What each single row contributes to the score.
        multiplicity, groups
            As in `sandwich_covariance`.
        """
        with one_blas_thread():
            if groups is None:
                square = residual**2 if multiplicity is None else residual**2 * multiplicity
                meat = self._problem.products.weighted(square).full()
            else:
                meat = self._clusters(residual, multiplicity, groups)
            return self._in_units(self._bread @ meat @ self._bread)

    def _clusters(self, residual: FloatArray, multiplicity: FloatArray | None, groups: IntArray) -> FloatArray:
        from scipy import sparse

        problem, n = self._problem, len(residual)
        weighted = residual if multiplicity is None else residual * multiplicity
        n_groups = int(groups.max()) + 1
        member = sparse.csr_array((weighted, (groups, np.arange(n))), shape=(n_groups, n))
        sums = (member @ problem.X.to_sparse()).toarray()
        if problem.intercept:
            sums = np.column_stack([np.bincount(groups, weighted), sums])
        rows, k = float(n if multiplicity is None else multiplicity.sum()), int((~problem.dead).sum())
        correction = n_groups / (n_groups - 1) * (rows - 1) / max(rows - k, 1.0)
        return np.asarray(correction * (sums.T @ sums))

    def _in_units(self, covariance: FloatArray) -> FloatArray:
        problem = self._problem
        first = int(problem.intercept)
        unit = np.concatenate([np.ones(first), problem.unit])
        scaled = covariance / unit / unit[:, np.newaxis]
        if first:
            toward = np.concatenate([[1.0], -problem.shift])
            row = toward @ scaled
            scaled[0], scaled[:, 0] = row, row
            scaled[0, 0] = row @ toward
        scaled[problem.dead], scaled[:, problem.dead] = np.nan, np.nan
        return np.asarray((scaled + scaled.T) / 2)


def block_condition(found: BlockRidge) -> float:
    """Give the condition number of the penalised information on standardised columns, to about 10 %."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    problem, matrix = found.problem, found.information
    factorised = matrix.factorise()
    k = len(problem.dead)
    if factorised is None:
        return float("inf")
    if k < 3:
        return float(np.linalg.cond(_standardised(problem, matrix.full())))

    # Columns that hold nothing stand alone; they are no direction of the estimate.
    live = ~problem.dead

    def forward(v: FloatArray) -> FloatArray:
        return live * problem.standardise_transposed(matrix.product(problem.standardise(live * v)))

    def backward(v: FloatArray) -> FloatArray:
        return live * problem.unstandardise(factorised.solve(problem.unstandardise_transposed(live * v)))

    start = np.cos(np.arange(k))
    with one_blas_thread():
        largest, smallest = (
            float(
                eigsh(
                    LinearOperator((k, k), matvec=way),
                    k=1,
                    ncv=min(k, 8),
                    tol=_DIGITS,
                    v0=start,
                    return_eigenvectors=False,
                )[0]
            )
            for way in (forward, backward)
        )
    return largest * smallest


def _standardised(problem: BlockProblem, matrix: FloatArray) -> FloatArray:
    T = np.array([problem.standardise(unit) for unit in np.eye(len(matrix))]).T
    return np.asarray(T.T @ matrix @ T)
