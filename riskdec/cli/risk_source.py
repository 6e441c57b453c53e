"""Risks from a column or a mended model behind the faces of a risk model, so that commands need not ask which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import choose_event, refuse
from riskdec.calibration import adjust_prevalence, undo_class_weight
from riskdec.calibration.calibrator import Calibrator
from riskdec.cli.columns import check_outcomes, find_event, take_risks
from riskdec.cli.tables import check_input
from riskdec.models.faces import RiskFaces
from riskdec.models.fingerprint import SeenRows
from riskdec.persistence import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from riskdec._base.findings import Finding
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.cli.risk_options import RiskSource
    from riskdec.models.fingerprint import RowMarks


def load_model(path: Path, *, with_column: bool = False) -> Any:
    """Read a model; what else a file may hold is refused with what it is for.

    Parameters
    ----------
    path : Path
        The file.
    with_column : bool
        Whether a column of risks was named, which a calibrator mends and a model has no use for.
    """
    check_input(path)
    found = load(path)
    kind = type(found).__name__
    if isinstance(found, Calibrator):
        if not with_column:
            rule = "be given with --risk, the column of risks that it mends"
            raise refuse(str(path), rule, f"a {kind} without a column", "Name the column it was fitted on.")
    elif not isinstance(found, RiskFaces):
        raise refuse(str(path), "hold a model", f"a {kind}", "Name the file that riskdec fit wrote.")
    elif with_column:
        cure = "Leave MODEL out to take the risks as they are; riskdec fit --risk makes a file that mends them."
        raise refuse("--risk", "come with a MODEL that mends a column of risks", f"a {kind}", cure)
    return found


def open_source(source: RiskSource, frame: pd.DataFrame, outcome: AnyArray | None, *, target: str | None) -> Any:
    """Give what the user means: a risk model as it is, or one around a column or around repairs.

    Parameters
    ----------
    source : RiskSource
        What the user said.
    frame : DataFrame
        The rows.
    outcome : ndarray or None
        What happened in them, from the column `target`, where it is known.
    """
    found = None if source.model is None else load_model(source.model, with_column=source.column is not None)
    model: Any = found
    if source.column is not None:
        take_risks(frame, source.column)
        if isinstance(found, Calibrator):
            model = ColumnRisks(source.column, found.classes_, choose_event(found.classes_, found.event), found)
        else:
            model = _plain_column(source, outcome, target=target)
    if outcome is not None and target is not None:
        check_outcomes(model, outcome, target=target)
    if source.undo_weights is None and source.prevalence is None:
        return model
    if len(model.classes_) != 2:
        got = f"{len(model.classes_)} outcomes"
        raise refuse("the model", "have two outcomes with --undo-weights and --prevalence", got)
    return RepairedRisks(model, undo_weights=source.undo_weights, prevalence=source.prevalence)


def _plain_column(source: RiskSource, outcome: AnyArray | None, *, target: str | None) -> ColumnRisks:
    if outcome is None or target is None:
        if source.event is not None:
            cure = "Leave it out where nobody knows yet what happens: the risks are those of the event."
            raise refuse("--event", "come with --target, the column that holds such values", repr(source.event), cure)
        return ColumnRisks(str(source.column), np.array([0, 1]), 1, None)
    event = find_event(outcome, source.event, target=target)
    known = np.unique(outcome)
    if len(known) < 2:
        # One outcome alone: 0/1 and true/false name the other.
        known = np.unique(np.append(known, [not event])) if known.dtype.kind in "biu" else known
    if len(known) < 2:
        raise refuse(f"the target {target!r}", "have two different values", f"{event!r} in every row")
    return ColumnRisks(str(source.column), known, event, None)


class ColumnRisks(RiskFaces):
    """The risks in one column, mended by a calibrator if there is one."""

    class_weight = None
    fingerprint_ = None

    def __init__(self, column: str, classes: AnyArray, event: object, calibrator: Calibrator | None) -> None:
        self.column = column
        self.classes_ = classes
        self.event = event
        self.calibrator = calibrator
        self.feature_names_in_ = (column,)

    def predict_proba(self, X: Any) -> FloatArray:
        """Give the column beside what is left to one; NaN in rows without a risk."""
        risk = take_risks(X, self.column)
        mended = risk if self.calibrator is None else _of_known(self.calibrator.predict_risk, risk)
        return _both(mended, self._event_column(None))

    def _counted_twice(self) -> tuple[Finding, ...]:
        return ()


class RepairedRisks(RiskFaces):
    """The risks of a model, without its class weights and at another prevalence."""

    class_weight = None

    def __init__(self, model: Any, *, undo_weights: float | None, prevalence: tuple[float, float] | None) -> None:
        self.model = model
        self.undo_weights = undo_weights
        self.prevalence = prevalence
        self.classes_ = model.classes_
        self.event = model.event
        names = vars(model).get("feature_names_in_")
        if names is not None:
            self.feature_names_in_ = names
        if "encoding_" in vars(model):
            self.encoding_ = model.encoding_

    def predict_proba(self, X: Any) -> FloatArray:
        """Give the probabilities of the model, mended."""
        place = self._event_column(None)
        return _both(_of_known(self._repair, self.model.predict_proba(X)[:, place]), place)

    def _repair(self, risk: FloatArray) -> FloatArray:
        if self.undo_weights is not None:
            risk = undo_class_weight(risk, class_weight=(1.0, self.undo_weights))
        if self.prevalence is not None:
            then, here = self.prevalence
            risk = adjust_prevalence(risk, train=then, target=here)
        return risk

    def _row_marks(self, X: Any) -> RowMarks | None:
        # Training rows are known by what the model itself gives for them.
        marks = self.model._row_marks(X)  # noqa: SLF001 -- a face of the same kind
        return None if marks is None else SeenRows(((marks, self.model.predict_proba(X)),))

    def _counted_twice(self) -> tuple[Finding, ...]:
        undone: tuple[Finding, ...] = ()
        return undone if self.undo_weights is not None else self.model._counted_twice()  # noqa: SLF001 -- as above


def _of_known(repair: Callable[[FloatArray], FloatArray], risk: FloatArray) -> FloatArray:
    known = ~np.isnan(risk)
    mended = np.full(len(risk), np.nan)
    if known.any():
        mended[known] = repair(risk[known])
    return mended


def _both(risk: FloatArray, place: int) -> FloatArray:
    proba = np.empty((len(risk), 2))
    proba[:, place], proba[:, 1 - place] = risk, 1 - risk
    return proba
