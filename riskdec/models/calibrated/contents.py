"""A number for what each row of any table holds, so that rows can be dealt by content and not by place."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from riskdec._base.frames import is_frame, iterate_columns
from riskdec.models.doors.row_keys import value_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import AnyArray

_NUMBERS = "biuf"


def content_keys(X: Any) -> AnyArray | None:
    """Give the key of each row, shape (n,), uint64; None for what has no rows and columns of numbers or text.

    Parameters
    ----------
    X : frame, array, sparse matrix or sequence of texts
        Rows, in the kind that an estimator takes.
    """
    if issparse(X):
        return _sparse_keys(X)
    if is_frame(X):
        return _add_up(values for _, values in iterate_columns(X))
    array = np.asarray(X)
    if array.ndim not in (1, 2) or array.dtype.kind not in _NUMBERS + "OUS":
        return None
    return _add_up(array.reshape(len(array), -1).T)


def _add_up(columns: Iterable[AnyArray]) -> AnyArray | None:
    keys: AnyArray | None = None
    for place, values in enumerate(columns):
        numbers = values if values.dtype.kind in _NUMBERS else _text_numbers(values)
        added = value_keys(numbers, place)
        keys = added if keys is None else keys + added
    return keys


def _text_numbers(values: AnyArray) -> AnyArray:
    """Give a number for each text, the same wherever it stands."""
    texts, places = np.unique(np.array([repr(value) for value in values.tolist()], dtype=object), return_inverse=True)
    hashed = [int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big") for text in texts.tolist()]
    return np.array(hashed, dtype=np.float64)[places]


def _sparse_keys(X: Any) -> AnyArray:
    rows = X.tocoo()
    keys = np.zeros(rows.shape[0], dtype=np.uint64)
    if rows.dtype.kind in _NUMBERS:
        np.add.at(keys, rows.row, value_keys(rows.data, rows.col))
    return keys
