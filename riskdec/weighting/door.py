"""The door of a comparison: rows to fit on and rows to judge on, given or split, checked together."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import check_groups, check_labels, check_level, check_outcome, refuse
from riskdec._base.table import count
from riskdec.decisions import as_cost_matrix
from riskdec.errors import InputError
from riskdec.models.faces import RiskFaces
from riskdec.weighting.judging import HeldOut
from riskdec.weighting.split import choose_training_rows, count_rows, take_rows
from riskdec.weighting.units import UNWEIGHTED, RowWeights, check_row_weights, gather_units, rows_of_units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.checks import Outcome
    from riskdec._base.typing import AnyArray, BoolArray, IntArray, WeightKind


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
    weights : RowWeights
        What each row counts for; rows of weight 0 are gone.
    """

    X: Any
    labels: AnyArray
    outcome: Outcome
    groups: IntArray | None
    weights: RowWeights = UNWEIGHTED

    @property
    def n(self) -> int:
        """Number of rows, each counted as often as its frequency weight says."""
        return self.weights.n_rows(len(self.labels))

    @property
    def units(self) -> IntArray:
        """Row of each unit that is dealt at random; see `rows_of_units`."""
        return rows_of_units(self.weights, len(self.labels))

    def gather(self, units: IntArray) -> Rows:
        """Give the rows of some units, with the weights that they have there."""
        rows, weights = gather_units(units, self.weights)
        keep = np.zeros(len(self.labels), dtype=bool)
        keep[rows] = True
        return replace(self.keep(keep), weights=weights)

    def keep(self, marked: BoolArray) -> Rows:
        """Give the marked rows; groups are numbered anew."""
        groups = self.groups
        return Rows(
            X=take_rows(self.X, marked),
            labels=self.labels[marked],
            outcome=self.outcome._replace(is_event=self.outcome.is_event[marked]),
            groups=None if groups is None else np.unique(groups[marked], return_inverse=True)[1],
            weights=self.weights.take(marked),
        )


class Given(NamedTuple):
    """What callers say about rows: groups and weights, of those to fit on and of those to judge on."""

    groups: object = None
    groups_test: object = None
    sample_weight: object = None
    sample_weight_test: object = None
    weight_kind: WeightKind = "frequency"

    @property
    def is_weighted(self) -> bool:
        """Whether any rows have weights."""
        return self.sample_weight is not None or self.sample_weight_test is not None

    @property
    def kind(self) -> WeightKind | None:
        """What the weights mean; None without any."""
        return self.weight_kind if self.is_weighted else None

    def refuse_test_columns(self) -> None:
        """Refuse what belongs to rows to judge on where there are none."""
        for name in ("groups_test", "sample_weight_test"):
            if getattr(self, name) is not None:
                raise refuse(name, "come with X_test and y_test", "neither")


def find_event(estimator: object, event: object) -> object:
    """Give the event asked for, or the one that a model of riskdec was made with."""
    return estimator.event if event is None and isinstance(estimator, RiskFaces) else event


def open_parts(
    X: Any, y: object, given: Given, *, X_test: Any, y_test: object, event: object, rng: np.random.Generator
) -> tuple[Rows, Rows, str]:
    """Give the rows to fit on, the rows to judge on, and a sentence about where they came from."""
    rows = open_training(X, y, given, event=event)
    if X_test is None and y_test is None:
        given.refuse_test_columns()
        return _split(rows, rng)
    if X_test is None or y_test is None:
        missing = "X_test" if X_test is None else "y_test"
        raise refuse("X_test and y_test", "come together", f"no {missing}", "Without both, X and y are split.")
    test = open_rows(
        X_test,
        y_test,
        given.groups_test,
        event=rows.outcome.event,
        suffix="_test",
        sample_weight=given.sample_weight_test,
        weight_kind=given.weight_kind,
    )
    return rows, test, _check_test_rows(rows, test)


def open_training(X: Any, y: object, given: Given, *, event: object) -> Rows:
    """Check the rows to fit on, or to split."""
    return open_rows(X, y, given.groups, event=event, sample_weight=given.sample_weight, weight_kind=given.weight_kind)


def hold_out(
    is_event: BoolArray,
    groups: IntArray | None,
    costs: object,
    confidence_level: object,
    weights: RowWeights = UNWEIGHTED,
) -> HeldOut:
    """Give what judging needs of the held-out rows, costs and level checked."""
    matrix = None if costs is None else as_cost_matrix(costs)
    if matrix is not None and len(matrix.outcomes) != 2:
        rule = "have two outcomes, the second of them the event"
        raise refuse("costs", rule, f"{len(matrix.outcomes)} outcomes")
    return HeldOut(is_event, groups, matrix, check_level(confidence_level), weights)


def open_rows(
    X: Any,
    y: object,
    groups: object,
    *,
    event: object,
    suffix: str = "",
    sample_weight: object = None,
    weight_kind: WeightKind = "frequency",
) -> Rows:
    """Check one set of rows, which has to hold both outcomes and, with groups, at least two of them.

    Rows of weight 0 are left out, and importance weights scaled to mean one.
    """
    name, n = f"y{suffix}", count_rows(X, name=f"X{suffix}")
    labels = check_labels(y, name=name, n=n)
    numbers = check_groups(groups, n, name=f"groups{suffix}")
    weights = check_row_weights(sample_weight, weight_kind, n, name=f"sample_weight{suffix}")
    kept = weights.or_ones(n) > 0
    if not kept.all():
        X, labels, weights = take_rows(X, kept), labels[kept], weights.take(kept)
        numbers = None if numbers is None else np.unique(numbers[kept], return_inverse=True)[1]
    outcome = check_outcome(labels, event=event, name=name)
    if outcome.is_event.all() or not outcome.is_event.any():
        n_events = int(weights.counted(outcome.is_event))
        rate = f"{n_events} events in {weights.n_rows(len(labels))} rows"
        raise refuse(name, "hold events and non-events", rate, "Look at how the rows were selected.")
    if numbers is not None and int(numbers.max()) == 0:
        raise refuse(f"groups{suffix}", "hold at least two groups", "one", "Leave it out for independent rows.")
    return Rows(X=X, labels=labels, outcome=outcome, groups=numbers, weights=weights.mean_one())


@contextmanager
def counting_in_parts(*, parted: bool, weighted: bool) -> Iterator[None]:
    """Say of a refused row where its place is counted, if rows were split or dealt, or those of weight 0 left out."""
    said = []
    if parted:
        said.append("Rows are counted within the part of a split that was read.")
    if weighted:
        said.append("Rows of weight 0 are not counted.")
    try:
        yield
    except InputError as err:
        if not said or not re.search(r"\bat (row|position) \d", str(err)):
            raise
        raise InputError(" ".join([str(err), *said])) from err


def _split(rows: Rows, rng: np.random.Generator) -> tuple[Rows, Rows, str]:
    """Split rows at random into 60 % to fit on and 40 % to judge on, and say so."""
    units = rows.units
    groups = None if rows.groups is None else rows.groups[units]
    chosen = choose_training_rows(rows.outcome.is_event[units], groups, rng)
    training, test = (_several_groups(rows.gather(units[part])) for part in (chosen, ~chosen))
    unit = "" if rows.groups is None else ", whole groups at a time"
    sizes = f"{count(training.n)} rows to fit on, {count(test.n)} to judge on"
    return training, test, f"Random split, stratified by the outcome{unit}: {sizes}."


def _check_test_rows(training: Rows, test: Rows) -> str:
    """Refuse labels that training did not have, and say where the rows to judge on came from."""
    known = training.outcome.classes.tolist()
    strange = [label for label in test.outcome.classes.tolist() if label not in known]
    if strange:
        raise refuse("y_test", f"hold labels of y ({known[0]!r}, {known[1]!r})", repr(strange[0]))
    doubts = [f"Fitted on {count(training.n)} rows, judged on {count(test.n)} others that were given."]
    if training.groups is not None and test.groups is None:
        doubts.append("Without groups_test these are taken for independent.")
    if training.weights.values is not None and test.weights.values is None:
        doubts.append("Without sample_weight_test each of them counts once.")
    return " ".join(doubts)


def _several_groups(rows: Rows) -> Rows:
    if rows.groups is not None and int(rows.groups.max()) == 0:
        cure = "Pass X_test, y_test and groups_test instead."
        raise refuse("groups", "leave at least two in each part of the split", "one", cure)
    return rows
