"""Which rows are fitted on and which are judged on: one split, given parts, or folds that take turns."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import check_integer, refuse
from riskdec._base.table import count
from riskdec.resampling.procedure import take_rows
from riskdec.weighting.door import Rows, open_parts, open_rows
from riskdec.weighting.split import deal_folds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import BoolArray, IntArray


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
    whole : Rows
        The rows from which coefficients are taken: those of the one part, or all rows that the folds are made of.
    split : str
        Where the rows came from, in a sentence.
    """

    parts: tuple[Part, ...]
    is_event: BoolArray
    groups: IntArray | None
    whole: Rows
    split: str


def open_plan(
    X: Any,
    y: object,
    groups: object,
    *,
    X_test: Any,
    y_test: object,
    groups_test: object,
    cv: object,
    event: object,
    rng: np.random.Generator,
) -> Plan:
    """Open the rows, and say who is fitted and judged where."""
    if cv is None:
        training, test, split = open_parts(
            X, y, groups, X_test=X_test, y_test=y_test, groups_test=groups_test, event=event, rng=rng
        )
        part = Part(training, test.X, np.arange(len(test.labels)))
        return Plan((part,), test.outcome.is_event, test.groups, training, split)
    if X_test is not None or y_test is not None or groups_test is not None:
        cure = "Folds take their rows from X and y; with rows to judge on, leave cv out."
        raise refuse("cv", "come without X_test, y_test and groups_test", "both", cure)
    rows = open_rows(X, y, groups, event=event)
    folds = list(_folds(cv, rows, rng))
    judged = np.concatenate([fold for _, fold in folds])
    if len(np.unique(judged)) < len(judged):
        raise refuse("cv", "judge no row twice", "test parts that overlap", "Pass a splitter whose test parts do not.")
    judged.sort()
    parts = tuple(_part(rows, others, fold, judged) for others, fold in folds)
    groups_judged = None if rows.groups is None else np.unique(rows.groups[judged], return_inverse=True)[1]
    is_event = rows.outcome.is_event[judged]
    if is_event.all() or not is_event.any():
        raise refuse("cv", "judge events and non-events", f"{int(is_event.sum())} events in {len(judged)} rows")
    return Plan(parts, is_event, groups_judged, rows, _say_folds(rows, len(folds), len(judged)))


def _folds(cv: object, rows: Rows, rng: np.random.Generator) -> Iterator[tuple[IntArray, IntArray]]:
    """Give the rows to fit on and the rows to judge on, fold by fold."""
    n, is_event = len(rows.labels), rows.outcome.is_event
    if isinstance(cv, Integral):
        n_folds = check_integer(cv, name="cv", low=2)
        n_units = n if rows.groups is None else int(rows.groups.max()) + 1
        if n_folds > n_units:
            unit = "rows" if rows.groups is None else "groups"
            raise refuse("cv", f"be at most the number of {unit} ({n_units})", n_folds)
        fold = deal_folds(is_event, rows.groups, n_folds, rng)
        yield from ((np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(n_folds))
        return
    cure = "For example 5, or StratifiedKFold(5, shuffle=True, random_state=0)."
    strange = refuse("cv", "be a number of folds or a splitter of scikit-learn", repr(cv), cure)
    if isinstance(cv, str):
        # Text can be split too.
        raise strange
    try:
        pairs = list(cv.split(np.zeros((n, 1)), rows.labels, rows.groups))  # type: ignore[attr-defined]
    except AttributeError as err:
        raise strange from err
    for training, test in pairs:
        if len(np.intersect1d(training, test)):
            raise refuse("cv", "fit on other rows than it judges", "a fold that shares rows with its training part")
        yield np.asarray(training, dtype=np.intp), np.asarray(test, dtype=np.intp)


def _part(rows: Rows, others: IntArray, fold: IntArray, judged: IntArray) -> Part:
    is_event = rows.outcome.is_event[others]
    if is_event.all() or not is_event.any():
        got = f"a fold whose other rows hold {int(is_event.sum())} events in {len(others)} rows"
        raise refuse("cv", "leave events and non-events to fit on", got, "Take fewer folds.")
    groups = None if rows.groups is None else np.unique(rows.groups[others], return_inverse=True)[1]
    training = Rows(
        X=take_rows(rows.X, others),
        labels=rows.labels[others],
        outcome=rows.outcome._replace(is_event=is_event),
        groups=groups,
    )
    return Part(training, take_rows(rows.X, fold), np.searchsorted(judged, fold))


def _say_folds(rows: Rows, n_folds: int, n_judged: int) -> str:
    unit = "" if rows.groups is None else ", whole groups at a time"
    share = "each judged by the fit" if n_judged == len(rows.labels) else f"{count(n_judged)} of them judged by fits"
    return (
        f"{n_folds} folds{unit}: {count(len(rows.labels))} rows, {share} that did not see it. Coefficients: all rows."
    )
