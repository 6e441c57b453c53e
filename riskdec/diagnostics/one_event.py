"""The risk of one event, diagnosed: all of calibration from one summary of the rows and one set of draws."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.findings import sort_findings
from riskdec.decisions.judging.what_if import cuts_of
from riskdec.diagnostics.apparent import as_apparent
from riskdec.diagnostics.curves.isotonic_curve import IsotonicStatistic, make_curve
from riskdec.diagnostics.curves.smoothed import SmoothedStatistic, judge_smoothed
from riskdec.diagnostics.distances.cutoff import CutoffStatistic, judge_cutoff
from riskdec.diagnostics.distances.errors import judge
from riskdec.diagnostics.distances.log_miscalibration import LogMiscalibrationStatistic, judge_log_miscalibration
from riskdec.diagnostics.distances.smooth import SmoothStatistic, judge_smooth
from riskdec.diagnostics.draws import cluster_rows, resample
from riskdec.diagnostics.findings import (
    about_curve,
    about_hierarchy,
    about_limits,
    about_majority,
    about_missing,
)
from riskdec.diagnostics.hypothesis_tests import (
    FEW_EVENTS,
    SpiegelhalterStatistic,
    fewest_expected,
    judge_spiegelhalter,
)
from riskdec.diagnostics.levels import judge_levels
from riskdec.diagnostics.money.cut_findings import about_cuts
from riskdec.diagnostics.money.regret import RegretStatistic, judge_regret, read_costs
from riskdec.diagnostics.report import CalibrationReport
from riskdec.diagnostics.slopes.hierarchy import fit_hierarchy
from riskdec.diagnostics.slopes.hierarchy_tests import HierarchyStatistic, draws_tests
from riskdec.scores.decomposition import mean_score
from riskdec.scores.ranking import rank_probability
from riskdec.scores.risk_bins import bin_risks
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec.diagnostics.curves.curves import ReliabilityCurve
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.draws import MakeStatistic, Resamples
    from riskdec.diagnostics.money.regret import DecisionCalibration
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# The errors that have an interval, and so need a second set of draws.
_SEMINORMS: tuple[MakeStatistic, ...] = (SmoothedStatistic, CutoffStatistic, SmoothStatistic)


class Settings(NamedTuple):
    """How to diagnose, whatever the rows.

    Attributes
    ----------
    confidence_level : float
        Level of intervals and bands.
    n_resamples : int
        Number of draws under calibration.
    rng : Generator
        Where the draws come from.
    """

    confidence_level: float
    n_resamples: int
    rng: np.random.Generator
    few_resamples: int | None = None
    """Number of draws where few events are expected and p-values of tests come from them too; None: the same."""

    def for_claims(self, n_claims: int) -> Settings:
        """Give the same for many claims at once: Holm's correction of p-values from few draws could refute nothing."""
        if self.few_resamples is None:
            return self
        return self._replace(few_resamples=max(self.few_resamples, 100 * n_claims))

    def n_draws(self, sums: ForecastSums) -> int:
        """Give the number of draws for these rows."""
        few = fewest_expected(sums) < FEW_EVENTS
        return self.few_resamples if few and self.few_resamples is not None else self.n_resamples


def diagnose_forecasts(given: Forecasts, costs: object, settings: Settings) -> CalibrationReport:
    """Do what `diagnose` does, past the door."""
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    return diagnose_sums(sums, given, costs, settings)


def diagnose_sums(sums: ForecastSums, given: Forecasts, costs: object, settings: Settings) -> CalibrationReport:
    """Do the same from sums alone; of `given` the rows are used only where they come in groups."""
    cuts = None if costs is None else read_costs(costs)
    regret: MakeStatistic | None = None if cuts is None else partial(RegretStatistic, cuts=cuts)
    seminorms = _SEMINORMS if regret is None else (*_SEMINORMS, regret)
    others = (IsotonicStatistic, LogMiscalibrationStatistic, SpiegelhalterStatistic)
    everything: tuple[MakeStatistic, ...] = (*seminorms, *others)
    tests = (HierarchyStatistic,) if given.groups is None and draws_tests(sums) else ()
    n_resamples = settings.n_draws(sums)
    draws = resample(
        sums,
        (*everything, *tests),
        seminorms if given.groups is None else everything,
        clusters=cluster_rows(given),
        n_resamples=n_resamples,
        rng=settings.rng,
    )
    decision = None
    if cuts is not None and regret is not None:
        drawn = (draws.null[regret], draws.noise[regret])
        decision = judge_regret(
            sums,
            given,
            cuts,
            draws.observed[regret],
            drawn,
            confidence_level=settings.confidence_level,
            rng=settings.rng,
        )
    report = _report(given, sums, draws, decision, settings)
    looks_fitted_here = any(finding.code == "RD211" for finding in report.findings)
    return as_apparent(report) if looks_fitted_here else report


def _report(
    given: Forecasts,
    sums: ForecastSums,
    draws: Resamples,
    decision: DecisionCalibration | None,
    settings: Settings,
) -> CalibrationReport:
    level = settings.confidence_level
    fitted = fit_hierarchy(sums, given, confidence_level=level, draws=draws)
    ici, e50, e90, emax = judge_smoothed(sums, draws, confidence_level=level)
    cutoff = judge_cutoff(sums, draws, confidence_level=level)
    miscalibration = _judge_miscalibration(draws)
    spiegelhalter = judge_spiegelhalter(sums, draws)
    brier, uncertainty = mean_score(sums, sums.risk), mean_score(sums, sums.prevalence)
    findings = (*about_hierarchy(sums, given, fitted), *about_curve(sums, cutoff))
    others = (
        *about_cuts(decision),
        *about_majority(sums, decision, findings),
        *about_missing(sums, spiegelhalter),
        *about_limits(),
    )
    return CalibrationReport(
        n=sums.n,
        n_events=sums.n_events,
        prevalence=sums.prevalence,
        mean_risk=sums.mean_risk,
        event=str(given.event),
        brier=brier,
        log_score=mean_score(sums, sums.risk, "log"),
        auc=rank_probability(sums.events, sums.weight),
        citl=fitted.citl,
        intercept=fitted.intercept,
        slope=fitted.slope,
        citl_profile=fitted.profile.citl,
        intercept_profile=fitted.profile.intercept,
        slope_profile=fitted.profile.slope,
        tests=fitted.tests,
        ici=ici,
        e50=e50,
        e90=e90,
        emax=emax,
        miscalibration=miscalibration,
        log_miscalibration=judge_log_miscalibration(sums, draws),
        discrimination=uncertainty - brier + miscalibration.estimate,
        uncertainty=uncertainty,
        smooth_calibration_error=judge_smooth(draws, confidence_level=level),
        cutoff_calibration_error=cutoff,
        spiegelhalter=spiegelhalter,
        curve=_curve(given, sums, draws, settings),
        decision=decision,
        bins=bin_risks(sums, cuts=() if decision is None else cuts_of(decision.costs)),
        levels=judge_levels(fitted, cutoff),
        findings=sort_findings((*findings, *others)),
        confidence_level=level,
        n_resamples=settings.n_draws(sums),
        weight_kind=given.weight_kind,
        n_groups=given.n_groups,
        effective_n=sums.total**2 / float(sums.squared_weight.sum()),
    )


def _judge_miscalibration(draws: Resamples) -> CalibrationError:
    return judge(
        "miscalibration (Brier)",
        draws.null[IsotonicStatistic][:, 0],
        method="isotonic regression (CORP)",
        is_valid_test=draws.is_valid_test,
        estimate=float(draws.observed[IsotonicStatistic][0]),
    )


def _curve(given: Forecasts, sums: ForecastSums, draws: Resamples, settings: Settings) -> ReliabilityCurve:
    # Only dependent rows have a second set of isotonic fits.
    drawn = [values[IsotonicStatistic] for values in (draws.null, draws.noise) if IsotonicStatistic in values]
    return make_curve(
        sums,
        [np.vstack([draws.observed[IsotonicStatistic], curves[1:]])[:, 1:] for curves in drawn],
        band="consistency",
        confidence_level=settings.confidence_level,
        weight_kind=given.weight_kind,
    )
