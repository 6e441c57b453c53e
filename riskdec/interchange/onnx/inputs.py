"""What a graph is given: one matrix, or one column for each name, of numbers or of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec.interchange.onnx.formulas import any_in_row, beside, is_infinite, is_nan
from riskdec.interchange.onnx.graph import ML_DOMAIN
from riskdec.models.tables.columns import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec.errors import InputError
    from riskdec.interchange.onnx.graph import Graph, Value

# A tensor of text has no missing value. These stand for one: what data frames and runtimes write in its place.
MISSING_TEXTS = ("", "nan", "None", "<NA>")


class Inputs:
    """The columns of rows to predict; each becomes an input when a model first asks for it.

    Parameters
    ----------
    graph : Graph
        Where they are inputs.
    columns : sequence of str
        Names of the columns of the table.
    array_width : int, optional
        For a model of arrays: the number of columns of its one input ``X``. Without it each column is an input of its
        own, of shape (n, 1).
    """

    def __init__(self, graph: Graph, *, columns: Sequence[str], array_width: int | None) -> None:
        self.graph = graph
        self._order = {column: place for place, column in enumerate(columns)}
        self._described: list[dict[str, Any]] = []
        self._numbers: dict[str, Value] = {}
        self._texts: dict[str, Value] = {}
        self._offset: Value | None = None
        self._matrix: Value | None = None
        if array_width is not None:
            self._matrix = self._open("X", holds="numbers", width=array_width)
            graph.refuse(any_in_row(is_infinite(self._matrix)))

    def describe(self) -> list[dict[str, Any]]:
        """Give for each input, in the order of the table, its name, its column, what it holds and what is missing."""
        return sorted(self._described, key=lambda one: self._order.get(one["column"], len(self._order)))

    def all_numbers(self, names: Sequence[str]) -> Value:
        """Give all columns of a table of numbers: shape (n, p), as in `numbers`."""
        return self.numbers(names) if self._matrix is None else self._matrix

    def numbers(self, columns: Sequence[str], places: Sequence[int] = ()) -> Value:
        """Give columns of numbers, nan where one is missing: shape (n, len(columns)); infinite ones are refused.

        Parameters
        ----------
        columns : sequence of str
            Their names.
        places : sequence of int
            Their places in the matrix, where there is one.
        """
        if self._matrix is not None:
            return self._matrix.columns([*places])
        return beside([self._column(column) for column in columns])

    def _column(self, column: str) -> Value:
        if column in self._texts:
            raise _used_twice(column)
        if column not in self._numbers:
            value = self._numbers[column] = self._open(column, holds="numbers")
            self.graph.refuse(is_infinite(value))
        return self._numbers[column]

    def offset(self, width: int) -> Value:
        """Give the known part of the log-odds: shape (n, width)."""
        if self._offset is None:
            self._offset = self._open("offset", holds="known part of the log-odds", width=width)
            self.graph.refuse(any_in_row(is_nan(self._offset) | is_infinite(self._offset)))
        return self._offset

    def scores(self, width: int) -> Value:
        """Give the scores of a calibrator: shape (n, width)."""
        return self._open("scores", holds="scores of the classes", width=width)

    def codes(self, column: str, places: Mapping[str, int], *, missing: int, other: int) -> Value:
        """Give a code for the text of each row: shape (n, 1), int64.

        Parameters
        ----------
        column : str
            Its name.
        places : mapping of str to int
            Code of each level.
        missing, other : int
            Codes of a missing value and of a level that is not among those.
        """
        if column in self._numbers:
            raise _used_twice(column)
        known = dict(places)
        for level, place in places.items():
            known.setdefault(_as_float(level), place)
        absent = [text for text in MISSING_TEXTS if text not in known]
        known |= dict.fromkeys(absent, missing)
        if column not in self._texts:
            self._texts[column] = self._open(column, holds="text", missing=absent)
        return self.graph.add(
            "LabelEncoder",
            self._texts[column],
            domain=ML_DOMAIN,
            keys_strings=[text.encode("utf-8", "surrogatepass") for text in known],
            values_int64s=list(known.values()),
            default_int64=other,
        )

    def _open(self, column: str, *, holds: str, width: int = 1, missing: list[str] | None = None) -> Value:
        value = self.graph.add_input(column, width=width, is_text=holds == "text")
        said = {} if missing is None else {"missing": missing}
        self._described.append({"name": value.name, "column": column, "holds": holds, **said})
        return value


def one_hot(codes: Value, places: range) -> Value:
    """Give 1 where a row has the code of a column, else 0: shape (n, len(places))."""
    return codes.graph.cast(codes.equals(np.array([places])), "DOUBLE")


def _as_float(level: str) -> str:
    """Give how a level is written where a whole number stands in a column of floats; others stay as they are.

    >>> _as_float("3"), _as_float("03"), _as_float("high")
    ('3.0', '03', 'high')
    """
    try:
        value = float(level)
    except ValueError:
        return level
    return str(value) if text_of(value) == level else level


def _used_twice(column: str) -> InputError:
    cure = "An input of a graph has one type: fit with a copy of the column under another name."
    return refuse(f"column {column!r}", "enter as numbers or by its levels", "both", cure)
