"""Rows with outcomes, to fit on and to judge on, that commands read from one table or from two."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import check_groups, check_rng, refuse
from riskdec._base.table import count
from riskdec.cli.columns import find_event, match_columns, take_groups, take_predictors, take_target, take_weights
from riskdec.cli.tables import read_table
from riskdec.errors import InputError
from riskdec.weighting.split import choose_training_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, WeightKind


class Columns(NamedTuple):
    """What the options say of the columns of a table; those not named are predictors."""

    target: str
    groups: str | None
    sample_weight: str | None
    weight_kind: WeightKind
    drop: tuple[str, ...]


class LabelledRows(NamedTuple):
    """Predictors and outcomes, and what says which rows belong together and how much each counts."""

    X: pd.DataFrame
    y: AnyArray
    groups: AnyArray | None
    sample_weight: FloatArray | None

    def take(self, marked: BoolArray) -> LabelledRows:
        """Give the marked rows."""
        groups = None if self.groups is None else self.groups[marked]
        weight = None if self.sample_weight is None else self.sample_weight[marked]
        return LabelledRows(self.X[marked], self.y[marked], groups, weight)

    def split(self, event: Any, *, test_size: float, seed: int) -> tuple[LabelledRows, LabelledRows]:
        """Give rows to fit on and rows to judge on, with the same share of events; whole groups where there are any."""
        is_event = self.y == event
        numbers = check_groups(self.groups, len(is_event), name="--groups")
        try:
            keep = choose_training_rows(is_event, numbers, check_rng(seed), training_share=1 - test_size)
        except InputError as err:
            rule = "leave rows with each outcome in both parts"
            raise refuse("--test-size", rule, f"{test_size:g}", "Choose another share, or take more rows.") from err
        return self.take(keep), self.take(~keep)


def read_labelled(data: Path, columns: Columns, *, event: str | None) -> tuple[LabelledRows, Any]:
    """Read rows to fit on, or to split, and find the label of the event."""
    frame = read_table(data)
    outcome = take_target(frame, columns.target)
    label = find_event(outcome, event, target=columns.target)
    aside = (columns.groups, columns.sample_weight)
    rows = _gather(frame, outcome, columns)
    found = rows._replace(X=take_predictors(frame, columns.drop, aside=aside, target=columns.target))
    _check_outcomes(found, label, columns)
    return found, label


def read_test(path: Path, columns: Columns, *, like: LabelledRows, event: Any) -> LabelledRows:
    """Read rows to judge on, with the columns and the outcomes of those that are fitted on."""
    with _errors_of(path):
        frame = read_table(path)
        outcome = take_target(frame, columns.target)
        known = np.unique(like.y).tolist()
        strange = next((label for label in outcome.tolist() if label not in known), None)
        if strange is not None:
            rule = f"hold the values that it has in the rows to fit on ({known[0]} and {known[-1]})"
            raise refuse(f"the target {columns.target!r}", rule, repr(strange))
        rows = _gather(frame, outcome, columns)._replace(X=match_columns(like.X, frame))
        _check_outcomes(rows, event, columns)
    return rows


def _gather(frame: pd.DataFrame, outcome: AnyArray, columns: Columns) -> LabelledRows:
    return LabelledRows(
        frame,
        outcome,
        take_groups(frame, columns.groups, option="--groups", target=columns.target),
        take_weights(frame, columns.sample_weight, target=columns.target, kind=columns.weight_kind),
    )


def _check_outcomes(rows: LabelledRows, event: Any, columns: Columns) -> None:
    """Refuse rows without events or without non-events, and rows that are all of one group."""
    counted = np.ones(len(rows.y), dtype=bool) if rows.sample_weight is None else rows.sample_weight > 0
    happened = rows.y[counted] == event
    if happened.all() or not happened.any():
        found = f"{count(int(happened.sum()))} rows with the event {event!r} of {count(len(happened))}"
        cure = "Look at how the rows were selected."
        raise refuse(f"the target {columns.target!r}", "hold events and non-events", found, cure)
    if rows.groups is not None and len(set(rows.groups[counted].tolist())) < 2:
        rule, cure = "hold at least two groups", "Leave it out for independent rows."
        raise refuse(f"the column {columns.groups!r} of --groups", rule, "one", cure)


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Say which of two files an error is about."""
    try:
        yield
    except InputError as err:
        if str(err).startswith(str(path)):
            raise
        raise InputError(f"{path}: {err}") from err
