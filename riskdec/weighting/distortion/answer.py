"""What is known about distorted probabilities: predicted and observed shift, slope, what remains, and the curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.result import Estimate, Framed
from riskdec._base.table import number
from riskdec.weighting.distortion.tables import distortion_table

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, WeightKind

_CURVES = ("curve_risk", "curve_predicted", "curve_observed", "curve_low", "curve_high", "curve_line")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Distortion(Framed):
    """How far probabilities are from honest ones, split into the shift that weights predict and what is left.

    Numbers that do not exist are nan, and a finding says why.

    `frame` gives the curves, one row per point.

    Attributes
    ----------
    weight_ratio : float
        Weight of an event over that of a non-event in the fit, as stated.
    predicted_shift : float
        Its logarithm: by how much the weights raise the log-odds of a model of the right form.
    observed_shift : Estimate
        By how much the log-odds are too high on average: minus calibration-in-the-large.
    unexplained_shift : Estimate
        Observed less predicted shift: what undoing leaves of it.
    slope : Estimate
        Calibration slope; 1 where log-odds are shifted alone.
    residual : float
        Mean distance, in risk, of the observed event rate (spline) from the recalibration by intercept and slope.
    residual_null_mean : float
        What chance makes of it where nothing but shift and slope is wrong.
    shift_p_value, slope_p_value, residual_p_value : float
        Wald tests that the shift is the predicted one, the slope 1, and the rest nothing.
    residual_df : int
        Number of bends of the spline; 0 where there is none.
    mean_risk, undone_mean_risk : float
        Average of the probabilities as given, and after undoing the ratio.
    observed_rate : float
        Share of events.
    log_score, undone_log_score : float
        Mean logarithmic scores of the same; inf where an event of probability 0 happened.
    curve_risk : ndarray of shape (m,)
        Probabilities as given, evenly spaced in log-odds; empty without a spline, like the following.
    curve_predicted, curve_line : ndarray of shape (m,)
        The same undone by the ratio, and recalibrated by intercept and slope.
    curve_observed, curve_low, curve_high : ndarray of shape (m,)
        Observed event rate with pointwise limits.
    n, n_events : int
        Rows, and rows with the event.
    n_groups : int or None
        Groups of dependent rows.
    weight_kind : {"frequency", "importance"}
        Meaning of the row weights.
    confidence_level : float
        Level of all limits.
    findings : tuple of Finding
        What a reader must know, most serious first.
    """

    weight_ratio: float
    predicted_shift: float
    observed_shift: Estimate
    unexplained_shift: Estimate
    slope: Estimate
    residual: float
    residual_null_mean: float
    shift_p_value: float
    slope_p_value: float
    residual_p_value: float
    residual_df: int
    mean_risk: float
    undone_mean_risk: float
    observed_rate: float
    log_score: float
    undone_log_score: float
    curve_risk: FloatArray
    curve_predicted: FloatArray
    curve_line: FloatArray
    curve_observed: FloatArray
    curve_low: FloatArray
    curve_high: FloatArray
    n: int
    n_events: int
    n_groups: int | None
    weight_kind: WeightKind
    confidence_level: float
    findings: tuple[Finding, ...]

    def _headline(self) -> str:
        shift = f"shift {number(self.observed_shift.estimate, 3)}, predicted {number(self.predicted_shift, 3)}"
        return f"{shift}, slope {number(self.slope.estimate, 3)}, n={self.n}"

    def summary(self) -> Table:
        """Give the parts of the distortion with their intervals and tests, and the findings."""
        return distortion_table(self)

    def _columns(self) -> dict[str, Any]:
        return {name.removeprefix("curve_"): getattr(self, name) for name in _CURVES}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text, ready for JSON."""
        plain = self._plain_fields("findings")
        estimates = {name: value.to_dict() for name, value in plain.items() if isinstance(value, Estimate)}
        return plain | estimates | {"findings": [finding.to_dict() for finding in self.findings]}
