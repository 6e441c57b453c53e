"""What a table model learned about each column, as part of the log-odds that the column adds."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from riskdec.interchange.onnx.formulas import any_in_row, asinh, is_nan, look_up, spline_columns, where
from riskdec.models.tables.columns import CategoryColumn

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.interchange.onnx.graph import Value
    from riskdec.interchange.onnx.inputs import Inputs
    from riskdec.models.tables.encoding import TableEncoding
    from riskdec.models.tables.number_column import NumberColumn

    Unseen = Literal["error", "reference"]


def table_log_odds(
    inputs: Inputs, encoding: TableEncoding, intercept: FloatArray, coef: FloatArray, *, unseen: Unseen
) -> Value:
    """Give log-odds of rows of a mixed table.

    Parameters
    ----------
    inputs : Inputs
        The columns.
    encoding : TableEncoding
        What was learned about them.
    intercept : ndarray of shape (k,)
        One for each column of log-odds.
    coef : ndarray of shape (len(encoding.names), k)
        Coefficients of the encoded columns.
    unseen : {"error", "reference"}
        Whether rows with what training gave no rule for are refused.

    Returns
    -------
    Value of shape (n, k)
    """
    levels, numbers = [], defaultdict(list)
    start = 0
    for place, column in enumerate(encoding.columns):
        stop = start + len(column.names)
        if isinstance(column, CategoryColumn):
            levels.append(_add_level(inputs, column, coef[start:stop], unseen))
        else:
            numbers[len(column.knots)].append(_Number(place, column, coef[start:stop]))
        start = stop
    total = inputs.graph.constant(intercept[np.newaxis])
    for part in (*levels, *(_add_numbers(inputs, alike, unseen) for alike in numbers.values())):
        total = total + part
    return total


class _Number(NamedTuple):
    """A column of numbers, its place in the table, and its coefficients, shape (q, k)."""

    place: int
    column: NumberColumn
    coef: FloatArray


def _add_numbers(inputs: Inputs, alike: list[_Number], unseen: Unseen) -> Value:
    """Give what columns of one number of knots add; side by side they are few large nodes, not many small ones."""
    columns = [one.column for one in alike]
    given = inputs.numbers([column.name for column in columns], [one.place for one in alike])
    absent = is_nan(given)
    complete = [j for j, column in enumerate(columns) if not column.n_missing]
    if unseen == "error" and complete:
        inputs.graph.refuse(any_in_row(absent.columns(complete)))
    filled = where(absent, np.array([[column.mean for column in columns]]), given)
    shape = [one.coef[:-1] if one.column.indicated else one.coef for one in alike]
    added = _bend(filled, columns) @ np.concatenate(shape)
    if not any(column.indicated for column in columns):
        return added
    marks = [one.coef[-1] if one.column.indicated else np.zeros(one.coef.shape[1]) for one in alike]
    return added + inputs.graph.cast(absent, "DOUBLE") @ np.array(marks)


def _bend(x: Value, columns: list[NumberColumn]) -> Value:
    knots = np.array([column.knots for column in columns])
    if not knots.size:
        return x
    middle, spread = np.array([column.scale for column in columns]).T
    bent = np.arcsinh((knots - middle[:, np.newaxis]) / spread[:, np.newaxis])
    return spline_columns(asinh((x - middle) / spread), bent)


def _add_level(inputs: Inputs, column: CategoryColumn, coef: FloatArray, unseen: Unseen) -> Value:
    """Look up what a level adds; the last entry of the table is for those that training gave no rule for."""
    n_slots = len(column.slots)
    adds = np.zeros((n_slots + 1, coef.shape[1]))
    adds[n_slots - len(coef) : n_slots] = coef
    places = {level: i for i, level in enumerate(column.levels)} | dict.fromkeys(column.pooled, len(column.levels))
    has_pool = bool(column.pooled) or column.missing_is_rare
    if has_pool:
        adds[n_slots] = adds[len(column.levels)]
    missing = n_slots - 1 if column.n_missing else n_slots
    codes = inputs.codes(column.name, places, missing=missing, other=n_slots)
    if unseen == "error":
        inputs.graph.refuse(codes.equals(n_slots))
    return look_up(adds, inputs.graph.add("Squeeze", codes, inputs.graph.constant(np.array([1]))))
