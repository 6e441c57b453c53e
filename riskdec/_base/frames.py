"""Frames of any make: recognise them without importing them, take columns out, build one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np

from riskdec._base.optional import require
from riskdec._base.typing import FrameKind
from riskdec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import narwhals.stable.v2 as nw

    from riskdec._base.typing import AnyArray, BoolArray

KINDS: tuple[FrameKind, ...] = get_args(FrameKind)
_FRAMES: tuple[tuple[FrameKind, str], ...] = (("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "Table"))
_SERIES: tuple[tuple[FrameKind, str], ...] = (
    *(("pandas", "Series"), ("polars", "Series")),
    *(("pyarrow", "ChunkedArray"), ("pyarrow", "Array")),
)


def _kind(value: object, classes: tuple[tuple[FrameKind, str], ...]) -> FrameKind | None:
    if type(value) is np.ndarray:
        return None
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


def frame_kind(*values: object, otherwise: FrameKind = "pandas") -> FrameKind:
    """Name the library of the first frame or series among the values."""
    for value in values:
        kind = _kind(value, _FRAMES) or _kind(value, _SERIES)
        if kind is not None:
            return kind
    return otherwise


def series_name(value: object) -> str:
    """Give the name of a series of pandas or polars; empty where there is none, or no series."""
    if _kind(value, _SERIES) in (None, "pyarrow"):
        return ""
    name = cast("Any", value).name
    return "" if name is None else str(name)


def holds_plain_numbers(value: object) -> bool:
    """Tell whether the value is a pandas frame of numpy's own whole or decimal numbers, each column with its name.

    Nearly all frames are; whatever else columns may be need not be looked for in them.
    """
    if _kind(value, _FRAMES) != "pandas":
        return False
    frame = cast("Any", value)
    kinds = {dtype.kind if isinstance(dtype, np.dtype) else "O" for dtype in frame.dtypes.tolist()}
    return kinds <= {"f", "i", "u"} and bool(frame.columns.is_unique)


def open_frame(frame: object) -> nw.DataFrame[Any]:
    """Give a frame of any make as one that narwhals reads; two columns of one name are refused."""
    import narwhals.stable.v2 as nw
    from narwhals.exceptions import DuplicateError

    native = cast("Any", frame)
    try:
        return nw.from_native(native, eager_only=True)
    except DuplicateError as err:
        names = list(native.column_names if frame_kind(native) == "pyarrow" else native.columns)
        twin = next(name for name in names if names.count(name) > 1)
        found = f"{names.count(twin)} columns named {twin!r}"
        message = f"the data must have columns of different names; got {found}. Rename them, or drop all but one."
        raise InputError(message) from err


def column_names(frame: object) -> tuple[str, ...]:
    """Give the column names of a frame, as text."""
    return tuple(str(name) for name in open_frame(frame).columns)


def iterate_columns(frame: object) -> Iterator[tuple[str, AnyArray]]:
    """Yield name (as text) and values of each column; names that are numbers are fine."""
    for column in open_frame(frame).iter_columns():
        yield str(column.name), cast("AnyArray", column.to_numpy())


def get_column(frame: object, name: str) -> AnyArray:
    """Take one column out of a frame as an array; missing values become None or nan."""
    return cast("AnyArray", open_frame(frame)[name].to_numpy())


def keep_rows(frame: object, keep: BoolArray) -> object:
    """Give the frame with the rows of a mask, in its own library."""
    import narwhals.stable.v2 as nw

    return nw.from_native(cast("Any", frame), eager_only=True).filter(keep.tolist()).to_native()


def drop_columns(frame: object, names: Sequence[str]) -> object:
    """Give the frame without the named columns, in its own library."""
    return open_frame(frame).drop(*names).to_native()


def make_frame(columns: Mapping[str, Any], kind: FrameKind = "pandas") -> Any:
    """Build a frame of the wanted library from named columns of equal length.

    Numbers come as arrays, or as lists in which None stands for one that does not exist; texts come as lists.

    Raises
    ------
    MissingExtraError
        Where the library is not installed.

    Examples
    --------
    >>> make_frame({"action": ["wait", "treat"], "risk": [0.1, None]})
      action  risk
    0   wait   0.1
    1  treat   NaN
    """
    require(kind, extra="parquet" if kind == "pyarrow" else None, caller=f"a frame of {kind}")
    import narwhals.stable.v2 as nw

    frame = nw.from_dict({name: _as_column(values) for name, values in columns.items()}, backend=kind)
    # A column without a single value has no type in polars and pyarrow; only texts come without one.
    typeless = [name for name, dtype in frame.schema.items() if dtype == nw.Unknown]
    return frame.with_columns(nw.col(*typeless).cast(nw.String)).to_native() if typeless else frame.to_native()


def _as_column(values: Any) -> Any:
    """Give numbers of which some do not exist as floats with nan: polars would keep None apart from it."""
    if isinstance(values, np.ndarray):
        return values
    listed = list(values)
    known = [value for value in listed if value is not None]
    if len(known) in (0, len(listed)) or any(isinstance(value, str) for value in known):
        return listed
    return np.array([np.nan if value is None else value for value in listed], dtype=np.float64)
