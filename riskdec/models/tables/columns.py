"""The columns of a mixed table: how they are opened and read, and what training teaches about a category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse, refuse_rows
from riskdec._base.frames import is_frame, make_frame, open_frame
from riskdec.models.tables.levels import code_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals.stable.v2 as nw

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.errors import InputError

MAX_LEVELS = 1000


@dataclass(frozen=True, kw_only=True)
class CategoryColumn:
    """Text or categories, compared as text so that a file and a frame agree.

    Attributes
    ----------
    name : str
        Name of the column.
    levels : tuple of str
        Levels with a column of their own; the first is the reference unless `full`.
    n_missing : int
        Training rows without a value; unless they were rare, they are one more level.
    pooled : tuple of str
        Rare levels of training that share one level, "other".
    missing_is_rare : bool
        Whether missing values were so rare that they count among the pooled levels.
    full : bool
        Whether every level has a column, as a penalty or a tree wants it: no level is the reference.
    """

    name: str
    levels: tuple[str, ...]
    n_missing: int
    pooled: tuple[str, ...] = ()
    missing_is_rare: bool = False
    full: bool = False

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of all levels in the order of their codes: own levels, the pool, missing."""
        pool = ("other" if "other" not in self.levels else "other, rare",) if self._has_pool else ()
        missing = ("missing",) if self.n_missing and not self.missing_is_rare else ()
        return (*self.levels, *pool, *missing)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the encoded columns; a column of one level has none."""
        slots = self.slots
        shown = slots if self.full and len(slots) > 1 else slots[1:]
        return tuple(f"{self.name}[{level}]" for level in shown)

    @property
    def reference(self) -> str:
        """What stands in for a level that training did not have."""
        if self._has_pool:
            return repr(self.slots[len(self.levels)])
        return "an average level" if self.full else repr(self.levels[0])

    @property
    def _has_pool(self) -> bool:
        return bool(self.pooled) or self.missing_is_rare

    def fill(self, values: nw.Series[Any], out: FloatArray) -> BoolArray:
        """Write the encoded rows to `out`; tell which rows training gave no rule for.

        Those rows join the pool of rare levels. Without one they get zeros: the reference, or, where every level has
        a column, none of them.
        """
        columns, unknown = self.places(values)
        out[:] = 0
        marked = np.flatnonzero(columns >= 0)
        out[marked, columns[marked]] = 1
        return unknown

    def places(self, values: nw.Series[Any]) -> tuple[IntArray, BoolArray]:
        """Give each row's place among the encoded columns, negative for none; tell which rows training had no rule for.

        Those rows join the pool of rare levels where there is one.
        """
        codes = self.codes(values)
        unknown = codes < 0
        if self._has_pool:
            codes = np.where(unknown, len(self.levels), codes)
        return codes - (len(self.slots) - len(self.names)), unknown

    def codes(self, values: nw.Series[Any]) -> IntArray:
        """Give the place of each row's level among `slots`; -1 where training gave no rule."""
        absent = absent_rows(values)
        if not absent.all():
            is_category(values)
        place = {level: i for i, level in enumerate(self.levels)} | dict.fromkeys(self.pooled, len(self.levels))
        found = code_column(values)
        # One more place at the end for rows of code -1.
        index = np.array([*(place.get(text_of(value), -1) for value in found.values), -1], dtype=np.intp)
        codes = index[found.codes]
        codes[absent] = len(self.slots) - 1 if self.n_missing else -1
        return codes

    def to_state(self) -> dict[str, Any]:
        """Give what was learned, ready for JSON."""
        return {
            "kind": "category",
            "name": self.name,
            "levels": list(self.levels),
            "n_missing": self.n_missing,
            "pooled": list(self.pooled),
            "missing_is_rare": self.missing_is_rare,
            "full": self.full,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> CategoryColumn:
        """Rebuild from `to_state`."""
        return cls(
            name=str(state["name"]),
            levels=tuple(str(level) for level in state["levels"]),
            n_missing=int(state["n_missing"]),
            pooled=tuple(str(level) for level in state.get("pooled", ())),
            missing_is_rare=bool(state.get("missing_is_rare", False)),
            full=bool(state.get("full", False)),
        )


def open_columns(table: object) -> dict[str, nw.Series[Any]]:
    """Give the columns of a frame by name; the columns of an array of numbers are called x0, x1, ...

    Raises
    ------
    InputError
        For a lazy frame, an array of anything but numbers, no column, or two columns of one name.
    """
    native: object = table
    if not is_frame(table):
        array = np.asarray(table)
        if array.ndim != 2 or array.dtype.kind not in "biuf":
            found = f"{type(table).__name__} of shape {array.shape} and type {array.dtype}"
            raise refuse("X", "be a data frame, or a two-dimensional array of numbers", found)
        native = make_frame({f"x{j}": array[:, j] for j in range(array.shape[1])})
    frame = open_frame(native)
    if not frame.columns:
        raise refuse("the data", "have at least one column", "none")
    # Names may be whole numbers, which indexing would take for rows.
    columns: dict[str, nw.Series[Any]] = {str(name): frame.get_column(name) for name in frame.columns}
    if len(columns) < len(frame.columns):
        found = "names that differ by type alone, such as 1 and '1'"
        raise refuse("the data", "have columns of different names", found, "Rename one of them.")
    return columns


def require_columns(series: Mapping[str, object], names: Sequence[str], rule: str) -> None:
    """Refuse a table that lacks a column, by name."""
    absent = [name for name in names if name not in series]
    if absent:
        found = f"none named {', '.join(map(repr, absent[:5]))} ({len(absent)} missing)"
        raise refuse("the data", rule, found, "Names are compared letter by letter.")


def keep_rows(table: object, keep: BoolArray) -> object:
    """Give the marked rows of a frame or an array, in its own kind."""
    if not is_frame(table):
        return np.asarray(table)[keep]
    return open_frame(table).filter(keep.tolist()).to_native()


def take_rows(table: object, places: IntArray) -> Any:
    """Give the rows at some places of a frame or an array, in its own kind."""
    if not is_frame(table):
        return np.asarray(table)[places]
    return open_frame(table)[places.tolist()].to_native()


def text_of(value: object) -> str:
    """Give the text of a level; whole numbers read the same whether a file made them int or float.

    >>> text_of(3.0), text_of(3), text_of("3"), text_of(3.5), text_of(True)
    ('3', '3', '3', '3.5', 'True')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def learn_category(
    values: nw.Series[Any],
    *,
    counts: FloatArray | None = None,
    rare_below: float = 0,
    full: bool = False,
    most_levels: int = MAX_LEVELS,
) -> CategoryColumn:
    """Learn the levels: in declared order where there is one, sorted by value otherwise.

    Levels of fewer than ``rare_below`` rows are pooled, and so are missing values; ``counts`` says how often each row
    occurs.
    """
    name = str(values.name)
    absent = absent_rows(values)
    found = code_column(values)
    present = found.codes[~absent]
    occurs = np.bincount(present, minlength=len(found.values)) > 0
    if int(occurs.sum()) > most_levels:
        cure = "Drop the column if it only tells rows apart; otherwise join its rare levels first."
        raise refuse(f"column {name!r}", f"have at most {most_levels} levels", int(occurs.sum()), cure)
    rows = np.bincount(present, None if counts is None else counts[~absent], len(found.values))
    place = {value: number for value, number, there in zip(found.values, rows.tolist(), occurs, strict=True) if there}
    declared = _declared_levels(values)
    texts = [text_of(value) for value in sorted(place)] if declared is None else declared
    size: dict[str, float] = dict.fromkeys(texts, 0.0)
    for value, number in place.items():
        size[text_of(value)] += number
    missing = float(absent.sum() if counts is None else counts[absent].sum())
    own = tuple(level for level, number in size.items() if number >= rare_below and number > 0)
    return CategoryColumn(
        name=name,
        levels=own,
        n_missing=int(missing),
        pooled=tuple(level for level, number in size.items() if 0 < number < rare_below),
        missing_is_rare=0 < missing < rare_below,
        full=full,
    )


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
