"""What a comparison of weighting schemes holds: rows, coefficients, curves, findings."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from riskdec._base.frames import make_frame
from riskdec._base.result import Estimate, Report, jsonable
from riskdec._base.table import number
from riskdec.weighting.tables import comparison_table

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.table import Table
    from riskdec._base.typing import FrameKind
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.curves.curves import ReliabilityCurve

Repair = Literal["raw", "undone"]


@dataclass(frozen=True, kw_only=True, slots=True)
class WeightingRow:
    """What one scheme gave on the held-out rows, as fitted or undone.

    Attributes
    ----------
    scheme : str
        Name of the scheme.
    repair : {"raw", "undone"}
        Risks as the fit gives them, or after `undo_class_weight`.
    weight_ratio : float
        Weight of an event over that of a non-event in the fit.
    mean_risk, observed_rate : float
        Average predicted risk, and share of events.
    mean_error : Estimate
        The one minus the other.
    citl, intercept, slope : Estimate
        Calibration-in-the-large (log-odds), and intercept and slope of the logistic recalibration.
    ici : float
        Integrated calibration index; positive by chance alone.
    miscalibration : float
        Part of the Brier score that recalibration would remove (CORP).
    brier, log_score, auc : float
        Scores; the log score is inf where an event of risk 0, or a non-event of risk 1, happened.
    flagged_at_half, precision_at_half, recall_at_half : float
        Share of rows with a risk of at least 0.5, share of events among them, share of events that they hold.
    agreement_with_mle_cut : float
        Share of these 0.5 decisions that equal those of the unweighted fit cut at ``1 / (1 + weight_ratio)``;
        for undone risks, cut at 0.5.
    mean_realised_cost : float or None
        Per row, of the decisions of least expected cost on these risks; None without costs.
    citl_difference, slope_difference, brier_difference, log_score_difference : Estimate
        This row minus scheme "none", on the same held-out rows, both fits taken as given.
    cost_difference : Estimate or None
        The same of the realised cost; None without costs.
    """

    scheme: str
    repair: Repair
    weight_ratio: float
    mean_risk: float
    observed_rate: float
    mean_error: Estimate
    citl: Estimate
    intercept: Estimate
    slope: Estimate
    ici: float
    miscalibration: float
    brier: float
    log_score: float
    auc: float
    flagged_at_half: float
    precision_at_half: float
    recall_at_half: float
    agreement_with_mle_cut: float
    mean_realised_cost: float | None
    citl_difference: Estimate
    slope_difference: Estimate
    brier_difference: Estimate
    log_score_difference: Estimate
    cost_difference: Estimate | None

    @property
    def name(self) -> str:
        """Scheme, with the repair where there is one."""
        return self.scheme if self.repair == "raw" else f"{self.scheme}, {self.repair}"

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text, ready for JSON."""
        plain: dict[str, Any] = jsonable({name: _plain(value) for name, value in _items(self)})
        return plain


@dataclass(frozen=True, kw_only=True, slots=True)
class CoefficientShift:
    """What weights did to one coefficient of a logistic model.

    Attributes
    ----------
    scheme : str
        Name of the scheme.
    name : str
        Term of the model; ``"Intercept"`` moves by about the log of the weight ratio.
    unweighted, unweighted_se : float
        Estimate without weights and its standard error (cluster-robust with groups).
    weighted, shift : float
        Estimate with weights, and how far it moved.
    shift_se : float
        Standard error of the shift; both estimates come from the same rows.
    naive_se : float
        Standard error that takes weights, scaled to mean one, for counts of rows: wrong.
    robust_se : float
        Sandwich standard error, cluster-robust with groups. That of the intercept takes the ratio as given; it
        is the one of the intercept after undoing.
    """

    scheme: str
    name: str
    unweighted: float
    unweighted_se: float
    weighted: float
    shift: float
    shift_se: float
    naive_se: float
    robust_se: float

    def to_dict(self) -> dict[str, Any]:
        """Give all fields, ready for JSON."""
        plain: dict[str, Any] = jsonable(dict(_items(self)))
        return plain


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapeTest:
    """Wald test that weights moved no slope of a logistic model, as they would not if its form were right.

    Attributes
    ----------
    scheme : str
        Name of the scheme.
    statistic : float
        ``d' C^-1 d`` with d the shifts of the slopes and C their robust covariance.
    df : int
        Number of slopes that can move; 0 for a saturated model.
    p_value : float
        From the chi-square distribution; with G groups from F with df and G - 1 degrees of freedom.
    """

    scheme: str
    statistic: float
    df: int
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """Give all fields, ready for JSON."""
        plain: dict[str, Any] = jsonable(dict(_items(self)))
        return plain


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class WeightingComparison(Report):
    """The same model fitted with and without weights, judged on the same held-out rows.

    Attributes
    ----------
    rows : tuple of WeightingRow
        Scheme "none" first; each other scheme as fitted, then undone.
    coefficients : tuple of CoefficientShift
        Term by term for each weighted scheme; empty unless the model is one of riskdec's logistic ones.
    shape_tests : tuple of ShapeTest
        One for each weighted scheme of such a model.
    curves : tuple of (str, ReliabilityCurve)
        One per row, under the name of the row; the first with its consistency band, the others without a band.
    findings : tuple of Finding
        What a reader must know, most serious first.
    costs : CostMatrix or None
        Costs under which decisions were made.
    estimator : str
        The model, as it prints.
    event : str
        Label of the event.
    split : str
        One sentence: which rows were fitted on and which were judged on.
    n_train, n_test, n_events_test : int
        Numbers of rows.
    n_groups_test : int or None
        Groups of dependent held-out rows, None where rows were taken for independent.
    confidence_level : float
        Level of all intervals.
    frame_kind : str
        Library of the frames that `frame` gives.
    """

    rows: tuple[WeightingRow, ...]
    coefficients: tuple[CoefficientShift, ...]
    shape_tests: tuple[ShapeTest, ...]
    curves: tuple[tuple[str, ReliabilityCurve], ...]
    findings: tuple[Finding, ...]
    costs: CostMatrix | None
    estimator: str
    event: str
    split: str
    n_train: int
    n_test: int
    n_events_test: int
    n_groups_test: int | None
    confidence_level: float
    frame_kind: FrameKind

    def _headline(self) -> str:
        means = ", ".join(f"{row.name} {number(row.mean_risk, 3)}" for row in self.rows)
        return f"mean risk against observed {number(self.rows[0].observed_rate, 3)}: {means}"

    def summary(self) -> Table:
        """Give each scheme beside the unweighted fit, the coefficients, and the findings."""
        return comparison_table(self)

    def frame(self) -> Any:
        """Give one row per scheme and repair; an estimate with an interval has three columns."""
        lines = [_flat(row) for row in self.rows]
        return make_frame({name: [line[name] for line in lines] for name in lines[0]}, self.frame_kind)

    def to_dict(self) -> dict[str, Any]:
        """Give rows, coefficients, findings and settings as plain numbers and text, ready for JSON."""
        return {
            "rows": [row.to_dict() for row in self.rows],
            "coefficients": [shift.to_dict() for shift in self.coefficients],
            "shape_tests": [test.to_dict() for test in self.shape_tests],
            "curves": {name: curve.to_dict() for name, curve in self.curves},
            "findings": [finding.to_dict() for finding in self.findings],
            "costs": None if self.costs is None else self.costs.to_dict(),
            "estimator": self.estimator,
            "event": self.event,
            "split": self.split,
            "n_train": self.n_train,
            "n_test": self.n_test,
            "n_events_test": self.n_events_test,
            "n_groups_test": self.n_groups_test,
            "confidence_level": self.confidence_level,
        }


def _items(row: WeightingRow | CoefficientShift | ShapeTest) -> list[tuple[str, Any]]:
    return [(field.name, getattr(row, field.name)) for field in fields(row)]


def _plain(value: Any) -> Any:
    return value.to_dict() if isinstance(value, Estimate) else value


def _flat(row: WeightingRow) -> dict[str, Any]:
    """Give the cells of one line of the frame; what needs costs is left out without them."""
    cells: dict[str, Any] = {}
    for name, value in _items(row):
        if isinstance(value, Estimate):
            cells |= {name: value.estimate, f"{name}_low": value.low, f"{name}_high": value.high}
        elif value is not None:
            cells[name] = value
    return cells
