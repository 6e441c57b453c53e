"""Reading wide rows by the algebra of their blocks: no zero is read, and no row is filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec.likelihood.rows.logit import residuals, row_terms
from riskdec.likelihood.rows.reading import Reader
from riskdec.likelihood.rows.row_form import RowForm, are_plain
from riskdec.likelihood.wide.block_information import BlockCrossproduct
from riskdec.likelihood.wide.block_matrix import BlockMatrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.rows.design import Design
    from riskdec.likelihood.rows.reading import Outcomes, Sums
    from riskdec.likelihood.rows.row_form import Predictor


def suits_blocks(design: Design) -> bool:
    """Tell whether the rows of a design are kept in blocks and can be read as such."""
    return (
        isinstance(design.X, BlockMatrix) and design.cache is None and design.basis is None and are_plain(design.scale)
    )


class BlockReader(Reader):
    """Rows of a `BlockMatrix`, dense columns less their centre; all rows are one block."""

    def __init__(self, design: Design) -> None:
        self.n_rows, self.width = design.n_rows, len(design.kept)
        X: Any = design.X
        center = np.zeros(X.shape[1])
        center[design.kept] = design.center
        self._kept = design.kept
        self._X, self._products = _prepare(X, center)
        # What is left to be subtracted after the products; the mean of a level is small beside its deviation.
        center[X.dense_columns] = 0.0
        self._shift, self._scale = center[design.kept], design.scale
        self.form = RowForm(ones=True, intercept=design.intercept, shift=self._shift, scale=self._scale)

    def add_up(self, part: Callable[[slice], Sums]) -> Sums:
        """Call one of the readings on all rows."""
        return part(slice(0, self.n_rows))

    def product(self, rows: slice, predictor: Predictor, eta: FloatArray) -> Sums:
        """Write the linear predictors of some rows into ``eta``; there is nothing to add up."""
        eta[rows] = self._predict(predictor)[rows]
        return ()

    def likelihood(self, rows: slice, outcomes: Outcomes, predictor: Predictor, eta: FloatArray) -> Sums:
        """Give log-likelihood, score and information; write the linear predictors into ``eta``."""
        eta[rows] = self._predict(predictor)[rows]
        if outcomes.offset is not None:
            eta[rows] += outcomes.offset[rows]
        terms = row_terms(eta[rows], outcomes.y[rows], None if outcomes.weight is None else outcomes.weight[rows])
        return terms.log_likelihood, self.times_rows(terms.residual), self._weighted(terms.variance)

    def score(self, rows: slice, outcomes: Outcomes, predictor: Predictor) -> Sums:
        """Give the score alone."""
        eta = self._predict(predictor)
        if outcomes.offset is not None:
            eta += outcomes.offset
        return (self.times_rows(residuals(eta, outcomes.y, outcomes.weight)),)

    def crossproduct(self, rows: slice, weight: FloatArray | None) -> Sums:
        """Give the sum of ``w z z'``."""
        return (self._weighted(np.ones(self.n_rows) if weight is None else weight),)

    def quadratic_forms(self, matrix: FloatArray) -> FloatArray:
        """Give ``z' matrix z`` of each standardised row, the matrix symmetric: shape (n,)."""
        p = self._X.shape[1]
        # Standardised rows are S (1, row), so the matrix between rows as they are read is S' matrix S.
        first, scale, shift = int(self.form.intercept), self._scale, self._shift
        S = np.zeros((len(matrix), 1 + p))
        S[:first, 0] = 1.0
        S[first:, 0] = -shift / scale
        S[first + np.arange(len(scale)), 1 + self._kept] = 1 / scale
        return self._products.quadratic_forms(S.T @ matrix @ S)

    def _predict(self, predictor: Predictor) -> FloatArray:
        slopes = np.zeros(self._X.shape[1])
        slopes[self._kept] = predictor.slopes
        return self._X @ slopes + predictor.constant

    def times_rows(self, values: FloatArray) -> FloatArray:
        """Give ``(1, row)' v`` over all rows."""
        return np.concatenate([[values.sum()], self._X.transposed_product(values)[self._kept]])

    def _weighted(self, weight: FloatArray) -> FloatArray:
        used = np.concatenate([[0], 1 + self._kept])
        return np.asarray(self._products.weighted(weight).full()[np.ix_(used, used)])


def _prepare(X: BlockMatrix, center: FloatArray) -> tuple[BlockMatrix, BlockCrossproduct]:
    """Centre the dense columns and number the pairs of levels: once for the many readings of a fit."""
    made = X.made
    if not made or not np.array_equal(made["center"], center):
        centred = replace(X, dense=X.dense - center[X.dense_columns], made={})
        made.update(center=center.copy(), X=centred, products=BlockCrossproduct(centred, intercept=True))
    return made["X"], made["products"]
