"""Reading standardised rows that were made once and kept: few calls, each over as many rows as the cache holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood.rows.logit import residuals, row_terms
from riskdec.likelihood.rows.reading import Reader, cut, sum_of
from riskdec.likelihood.rows.row_form import RowForm

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.rows.reading import Outcomes, Sums
    from riskdec.likelihood.rows.row_form import Predictor

_AS_THEY_ARE = RowForm(ones=False, intercept=False, shift=None, scale=None)
# Numbers in one piece (512 KiB): it and its weighted copy stay in the cache.
_PIECE_NUMBERS = 1 << 16
# With so few columns BLAS multiplies two matrices about as fast as one with itself, and with AVX-512 twice as fast.
_FEW_COLUMNS = 15


class KeptReader(Reader):
    """Standardised rows in the memory order of their columns, read piece by piece on one thread."""

    form = _AS_THEY_ARE

    def __init__(self, rows: FloatArray) -> None:
        self._Z = rows
        self.n_rows, self.width = rows.shape

    def add_up(self, part: Callable[[slice], Sums]) -> Sums:
        """Call one of the readings on every piece of the rows, and add up."""
        return sum_of(map(part, cut(slice(0, self.n_rows), max(256, _PIECE_NUMBERS // max(self.width, 1)))))

    def product(self, rows: slice, predictor: Predictor, eta: FloatArray) -> Sums:
        """Write the linear predictors of some rows into ``eta``; there is nothing to add up."""
        np.matmul(self._Z[rows], predictor.slopes, out=eta[rows])
        return ()

    def likelihood(self, rows: slice, outcomes: Outcomes, predictor: Predictor, eta: FloatArray) -> Sums:
        """Give log-likelihood, score and information of some rows; write their linear predictors into ``eta``."""
        Z, y, weight = self._Z[rows], outcomes.y[rows], outcomes.weight
        here = np.matmul(Z, predictor.slopes, out=eta[rows])
        if outcomes.offset is not None:
            here += outcomes.offset[rows]
        value, residual, variance = row_terms(here, y, weight if weight is None else weight[rows])
        return value, np.matmul(residual, Z), _square(Z, variance)

    def score(self, rows: slice, outcomes: Outcomes, predictor: Predictor) -> Sums:
        """Give the score of some rows alone."""
        Z, y, weight = self._Z[rows], outcomes.y[rows], outcomes.weight
        here = np.matmul(Z, predictor.slopes)
        if outcomes.offset is not None:
            here += outcomes.offset[rows]
        return (np.matmul(residuals(here, y, weight if weight is None else weight[rows]), Z),)

    def crossproduct(self, rows: slice, weight: FloatArray | None) -> Sums:
        """Give the sum of ``w z z'`` of some rows."""
        return (_square(self._Z[rows], weight if weight is None else weight[rows]),)


def _square(Z: FloatArray, weight: FloatArray | None) -> FloatArray:
    """Give ``Z'WZ``, exactly symmetric."""
    if Z.shape[1] > _FEW_COLUMNS:
        scaled = Z if weight is None else Z * np.sqrt(weight)[:, np.newaxis]
        own: FloatArray = np.matmul(scaled.T, scaled)
        return own
    weighted = Z if weight is None else Z * weight[:, np.newaxis]
    product = np.matmul(weighted.T, Z)
    halves: FloatArray = product + product.T
    halves *= 0.5
    return halves
