"""The calibration report: every figure of `diagnose` in one answer."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import findings_table
from riskdec._base.result import Framed, Report, jsonable
from riskdec._base.table import Table, count, interval, number, p_value, percent
from riskdec.diagnostics.levels import levels_table
from riskdec.diagnostics.slopes.slope import apparent_text, limits_text, tests_table, value_text

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.result import Estimate
    from riskdec._base.typing import WeightKind
    from riskdec.diagnostics.curves.curves import ReliabilityCurve
    from riskdec.diagnostics.distances.equivalence import CalibrationEquivalence
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.hypothesis_tests import CalibrationTest
    from riskdec.diagnostics.levels import CalibrationLevel
    from riskdec.diagnostics.money.regret import DecisionCalibration
    from riskdec.scores.risk_bins import RiskBins

_SIZES = ("n", "n_events", "prevalence", "mean_risk")
_SCORES = ("brier", "log_score", "auc", "discrimination", "uncertainty")
_ESTIMATES = ("citl", "intercept", "slope", "citl_profile", "intercept_profile", "slope_profile")
_ERRORS = (
    "ici",
    "e50",
    "e90",
    "emax",
    "cutoff_calibration_error",
    "smooth_calibration_error",
    "miscalibration",
    "log_miscalibration",
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CalibrationReport(Framed, Report):
    """How honest predicted risks are.

    `frame` gives quantity, estimate, low, high, null_mean and p_value, one row per figure.

    Attributes
    ----------
    n, n_events : int
        Rows, and rows with the event.
    prevalence, mean_risk : float
        Share of events observed, and mean predicted risk.
    event : str
        The label that means the event.
    brier, log_score, auc : float
        Brier score in [0, 1], logarithmic score in nats, area under the receiver operating characteristic.
    citl : Estimate
        Calibration in the large: log odds by which the risks are too low on average; 0 is right.
    intercept, slope : Estimate
        Of the slope model. A slope below 1 means risks that are too extreme; its intercept is not `citl`.
    citl_profile, intercept_profile, slope_profile : Estimate
        The same three with profile-likelihood intervals.
    tests : tuple of CalibrationTest
        Of calibration in the large and the slope.
    ici, e50, e90, emax : CalibrationError
        Mean, median, 90 % point and maximum of the distance between risk and smoothed event rate.
    miscalibration : CalibrationError
        The part of the Brier score that a perfect monotone recalibration on these rows would gain.
    log_miscalibration : CalibrationError
        The same of the logarithmic score, in nats; infinite where a risk of 0 or 1 proved wrong.
    discrimination, uncertainty : float
        ``brier = miscalibration - discrimination + uncertainty``.
    smooth_calibration_error, cutoff_calibration_error : CalibrationError
        L1 norm of the kernel-smoothed residuals; largest imbalance over an interval of risks.
    spiegelhalter : CalibrationTest
        Whether the Brier score is what calibrated risks would give.
    curve : ReliabilityCurve
        The isotonic curve with its consistency band.
    decision : DecisionCalibration or None
        What miscalibration can cost, when costs were given.
    bins : RiskBins
        Rows and events by risk, from which a page can answer other questions of cost.
    levels : tuple of CalibrationLevel
        Mean, weak, moderate and strong calibration: what these rows say about each.
    findings : tuple of Finding
        What all this means, most serious first in the summary.
    confidence_level : float
        Level of intervals and band.
    n_resamples : int
        Number of draws under calibration.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    n_groups : int or None
        Number of groups of dependent rows.
    effective_n : float
        Rows of equal weight that would carry as much information (Kish): ``(sum w)^2 / sum w^2`` of importance weights.
    apparent : bool
        Whether these are rows that the model was fitted on: intervals, band and p-values are then withheld.
    """

    n: int
    n_events: int
    prevalence: float
    mean_risk: float
    event: str
    brier: float
    log_score: float
    auc: float
    citl: Estimate
    intercept: Estimate
    slope: Estimate
    citl_profile: Estimate
    intercept_profile: Estimate
    slope_profile: Estimate
    tests: tuple[CalibrationTest, ...]
    ici: CalibrationError
    e50: CalibrationError
    e90: CalibrationError
    emax: CalibrationError
    miscalibration: CalibrationError
    log_miscalibration: CalibrationError
    discrimination: float
    uncertainty: float
    smooth_calibration_error: CalibrationError
    cutoff_calibration_error: CalibrationError
    spiegelhalter: CalibrationTest
    curve: ReliabilityCurve
    decision: DecisionCalibration | None
    bins: RiskBins
    levels: tuple[CalibrationLevel, ...]
    findings: tuple[Finding, ...]
    confidence_level: float
    n_resamples: int
    weight_kind: WeightKind
    n_groups: int | None
    effective_n: float
    apparent: bool = False

    def _headline(self) -> str:
        risks = f"mean risk {percent(self.mean_risk)}, observed {percent(self.prevalence)}"
        apparent = "apparent, " if self.apparent else ""
        return (
            f"{apparent}n={self.n}, {risks}, slope {number(self.slope.estimate, 3)}, ICI {number(self.ici.estimate, 3)}"
        )

    def summary(self) -> Table:
        """Give sizes, scores, the levels of calibration, the cost of miscalibration and the findings as tables."""
        sections = [
            levels_table(self.levels),
            self._hierarchy(),
            self._errors(),
            tests_table((*self.tests, self.spiegelhalter)),
            findings_table(self.findings),
        ]
        # The last line of a report with costs is what calibration is worth in them.
        if self.decision is not None:
            sections.append(self.decision.summary())
        return Table(
            title=f"{'Apparent calibration' if self.apparent else 'Calibration'} of the risk of the event "
            f"(label {self.event})",
            rows=(
                ("rows", count(self.n)),
                ("events", count(self.n_events)),
                ("mean predicted risk", percent(self.mean_risk, 2)),
                ("observed event rate", percent(self.prevalence, 2)),
                ("Brier score", number(self.brier)),
                ("log score (nats)", number(self.log_score)),
                ("AUC", number(self.auc)),
            ),
            notes=self._settings(),
            sections=tuple(sections),
        )

    def _settings(self) -> tuple[str, ...]:
        notes = []
        if self.apparent:
            notes.append("Apparent: on rows that the model was fitted on. New rows look worse.")
        if self.n_groups is not None:
            notes.append(f"Rows in {count(self.n_groups)} groups; intervals are cluster-robust.")
        if self.weight_kind == "importance":
            notes.append(
                f"Importance weights worth {count(round(self.effective_n, 1))} rows of equal weight (Kish); intervals "
                "are robust."
            )
        return tuple(notes)

    def _hierarchy(self) -> Table:
        named = (
            ("mean: calibration in the large", self.citl, self.citl_profile, "0"),
            ("weak: slope", self.slope, self.slope_profile, "1"),
            ("weak: intercept of the slope model", self.intercept, self.intercept_profile, "0"),
        )
        level = f"{100 * self.confidence_level:g} % Wald interval"
        return Table(
            title="Mean and weak calibration",
            header=("", "estimate", level, "profile likelihood", "right"),
            rows=tuple(
                (
                    name,
                    apparent_text(e, float(right)) if self.apparent else value_text(e),
                    limits_text(e),
                    limits_text(profile),
                    right,
                )
                for name, e, profile, right in named
            ),
        )

    def _errors(self) -> Table:
        return Table(
            title="Moderate calibration: distance from the diagonal",
            header=(
                "",
                "estimate",
                f"{100 * self.confidence_level:g} % interval",
                "by chance: mean",
                "95 % point",
                "p",
            ),
            rows=tuple(_error_row(getattr(self, name)) for name in _ERRORS),
            notes=(
                "Every distance is positive by chance alone: compare it with the mean and 95 % point that "
                f"{count(self.n_resamples)} draws give if every risk is right (p cannot be below "
                f"{number(1 / (1 + self.n_resamples), 2)}).",
                f"Smooth error: {self.smooth_calibration_error.method}; its interval holds at that bandwidth.",
                "No interval is given where none is known to cover: for the quantiles of the error and for the "
                "miscalibration.",
            ),
        )

    def equivalence(self, *, margin: float | None = None, max_regret: float | None = None) -> CalibrationEquivalence:
        """Say whether the risks are calibrated well enough: exact tests reject every model once there are enough rows.

        Parameters
        ----------
        margin : float, optional
            Largest error you can live with, on the scale of risks: for the mean distance of the smoothed curve from the
            diagonal (ICI) and for the cutoff calibration error.
        max_regret : float, optional
            Largest cost per case that miscalibration may cause, in the unit of the costs of `diagnose`.

        Returns
        -------
        CalibrationEquivalence
            Within the margin where every upper confidence limit is; its `finding` says so in words.

        Raises
        ------
        InputError
            Where neither is given, a margin is not positive, or costs were not given to `diagnose`.

        Examples
        --------
        >>> from riskdec import diagnose
        >>> from riskdec.datasets import simulate_risks
        >>> data = simulate_risks(10_000, rng=0)
        >>> diagnose(data.y, data.risk, rng=0).equivalence(margin=0.05).verdict
        'within'
        """
        from riskdec.diagnostics.distances.equivalence import judge_equivalence

        return judge_equivalence(self, margin=margin, max_regret=max_regret)

    def _columns(self) -> dict[str, Any]:
        estimates = [(name, getattr(self, name)) for name in _ESTIMATES]
        errors = [(name, getattr(self, name)) for name in _ERRORS]
        rows: list[tuple[str, float, float | None, float | None, float | None, float | None]] = [
            *((name, float(getattr(self, name)), None, None, None, None) for name in (*_SIZES, *_SCORES)),
            *((name, e.estimate, e.low, e.high, None, None) for name, e in estimates),
            *((name, e.estimate, e.low, e.high, e.null_mean, e.p_value) for name, e in errors),
            *((t.name, t.statistic, None, None, None, t.p_value) for t in (*self.tests, self.spiegelhalter)),
        ]
        if self.decision is not None:
            rows.append(("regret", self.decision.regret, None, self.decision.regret_high, None, None))
        quantity, *numbers = (list(column) for column in zip(*rows, strict=True))
        names = ("estimate", "low", "high", "null_mean", "p_value")
        # What does not exist is nan; polars would keep None apart from it.
        columns = {name: np.array(column, dtype=np.float64) for name, column in zip(names, numbers, strict=True)}
        return {"quantity": quantity, **columns}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and text; what does not exist is None."""
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in (*_SIZES, *_SCORES)})
        plain |= {name: getattr(self, name).to_dict() for name in (*_ESTIMATES, *_ERRORS)}
        return plain | {
            "event": self.event,
            "tests": [test.to_dict() for test in self.tests],
            "spiegelhalter": self.spiegelhalter.to_dict(),
            "curve": self.curve.to_dict(),
            "decision": None if self.decision is None else self.decision.to_dict(),
            "levels": [level.to_dict() for level in self.levels],
            "findings": [finding.to_dict() for finding in self.findings],
            "confidence_level": self.confidence_level,
            "n_resamples": self.n_resamples,
            "weight_kind": self.weight_kind,
            "n_groups": self.n_groups,
            "effective_n": jsonable(self.effective_n),
            "apparent": self.apparent,
        }


def _error_row(error: CalibrationError) -> tuple[str, ...]:
    limits = "" if error.low is None or error.high is None else interval(error.low, error.high, 3)
    p = "withheld" if isnan(error.p_value) else p_value(error.p_value)
    return (
        error.name,
        number(error.estimate, 3),
        limits,
        number(error.null_mean, 3),
        number(error.null_high, 3),
        p,
    )
