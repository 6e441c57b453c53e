"""Reading dense rows with compiled loops, where the extra ``fast`` is installed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.optional import has_numba
from riskdec.likelihood.rows.reading import Reader
from riskdec.likelihood.rows.row_form import RowForm, are_plain

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray
    from riskdec.likelihood.rows.design import Design
    from riskdec.likelihood.rows.reading import Outcomes, Sums
    from riskdec.likelihood.rows.row_form import Predictor

# Loading what was compiled takes most of a second once in a process, so there must be some work to do.
_LEAST_NUMBERS = 1 << 20
# With more columns the crossproducts of BLAS are as fast.
_MOST_COLUMNS = 128
# What the loops take for no weights and no offset.
_NONE: FloatArray = np.empty(0)
_NONE.flags.writeable = False


def suits_loops(X: AnyArray) -> bool:
    """Tell whether the loops are at hand and know this kind of rows, and there are enough of them."""
    return (
        isinstance(X, np.ndarray)
        and X.size > _LEAST_NUMBERS
        and X.shape[1] <= _MOST_COLUMNS
        and X.dtype in (np.float64, np.float32)
        and bool(X.flags.c_contiguous or X.flags.f_contiguous)
        and has_numba()
    )


def can_read(design: Design) -> bool:
    """Tell whether the loops can read the rows of a design."""
    plain = design.cache is None and design.basis is None and len(design.kept) == design.X.shape[1]
    return plain and suits_loops(design.X) and are_plain(design.scale)


def oriented(X: AnyArray) -> tuple[AnyArray, bool]:
    """Give rows in C order, and whether these are the columns."""
    return (_locked(X), False) if X.flags.c_contiguous else (_locked(X.T), True)


def _locked(values: AnyArray) -> AnyArray:
    # Loops are compiled once more for arrays that cannot be written to, so none can.
    view = values.view()
    view.flags.writeable = False
    return view


def _given(values: FloatArray | None) -> FloatArray:
    return _NONE if values is None else _locked(values)


class CompiledReader(Reader):
    """Rows of a dense design less their centre; the loops run outside the interpreter lock."""

    def __init__(self, design: Design) -> None:
        self.n_rows, self.width = design.n_rows, len(design.kept)
        self.form = RowForm(ones=design.intercept, intercept=design.intercept, shift=None, scale=design.scale)
        self._X, self._by_column = oriented(design.X)
        self._shift = design.center

    def product(self, rows: slice, predictor: Predictor, eta: FloatArray) -> Sums:
        """Write the linear predictors of some rows into ``eta``; there is nothing to add up."""
        from riskdec.likelihood.rows.compiled_loops import predict

        predict(
            self._X,
            self._by_column,
            rows.start,
            rows.stop,
            self._shift,
            predictor.slopes,
            predictor.constant,
            _NONE,
            eta[rows],
        )
        return ()

    def likelihood(self, rows: slice, outcomes: Outcomes, predictor: Predictor, eta: FloatArray) -> Sums:
        """Give log-likelihood, score and information of some rows; write their linear predictors into ``eta``."""
        from riskdec.likelihood.rows.compiled_loops import read_likelihood

        total = self._room(1)
        value = read_likelihood(
            self._X,
            self._by_column,
            rows.start,
            rows.stop,
            self._shift,
            predictor.slopes,
            predictor.constant,
            _locked(outcomes.y),
            _given(outcomes.weight),
            _given(outcomes.offset),
            eta,
            total,
        )
        cross = self._whole(total, 1)
        return value, cross[-1, :-1], cross[:-1, :-1]

    def score(self, rows: slice, outcomes: Outcomes, predictor: Predictor) -> Sums:
        """Give the score of some rows alone."""
        from riskdec.likelihood.rows.compiled_loops import read_score

        total = np.zeros(1 + self.width)
        read_score(
            self._X,
            self._by_column,
            rows.start,
            rows.stop,
            self._shift,
            predictor.slopes,
            predictor.constant,
            _locked(outcomes.y),
            _given(outcomes.weight),
            _given(outcomes.offset),
            total,
        )
        return (total[1 - int(self.form.ones) :],)

    def crossproduct(self, rows: slice, weight: FloatArray | None) -> Sums:
        """Give the sum of ``w z z'`` of some rows."""
        from riskdec.likelihood.rows.compiled_loops import read_crossproduct

        total = self._room(0)
        read_crossproduct(self._X, self._by_column, rows.start, rows.stop, self._shift, _given(weight), total)
        return (self._whole(total, 0),)

    def _room(self, extra: int) -> FloatArray:
        side = -(-(1 + self.width + extra) // 4) * 4
        return np.zeros((side, side))

    def _whole(self, total: FloatArray, extra: int) -> FloatArray:
        """Give the crossproduct of the columns in use from its blocks on and below the diagonal."""
        used = slice(1 - int(self.form.ones), 1 + self.width + extra)
        return np.where(_below(len(total)), total, total.T)[used, used]


@cache
def _below(side: int) -> BoolArray:
    return np.tri(side, dtype=np.bool_)


def column_sums(X: AnyArray, block: slice, weight: FloatArray | None, reference: FloatArray) -> Sums:
    """Give sums of some rows, less a point of reference, and of their squares."""
    from riskdec.likelihood.rows.compiled_loops import read_moments

    sums, squares = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    rows, by_column = oriented(X)
    read_moments(rows, by_column, block.start, block.stop, reference, _given(weight), sums, squares)
    return sums, squares
