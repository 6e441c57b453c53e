"""The door of a comparison: rows to fit on and rows to judge on, given or split, checked together."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_groups, check_labels, check_level, check_outcome, refuse
from riskdec._base.table import count
from riskdec.decisions import as_cost_matrix
from riskdec.errors import InputError
from riskdec.models.faces import RiskFaces
from riskdec.weighting.judging import HeldOut
from riskdec.weighting.split import choose_training_rows, count_rows, take_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.checks import Outcome
    from riskdec._base.typing import AnyArray, BoolArray, IntArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Rows to fit on, or to judge on.

    Attributes
    ----------
    X : array-like of shape (n, p)
        In the caller's own kind.
    labels : ndarray of shape (n,)
        Outcomes as the caller writes them.
    outcome : Outcome
        The same, past the door.
    groups : ndarray of int, shape (n,), or None
        Group numbers.
    """

    X: Any
    labels: AnyArray
    outcome: Outcome
    groups: IntArray | None


def find_event(estimator: object, event: object) -> object:
    """Give the event asked for, or the one that a model of riskdec was made with."""
    return estimator.event if event is None and isinstance(estimator, RiskFaces) else event


def open_parts(
    X: Any,
    y: object,
    groups: object,
    *,
    X_test: Any,
    y_test: object,
    groups_test: object,
    event: object,
    rng: np.random.Generator,
) -> tuple[Rows, Rows, str]:
    """Give the rows to fit on, the rows to judge on, and a sentence about where they came from."""
    rows = open_rows(X, y, groups, event=event)
    if X_test is None and y_test is None:
        if groups_test is not None:
            raise refuse("groups_test", "come with X_test and y_test", "neither")
        return _split(rows, rng)
    if X_test is None or y_test is None:
        missing = "X_test" if X_test is None else "y_test"
        raise refuse("X_test and y_test", "come together", f"no {missing}", "Without both, X and y are split.")
    test = open_rows(X_test, y_test, groups_test, event=rows.outcome.event, suffix="_test")
    return rows, test, _check_test_rows(rows, test)


def hold_out(is_event: BoolArray, groups: IntArray | None, costs: object, confidence_level: object) -> HeldOut:
    """Give what judging needs of the held-out rows, costs and level checked."""
    matrix = None if costs is None else as_cost_matrix(costs)
    if matrix is not None and len(matrix.outcomes) != 2:
        rule = "have two outcomes, the second of them the event"
        raise refuse("costs", rule, f"{len(matrix.outcomes)} outcomes")
    return HeldOut(is_event, groups, matrix, check_level(confidence_level))


def open_rows(X: Any, y: object, groups: object, *, event: object, suffix: str = "") -> Rows:
    """Check one set of rows, which has to hold both outcomes and, with groups, at least two of them."""
    name, n = f"y{suffix}", count_rows(X, name=f"X{suffix}")
    labels = check_labels(y, name=name, n=n)
    outcome = check_outcome(labels, event=event, name=name)
    if outcome.is_event.all() or not outcome.is_event.any():
        rate = f"{int(outcome.is_event.sum())} events in {n} rows"
        raise refuse(name, "hold events and non-events", rate, "Look at how the rows were selected.")
    numbers = check_groups(groups, n, name=f"groups{suffix}")
    if numbers is not None and int(numbers.max()) == 0:
        raise refuse(f"groups{suffix}", "hold at least two groups", "one", "Leave it out for independent rows.")
    return Rows(X=X, labels=labels, outcome=outcome, groups=numbers)


@contextmanager
def counting_in_parts(*, parted: bool) -> Iterator[None]:
    """Say of a refused row that its place is counted within a part of the rows, where they were split or dealt."""
    try:
        yield
    except InputError as err:
        if not parted or not re.search(r"\bat (row|position) \d", str(err)):
            raise
        raise InputError(f"{err} Rows are counted within the part of a split that was read.") from err


def _split(rows: Rows, rng: np.random.Generator) -> tuple[Rows, Rows, str]:
    """Split rows at random into 60 % to fit on and 40 % to judge on, and say so."""
    keep = choose_training_rows(rows.outcome.is_event, rows.groups, rng)
    training, test = _part(rows, keep), _part(rows, ~keep)
    unit = "" if rows.groups is None else ", whole groups at a time"
    sizes = f"{count(keep.sum())} rows to fit on, {count((~keep).sum())} to judge on"
    return training, test, f"Random split, stratified by the outcome{unit}: {sizes}."


def _check_test_rows(training: Rows, test: Rows) -> str:
    """Refuse labels that training did not have, and say where the rows to judge on came from."""
    known = training.outcome.classes.tolist()
    strange = [label for label in test.outcome.classes.tolist() if label not in known]
    if strange:
        raise refuse("y_test", f"hold labels of y ({known[0]!r}, {known[1]!r})", repr(strange[0]))
    sizes = f"{count(len(training.labels))} rows, judged on the {count(len(test.labels))} rows of X_test"
    dependent = training.groups is not None and test.groups is None
    doubt = " Without groups_test these are taken for independent." if dependent else ""
    return f"Fitted on {sizes}.{doubt}"


def _part(rows: Rows, keep: BoolArray) -> Rows:
    outcome = rows.outcome._replace(is_event=rows.outcome.is_event[keep])
    groups = None if rows.groups is None else np.unique(rows.groups[keep], return_inverse=True)[1]
    if groups is not None and int(groups.max()) == 0:
        cure = "Pass X_test, y_test and groups_test instead."
        raise refuse("groups", "leave at least two in each part of the split", "one", cure)
    return Rows(X=take_rows(rows.X, keep), labels=rows.labels[keep], outcome=outcome, groups=groups)
