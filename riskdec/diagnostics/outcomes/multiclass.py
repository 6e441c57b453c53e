"""The probabilities of many outcomes, diagnosed: one by one, the likeliest, and all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import sort_findings
from riskdec.diagnostics.groups.multiplicity import claim, holm
from riskdec.diagnostics.money.promised_cost import compare_costs
from riskdec.diagnostics.one_event import diagnose_forecasts
from riskdec.diagnostics.outcomes.canonical_kernel import canonical_error
from riskdec.diagnostics.outcomes.multiclass_findings import (
    about_certainties,
    about_costs,
    about_each_outcome,
    about_joint_limits,
    about_together,
    about_top_label,
)
from riskdec.diagnostics.outcomes.multiclass_report import MulticlassCalibrationReport, OutcomeCalibration
from riskdec.diagnostics.outcomes.recalibration import recalibrate

if TYPE_CHECKING:
    from riskdec.diagnostics.one_event import Settings
    from riskdec.diagnostics.outcomes.many_outcomes import ManyForecasts


def diagnose_outcomes(given: ManyForecasts, costs: object, settings: Settings) -> MulticlassCalibrationReport:
    """Do what `diagnose` does with more than two columns, past the door."""
    level = settings.confidence_level
    cost = None if costs is None else compare_costs(given, costs, confidence_level=level)
    outcomes = _each_outcome(given, settings)
    top_label = diagnose_forecasts(given.top_label(), None, settings)
    whole = recalibrate(given, confidence_level=level)
    error = canonical_error(given, n_resamples=settings.n_resamples, rng=settings.rng)
    findings = (
        *about_each_outcome(outcomes),
        *about_top_label(top_label, outcomes, whole),
        *about_together(whole, error),
        *about_certainties(given),
        *about_costs(cost),
        *about_joint_limits(given, whole),
    )
    reports = [outcome.report for outcome in outcomes]
    return MulticlassCalibrationReport(
        n=top_label.n,
        outcomes=outcomes,
        top_label=top_label,
        recalibration=whole,
        canonical_error=error,
        accuracy=top_label.prevalence,
        mean_confidence=top_label.mean_risk,
        brier=sum(report.brier for report in reports),
        log_score=_log_score(given),
        miscalibration=sum(report.miscalibration.estimate for report in reports),
        discrimination=sum(report.discrimination for report in reports),
        uncertainty=sum(report.uncertainty for report in reports),
        cost=cost,
        findings=sort_findings(findings),
        confidence_level=level,
        n_resamples=settings.n_resamples,
        weight_kind=given.weight_kind,
        n_groups=given.n_groups,
    )


def _each_outcome(given: ManyForecasts, settings: Settings) -> tuple[OutcomeCalibration, ...]:
    each = settings.for_claims(len(given.outcomes))
    columns = [given.column(k) for k in range(len(given.outcomes))]
    reports = [diagnose_forecasts(column, None, each) for column in columns]
    p_values = [claim(report) for report in reports]
    rows = zip(given.names, reports, p_values, holm(p_values), strict=True)
    return tuple(OutcomeCalibration(name=name, report=r, p_value=p, p_adjusted=q) for name, r, p, q in rows)


def _log_score(given: ManyForecasts) -> float:
    observed = given.proba[np.arange(len(given.codes)), given.codes]
    if not observed.all():
        return float("inf")
    return float(np.average(-np.log(observed), weights=given.weight))
