"""Sums from which calibration is diagnosed, so that rows need not be in one place: they merge by addition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.frames import frame_kind
from riskdec._base.kept import Kept, check_cells, numbers, one_of, word
from riskdec._base.result import Framed, with_frame_kind
from riskdec._base.table import Table, count, percent
from riskdec.diagnostics.diagnosis import check_settings
from riskdec.diagnostics.one_event import diagnose_sums
from riskdec.scores.forecasts import Forecasts, check_forecasts
from riskdec.scores.sums import sum_by_forecast, sum_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.kept import Rule
    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.report import CalibrationReport
    from riskdec.scores.sums import ForecastSums


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CalibrationSums(Kept, Framed):
    """What rows add up to, cell by cell; the rows themselves are not needed again.

    Make one for each part of the rows, on whatever machine they are, and add them: the sum gives bit for bit the report
    that all rows together give. Rows that depend on each other (`groups=`) cannot be summed so.

    `frame` gives one line per cell: risk, row_weight, n_rows, n_row_events.

    Attributes
    ----------
    risk : ndarray of shape (c,)
        Distinct forecasts, ascending; one place for each importance weight seen with it.
    row_weight : ndarray of shape (c,)
        Importance weight of one row; one for frequency weights.
    n_rows, n_row_events : ndarray of shape (c,)
        Number of rows, and of rows with the event.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    event : str
        The label that means the event.

    Examples
    --------
    >>> here = CalibrationSums.from_rows([0, 1, 1], [0.2, 0.2, 0.7])
    >>> there = CalibrationSums.from_rows([0, 1], [0.7, 0.9])
    >>> here + there
    <CalibrationSums: 5 rows, 3 events, 3 distinct forecasts>
    """

    risk: FloatArray
    row_weight: FloatArray
    n_rows: FloatArray
    n_row_events: FloatArray
    weight_kind: WeightKind
    event: str

    @classmethod
    def rules_of_fields(cls) -> Mapping[str, Rule]:
        """Give what a model file may hold in each field."""
        return {
            "risk": numbers("c", low=0, high=1),
            "row_weight": numbers("c", low=0),
            "n_rows": numbers("c", low=0, high=2.0**53),
            "n_row_events": numbers("c", low=0, high=2.0**53),
            "weight_kind": one_of("frequency", "importance"),
            "event": word(),
        }

    def check_agreement(self) -> None:
        """Refuse cells that are out of order or hold more events than rows."""
        check_cells(self.risk, self.n_rows, self.n_row_events)

    @classmethod
    def from_rows(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        weight_kind: WeightKind = "frequency",
        event: object = None,
    ) -> CalibrationSums:
        """Sum rows up.

        Parameters
        ----------
        y_true : array-like of shape (n,)
            Observed outcomes, two labels at most.
        y_proba : array-like of shape (n,) or (n, 2)
            Risk of the event, not fitted on these rows.
        sample_weight : array-like of shape (n,), optional
            Non-negative row weights.
        weight_kind : {"frequency", "importance"}
            Whether a weight counts rows (whole numbers) or makes one row more or less important.
        event : object, optional
            The label whose probability is the risk; 1 or True by default.

        Raises
        ------
        InputError
            As `diagnose` does.
        """
        given = check_forecasts(y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, event=event)
        sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
        # Rows without weights have frequency weight one; asked for as importance weights they may meet others.
        found = _from_sums(sums, weight_kind, str(given.event))
        return with_frame_kind(found, frame_kind(y_true, y_proba))

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.n_rows.sum())

    @property
    def n_events(self) -> int:
        """Number of rows with the event."""
        return int(self.n_row_events.sum())

    def __add__(self, other: CalibrationSums) -> CalibrationSums:
        """Give the sums of the rows of both."""
        if not isinstance(other, CalibrationSums):
            return NotImplemented
        for name in ("weight_kind", "event"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if ours != theirs:
                raise refuse(f"the {name} of sums", "be the same on both sides of +", f"{ours!r} and {theirs!r}")
        return with_frame_kind(_from_sums(_to_sums(self, other), self.weight_kind, self.event), self.frame_kind)

    def diagnose(
        self,
        *,
        costs: CostMatrix | Mapping[str, object] | None = None,
        confidence_level: float = 0.95,
        n_resamples: int | None = None,
        rng: RngLike = None,
    ) -> CalibrationReport:
        """Give the report that `riskdec.diagnose` gives of the rows.

        Parameters
        ----------
        costs : CostMatrix or dict, optional
            What each action costs under each outcome.
        confidence_level : float
            Level of intervals and bands.
        n_resamples : int, optional
            Number of draws under calibration; as in `diagnose` by default.
        rng : int, Generator or None
            Seed or generator of the draws.
        """
        settings = check_settings(confidence_level, n_resamples, rng)
        nothing = np.empty(0)
        given = Forecasts(nothing.astype(bool), nothing, None, self.weight_kind, None, self.event)
        return with_frame_kind(diagnose_sums(_to_sums(self), given, costs, settings), self.frame_kind)

    def _headline(self) -> str:
        return f"{self.n} rows, {self.n_events} events, {len(np.unique(self.risk))} distinct forecasts"

    def summary(self) -> Table:
        """Give the sizes as a table."""
        weight = self.row_weight * self.n_rows
        rows = (
            ("rows", count(self.n)),
            ("events", count(self.n_events)),
            ("distinct forecasts", count(len(np.unique(self.risk)))),
            ("mean predicted risk", percent(float(weight @ self.risk / weight.sum()), 2)),
            ("observed event rate", percent(float(self.row_weight @ self.n_row_events / weight.sum()), 2)),
        )
        return Table(title="Sums for a diagnosis of calibration", rows=rows, notes=("Add them with +.",))

    def _columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("risk", "row_weight", "n_rows", "n_row_events")}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers, text and lists."""
        return self._plain_fields()


def _from_sums(sums: ForecastSums, weight_kind: WeightKind, event: str) -> CalibrationSums:
    return CalibrationSums(
        risk=sums.cell_risk,
        row_weight=np.ones(len(sums.cell_risk)) * sums.cell_unit,
        n_rows=sums.cell_count,
        n_row_events=sums.cell_events,
        weight_kind=weight_kind,
        event=event,
    )


def _to_sums(*parts: CalibrationSums) -> ForecastSums:
    risk, unit, rows, events = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("risk", "row_weight", "n_rows", "n_row_events")
    )
    return sum_cells(risk, None if (unit == 1).all() else unit, rows, events)
