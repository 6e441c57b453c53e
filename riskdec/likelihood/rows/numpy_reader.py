"""Reading dense rows with numpy: long calls, between which threads change over, and crossproducts in the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood.rows.design import chunk_rows
from riskdec.likelihood.rows.logit import residuals, row_terms
from riskdec.likelihood.rows.reading import Reader, cut
from riskdec.likelihood.rows.row_form import RowForm, are_plain

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.rows.design import Design
    from riskdec.likelihood.rows.reading import Outcomes, Sums
    from riskdec.likelihood.rows.row_form import Predictor

# Numbers that are read at a time (2 MiB): calls much longer than a thread needs to get its turn.
_PIECE_NUMBERS = 1 << 18
# With so few columns, and products so small, BLAS multiplies two matrices as fast as one with itself or faster.
_FEW_COLUMNS = 24
_FEW_PRODUCTS = 1_000_000
# Columns whose means are this few standard deviations from zero may be centred after the products instead of before
# them: that costs 16-fold rounding at most, and saves a copy of every row (a fifth of a reading).
_NEAR_ZERO = 4.0


class NumpyReader(Reader):
    """Rows of a dense design: as they are where that does no harm, else less their centre, else standardised."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self.n_rows = design.n_rows
        self.form, self._is_near = _choose_form(design)
        self.width = design.n_columns if self.form.scale is None else len(design.kept)
        self._piece = max(256, _PIECE_NUMBERS // max(self.width, 1))

    def product(self, rows: slice, predictor: Predictor, eta: FloatArray) -> Sums:
        """Write the linear predictors of some rows into ``eta``; there is nothing to add up."""
        for piece in cut(rows, self._piece):
            _predict(self._rows(piece), predictor, None, eta[piece])
        return ()

    def likelihood(self, rows: slice, outcomes: Outcomes, predictor: Predictor, eta: FloatArray) -> Sums:
        """Give log-likelihood, score and information of some rows; write their linear predictors into ``eta``."""
        value, score, information = 0.0, self._no_score(), self._no_crossproduct()
        for piece in cut(rows, self._piece):
            x, part = self._rows(piece), eta[piece]
            offset, weight = _of(outcomes.offset, piece), _of(outcomes.weight, piece)
            _predict(x, predictor, offset, part)
            terms = row_terms(part, outcomes.y[piece], weight)
            value += terms.log_likelihood
            self._add_score(score, x, terms.residual)
            self._add_crossproduct(information, x, terms.variance)
        return value, score, information

    def score(self, rows: slice, outcomes: Outcomes, predictor: Predictor) -> Sums:
        """Give the score of some rows alone."""
        score = self._no_score()
        for piece in cut(rows, self._piece):
            x = self._rows(piece)
            eta = np.empty(len(x))
            _predict(x, predictor, _of(outcomes.offset, piece), eta)
            residual = residuals(eta, outcomes.y[piece], _of(outcomes.weight, piece))
            self._add_score(score, x, residual)
        return (score,)

    def crossproduct(self, rows: slice, weight: FloatArray | None) -> Sums:
        """Give the sum of ``w z z'`` of some rows."""
        total = self._no_crossproduct()
        for piece in cut(rows, self._piece):
            self._add_crossproduct(total, self._rows(piece), _of(weight, piece))
        return (total,)

    def _no_score(self) -> FloatArray:
        return np.zeros(int(self.form.ones) + self.width)

    def _no_crossproduct(self) -> FloatArray:
        side = int(self.form.ones) + self.width
        return np.zeros((side, side))

    def _add_score(self, total: FloatArray, x: FloatArray, residual: FloatArray) -> None:
        first = int(self.form.ones)
        total[:first] += residual.sum()
        total[first:] += _times_rows(residual, x)

    def _add_crossproduct(self, total: FloatArray, x: FloatArray, weight: FloatArray | None) -> None:
        """Add ``sum w (1, x) (1, x)'``: the 1 in the first row only, where the form looks for it."""
        first = int(self.form.ones)
        each = np.ones(len(x)) if weight is None else weight
        if first:
            total[0, 0] += each.sum()
            total[0, 1:] += _times_rows(each, x)
        by_row = x.strides[0] >= x.strides[1]
        # A product of two matrices is twice the work of one with itself; parts of columns would be copied for it.
        few = by_row and self.width <= _FEW_COLUMNS
        factor = (each if few else np.sqrt(each))[:, np.newaxis]
        step = min(chunk_rows(self.width), len(x), _FEW_PRODUCTS // max(self.width, 1) ** 2 if few else len(x))
        # In the memory order of the rows: numpy is slow across two orders.
        room = np.empty((step, self.width), order="C" if by_row else "F")
        product = np.zeros((self.width, self.width))
        for part in cut(slice(0, len(x)), step):
            scaled = np.multiply(x[part], factor[part], out=room[: part.stop - part.start])
            product += np.dot(scaled.T, x[part] if few else scaled)
        total[first:, first:] += (product + product.T) / 2

    def _rows(self, piece: slice) -> FloatArray:
        design = self._design
        if design.cache is not None:
            return design.cache[piece]
        if self.form.scale is None:
            return design.standardise(piece, np.empty((piece.stop - piece.start, self.width)))
        # Two steps are faster than one that casts as it subtracts.
        block = design.columns(piece).astype(np.float64, copy=False)
        return block if self._is_near else block - design.center


def _predict(x: FloatArray, predictor: Predictor, offset: FloatArray | None, out: FloatArray) -> None:
    np.matmul(x, predictor.slopes, out=out)
    if predictor.constant:
        out += predictor.constant
    if offset is not None:
        out += offset


def _times_rows(values: FloatArray, x: FloatArray) -> FloatArray:
    # `np.matmul` keeps the interpreter lock where there are fewer than 500 results, so that a second thread waits for
    # the first; `np.dot` does not, but copies rows that do not lie in one piece.
    product: FloatArray = np.dot(values, x) if x.flags.forc else np.matmul(values, x)
    return product


def _of(values: FloatArray | None, piece: slice) -> FloatArray | None:
    return None if values is None else values[piece]


def _choose_form(design: Design) -> tuple[RowForm, bool]:
    """Give the form in which rows are read, and whether their columns are near enough to zero for that of X."""
    scale, center = design.scale, design.center
    if design.cache is not None or design.basis is not None or not are_plain(scale):
        return RowForm(ones=False, intercept=False, shift=None, scale=None), False
    is_near = bool(np.all(np.abs(center) <= _NEAR_ZERO * scale))
    shift = center if is_near and center.any() else None
    ones = design.intercept or shift is not None
    return RowForm(ones=ones, intercept=design.intercept, shift=shift, scale=scale), is_near
