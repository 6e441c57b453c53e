"""Frames of any make: recognise them without importing them, take columns out, build one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from riskdec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskdec._base.typing import AnyArray, FrameKind

_FRAMES: tuple[tuple[FrameKind, str], ...] = (("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "Table"))
_SERIES: tuple[tuple[FrameKind, str], ...] = (("pandas", "Series"), ("polars", "Series"), ("pyarrow", "ChunkedArray"))


def _kind(value: object, classes: tuple[tuple[FrameKind, str], ...]) -> FrameKind | None:
    for library, name in classes:
        module = sys.modules.get(library)
        # A library half-way through its import, or one that a test took away, has no such class.
        frame_class = getattr(module, name, None)
        if frame_class is not None and isinstance(value, frame_class):
            return library
    return None


def is_frame(value: object) -> bool:
    """Tell whether the value is a data frame of pandas, polars or pyarrow."""
    if type(value).__name__ == "LazyFrame":
        message = "the data must be a frame with rows; got a LazyFrame. Call .collect() on it first."
        raise InputError(message)
    return _kind(value, _FRAMES) is not None


def frame_kind(*values: object) -> FrameKind:
    """Name the library of the first frame or series among the values; pandas where there is none."""
    for value in values:
        kind = _kind(value, _FRAMES) or _kind(value, _SERIES)
        if kind is not None:
            return kind
    return "pandas"


def column_names(frame: object) -> tuple[str, ...]:
    """Give the column names of a frame, as text."""
    import narwhals.stable.v2 as nw

    return tuple(str(name) for name in nw.from_native(cast("Any", frame), eager_only=True).columns)


def iterate_columns(frame: object) -> Iterator[tuple[str, AnyArray]]:
    """Yield name (as text) and values of each column; names that are numbers are fine."""
    import narwhals.stable.v2 as nw

    for column in nw.from_native(cast("Any", frame), eager_only=True).iter_columns():
        yield str(column.name), cast("AnyArray", column.to_numpy())


def get_column(frame: object, name: str) -> AnyArray:
    """Take one column out of a frame as an array; missing values become None or nan."""
    import narwhals.stable.v2 as nw

    return cast("AnyArray", nw.from_native(cast("Any", frame), eager_only=True)[name].to_numpy())


def drop_columns(frame: object, names: Sequence[str]) -> object:
    """Give the frame without the named columns, in its own library."""
    import narwhals.stable.v2 as nw

    return nw.from_native(cast("Any", frame), eager_only=True).drop(*names).to_native()


def make_frame(columns: Mapping[str, Any], kind: FrameKind = "pandas") -> Any:
    """Build a frame of the wanted library from named columns of equal length.

    Examples
    --------
    >>> make_frame({"action": ["wait", "treat"], "risk": [0.1, 0.7]})
      action  risk
    0   wait   0.1
    1  treat   0.7
    """
    import narwhals.stable.v2 as nw

    return nw.from_dict(dict(columns), backend=kind).to_native()
