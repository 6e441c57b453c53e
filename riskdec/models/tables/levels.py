"""The levels of a column of categories, as codes: taken from the library's own codes where it keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

    from riskdec._base.typing import IntArray


class CodedColumn(NamedTuple):
    """A column as the place of each row's value in a list of different values.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        Places in `values`; -1 for rows that the library knows to lack a value.
    values : list
        Values, each once; some may occur in no row.
    """

    codes: IntArray
    values: list[Any]


def has_declared_levels(values: Any) -> bool:
    """Tell whether the library keeps codes of a narwhals series: a Categorical, an Enum, a dictionary."""
    import narwhals.stable.v2 as nw

    return bool(values.dtype in (nw.Categorical, nw.Enum))


def code_column(values: nw.Series[Any]) -> CodedColumn:
    """Give a column as codes and values."""
    if has_declared_levels(values):
        if values.implementation.is_pandas():
            native: Any = values.to_native()
            return CodedColumn(native.cat.codes.to_numpy().astype(np.intp), values.cat.get_categories().to_list())
        if values.implementation.is_polars():
            return _code_polars(values.to_native())
    raw = values.to_list()
    place: dict[Any, int] = {}
    codes = np.fromiter((place.setdefault(value, len(place)) for value in raw), dtype=np.intp, count=len(raw))
    return CodedColumn(codes, list(place))


def _code_polars(native: Any) -> CodedColumn:
    """Read the physical codes; those of a Categorical may count levels of other columns too."""
    physical = native.to_physical().fill_null(0).to_numpy().astype(np.intp)
    lacking = native.is_null().to_numpy()
    different = native.drop_nulls().unique()
    known = different.to_physical().to_numpy().astype(np.intp)
    place = np.full(int(known.max(initial=-1)) + 1, -1, dtype=np.intp)
    place[known] = np.arange(len(known))
    codes = np.full(len(physical), -1, dtype=np.intp)
    codes[~lacking] = place[physical[~lacking]]
    return CodedColumn(codes, different.to_list())
