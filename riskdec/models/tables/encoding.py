"""Turn a mixed frame into numbers: learned once from training rows, then applied to any rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_option, refuse, refuse_rows
from riskdec._base.codes import warn
from riskdec.errors import RiskdecWarning
from riskdec.models.tables.columns import (
    MAX_LEVELS,
    CategoryColumn,
    absent_rows,
    is_category,
    learn_category,
    numbers_of,
    open_columns,
    require_columns,
    text_of,
)
from riskdec.models.tables.number_column import NumberColumn, learn_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import narwhals.stable.v2 as nw

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray
    from riskdec.errors import InputError

Column = NumberColumn | CategoryColumn
Missing = Literal["indicate", "error"]
Unseen = Literal["error", "reference"]


@dataclass(frozen=True, kw_only=True)
class EncodingRules:
    """How columns are encoded, beyond what they are.

    Attributes
    ----------
    n_knots : int
        Knots of the restricted cubic spline of each number (fewer where values coincide); 0 for straight lines.
    rare_below : int
        Levels with fewer rows are pooled as ``column[other]``, and fewer missing values get no column; 0 for never.
    full : bool
        Whether every level has a column, for penalties and trees, instead of all but the first.
    most_levels : int
        Most levels of a column.
    """

    n_knots: int = 0
    rare_below: int = 0
    full: bool = False
    most_levels: int = MAX_LEVELS


PLAIN = EncodingRules()


@dataclass(frozen=True, kw_only=True)
class TableEncoding:
    """What was learned about each column of a frame; holds levels and means, never rows.

    Numbers stay numbers and booleans become 0/1. Text and categories are treatment-coded as
    ``column[level]``; the reference is the first level: in declared order for a pandas Categorical or a
    polars Enum, sorted otherwise. Where training had missing values, a number gets the training mean and
    the column ``column[missing]``, and a category gets ``missing`` as its last level. `EncodingRules` add splines,
    the pooling of rare levels, and a column for every level.

    Attributes
    ----------
    columns : tuple of NumberColumn or CategoryColumn
        In the order of training.
    """

    columns: tuple[Column, ...]

    @classmethod
    def learn(
        cls,
        frame: object,
        *,
        weight: FloatArray | None = None,
        counts: FloatArray | None = None,
        missing: Missing = "indicate",
        rules: EncodingRules = PLAIN,
    ) -> TableEncoding:
        """Learn levels, means, knots and where values are missing.

        Parameters
        ----------
        frame : DataFrame of pandas, polars or pyarrow, of shape (n, p)
            Training rows.
        weight : ndarray of shape (n,), optional
            Positive weights of the rows, for the means.
        counts : ndarray of shape (n,), optional
            How often each row occurs, for quantiles and for what counts as rare; by default once.
        missing : {"indicate", "error"}
            What to do about missing values.
        rules : EncodingRules
            Splines, rare levels and coding; by default none of them, and treatment coding.

        Returns
        -------
        TableEncoding
            What `encode` applies.

        Raises
        ------
        InputError
            For dates, columns of no known type, more than 1000 levels, nothing but missing values, or any
            missing value with ``missing="error"``.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"age": [30.0, None, 50.0], "sex": ["m", "f", "m"]})
        >>> encoding = TableEncoding.learn(frame)
        >>> encoding.names
        ('age', 'age[missing]', 'sex[m]')
        >>> encoding.encode(frame)
        array([[30.,  0.,  1.],
               [40.,  1.,  0.],
               [50.,  0.,  1.]])
        """
        check_option(missing, ("indicate", "error"), name="missing")
        series = open_columns(frame)
        if not len(next(iter(series.values()))):
            raise refuse("the data", "have at least one row", "0 rows")
        columns = tuple(learn_column(values, weight=weight, counts=counts, rules=rules) for values in series.values())
        for column in columns:
            if missing == "error" and column.n_missing:
                rule = "not have missing values with missing='error'"
                raise refuse(f"column {column.name!r}", rule, f"{column.n_missing} of them", "Drop or fill them.")
        _refuse_twins(columns)
        encoding = cls(columns=columns)
        if not encoding.names:
            raise refuse("the data", "differ between rows in some column", "only categories of one level")
        return encoding

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that `encode` gives."""
        return tuple(name for column in self.columns for name in column.names)

    def encode(self, frame: object, *, unseen: Unseen = "error") -> FloatArray:
        """Give the rows as numbers.

        Columns are found by name; further columns, such as the outcome, are ignored.

        Parameters
        ----------
        frame : DataFrame of pandas, polars or pyarrow
            Rows with at least the columns of training.
        unseen : {"error", "reference"}
            What to do about a level that training did not have, or a missing value in a column that had none:
            refuse, or encode it with a warning: as the pooled rare levels where there are any, else as the reference
            level (as none of the levels, where every level has a column); a number as the mean.

        Returns
        -------
        ndarray of shape (n, len(names))
            Finite numbers.

        Raises
        ------
        InputError
            For missing columns, columns of another type, infinite numbers, and what ``unseen`` refuses.
        """
        check_option(unseen, ("error", "reference"), name="unseen")
        series = self.take(frame)
        design, unknown = self.fill(series)
        self.answer_unknown(series, unknown, unseen)
        return design

    def answer_unknown(self, series: Mapping[str, nw.Series[Any]], unknown: list[BoolArray], unseen: Unseen) -> None:
        """Refuse rows that hold what training gave no rule for, or warn about them."""
        notes = []
        for column, rows in zip(self.columns, unknown, strict=True):
            if rows.any() and unseen == "error":
                raise refuse_unknown(column, series[column.name], rows)
            if rows.any():
                count = f"{int(rows.sum())} of {len(rows)} rows in column {column.name!r}"
                notes.append(f"{count} (read as {column.reference})")
        if notes:
            warn_unknown(notes, rule="")

    def take(self, frame: object) -> dict[str, nw.Series[Any]]:
        """Find the columns of training in a frame, by name."""
        series = open_columns(frame)
        wanted = [column.name for column in self.columns]
        require_columns(series, wanted, f"have the {len(wanted)} columns of training")
        return series

    def read(self, frame: object) -> Iterator[AnyArray]:
        """Yield each column of training as numbers, as it stands: nan where missing, levels by their codes."""
        series = self.take(frame)
        for column in self.columns:
            values = series[column.name]
            yield column.codes(values) if isinstance(column, CategoryColumn) else numbers_of(values)

    def fill(self, series: Mapping[str, nw.Series[Any]]) -> tuple[FloatArray, list[BoolArray]]:
        """Encode columns, and tell for each of them which rows hold what training gave no rule for."""
        n = len(next(iter(series.values())))
        design = np.empty((n, len(self.names)))
        unknown = []
        start = 0
        for column in self.columns:
            stop = start + len(column.names)
            unknown.append(column.fill(series[column.name], design[:, start:stop]))
            start = stop
        return design, unknown

    def to_state(self) -> dict[str, Any]:
        """Give what was learned, ready for JSON."""
        return {"columns": [column.to_state() for column in self.columns]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TableEncoding:
        """Rebuild an encoding from `to_state`."""
        kinds: dict[str, type[Column]] = {"number": NumberColumn, "category": CategoryColumn}
        return cls(columns=tuple(kinds[entry["kind"]].from_state(entry) for entry in state["columns"]))


def learn_column(
    values: nw.Series[Any],
    *,
    weight: FloatArray | None = None,
    counts: FloatArray | None = None,
    rules: EncodingRules = PLAIN,
) -> Column:
    """Learn one column from training rows; see `TableEncoding.learn`."""
    if absent_rows(values).all():
        cure = "Drop the column."
        raise refuse(f"column {str(values.name)!r}", "hold at least one value", "only missing ones", cure)
    if is_category(values):
        return learn_category(
            values, counts=counts, rare_below=rules.rare_below, full=rules.full, most_levels=rules.most_levels
        )
    return learn_number(values, weight=weight, counts=counts, n_knots=rules.n_knots, rare_below=rules.rare_below)


def _refuse_twins(columns: tuple[Column, ...]) -> None:
    seen: set[str] = set()
    for column in columns:
        for name in column.names:
            if name in seen:
                rule = "give encoded columns of different names"
                raise refuse("the columns", rule, f"{name!r} twice", "Rename the column or the level.")
            seen.add(name)


def warn_unknown(
    notes: list[str], *, rule: str = "; they are read as the reference level (numbers: as the training mean)"
) -> None:
    """Warn that rows hold values that training did not have; each note counts the rows of one column.

    ``rule`` says how they are read, where the notes do not.
    """
    message = (
        f"{'; '.join(notes)} hold values that training did not have{rule}. "
        "The risks there know nothing of the new values."
    )
    warn("RD106", message, RiskdecWarning)


def refuse_unknown(column: Column, values: nw.Series[Any], unknown: BoolArray) -> InputError:
    """Make the error of rows whose value training did not have."""
    first = int(np.flatnonzero(unknown)[0])
    value = values.to_list()[first]
    absent = value is None or values.is_null().to_list()[first] or value != value
    rule = "not be missing, as in training" if absent else "hold a level seen in training"
    shown = np.full(unknown.shape, "nothing" if absent else repr(text_of(value)), dtype=object)
    cure = f"Train on rows that have it, or pass unseen='reference' to read it as {column.reference}."
    return refuse_rows(f"column {column.name!r}", rule, shown, unknown, cure)
