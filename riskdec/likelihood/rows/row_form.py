"""The algebra between rows as they are read and the standardised rows of a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# Within these units squares neither overflow nor underflow.
_PLAIN_SCALES = (1e-100, 1e100)


class Predictor(NamedTuple):
    """A linear predictor on rows in the form in which they are read."""

    constant: float
    slopes: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class RowForm:
    """How standardised rows follow from those that are read: ``z = (1, (row - shift) / scale)``.

    Sums over rows are taken of ``(1, row)``, where the 1 is implied, and brought to standardised rows afterwards:
    p numbers instead of n p are divided by the scales.

    Attributes
    ----------
    ones : bool
        Whether sums begin with those of an implied 1 before each row that is read.
    intercept : bool
        Whether that 1 is a column of the model.
    shift : ndarray or None
        None for rows that are read less their shift.
    scale : ndarray or None
        None for rows that are read standardised.
    """

    ones: bool
    intercept: bool
    shift: FloatArray | None
    scale: FloatArray | None

    def predictor(self, coef: FloatArray) -> Predictor:
        """Bring standardised coefficients to the rows that are read."""
        if self.scale is None:
            return Predictor(0.0, coef)
        slopes = coef[int(self.intercept) :] / self.scale
        constant = float(coef[0]) if self.intercept else 0.0
        return Predictor(constant if self.shift is None else constant - float(self.shift @ slopes), slopes)

    def score(self, product: FloatArray) -> FloatArray:
        """Give ``Z'r`` from ``(1, row)' r``."""
        if self.scale is None:
            return product
        slopes = product[int(self.ones) :]
        if self.shift is not None:
            slopes = slopes - product[0] * self.shift
        slopes = slopes / self.scale
        return np.concatenate([product[:1], slopes]) if self.intercept else slopes

    def crossproduct(self, product: FloatArray) -> FloatArray:
        """Give ``Z'WZ``, exactly symmetric, from ``(1, row)' W (1, row)``."""
        if self.scale is None:
            return product
        first = int(self.ones)
        inner, edge = product[first:, first:], product[0, first:]
        if self.shift is not None:
            half = np.outer(self.shift, edge - 0.5 * product[0, 0] * self.shift)
            inner, edge = inner - (half + half.T), edge - product[0, 0] * self.shift
        inner = inner / np.outer(self.scale, self.scale)
        if not self.intercept:
            return inner
        result = np.empty((len(inner) + 1, len(inner) + 1))
        result[0, 0], result[0, 1:], result[1:, 1:] = product[0, 0], edge / self.scale, inner
        result[1:, 0] = result[0, 1:]
        return result


def are_plain(scale: FloatArray) -> bool:
    """Tell whether columns on these scales may be multiplied before they are standardised."""
    smallest, largest = _PLAIN_SCALES
    return bool(np.all((scale > smallest) & (scale < largest)))
