"""Which rows are fitted on and which are judged on: one split, given parts, or folds that take turns."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import check_integer, refuse
from riskdec._base.table import count
from riskdec.resampling.procedure import take_rows
from riskdec.weighting.door import open_parts, open_training
from riskdec.weighting.split import deal_folds
from riskdec.weighting.units import gather_units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import BoolArray, IntArray
    from riskdec.weighting.door import Given, Rows
    from riskdec.weighting.units import RowWeights


class Part(NamedTuple):
    """Rows to fit on, and rows to judge on that the fit must not see.

    Attributes
    ----------
    training : Rows
        To fit on.
    X_test : array-like
        To judge on.
    places : ndarray of int
        Their places among all judged rows.
    """

    training: Rows
    X_test: Any
    places: IntArray


class Plan(NamedTuple):
    """The parts of a comparison, and the rows judged in all of them together.

    Attributes
    ----------
    parts : tuple of Part
        One, or one for each fold.
    is_event : ndarray of bool, shape (n,)
        Judged rows with the event.
    groups : ndarray of int, shape (n,), or None
        Their group numbers.
    weights : RowWeights
        What they count for.
    whole : Rows
        The rows from which coefficients are taken: those of the one part, or all rows that the folds are made of.
    split : str
        Where the rows came from, in a sentence.
    """

    parts: tuple[Part, ...]
    is_event: BoolArray
    groups: IntArray | None
    weights: RowWeights
    whole: Rows
    split: str


def open_plan(
    X: Any, y: object, given: Given, *, X_test: Any, y_test: object, cv: object, event: object, rng: np.random.Generator
) -> Plan:
    """Open the rows, and say who is fitted and judged where."""
    if cv is None:
        training, test, split = open_parts(X, y, given, X_test=X_test, y_test=y_test, event=event, rng=rng)
        part = Part(training, test.X, np.arange(len(test.labels)))
        return Plan((part,), test.outcome.is_event, test.groups, test.weights, training, split)
    if X_test is not None or y_test is not None or given.groups_test is not None:
        cure = "Folds take their rows from X and y; with rows to judge on, leave cv out."
        raise refuse("cv", "come without X_test, y_test and groups_test", "both", cure)
    given.refuse_test_columns()
    rows = open_training(X, y, given, event=event)
    units = rows.units
    folds = list(_folds(cv, rows, units, rng))
    judged = np.concatenate([fold for _, fold in folds])
    if len(np.unique(judged)) < len(judged):
        raise refuse("cv", "judge no row twice", "test parts that overlap", "Pass a splitter whose test parts do not.")
    places, judged_rows, weights = _judged(rows, [units[fold] for _, fold in folds])
    parts = tuple(_part(rows, units[others], units[fold], at) for (others, fold), at in zip(folds, places, strict=True))
    groups_judged = None if rows.groups is None else np.unique(rows.groups[judged_rows], return_inverse=True)[1]
    is_event = rows.outcome.is_event[judged_rows]
    if is_event.all() or not is_event.any():
        raise refuse("cv", "judge events and non-events", f"{int(is_event.sum())} events in {len(judged)} rows")
    return Plan(parts, is_event, groups_judged, weights, rows, _say_folds(rows, len(folds), len(judged)))


def _folds(cv: object, rows: Rows, units: IntArray, rng: np.random.Generator) -> Iterator[tuple[IntArray, IntArray]]:
    """Give the units to fit on and the units to judge on, fold by fold: each row as often as it counts."""
    is_event, groups = rows.outcome.is_event[units], None if rows.groups is None else rows.groups[units]
    if isinstance(cv, Integral):
        n_folds = check_integer(cv, name="cv", low=2)
        n_units = len(units) if groups is None else int(groups.max()) + 1
        if n_folds > n_units:
            unit = "rows" if groups is None else "groups"
            raise refuse("cv", f"be at most the number of {unit} ({n_units})", n_folds)
        fold = deal_folds(is_event, groups, n_folds, rng)
        yield from ((np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(n_folds))
        return
    cure = "For example 5, or StratifiedKFold(5, shuffle=True, random_state=0)."
    strange = refuse("cv", "be a number of folds or a splitter of scikit-learn", repr(cv), cure)
    if isinstance(cv, str):
        # Text can be split too.
        raise strange
    try:
        pairs = list(cv.split(np.zeros((len(units), 1)), rows.labels[units], groups))  # type: ignore[attr-defined]
    except AttributeError as err:
        raise strange from err
    for training, test in pairs:
        if len(np.intersect1d(training, test)):
            raise refuse("cv", "fit on other rows than it judges", "a fold that shares rows with its training part")
        yield np.asarray(training, dtype=np.intp), np.asarray(test, dtype=np.intp)


def _judged(rows: Rows, folds: list[IntArray]) -> tuple[list[IntArray], IntArray, RowWeights]:
    """Give the places of the rows of each fold among all judged rows, these rows, and what they weigh.

    A row that counts several times may stand in several folds, and is then judged once in each of them.
    """
    parts = [gather_units(fold, rows.weights) for fold in folds]
    row = np.concatenate([part for part, _ in parts])
    number = np.repeat(np.arange(len(parts)), [len(part) for part, _ in parts])
    order = np.lexsort((number, row))
    weights = rows.weights
    if weights.values is not None:
        values = np.concatenate([part.or_ones(len(some)) for some, part in parts])
        weights = weights._replace(values=values[order])
    return [np.flatnonzero(number[order] == k) for k in range(len(parts))], row[order], weights


def _part(rows: Rows, others: IntArray, fold: IntArray, places: IntArray) -> Part:
    is_event = rows.outcome.is_event[others]
    if is_event.all() or not is_event.any():
        got = f"a fold whose other rows hold {int(is_event.sum())} events in {len(others)} rows"
        raise refuse("cv", "leave events and non-events to fit on", got, "Take fewer folds.")
    return Part(rows.gather(others), take_rows(rows.X, gather_units(fold, rows.weights)[0]), places)


def _say_folds(rows: Rows, n_folds: int, n_judged: int) -> str:
    unit = "" if rows.groups is None else ", whole groups at a time"
    share = "each judged by the fit" if n_judged == rows.n else f"{count(n_judged)} of them judged by fits"
    return f"{n_folds} folds{unit}: {count(rows.n)} rows, {share} that did not see it. Coefficients: all rows."
