"""Rows with and without missing values: counted by column, refused or left out, never lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_option, refuse
from riskdec.models.tables.columns import absent_rows, open_columns, require_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals.stable.v2 as nw

    from riskdec._base.typing import BoolArray


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CompleteRows:
    """Which rows have a value in every column that is needed.

    Attributes
    ----------
    keep : ndarray of bool, shape (n,)
        The complete rows: outcomes, weights and groups are cut by the same mask.
    missing : tuple of (str, int)
        Columns with missing values, and in how many rows.
    """

    keep: BoolArray
    missing: tuple[tuple[str, int], ...]

    @property
    def n_missing(self) -> int:
        """Rows that lack a value."""
        return int((~self.keep).sum())

    @property
    def sentence(self) -> str:
        """What is missing where, for messages and findings."""
        each = ", ".join(f"{count} in {name!r}" for name, count in self.missing[:5])
        more = f" and {len(self.missing) - 5} more columns" if len(self.missing) > 5 else ""
        return f"{self.n_missing} of {len(self.keep)} rows lack a value ({each}{more})"


def find_complete_rows(
    frame: object, names: Sequence[str], *, missing: Literal["error", "drop"] = "error"
) -> CompleteRows:
    """Find the rows of a frame that have a value in each of the named columns.

    Parameters
    ----------
    frame : DataFrame of pandas, polars or pyarrow, or array of numbers
        Rows.
    names : sequence of str
        The columns that a formula needs, the outcome among them.
    missing : {"error", "drop"}
        Whether a missing value is an error, or its row is to be left out.

    Returns
    -------
    CompleteRows
        A mask, and what is missing where.

    Raises
    ------
    InputError
        If a column is absent; for missing values with ``missing="error"``; if no row is complete.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"age": [30.0, None, 50.0], "sex": ["m", "f", None], "note": [None, None, None]})
    >>> rows = find_complete_rows(frame, ["age", "sex"], missing="drop")
    >>> rows.keep, rows.sentence
    (array([ True, False, False]), "2 of 3 rows lack a value (1 in 'age', 1 in 'sex')")
    """
    check_option(missing, ("error", "drop"), name="missing")
    series = open_columns(frame)
    require_columns(series, names, "have the columns that the formula names")
    found = complete_rows(series, names)
    if missing == "error" and found.n_missing:
        cure = "Pass missing='drop' to leave these rows out, or fill them."
        raise refuse("the data", "not have missing values with missing='error'", found.sentence, cure)
    if len(found.keep) and not found.keep.any():
        raise refuse("the data", "have a row without missing values", found.sentence, "Drop the emptiest columns.")
    return found


def complete_rows(series: Mapping[str, nw.Series[Any]], names: Sequence[str]) -> CompleteRows:
    """Find the complete rows of columns that are open already."""
    keep = np.ones(len(next(iter(series.values()))), dtype=bool)
    missing = []
    for name in names:
        absent = absent_rows(series[name])
        if absent.any():
            missing.append((name, int(absent.sum())))
            keep &= ~absent
    return CompleteRows(keep=keep, missing=tuple(missing))
