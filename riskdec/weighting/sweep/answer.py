"""What a sweep of weight ratios holds: the trade-off, calibration and costs under each ratio, and the findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Framed, Report
from riskdec._base.table import number, percent
from riskdec.weighting.sweep.tables import sweep_table

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.result import Estimate
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, WeightKind
    from riskdec.decisions import CostMatrix

# Columns of the frame, in its order; those of costs are left out without them.
_COLUMNS = (
    "weight_ratio",
    "precision",
    "recall",
    "flagged",
    "threshold",
    "threshold_precision",
    "threshold_recall",
    "threshold_flagged",
    "agreement",
    "recall_at_equal_precision",
    "recall_difference",
    "recall_difference_se",
    "mean_risk",
    "citl",
    "citl_low",
    "citl_high",
    "slope",
    "slope_low",
    "slope_high",
    "cost",
    "threshold_cost",
    "believed_cost",
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class WeightSweep(Framed, Report):
    """One model under many weight ratios, beside its fit without weights and a threshold that moves.

    Arrays have one entry for each of J ratios, ascending, unless another shape is given.

    `frame` gives one row per ratio.

    Attributes
    ----------
    weight_ratio : ndarray of shape (J,)
        Weight of an event over that of a non-event.
    natural_ratio : float
        Non-events over events among the training rows, as these are weighted; one of the ratios.
    precision, recall, flagged : ndarray of shape (J,)
        Of the weighted fit at 0.5: share of events among the flagged rows (nan where none is flagged), share of the
        events that are flagged, share of rows that are flagged.
    threshold : ndarray of shape (J,)
        ``1 / (1 + weight_ratio)``.
    threshold_precision, threshold_recall, threshold_flagged : ndarray of shape (J,)
        The same of the fit without weights at that threshold.
    agreement : ndarray of shape (J,)
        Share of rows that both treat alike.
    recall_at_equal_precision : ndarray of shape (J,)
        Recall of the fit without weights at the threshold where it is as precise as the weights at 0.5; nan where it
        never is.
    recall_difference, recall_difference_se : ndarray of shape (J,)
        Recall of the weights less that, with its standard error, both fits taken as given.
    mean_risk : ndarray of shape (J,)
        Average risk under weights.
    citl, citl_low, citl_high, slope, slope_low, slope_high : ndarray of shape (J,)
        Calibration-in-the-large (log-odds) and calibration slope of these risks with Wald limits; nan where they do
        not exist.
    cost, threshold_cost : ndarray of shape (J,) or None
        Realised cost per row of acting on what is flagged, under weights and by threshold; None without costs.
    believed_cost : ndarray of shape (J,) or None
        Of the decisions of least expected cost on the weighted risks: the costs counted twice.
    decided_cost : float or None
        Of the decisions of least expected cost on the risks without weights.
    crossing_ratio, crossing_value : float
        Where precision equals recall, and what both are there; nan where they do not cross.
    threshold_crossing : float
        Threshold on the risks without weights at which its precision equals its recall; nan where they do not cross.
    largest_difference : Estimate
        The largest `recall_difference` in size, with an interval for that one ratio; nan where none can be compared.
    largest_ratio : float
        Its ratio.
    observed_rate : float
        Share of events among the held-out rows.
    terms : tuple of str
        Names of the coefficients of a logistic model; empty for other models.
    coefficients : ndarray of shape (J, k) or None
        Coefficients under each ratio, as log-odds of the event.
    findings : tuple of Finding
        What a reader must know, most serious first.
    costs : CostMatrix or None
        Costs of the decisions.
    estimator, event, split : str
        The model, the label of the event, which rows were fitted on and judged.
    n_train, n_test, n_events_test : int
        Numbers of rows, each counted as often as its frequency weight says.
    n_groups_test : int or None
        Groups of dependent held-out rows.
    weight_kind : {"frequency", "importance"} or None
        What weights of rows meant; None without any.
    confidence_level : float
        Level of all limits.
    """

    weight_ratio: FloatArray
    natural_ratio: float
    precision: FloatArray
    recall: FloatArray
    flagged: FloatArray
    threshold: FloatArray
    threshold_precision: FloatArray
    threshold_recall: FloatArray
    threshold_flagged: FloatArray
    agreement: FloatArray
    recall_at_equal_precision: FloatArray
    recall_difference: FloatArray
    recall_difference_se: FloatArray
    mean_risk: FloatArray
    citl: FloatArray
    citl_low: FloatArray
    citl_high: FloatArray
    slope: FloatArray
    slope_low: FloatArray
    slope_high: FloatArray
    cost: FloatArray | None
    threshold_cost: FloatArray | None
    believed_cost: FloatArray | None
    decided_cost: float | None
    crossing_ratio: float
    crossing_value: float
    threshold_crossing: float
    largest_difference: Estimate
    largest_ratio: float
    observed_rate: float
    terms: tuple[str, ...]
    coefficients: FloatArray | None
    findings: tuple[Finding, ...]
    costs: CostMatrix | None
    estimator: str
    event: str
    split: str
    n_train: int
    n_test: int
    n_events_test: int
    n_groups_test: int | None
    weight_kind: WeightKind | None
    confidence_level: float

    @property
    def natural(self) -> int:
        """Place of the natural ratio among the ratios."""
        return int(np.abs(np.log(self.weight_ratio / self.natural_ratio)).argmin())

    @property
    def unweighted(self) -> int:
        """Place of the ratio one."""
        return int(np.abs(np.log(self.weight_ratio)).argmin())

    def _headline(self) -> str:
        at = self.natural
        natural = (
            f"at the natural ratio {number(self.natural_ratio, 3)} precision {_share(self.precision[at])}, "
            f"recall {_share(self.recall[at])}"
        )
        return f"{len(self.weight_ratio)} ratios, {natural}, {percent(self.agreement[at])} as by threshold"

    def summary(self) -> Table:
        """Give a few of the ratios beside the moving threshold, and the findings."""
        return sweep_table(self)

    def _columns(self) -> dict[str, Any]:
        columns = {name: getattr(self, name) for name in _COLUMNS}
        return {name: column for name, column in columns.items() if column is not None}

    def to_dict(self) -> dict[str, Any]:
        """Give all figures, findings and settings as plain numbers and text, ready for JSON."""
        return self._plain_fields() | {
            "largest_difference": self.largest_difference.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
            "costs": None if self.costs is None else self.costs.to_dict(),
        }


def _share(value: float) -> str:
    return "not defined" if np.isnan(value) else percent(value)
