"""What a comparison of weighting schemes holds: rows, coefficients, curves, findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.result import Estimate, Framed, Report
from riskdec._base.table import number
from riskdec.weighting.comparison.rows import items
from riskdec.weighting.comparison.tables import comparison_table

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.table import Table
    from riskdec._base.typing import WeightKind
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.curves.curves import ReliabilityCurve
    from riskdec.scores.risk_bins import RiskBins
    from riskdec.weighting.comparison.coefficients import CoefficientShift, ShapeTest
    from riskdec.weighting.comparison.flexible import FlexibleCheck
    from riskdec.weighting.comparison.loss_parts import LossParts
    from riskdec.weighting.comparison.rows import WeightingRow


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class WeightingComparison(Framed, Report):
    """The same model fitted with and without reweighting, judged on the same held-out rows.

    `frame` gives one row per scheme and repair; an estimate with an interval has three columns.

    Attributes
    ----------
    rows : tuple of WeightingRow
        Scheme "none" first; each scheme as fitted, undone (where a map back exists), recentred and recalibrated.
    loss_parts : tuple of LossParts
        For each scheme what of its loss in Brier score is a shift, a slope, and lost for good; empty where there were
        too few events to recalibrate.
    coefficients : tuple of CoefficientShift
        Term by term for each scheme; empty unless the model is one of riskdec's logistic ones.
    shape_tests : tuple of ShapeTest
        One for each scheme of such a model.
    flexible_checks : tuple of FlexibleCheck
        For each scheme that made decisions cheaper: whether a more flexible model needs it.
    curves : tuple of (str, ReliabilityCurve)
        One for each row as fitted or undone, under the name of the row; the first with its consistency band.
    bins : tuple of (str, RiskBins)
        Held-out rows and events by risk for each row as fitted, undone and recalibrated: from them a page can answer
        what other costs would change.
    findings : tuple of Finding
        What a reader must know, most serious first.
    costs : CostMatrix or None
        Costs under which decisions were made.
    threshold : float or None
        Risk from which these costs want to act, deferring left aside.
    estimator : str
        The model, as it prints.
    event : str
        Label of the event.
    split : str
        One sentence: which rows were fitted on and which were judged on.
    n_train, n_test, n_events_test : int
        Numbers of rows, each counted as often as its frequency weight says.
    n_groups_test : int or None
        Groups of dependent held-out rows, None where rows were taken for independent.
    n_resamples : int
        Resamples of the paired bootstrap.
    weight_kind : {"frequency", "importance"} or None
        What weights of rows meant; None without any.
    confidence_level : float
        Level of all intervals.
    """

    rows: tuple[WeightingRow, ...]
    loss_parts: tuple[LossParts, ...]
    coefficients: tuple[CoefficientShift, ...]
    shape_tests: tuple[ShapeTest, ...]
    flexible_checks: tuple[FlexibleCheck, ...]
    curves: tuple[tuple[str, ReliabilityCurve], ...]
    bins: tuple[tuple[str, RiskBins], ...]
    findings: tuple[Finding, ...]
    costs: CostMatrix | None
    threshold: float | None
    estimator: str
    event: str
    split: str
    n_train: int
    n_test: int
    n_events_test: int
    n_groups_test: int | None
    n_resamples: int
    weight_kind: WeightKind | None
    confidence_level: float

    def _headline(self) -> str:
        shown = (row for row in self.rows if row.repair in ("raw", "undone"))
        means = ", ".join(f"{row.name} {number(row.mean_risk, 3)}" for row in shown)
        return f"mean risk against observed {number(self.rows[0].observed_rate, 3)}: {means}"

    def summary(self) -> Table:
        """Give each scheme beside the unweighted fit, the coefficients, and the findings."""
        return comparison_table(self)

    def _columns(self) -> dict[str, Any]:
        lines = [_flat(row) for row in self.rows]
        return {name: [line[name] for line in lines] for name in lines[0]}

    def to_dict(self) -> dict[str, Any]:
        """Give rows, coefficients, findings and settings as plain numbers and text, ready for JSON."""
        return {
            "rows": [row.to_dict() for row in self.rows],
            "loss_parts": [part.to_dict() for part in self.loss_parts],
            "coefficients": [shift.to_dict() for shift in self.coefficients],
            "shape_tests": [test.to_dict() for test in self.shape_tests],
            "flexible_checks": [check.to_dict() for check in self.flexible_checks],
            "curves": {name: curve.to_dict() for name, curve in self.curves},
            "findings": [finding.to_dict() for finding in self.findings],
            "costs": None if self.costs is None else self.costs.to_dict(),
            "threshold": self.threshold,
            "estimator": self.estimator,
            "event": self.event,
            "split": self.split,
            "n_train": self.n_train,
            "n_test": self.n_test,
            "n_events_test": self.n_events_test,
            "n_groups_test": self.n_groups_test,
            "n_resamples": self.n_resamples,
            "weight_kind": self.weight_kind,
            "confidence_level": self.confidence_level,
        }


def _flat(row: WeightingRow) -> dict[str, Any]:
    """Give the cells of one line of the frame; what needs costs is left out without them."""
    cells: dict[str, Any] = {}
    for name, value in items(row):
        if isinstance(value, Estimate):
            cells |= {name: value.estimate, f"{name}_low": value.low, f"{name}_high": value.high}
        elif value is not None:
            cells[name] = value
    return cells
