"""The calibration report of subgroups: each by itself, and whether they differ."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import findings_table
from riskdec._base.result import Framed, Report, jsonable
from riskdec._base.table import Table, count, number, p_value, percent
from riskdec.diagnostics.slopes.slope import limits_text, value_text

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.typing import WeightKind
    from riskdec.diagnostics.report import CalibrationReport

_SIZES = ("n", "n_events", "expected", "mean_risk", "prevalence")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class SubgroupCalibration:
    """The rows that share one value of an attribute.

    Attributes
    ----------
    by, name : str
        The attribute and its value.
    n, n_events : int
        Rows, and rows with the event.
    expected : float
        Number of events that the risks expect.
    mean_risk, prevalence : float
        Mean predicted risk and observed event rate.
    report : CalibrationReport or None
        Everything about these rows; None where they are too few.
    p_value : float
        Of calibration: of weak calibration or of the cutoff error, the smaller one doubled; nan without tests.
    p_adjusted : float
        The same after Holm's correction over all subgroups of all attributes.
    obstacle : str
        Why the subgroup is not assessable; empty where it is.
    """

    by: str
    name: str
    n: int
    n_events: int
    expected: float
    mean_risk: float
    prevalence: float
    report: CalibrationReport | None
    p_value: float
    p_adjusted: float
    obstacle: str

    def __repr__(self) -> str:
        return f"<SubgroupCalibration: {self.by} {self.name}, n={self.n}, {self.obstacle or repr(self.report)}>"

    def to_dict(self) -> dict[str, Any]:
        """Give the figures, those of the report without its curve; what does not exist is None."""
        report = {} if self.report is None else self.report.to_dict()
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in (*_SIZES, "p_value", "p_adjusted")})
        figures = {key: value for key, value in report.items() if key not in ("curve", *_SIZES)}
        return {"by": self.by, "name": self.name, "obstacle": self.obstacle, **plain, **figures}


@dataclass(frozen=True, kw_only=True, slots=True)
class SubgroupDifference:
    """Whether the subgroups of one attribute are calibrated alike.

    Attributes
    ----------
    by : str
        The attribute.
    n_groups : int
        Subgroups compared.
    citl_range, slope_range : float
        Largest minus smallest estimate; nan where fewer than two exist.
    citl_p_value, slope_p_value : float
        Cochran's Q of equal true values; nan with groups of dependent rows that subgroups share.
    """

    by: str
    n_groups: int
    citl_range: float
    slope_range: float
    citl_p_value: float
    slope_p_value: float

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text; what does not exist is None."""
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in SubgroupDifference.__slots__})
        return plain


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class SubgroupReport(Framed, Report):
    """How honest risks are in each subgroup.

    `frame` gives one row per subgroup: counts, means, citl, slope, cutoff error, p-values.

    Attributes
    ----------
    n : int
        Rows.
    event : str
        The label that means the event.
    overall : CalibrationReport
        All rows together.
    subgroups : tuple of SubgroupCalibration
        In the order of attributes and values.
    differences : tuple of SubgroupDifference
        One for each attribute with two assessable subgroups.
    findings : tuple of Finding
        What all this means, most serious first in the summary.
    confidence_level : float
        Level of intervals, each by itself.
    n_resamples : int
        Number of draws under calibration in each subgroup.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    n_groups : int or None
        Number of groups of dependent rows.
    """

    n: int
    event: str
    overall: CalibrationReport
    subgroups: tuple[SubgroupCalibration, ...]
    differences: tuple[SubgroupDifference, ...]
    findings: tuple[Finding, ...]
    confidence_level: float
    n_resamples: int
    weight_kind: WeightKind
    n_groups: int | None

    def _headline(self) -> str:
        off = sum(group.p_adjusted < 0.05 for group in self.subgroups)
        known = sum(group.report is not None for group in self.subgroups)
        return f"n={self.n}, {len(self.subgroups)} subgroups, {known} assessable, {off} not calibrated"

    def summary(self) -> Table:
        """Give one line per subgroup, differences by attribute, and the findings as tables."""
        level = f"{100 * self.confidence_level:g} % interval"
        return Table(
            title=f"Calibration in subgroups: {count(self.n)} rows, risk of the event (label {self.event})",
            header=("", "rows", "events", "predicted", "observed", "citl", level, "slope", level, "p (Holm)"),
            rows=(_overall_row(self.overall), *(_row(group) for group in self.subgroups)),
            notes=(
                "Intervals hold one by one. p: weak calibration or cutoff error, the smaller p doubled, then Holm's "
                "correction over all subgroups.",
            ),
            sections=(self._differences(), findings_table(self.findings)),
        )

    def _differences(self) -> Table:
        rows = tuple(
            (d.by, number(d.citl_range, 3), _test(d.citl_p_value), number(d.slope_range, 3), _test(d.slope_p_value))
            for d in self.differences
        )
        return Table(
            title="Are subgroups calibrated alike?",
            header=("", "range of citl", "p (equal)", "range of slopes", "p (equal)"),
            rows=rows,
            notes=() if rows else ("No attribute has two assessable subgroups.",),
        )

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {name: [getattr(g, name) for g in self.subgroups] for name in ("by", "name")}
        columns |= {name: np.array([getattr(g, name) for g in self.subgroups]) for name in _SIZES}
        for name in ("citl", "slope"):
            for part in ("estimate", "low", "high"):
                values = [
                    np.nan if g.report is None else getattr(getattr(g.report, name), part) for g in self.subgroups
                ]
                columns[name if part == "estimate" else f"{name}_{part}"] = np.array(values)
        cutoff = [np.nan if g.report is None else g.report.cutoff_calibration_error.estimate for g in self.subgroups]
        columns["cutoff_calibration_error"] = np.array(cutoff)
        columns |= {name: np.array([getattr(g, name) for g in self.subgroups]) for name in ("p_value", "p_adjusted")}
        return columns | {"obstacle": [g.obstacle for g in self.subgroups]}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and text; what does not exist is None."""
        return {
            "n": self.n,
            "event": self.event,
            "overall": self.overall.to_dict(),
            "subgroups": [group.to_dict() for group in self.subgroups],
            "differences": [difference.to_dict() for difference in self.differences],
            "findings": [finding.to_dict() for finding in self.findings],
            "confidence_level": self.confidence_level,
            "n_resamples": self.n_resamples,
            "weight_kind": self.weight_kind,
            "n_groups": self.n_groups,
        }


def _overall_row(report: CalibrationReport) -> tuple[str, ...]:
    sizes = (count(report.n), count(report.n_events), percent(report.mean_risk), percent(report.prevalence))
    return ("all rows", *sizes, *_estimates(report), "")


def _row(group: SubgroupCalibration) -> tuple[str, ...]:
    sizes = (count(group.n), count(group.n_events), percent(group.mean_risk), percent(group.prevalence))
    name = f"{group.by}: {group.name}"
    if group.report is None:
        return (name, *sizes, "not assessable", "", "", "", "")
    p = "no test" if isnan(group.p_adjusted) else p_value(group.p_adjusted)
    return (name, *sizes, *_estimates(group.report), p)


def _estimates(report: CalibrationReport) -> tuple[str, str, str, str]:
    citl, slope = report.citl, report.slope
    return value_text(citl), limits_text(citl), value_text(slope), limits_text(slope)


def _test(p: float) -> str:
    return "no test" if isnan(p) else p_value(p)
