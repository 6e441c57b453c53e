"""The answer about a detector on whole scenes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.findings import findings_table
from riskdec._base.result import Estimate, Framed, Report, jsonable
from riskdec._base.table import Table, count, number, percent

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec.detection.evaluation.froc import Froc
    from riskdec.detection.evaluation.promise import PromisedPrecision
    from riskdec.detection.evaluation.resampling import ResampledBy
    from riskdec.detection.evaluation.window_calibration import WindowCalibration


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class SceneEvaluation(Framed, Report):
    """How a detector does on whole scenes.

    `frame` gives one line per threshold: threshold, false_alarms (per scene), recall, precision.

    Attributes
    ----------
    n_scenes, n_objects, n_windows : int
        What it rests on.
    prevalence : float
        Objects over windows.
    froc : Froc
        Recall and precision against false alarms per scene.
    false_alarms : tuple of float
        Numbers of false alarms per scene at which the recall is given.
    recall : tuple of Estimate
        Recall at these.
    calibration : WindowCalibration
        Of the risks of windows.
    cost, alarms, deferrals : Estimate or None
        Realised cost, alarms and deferred regions per scene, on average; None without costs.
    promise : PromisedPrecision or None
        What a balanced test set promised; None without one.
    resampled_by : {"scene", "scene and source"}
        What the intervals draw.
    n_resamples : int
        Number of resamples.
    confidence_level : float
        Level of the intervals.
    findings : tuple of Finding
        What a reader must know.
    """

    n_scenes: int
    n_objects: int
    n_windows: int
    prevalence: float
    froc: Froc
    false_alarms: tuple[float, ...]
    recall: tuple[Estimate, ...]
    calibration: WindowCalibration
    cost: Estimate | None
    alarms: Estimate | None
    deferrals: Estimate | None
    promise: PromisedPrecision | None
    resampled_by: ResampledBy
    n_resamples: int
    confidence_level: float
    findings: tuple[Finding, ...]

    def recall_at(self, false_alarms: float) -> float:
        """Give the recall with at most so many false alarms per scene on average.

        Parameters
        ----------
        false_alarms : float
            False alarms per scene, not negative.
        """
        return self.froc.recall_at(false_alarms)

    def _headline(self) -> str:
        recall = ", ".join(
            f"recall {number(one.estimate, 3)} at {at:g}"
            for at, one in zip(self.false_alarms, self.recall, strict=True)
            if at == 1
        )
        found = self.calibration
        line = f"slope {number(found.slope.estimate, 3)}, citl {number(found.citl.estimate, 3)}"
        return f"{count(self.n_scenes)} scenes, {line}" + (f", {recall} false alarm per scene" if recall else "")

    def summary(self) -> Table:
        """Give size, recall, calibration, cost and promise as tables, and the findings."""
        sections = [self._recall_table(), self._calibration_table()]
        if self.cost is not None and self.alarms is not None and self.deferrals is not None:
            rows = (("cost", self.cost), ("alarms", self.alarms), ("deferrals", self.deferrals))
            sections.append(
                Table(title="Per scene", header=self._header("mean"), rows=tuple(_row(*row) for row in rows))
            )
        if self.promise is not None:
            sections.append(promise_table(self.promise))
        sections.append(findings_table(self.findings))
        rows_of_size = (
            ("scenes", count(self.n_scenes)),
            ("objects", count(self.n_objects)),
            ("windows", count(self.n_windows)),
            ("prevalence", f"1 in {count(round(1 / self.prevalence))}" if self.prevalence else "0"),
        )
        return Table(
            title="Detector on scenes",
            rows=rows_of_size,
            notes=(f"Intervals: {count(self.n_resamples)} resamples by {self.resampled_by}.",),
            sections=tuple(sections),
        )

    def _header(self, name: str) -> tuple[str, str, str]:
        return "", name, f"{100 * self.confidence_level:g} % interval"

    def _recall_table(self) -> Table:
        names = [f"{at:g}" for at in self.false_alarms]
        return Table(
            title="Recall by false alarms per scene",
            header=("false alarms", *self._header("recall")[1:]),
            rows=tuple(map(_row, names, self.recall)),
        )

    def _calibration_table(self) -> Table:
        found = self.calibration
        names = ("calibration in the large", "slope", "intercept")
        note = (
            f"{number(found.expected_objects)} objects expected by the risks of windows, "
            f"{count(found.observed_objects)} there; sum of p(1 - p) {number(found.information, 3)}."
        )
        return Table(
            title="Calibration of window risks",
            header=self._header("estimate"),
            rows=tuple(map(_row, names, (found.citl, found.slope, found.intercept))),
            notes=(note,),
        )

    def _columns(self) -> dict[str, Any]:
        names = ("threshold", "false_alarms", "recall", "precision")
        return {name: getattr(self.froc, name) for name in names}

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain numbers, text and lists; what does not exist is None."""
        return {
            "n_scenes": self.n_scenes,
            "n_objects": self.n_objects,
            "n_windows": self.n_windows,
            "prevalence": self.prevalence,
            "recall": [
                {"false_alarms": at, **one.to_dict()} for at, one in zip(self.false_alarms, self.recall, strict=True)
            ],
            "calibration": plain(self.calibration),
            "cost": None if self.cost is None else self.cost.to_dict(),
            "alarms": None if self.alarms is None else self.alarms.to_dict(),
            "deferrals": None if self.deferrals is None else self.deferrals.to_dict(),
            "promise": None if self.promise is None else plain(self.promise),
            "froc": plain(self.froc),
            "resampled_by": self.resampled_by,
            "n_resamples": self.n_resamples,
            "confidence_level": self.confidence_level,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def promise_table(promise: PromisedPrecision) -> Table:
    """Put the balanced test set beside the scenes."""
    rows = (
        ("balanced test set", percent(promise.promised_precision), percent(promise.promised_recall), ""),
        (
            "windows of the scenes",
            percent(promise.window_precision),
            percent(promise.window_recall),
            number(promise.false_windows, 3),
        ),
        (
            "alarms in the scenes",
            percent(promise.alarm_precision),
            percent(promise.alarm_recall),
            number(promise.false_alarms, 3),
        ),
    )
    title = f"Promised and kept at a threshold of {promise.threshold:g}"
    return Table(title=title, header=("", "precision", "recall", "false per scene"), rows=rows)


def plain(part: Any) -> dict[str, Any]:
    """Give the fields of a part of an answer as plain numbers and lists."""
    fields = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return {name: value.to_dict() if isinstance(value, Estimate) else jsonable(value) for name, value in fields.items()}


def _row(name: str, found: Estimate) -> tuple[str, str, str]:
    return name, number(found.estimate, 3), f"{number(found.low, 3)} to {number(found.high, 3)}"
