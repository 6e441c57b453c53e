"""A frame with categories as a matrix that keeps their codes: what `TableEncoding` learned, without the zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec.likelihood.wide.block_matrix import OneHot, join_columns
from riskdec.models.tables.columns import CategoryColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals.stable.v2 as nw

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray
    from riskdec.models.tables.encoding import TableEncoding, Unseen


def encode_levels(encoding: TableEncoding, frame: object, *, unseen: Unseen = "error") -> AnyArray:
    """Encode a frame as `TableEncoding.encode` does, with blocks of levels as codes.

    Parameters
    ----------
    encoding : TableEncoding
        What was learned.
    frame, unseen
        As in `TableEncoding.encode`.

    Returns
    -------
    BlockMatrix, or ndarray of shape (n, p) where no column has many levels
        The same numbers.
    """
    series = encoding.take(frame)
    parts, unknown = fill_levels(encoding, series)
    encoding.answer_unknown(series, unknown, unseen)
    joined: AnyArray = join_columns(parts)
    return joined


def fill_levels(
    encoding: TableEncoding, series: Mapping[str, nw.Series[Any]]
) -> tuple[list[FloatArray | OneHot], list[BoolArray]]:
    """Give each column as numbers or levels, and which rows hold what training gave no rule for."""
    parts: list[FloatArray | OneHot] = []
    unknown = []
    start = 0
    for column in encoding.columns:
        values, width = series[column.name], len(column.names)
        if isinstance(column, CategoryColumn):
            codes, strange = column.places(values)
            parts.append(OneHot(np.where(codes < 0, width, codes), start, width))
        else:
            numbers = np.empty((len(values), width))
            strange = column.fill(values, numbers)
            parts.append(numbers)
        unknown.append(strange)
        start += width
    return parts, unknown
