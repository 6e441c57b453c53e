"""One column of a mixed table: what training taught about it, and how its values become numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse, refuse_rows
from riskdec._base.frames import is_frame, make_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals.stable.v2 as nw

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.errors import InputError

MAX_LEVELS = 1000


@dataclass(frozen=True, kw_only=True)
class NumberColumn:
    """Numbers, or booleans as 0 and 1.

    Attributes
    ----------
    name : str
        Name of the column.
    mean : float
        Mean of the training rows, which stands in for missing values.
    n_missing : int
        Training rows without a value; if there were any, a second column marks such rows.
    """

    name: str
    mean: float
    n_missing: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return (self.name, f"{self.name}[missing]") if self.n_missing else (self.name,)

    @property
    def reference(self) -> str:
        """What stands in for a value that training did not have."""
        return f"the mean {self.mean:.4g}"

    def fill(self, values: nw.Series[Any], out: FloatArray) -> BoolArray:
        """Write the encoded rows to `out`; tell which rows training gave no rule for."""
        numbers = numbers_of(values)
        absent = np.isnan(numbers)
        out[:, 0] = np.where(absent, self.mean, numbers)
        if not self.n_missing:
            return absent
        out[:, 1] = absent
        return np.zeros_like(absent)

    def to_state(self) -> dict[str, Any]:
        """Give what was learned, ready for JSON."""
        return {"kind": "number", "name": self.name, "mean": self.mean, "n_missing": self.n_missing}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> NumberColumn:
        """Rebuild from `to_state`."""
        return cls(name=str(state["name"]), mean=float(state["mean"]), n_missing=int(state["n_missing"]))


@dataclass(frozen=True, kw_only=True)
class CategoryColumn:
    """Text or categories, compared as text so that a file and a frame agree.

    Attributes
    ----------
    name : str
        Name of the column.
    levels : tuple of str
        Levels seen in training; the first is the reference.
    n_missing : int
        Training rows without a value; if there were any, they are one more level.
    """

    name: str
    levels: tuple[str, ...]
    n_missing: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        shown = (*self.levels, "missing") if self.n_missing else self.levels
        return tuple(f"{self.name}[{level}]" for level in shown[1:])

    @property
    def reference(self) -> str:
        """What stands in for a value that training did not have."""
        return repr(self.levels[0])

    def fill(self, values: nw.Series[Any], out: FloatArray) -> BoolArray:
        """Write the encoded rows to `out`; tell which rows training gave no rule for."""
        codes = self.codes(values)
        out[:] = 0
        marked = np.flatnonzero(codes > 0)
        out[marked, codes[marked] - 1] = 1
        return codes < 0

    def codes(self, values: nw.Series[Any]) -> IntArray:
        """Give the place of each row's level, 0 for the reference; -1 where training gave no rule."""
        absent = absent_rows(values)
        if not absent.all():
            is_category(values)
        place = {level: i for i, level in enumerate(self.levels)}
        raw = values.to_list()
        index = {value: place.get(text_of(value), -1) for value in set(raw)}
        codes = np.fromiter((index[value] for value in raw), dtype=np.intp, count=len(raw))
        codes[absent] = len(self.levels) if self.n_missing else -1
        return codes

    def to_state(self) -> dict[str, Any]:
        """Give what was learned, ready for JSON."""
        return {
            "kind": "category",
            "name": self.name,
            "levels": list(self.levels),
            "n_missing": self.n_missing,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> CategoryColumn:
        """Rebuild from `to_state`."""
        levels = tuple(str(level) for level in state["levels"])
        return cls(name=str(state["name"]), levels=levels, n_missing=int(state["n_missing"]))


Column = NumberColumn | CategoryColumn


def open_columns(table: object) -> dict[str, nw.Series[Any]]:
    """Give the columns of a frame by name; the columns of an array of numbers are called x0, x1, ...

    Raises
    ------
    InputError
        For a lazy frame, an array of anything but numbers, no column, or two columns of one name.
    """
    import narwhals.stable.v2 as nw
    from narwhals.exceptions import DuplicateError

    native: Any = table
    if not is_frame(table):
        array = np.asarray(table)
        if array.ndim != 2 or array.dtype.kind not in "biuf":
            found = f"{type(table).__name__} of shape {array.shape} and type {array.dtype}"
            raise refuse("X", "be a data frame, or a two-dimensional array of numbers", found)
        native = make_frame({f"x{j}": array[:, j] for j in range(array.shape[1])})
    try:
        frame = nw.from_native(native, eager_only=True)
    except DuplicateError as err:
        raise refuse("the data", "have columns of different names", "two of one name", str(err)) from err
    if not frame.columns:
        raise refuse("the data", "have at least one column", "none")
    return {str(name): frame[name] for name in frame.columns}


def require_columns(series: Mapping[str, object], names: Sequence[str], rule: str) -> None:
    """Refuse a table that lacks a column, by name."""
    absent = [name for name in names if name not in series]
    if absent:
        found = f"none named {', '.join(map(repr, absent[:5]))} ({len(absent)} missing)"
        raise refuse("the data", rule, found, "Names are compared letter by letter.")


def keep_rows(table: object, keep: BoolArray) -> object:
    """Give the marked rows of a frame or an array, in its own kind."""
    import narwhals.stable.v2 as nw

    if not is_frame(table):
        return np.asarray(table)[keep]
    native: Any = table
    return nw.from_native(native, eager_only=True).filter(keep.tolist()).to_native()


def learn_column(values: nw.Series[Any], weight: FloatArray | None) -> Column:
    """Learn one column from training rows; see `TableEncoding.learn`."""
    name = str(values.name)
    if absent_rows(values).all():
        cure = "Drop the column."
        raise refuse(f"column {name!r}", "hold at least one value", "only missing ones", cure)
    if is_category(values):
        return learn_category(values)
    numbers = numbers_of(values)
    present = ~np.isnan(numbers)
    mean = np.average(numbers[present], weights=None if weight is None else weight[present])
    return NumberColumn(name=name, mean=float(mean), n_missing=int((~present).sum()))


def text_of(value: object) -> str:
    """Give the text of a level; whole numbers read the same whether a file made them int or float.

    >>> text_of(3.0), text_of(3), text_of("3"), text_of(3.5), text_of(True)
    ('3', '3', '3', '3.5', 'True')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def learn_category(values: nw.Series[Any]) -> CategoryColumn:
    """Learn the levels: in declared order where there is one, sorted by value otherwise."""
    name = str(values.name)
    absent = absent_rows(values)
    seen = {value for value, gone in zip(values.to_list(), absent, strict=True) if not gone}
    if len(seen) > MAX_LEVELS:
        cure = "Drop the column if it only tells rows apart; otherwise join its rare levels first."
        raise refuse(f"column {name!r}", f"have at most {MAX_LEVELS} levels", len(seen), cure)
    declared = _declared_levels(values)
    if declared is None:
        levels = [text_of(value) for value in sorted(seen)]
    else:
        texts = {text_of(value) for value in seen}
        levels = [level for level in declared if level in texts]
    return CategoryColumn(name=name, levels=tuple(dict.fromkeys(levels)), n_missing=int(absent.sum()))


def _declared_levels(values: nw.Series[Any]) -> list[str] | None:
    import narwhals.stable.v2 as nw

    # A polars Categorical lists levels in the order in which they came up anywhere: no order anyone declared.
    if values.dtype == nw.Categorical and not values.implementation.is_pandas():
        return None
    if values.dtype in (nw.Categorical, nw.Enum):
        return [text_of(level) for level in values.cat.get_categories().to_list()]
    return None


def is_category(values: nw.Series[Any]) -> bool:
    """Tell categories from numbers; refuse what is neither."""
    import narwhals.stable.v2 as nw

    dtype = values.dtype
    if dtype.is_numeric() or dtype == nw.Boolean or _holds_booleans(values):
        return False
    if dtype in (nw.String, nw.Categorical, nw.Enum):
        return True
    raise _wrong_type(values)


def _wrong_type(values: nw.Series[Any]) -> InputError:
    name = f"column {str(values.name)!r}"
    if values.dtype.is_temporal():
        cure = "Turn it into a number first, for example days since a fixed day, or drop it."
        return refuse(name, "hold numbers, booleans, text or categories", f"dates ({values.dtype})", cure)
    first = next(value for value, gone in zip(values.to_list(), absent_rows(values), strict=True) if not gone)
    found = f"{values.dtype} values such as {first!r:.60}"
    cure = "Give all its values one of these types, or drop it."
    return refuse(name, "hold numbers, booleans, text or categories", found, cure)


def absent_rows(values: nw.Series[Any]) -> BoolArray:
    """Tell which rows have no value: null, None or nan."""
    absent: BoolArray = values.is_null().to_numpy().astype(bool)
    if values.dtype.is_float():
        absent = absent | np.isnan(numbers_of(values))
    return absent


def _holds_booleans(values: nw.Series[Any]) -> bool:
    # pandas keeps True, False and missing values together as objects.
    import narwhals.stable.v2 as nw

    pairs = zip(values.to_list(), absent_rows(values), strict=True) if values.dtype == nw.Object else ()
    found = {type(value) for value, gone in pairs if not gone}
    return bool(found) and found <= {bool, np.bool_}


def numbers_of(values: nw.Series[Any]) -> FloatArray:
    """Give numbers and booleans as float64, nan where missing; refuse anything else."""
    import narwhals.stable.v2 as nw

    name = f"column {str(values.name)!r}"
    absent = values.is_null().to_numpy().astype(bool)
    if values.dtype.is_numeric() or values.dtype == nw.Boolean:
        numbers = np.asarray(values.cast(nw.Float64).to_numpy(), dtype=np.float64)
        if np.isinf(numbers).any():
            cure = "Cap these values, drop the rows, or make them missing."
            raise refuse_rows(name, "be finite (no inf)", numbers, np.isinf(numbers), cure)
        return numbers
    if absent.all() or _holds_booleans(values):
        pairs = zip(values.to_list(), absent, strict=True)
        return np.array([np.nan if gone else float(value) for value, gone in pairs], dtype=np.float64)
    array = np.array(values.to_list(), dtype=object)
    cure = "Training found numbers there."
    raise refuse_rows(name, "hold numbers, as in training", array, ~absent, cure)
