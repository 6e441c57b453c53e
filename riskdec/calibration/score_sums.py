"""Sums of scored rows: all that a binary calibrator needs, and they merge by addition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_option, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.kept import Kept, check_cells, is_a, label, numbers, one_of
from riskdec._base.result import Framed
from riskdec._base.table import Table, count, percent
from riskdec.calibration.door import ScoredRows, open_some_rows
from riskdec.scores.sums import sum_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.kept import Rule
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, WeightKind
    from riskdec.calibration.door import Input


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ScoreSums(Kept, Framed):
    """What scored rows add up to, one cell for each distinct score and importance weight.

    Make one for each part of the rows, wherever they are, add them, and hand the sum to `fit_sums` of any binary
    calibrator: it learns what it would learn from all rows together.

    `frame` gives one line per cell: score, row_weight, n_rows, n_row_events.

    Attributes
    ----------
    score : ndarray of shape (c,)
        Scores, ascending.
    row_weight : ndarray of shape (c,)
        Importance weight of one row; one for frequency weights.
    n_rows, n_row_events : ndarray of shape (c,)
        Number of rows, and of rows with the event.
    input : {"probability", "logit"}
        What scores are.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    event : object
        The label that means the event.
    classes : ndarray of shape (2,)
        Both labels, sorted.

    Examples
    --------
    >>> here = ScoreSums.from_rows([0.2, 0.2, 0.7], [0, 1, 1])
    >>> there = ScoreSums.from_rows([0.7, 0.9], [0, 1])
    >>> here + there
    <ScoreSums: 5 rows, 3 events, 3 distinct scores>
    """

    score: FloatArray
    row_weight: FloatArray
    n_rows: FloatArray
    n_row_events: FloatArray
    input: Input
    weight_kind: WeightKind
    event: Any
    classes: AnyArray

    @classmethod
    def rules_of_fields(cls) -> Mapping[str, Rule]:
        """Give what a model file may hold in each field."""
        return {
            "score": numbers("c"),
            "row_weight": numbers("c", low=0),
            "n_rows": numbers("c", low=0, high=2.0**53),
            "n_row_events": numbers("c", low=0, high=2.0**53),
            "input": one_of("probability", "logit"),
            "weight_kind": one_of("frequency", "importance"),
            "event": label(),
            "classes": is_a(np.ndarray),
        }

    def check_agreement(self) -> None:
        """Refuse cells that are out of order or hold more events than rows, and an event that is no label."""
        check_cells(self.score, self.n_rows, self.n_row_events)
        if self.input == "probability" and len(self.score) and not 0 <= self.score[0] <= self.score[-1] <= 1:
            raise refuse("score", "be probabilities", f"{self.score[0]:g} to {self.score[-1]:g}")
        if self.classes.shape != (2,) or self.event not in self.classes.tolist():
            raise refuse("classes", "be two labels, one of them the event", str(self.classes))

    @classmethod
    def from_rows(
        cls,
        scores: ArrayLike,
        y_true: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        input: Input = "probability",
        event: object = None,
        weight_kind: WeightKind = "frequency",
    ) -> ScoreSums:
        """Sum rows up.

        Parameters
        ----------
        scores : array-like of shape (n,) or (n, 2)
            Score of the event, or both columns of `predict_proba`.
        y_true : array-like of shape (n,)
            Outcomes. One of them may be missing where they are 0/1 or False/True.
        sample_weight : array-like of shape (n,), optional
            Non-negative row weights.
        input, event, weight_kind
            As in the calibrators.

        Raises
        ------
        InputError
            For what is no score, outcome or weight.
        """
        rows, outcome = open_some_rows(scores, y_true, sample_weight, input=input, event=event, weight_kind=weight_kind)
        if len(outcome.classes) < 2:
            cure = "Pass y_true == event, which needs no labels."
            raise refuse("y_true", "hold both labels of each part of the rows", repr(outcome.event), cure)
        n_rows = np.ones(len(rows.score)) if rows.frequency is None else rows.frequency
        return _from_cells(
            (rows.score, rows.importance, n_rows, n_rows * rows.is_event),
            {
                "input": input,
                "weight_kind": weight_kind,
                "event": outcome.event,
                "classes": outcome.classes,
                "frame_kind": frame_kind(scores, y_true),
            },
        )

    def __add__(self, other: ScoreSums) -> ScoreSums:
        """Give the sums of the rows of both."""
        if not isinstance(other, ScoreSums):
            return NotImplemented
        for name in ("input", "weight_kind", "event"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if ours != theirs:
                raise refuse(f"the {name} of sums", "be the same on both sides of +", f"{ours!r} and {theirs!r}")
        both = (
            np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("score", "row_weight", "n_rows", "n_row_events")
        )
        score, unit, n_rows, events = both
        settings = {name: getattr(self, name) for name in ("input", "weight_kind", "event", "classes", "frame_kind")}
        return _from_cells((score, None if self.weight_kind == "frequency" else unit, n_rows, events), settings)

    def to_rows(self, *, input: object, weight_kind: object) -> ScoredRows:
        """Give the cells as rows for a calibrator of these settings: events first, then the others."""
        for name, value in (("input", input), ("weight_kind", weight_kind)):
            check_option(getattr(self, name), (value,), name=f"the {name} of the sums (that of the calibrator)")
        counts = np.concatenate([self.n_row_events, self.n_rows - self.n_row_events])
        if not 0 < self.n_events < self.n:
            cure = "Add the sums of the other parts of the rows first."
            raise refuse("the sums", "hold events and non-events", f"{self.n_events} events in {self.n} rows", cure)
        kept = counts > 0
        is_event = np.repeat([True, False], len(self.score))[kept]
        importance = None if self.weight_kind == "frequency" else np.tile(self.row_weight, 2)[kept]
        return ScoredRows(np.tile(self.score, 2)[kept], is_event, counts[kept], importance)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.n_rows.sum())

    @property
    def n_events(self) -> int:
        """Number of rows with the event."""
        return int(self.n_row_events.sum())

    def _headline(self) -> str:
        return f"{self.n} rows, {self.n_events} events, {len(np.unique(self.score))} distinct scores"

    def summary(self) -> Table:
        """Give the sizes as a table."""
        weight = self.row_weight * self.n_rows
        rows = (
            ("rows", count(self.n)),
            ("events", count(self.n_events)),
            ("distinct scores", count(len(np.unique(self.score)))),
            ("event rate", percent(float(self.row_weight @ self.n_row_events / weight.sum()), 2)),
        )
        return Table(title="Sums for a calibrator", rows=rows, notes=("Add them with +; fit with fit_sums.",))

    def _columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("score", "row_weight", "n_rows", "n_row_events")}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers, text and lists."""
        return self._plain_fields()


def _from_cells(
    cells: tuple[FloatArray, FloatArray | None, FloatArray, FloatArray], settings: dict[str, Any]
) -> ScoreSums:
    sums = sum_cells(*cells)
    return ScoreSums(
        score=sums.cell_risk,
        row_weight=np.ones(len(sums.cell_risk)) * sums.cell_unit,
        n_rows=sums.cell_count,
        n_row_events=sums.cell_events,
        **settings,
    )
