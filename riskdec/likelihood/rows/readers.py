"""Which reader is the fastest for the rows of a design, and products of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood.rows.compiled_reader import CompiledReader, can_read
from riskdec.likelihood.rows.kept_reader import KeptReader
from riskdec.likelihood.rows.numpy_reader import NumpyReader
from riskdec.likelihood.wide.block_reader import BlockReader, suits_blocks

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.rows.design import Design
    from riskdec.likelihood.rows.reading import Reader


def reader_of(design: Design) -> Reader:
    """Give the fastest reader of the rows of a design."""
    few = design.cache_for_readers
    if few is not None:
        return KeptReader(few)
    if suits_blocks(design):
        return BlockReader(design)
    return CompiledReader(design) if can_read(design) else NumpyReader(design)


def product(design: Design, coef: FloatArray) -> FloatArray:
    """Multiply the standardised rows by coefficients, (k,) or (k, m): shape (n,) or (n, m)."""
    if coef.ndim == 2:
        return np.column_stack([product(design, column) for column in coef.T])
    reader, result = reader_of(design), np.empty(design.n_rows)
    predictor = reader.form.predictor(coef)
    reader.add_up(lambda block: reader.product(block, predictor, result))
    return result


def crossproduct(design: Design, weight: FloatArray | None) -> FloatArray:
    """Give ``sum w z z'`` of the standardised rows, weights not negative: shape (k, k)."""
    reader = reader_of(design)
    (total,) = reader.add_up(lambda block: reader.crossproduct(block, weight))
    return reader.form.crossproduct(total)
