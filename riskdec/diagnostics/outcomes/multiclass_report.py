"""The calibration report of K outcomes: each outcome, the likeliest one, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import findings_table
from riskdec._base.result import Framed, Report, jsonable
from riskdec._base.table import Table, count, number, p_value, percent
from riskdec.diagnostics.slopes.slope import apparent_text, limits_text, tests_table, value_text

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.result import Estimate
    from riskdec._base.typing import WeightKind
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.money.promised_cost import PromisedCost
    from riskdec.diagnostics.outcomes.recalibration import MultinomialRecalibration
    from riskdec.diagnostics.report import CalibrationReport

_NUMBERS = (
    "n",
    "accuracy",
    "mean_confidence",
    "brier",
    "log_score",
    "miscalibration",
    "discrimination",
    "uncertainty",
)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class OutcomeCalibration:
    """One outcome against all others together.

    Attributes
    ----------
    name : str
        Its label.
    report : CalibrationReport
        Everything about its probability.
    p_value : float
        Of its calibration: of weak calibration or of the cutoff error, the smaller one doubled; nan without tests.
    p_adjusted : float
        The same after Holm's correction over all outcomes.
    """

    name: str
    report: CalibrationReport
    p_value: float
    p_adjusted: float

    def __repr__(self) -> str:
        return f"<OutcomeCalibration: {self.name}, slope {number(self.report.slope.estimate, 3)}>"

    def to_dict(self) -> dict[str, Any]:
        """Give the figures of the report but its curve, as plain numbers and text; what does not exist is None."""
        figures = {key: value for key, value in self.report.to_dict().items() if key != "curve"}
        return {
            "name": self.name,
            "p_value": jsonable(self.p_value),
            "p_adjusted": jsonable(self.p_adjusted),
            **figures,
        }


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class MulticlassCalibrationReport(Framed, Report):
    """How honest the probabilities of K outcomes are.

    `frame` gives one row per outcome: counts, means, citl, slope, errors, p-values.

    Attributes
    ----------
    n : int
        Rows.
    outcomes : tuple of OutcomeCalibration
        Each outcome against all others together, in the order of the columns.
    top_label : CalibrationReport
        The largest probability of each row as the risk that its outcome happens. It says nothing about the others.
    recalibration : MultinomialRecalibration
        Mean and weak calibration of all outcomes together.
    canonical_error : CalibrationError
        Squared kernel calibration error of whole rows of probabilities; not clipped at 0.
    accuracy, mean_confidence : float
        Share of rows in which the likeliest outcome happened, and its mean probability.
    brier, log_score : float
        Brier score summed over outcomes, in [0, 2]; logarithmic score in nats.
    miscalibration, discrimination, uncertainty : float
        Of the Brier score, each outcome decomposed by itself (CORP) and summed:
        ``brier = miscalibration - discrimination + uncertainty``.
    cost : PromisedCost or None
        What the decisions promise to cost and what they cost, when costs were given.
    findings : tuple of Finding
        What all this means, most serious first in the summary.
    confidence_level : float
        Level of intervals and bands.
    n_resamples : int
        Number of draws under calibration.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    n_groups : int or None
        Number of groups of dependent rows.
    apparent : bool
        Whether these are rows that the model was fitted on: intervals, bands and p-values are then withheld.
    """

    n: int
    outcomes: tuple[OutcomeCalibration, ...]
    top_label: CalibrationReport
    recalibration: MultinomialRecalibration
    canonical_error: CalibrationError
    accuracy: float
    mean_confidence: float
    brier: float
    log_score: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    cost: PromisedCost | None
    findings: tuple[Finding, ...]
    confidence_level: float
    n_resamples: int
    weight_kind: WeightKind
    n_groups: int | None
    apparent: bool = False

    def _headline(self) -> str:
        top = f"mean confidence {percent(self.mean_confidence)}, accuracy {percent(self.accuracy)}"
        slope = number(self.recalibration.slope.estimate, 3)
        apparent = "apparent, " if self.apparent else ""
        return f"{apparent}n={self.n}, {len(self.outcomes)} outcomes, {top}, slope {slope}"

    def summary(self) -> Table:
        """Give scores, each outcome, the likeliest one, all together, the costs and the findings as tables."""
        sections = [self._each(), self._top_label(), self._together(), tests_table(self.recalibration.tests)]
        if self.cost is not None:
            sections.append(self._cost())
        return Table(
            title=f"{'Apparent calibration' if self.apparent else 'Calibration'} of the probabilities of "
            f"{len(self.outcomes)} outcomes",
            rows=(
                ("rows", count(self.n)),
                ("Brier score (0 to 2)", number(self.brier)),
                ("= miscalibration", number(self.miscalibration)),
                ("- discrimination", number(self.discrimination)),
                ("+ uncertainty", number(self.uncertainty)),
                ("log score (nats)", number(self.log_score)),
                ("of it gained by recalibration", number(self.recalibration.gain)),
            ),
            notes=self._settings(),
            sections=(*sections, findings_table(self.findings)),
        )

    def _settings(self) -> tuple[str, ...]:
        notes = ["The Brier score is decomposed outcome by outcome (CORP) and summed."]
        if self.apparent:
            notes.append("Apparent: on rows that the model was fitted on. New rows look worse.")
        if self.n_groups is not None:
            notes.append(f"Rows in {count(self.n_groups)} groups; intervals are cluster-robust.")
        if self.weight_kind == "importance":
            notes.append("Importance weights; intervals are robust.")
        return tuple(notes)

    def _each(self) -> Table:
        return Table(
            title="Each outcome against all others",
            header=("", "rows", "predicted", "observed", "citl", "slope", "ICI", "by chance", "p (Holm)"),
            rows=tuple(self._outcome_row(outcome) for outcome in self.outcomes),
            notes=(
                "p: weak calibration or cutoff error, the smaller p doubled, then Holm's correction over all "
                f"{len(self.outcomes)} outcomes.",
            ),
        )

    def _outcome_row(self, outcome: OutcomeCalibration) -> tuple[str, ...]:
        report = outcome.report
        untested = "withheld" if self.apparent else "no test"
        return (
            outcome.name,
            count(report.n_events),
            percent(report.mean_risk),
            percent(report.prevalence),
            self._value(report.citl, 0.0),
            self._value(report.slope, 1.0),
            number(report.ici.estimate, 3),
            number(report.ici.null_mean, 3),
            untested if isnan(outcome.p_adjusted) else p_value(outcome.p_adjusted),
        )

    def _value(self, estimate: Estimate, right: float) -> str:
        return apparent_text(estimate, right) if self.apparent else value_text(estimate)

    def _top_label(self) -> Table:
        top = self.top_label
        return Table(
            title="The likeliest outcome alone (top label)",
            rows=(
                ("mean confidence", percent(self.mean_confidence, 2)),
                ("accuracy", percent(self.accuracy, 2)),
                ("citl (0 is right)", f"{value_text(top.citl)} ({limits_text(top.citl)})"),
                ("slope (1 is right)", f"{value_text(top.slope)} ({limits_text(top.slope)})"),
                ("ICI, by chance", f"{number(top.ici.estimate, 3)}, {number(top.ici.null_mean, 3)}"),
            ),
            notes=("Right confidence in the likeliest outcome does not make the other probabilities right.",),
        )

    def _together(self) -> Table:
        level = f"{100 * self.confidence_level:g} % interval"
        whole, error = self.recalibration, self.canonical_error
        pairs = zip(self.outcomes, whole.intercepts, strict=True)
        named = (("common slope", whole.slope), *((f"intercept {o.name}", estimate) for o, estimate in pairs))
        p = "withheld" if isnan(error.p_value) else p_value(error.p_value)
        notes = (
            "Intercepts have mean 0: the log of the factor by which a probability is too low against the others.",
            f"Canonical kernel error (squared; {error.method}): {number(error.estimate, 3)}, by chance "
            f"{number(error.null_mean, 2)}, 95 % point {number(error.null_high, 2)}, p {p}.",
        )
        return Table(
            title="All outcomes together (multinomial recalibration)",
            header=("", "estimate", level),
            rows=tuple((name, self._value(e, 0.0 if i else 1.0), limits_text(e)) for i, (name, e) in enumerate(named)),
            notes=notes + ((whole.obstacle[:1].upper() + whole.obstacle[1:] + ".",) if whole.obstacle else ()),
        )

    def _cost(self) -> Table:
        cost = self.cost
        rows = (
            ()
            if cost is None
            else (
                ("promised (mean expected cost)", number(cost.promised)),
                ("realised", number(cost.realised)),
                ("realised minus promised", f"{number(cost.gap.estimate, 3)} ({limits_text(cost.gap)})"),
            )
        )
        return Table(title="Cost of deciding by these probabilities", rows=rows)

    def _columns(self) -> dict[str, Any]:
        reports = [outcome.report for outcome in self.outcomes]
        columns: dict[str, list[Any]] = {
            "outcome": [outcome.name for outcome in self.outcomes],
            "n_events": [report.n_events for report in reports],
            "mean_probability": [report.mean_risk for report in reports],
            "observed": [report.prevalence for report in reports],
        }
        for name in ("citl", "slope"):
            for part in ("estimate", "low", "high"):
                columns[f"{name}_{part}" if part != "estimate" else name] = [
                    getattr(getattr(report, name), part) for report in reports
                ]
        columns |= {
            "ici": [report.ici.estimate for report in reports],
            "ici_null_mean": [report.ici.null_mean for report in reports],
            "cutoff_calibration_error": [report.cutoff_calibration_error.estimate for report in reports],
            "miscalibration": [report.miscalibration.estimate for report in reports],
            "p_value": [outcome.p_value for outcome in self.outcomes],
            "p_adjusted": [outcome.p_adjusted for outcome in self.outcomes],
        }
        return {name: values if name == "outcome" else np.array(values) for name, values in columns.items()}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and text; what does not exist is None."""
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in _NUMBERS})
        return plain | {
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
            "top_label": self.top_label.to_dict(),
            "recalibration": self.recalibration.to_dict(),
            "canonical_error": self.canonical_error.to_dict(),
            "cost": None if self.cost is None else self.cost.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
            "confidence_level": self.confidence_level,
            "n_resamples": self.n_resamples,
            "weight_kind": self.weight_kind,
            "n_groups": self.n_groups,
            "apparent": self.apparent,
        }
