"""Costs that differ from row to row: amounts, columns, functions of the rows, or one table for each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_array, check_number, check_numbers, refuse, refuse_rows
from riskdec._base.frames import column_names, get_column, is_frame
from riskdec._base.table import Table, count, number
from riskdec.decisions.costs.cost_checks import LARGEST, NAMES_CURE, check_defer, check_names, is_varying
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.costs.named_costs import NamedCosts
from riskdec.decisions.costs.wording import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, IntArray

# One amount for all rows, one for each, the name of a column, or a function of the rows.
CostEntry = float | Callable[[Any], Any] | str | Iterable[float]
_Entry = float | str | Callable[[Any], Any] | np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False, repr=False, init=False, slots=True)
class CaseCosts(NamedCosts):
    """What each action costs under each outcome, where that differs from row to row.

    Parameters
    ----------
    costs : ndarray of shape (n, K, A), or K lists of A entries
        One table for each row (axes: row, outcome, action); or one table whose entries are amounts, names of
        columns, functions of the rows, or arrays of n amounts.
    outcomes, actions, defer
        As in `CostMatrix`.

    Attributes
    ----------
    entries : tuple of tuple
        The K x A entries.
    n : int or None
        Number of rows, where it is known.

    Notes
    -----
    The action of row i is `argmin_a sum_k p_ik C_ika`. Where the size of a cost is itself uncertain, its mean
    among rows with outcome k is what belongs into entry (k, a), not its mean among all. The threshold at average
    costs is not the average of the thresholds.

    References
    ----------
    B. Zadrozny, C. Elkan, Learning and making decisions when costs and probabilities are both unknown, KDD 2001.

    Examples
    --------
    >>> costs = CaseCosts(
    ...     [[0, 2_000], [lambda rows: 0.6 * rows, 0]], outcomes=("pays", "defaults"), actions=("grant", "refuse")
    ... )
    >>> costs.resolve(np.array([1_000, 90_000]), 2).at(1).regions()
    <Regions: grant below 3.571 %, refuse from 3.571 %>
    """

    entries: tuple[tuple[_Entry, ...], ...]
    outcomes: tuple[str, ...]
    actions: tuple[str, ...]
    deferring: tuple[str, ...]
    n: int | None

    def __init__(
        self,
        costs: ArrayLike | Sequence[Sequence[CostEntry]],
        *,
        outcomes: Sequence[str] | None = None,
        actions: Sequence[str] | None = None,
        defer: str | Sequence[str] | None = None,
    ) -> None:
        if outcomes is None or actions is None:
            raise refuse("costs", "come with names for its rows and columns", "none", NAMES_CURE)
        rows, columns = check_names(outcomes, name="outcomes"), check_names(actions, name="actions")
        entries = _entries(costs, (len(rows), len(columns)))
        self._fill(entries, rows, columns, check_defer(defer, columns))

    @property
    def is_resolved(self) -> bool:
        """Whether every entry is a number or one for each row."""
        return not any(callable(entry) or isinstance(entry, str) for row in self.entries for entry in row)

    def resolve(self, rows: object, n: int) -> CaseCosts:
        """Compute the entries that depend on the rows.

        Parameters
        ----------
        rows : data frame, array-like or None
            The n rows that are decided on: what functions are called with, and where columns are found.
        n : int
            Their number.

        Returns
        -------
        CaseCosts
            With numbers and arrays alone.

        Raises
        ------
        InputError
            If rows are needed and not given, a column is not there, or an entry is not n finite amounts.
        """
        if not self.is_resolved and rows is None:
            cure = "Decide with rows=..., or with the model: model.decide(X, costs=costs)."
            raise refuse("rows", "be given where costs are computed from them", None, cure)
        entries = tuple(
            tuple(_amounts(entry, rows, n, name=self._place(k, a)) for a, entry in enumerate(row))
            for k, row in enumerate(self.entries)
        )
        return self._like(entries)

    def block(self, rows: slice) -> FloatArray:
        """Give the costs of some rows, shape (K, A, m)."""
        m = len(range(*rows.indices(self.n or 0)))
        table = np.empty((len(self.outcomes), len(self.actions), m))
        for k, line in enumerate(self._resolved()):
            for a, entry in enumerate(line):
                table[k, a] = entry[rows] if isinstance(entry, np.ndarray) else entry
        return table

    def at(self, i: int) -> CostMatrix:
        """Give the costs of row i as a matrix."""
        table = self.block(slice(i, i + 1))[:, :, 0]
        return CostMatrix.quietly(table, self.outcomes, self.actions, self.deferring, may_be_equal=True)

    def average(self) -> CostMatrix:
        """Give the mean costs over the rows as a matrix; the cheapest action at mean costs is not that of each row."""
        table = [[float(np.mean(entry)) for entry in row] for row in self._resolved()]
        return CostMatrix.quietly(table, self.outcomes, self.actions, self.deferring, may_be_equal=True)

    def realised(self, outcome: IntArray, action: AnyArray) -> FloatArray:
        """Give what each row cost, from its outcome and action (numbers): shape (n,)."""
        cost: FloatArray = self.under(outcome)[np.arange(len(outcome)), action]
        return cost

    def under(self, outcome: IntArray) -> FloatArray:
        """Give what each action costs in each row, its outcome being known: shape (n, A)."""
        result = np.empty((len(outcome), len(self.actions)))
        for k, line in enumerate(self._resolved()):
            rows = np.flatnonzero(outcome == k)
            for a, entry in enumerate(line):
                result[rows, a] = entry[rows] if isinstance(entry, np.ndarray) else entry
        return result

    def take(self, rows: AnyArray | slice) -> CaseCosts:
        """Give the costs of some rows."""
        entries = tuple(
            tuple(entry[rows] if isinstance(entry, np.ndarray) else entry for entry in line)
            for line in self._resolved()
        )
        return self._like(entries)

    def sentences(self) -> tuple[str, ...]:
        """Say the costs back in words."""
        said = []
        for outcome, line in zip(self.outcomes, self.entries, strict=True):
            parts = [f"{action!r} costs {_words(entry)}" for action, entry in zip(self.actions, line, strict=True)]
            said.append(f"When the outcome is {outcome!r}, {joined(parts)}.")
        return (*said, "Costs differ from row to row, and so do the risks at which the action changes.")

    def summary(self) -> Table:
        """Give the costs as a table with named rows and columns; a range where they differ."""
        rows = [(k, *map(_words, line)) for k, line in zip(self.outcomes, self.entries, strict=True)]
        title = "Costs, row by row (rows: outcomes, columns: actions)"
        notes = () if self.n is None else (f"{count(self.n)} rows; ranges over the rows.",)
        return Table(title=title, header=("", *self.actions), rows=tuple(rows), notes=notes)

    def to_dict(self) -> dict[str, Any]:
        """Give costs and names as plain lists, ready for JSON; a column stands as its name."""
        if any(callable(entry) for line in self.entries for entry in line):
            cure = "Decide first (the decisions hold the amounts), or use the name of a column."
            raise refuse("costs", "be numbers or names of columns to be written down", "a function", cure)
        plain = [[e.tolist() if isinstance(e, np.ndarray) else e for e in line] for line in self.entries]
        return {
            "costs": plain,
            "outcomes": list(self.outcomes),
            "actions": list(self.actions),
            "defer": list(self.deferring),
        }

    def _fill(self, entries: object, outcomes: object, actions: object, deferring: object) -> None:
        values = {"entries": entries, "outcomes": outcomes, "actions": actions, "deferring": deferring}
        for name, value in values.items():
            object.__setattr__(self, name, value)
        sizes = {len(e) for line in self.entries for e in line if isinstance(e, np.ndarray)}
        if len(sizes) > 1:
            shown = " and ".join(map(str, sorted(sizes)))
            raise refuse("costs", "have as many amounts in each entry as there are rows", f"{shown} amounts")
        object.__setattr__(self, "n", sizes.pop() if sizes else None)

    def _like(self, entries: tuple[tuple[_Entry, ...], ...]) -> CaseCosts:
        made = object.__new__(CaseCosts)
        made._fill(entries, self.outcomes, self.actions, self.deferring)
        return made

    def _resolved(self) -> tuple[tuple[float | FloatArray, ...], ...]:
        if not self.is_resolved:
            cure = "costs.resolve(rows, n) computes it."
            raise refuse("costs", "be known for the rows", "a column or a function", cure)
        return self.entries  # type: ignore[return-value]  # neither text nor functions are left

    def _place(self, outcome: int, action: int) -> str:
        return f"the cost of {self.actions[action]!r} when the outcome is {self.outcomes[outcome]!r}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.entries, self.outcomes, self.actions, self.deferring)


def _rebuild(entries: Any, outcomes: Any, actions: Any, deferring: Any) -> CaseCosts:
    made = object.__new__(CaseCosts)
    # Pickling drops the write lock of an array.
    locked = tuple(tuple(_lock(e) if isinstance(e, np.ndarray) else e for e in line) for line in entries)
    made._fill(locked, outcomes, actions, deferring)
    return made


def _entries(costs: object, shape: tuple[int, int]) -> tuple[tuple[_Entry, ...], ...]:
    """Give K x A entries from a list of lists, or from an array of one table for each row."""
    if not isinstance(costs, (list, tuple)):
        array = check_array(costs, name="costs", ndim=3)
        if array.shape[1:] != shape:
            rule = f"have the axes row, outcome ({shape[0]}), action ({shape[1]})"
            raise refuse("costs", rule, f"shape {array.shape}")
        table = _finite(check_numbers(array, name="costs", ndim=3), name="costs")
        return tuple(tuple(_lock(table[:, k, a]) for a in range(shape[1])) for k in range(shape[0]))
    lines = [tuple(line) for line in costs]
    if [len(line) for line in lines] != [shape[1]] * shape[0]:
        rule = f"have one row per outcome ({shape[0]}) and one entry per action ({shape[1]})"
        raise refuse("costs", rule, f"{len(lines)} rows of {len(lines[0]) if lines else 0}")
    return tuple(tuple(_entry(entry) for entry in line) for line in lines)


def _entry(entry: object) -> _Entry:
    if callable(entry) or isinstance(entry, str):
        return entry
    if is_varying(entry):
        return _lock(_finite(check_numbers(entry, name="an entry of costs"), name="an entry of costs"))
    return check_number(entry, name="an entry of costs", low=-LARGEST, high=LARGEST)


def _amounts(entry: _Entry, rows: object, n: int, *, name: str) -> float | FloatArray:
    """Give one amount, or n of them."""
    if isinstance(entry, str):
        found = column_names(rows) if is_frame(rows) else ()
        if entry not in found:
            shown = (
                f"the columns {', '.join(found[:8])}" if found else f"rows without column names ({type(rows).__name__})"
            )
            raise refuse(name, f"be found in the column {entry!r} of the rows", shown)
        entry = get_column(rows, entry)
    elif callable(entry):
        entry = entry(rows)
        if np.ndim(entry) == 0:  # type: ignore[arg-type]  # whatever the function gave
            return check_number(entry, name=name, low=-LARGEST, high=LARGEST)
    if isinstance(entry, float):
        return entry
    values = check_numbers(entry, name=name)
    if len(values) != n:
        raise refuse(name, f"be one amount, or one for each of the {count(n)} rows", f"{count(len(values))} amounts")
    return _lock(_finite(values, name=name))


def _finite(values: FloatArray, *, name: str) -> FloatArray:
    bad = ~(np.abs(values) <= LARGEST)
    if bad.any():
        raise refuse_rows(name, "be finite and below 1e100 in size", values, bad, "Every row needs its amount.")
    return np.array(values, dtype=np.float64)


def _lock(values: FloatArray) -> FloatArray:
    values.flags.writeable = False
    return values


def _words(entry: _Entry) -> str:
    if isinstance(entry, np.ndarray):
        if not len(entry):
            return "an amount for each row"
        return f"{number(float(entry.min()))} to {number(float(entry.max()))}"
    if isinstance(entry, str):
        return f"what its column {entry!r} says"
    return "what a function of the row says" if callable(entry) else number(entry)
