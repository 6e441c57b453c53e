"""`diagnose`: all of calibration from one reading of the rows and one set of draws."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from riskdec._base.checks import check_integer, check_level, check_rng
from riskdec._base.findings import sort_findings
from riskdec._base.frames import frame_kind
from riskdec.diagnostics.curves import IsotonicStatistic, make_curve
from riskdec.diagnostics.cutoff import CutoffStatistic, judge_cutoff
from riskdec.diagnostics.draws import cluster_rows, resample
from riskdec.diagnostics.errors import judge
from riskdec.diagnostics.findings import (
    about_curve,
    about_hierarchy,
    about_limits,
    about_majority,
    about_missing,
)
from riskdec.diagnostics.hierarchy import fit_hierarchy
from riskdec.diagnostics.hypothesis_tests import SpiegelhalterStatistic, judge_spiegelhalter
from riskdec.diagnostics.regret import RegretStatistic, judge_regret, read_costs
from riskdec.diagnostics.report import CalibrationReport
from riskdec.diagnostics.smooth import SmoothStatistic, judge_smooth
from riskdec.diagnostics.smoothed import SmoothedStatistic, judge_smoothed
from riskdec.scores.decomposition import mean_score
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.ranking import rank_probability
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, FrameKind, RngLike, WeightKind
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.curves import ReliabilityCurve
    from riskdec.diagnostics.draws import MakeStatistic, Resamples
    from riskdec.diagnostics.errors import CalibrationError
    from riskdec.diagnostics.regret import DecisionCalibration
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# The errors that have an interval, and so need a second set of draws.
_SEMINORMS: tuple[MakeStatistic, ...] = (SmoothedStatistic, CutoffStatistic, SmoothStatistic)


def diagnose(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    costs: CostMatrix | Mapping[str, object] | None = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    n_resamples: int = 200,
    rng: RngLike = None,
) -> CalibrationReport:
    """Say how honest predicted risks are: on average, in spread, along the whole curve, and in the user's costs.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows.
    costs : CostMatrix or dict, optional
        What each action costs under each outcome, or the keywords of `CostMatrix.binary`: adds the calibration at the
        thresholds they imply and a bound on what miscalibration can cost.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights; rows of weight 0 are as if absent. Do not reuse training weights here: they hide what
        they did.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other, such as the visits of one person.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    confidence_level : float
        Level of intervals and band.
    n_resamples : int
        Number of draws under calibration, shared by all statistics.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    CalibrationReport
        Its findings say in words what is wrong, how sure that is, and what to do.

    Raises
    ------
    InputError
        For invalid outcomes, risks, weights or costs; the message names the argument, the rule and the culprit.

    Notes
    -----
    Everything follows from sums per distinct forecast, so neither the order of the rows nor writing repeated rows as
    frequency weights changes a bit of it (with importance weights or groups: nothing beyond rounding). Draws give each
    forecast a binomial number of events.

    Examples
    --------
    >>> report = diagnose([0, 1, 0, 1, 1] * 40, [0.2, 0.3, 0.5, 0.6, 0.8] * 40, rng=0)
    >>> report
    <CalibrationReport: n=200, mean risk 48.0 %, observed 60.0 %, slope 1.35, ICI 0.131>
    """
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    level = check_level(confidence_level)
    n_resamples = check_integer(n_resamples, name="n_resamples", low=1)
    generator = check_rng(rng)
    cuts = None if costs is None else read_costs(costs)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    regret: MakeStatistic | None = None if cuts is None else partial(RegretStatistic, cuts=cuts)
    seminorms = _SEMINORMS if regret is None else (*_SEMINORMS, regret)
    everything: tuple[MakeStatistic, ...] = (*seminorms, IsotonicStatistic, SpiegelhalterStatistic)
    draws = resample(
        sums,
        everything,
        seminorms if given.groups is None else everything,
        clusters=cluster_rows(given),
        n_resamples=n_resamples,
        rng=generator,
    )
    decision = None
    if cuts is not None and regret is not None:
        decision = judge_regret(sums, cuts, draws.null[regret], draws.noise[regret], confidence_level=level)
    return _report(
        given, sums, draws, decision, level=level, n_resamples=n_resamples, frame_kind=frame_kind(y_true, y_proba)
    )


def _report(
    given: Forecasts,
    sums: ForecastSums,
    draws: Resamples,
    decision: DecisionCalibration | None,
    *,
    level: float,
    n_resamples: int,
    frame_kind: FrameKind,
) -> CalibrationReport:
    fitted = fit_hierarchy(sums, given, confidence_level=level)
    ici, e50, e90, emax = judge_smoothed(sums, draws, confidence_level=level)
    cutoff = judge_cutoff(sums, draws, confidence_level=level)
    miscalibration = _judge_miscalibration(draws)
    spiegelhalter = judge_spiegelhalter(sums, draws)
    brier, uncertainty = mean_score(sums, sums.risk), mean_score(sums, sums.prevalence)
    findings = (*about_hierarchy(sums, given, fitted), *about_curve(sums, cutoff))
    others = (*about_majority(sums, decision, findings), *about_missing(sums, spiegelhalter), *about_limits())
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
        tests=fitted.tests,
        ici=ici,
        e50=e50,
        e90=e90,
        emax=emax,
        miscalibration=miscalibration,
        discrimination=uncertainty - brier + miscalibration.estimate,
        uncertainty=uncertainty,
        smooth_calibration_error=judge_smooth(draws, confidence_level=level),
        cutoff_calibration_error=cutoff,
        spiegelhalter=spiegelhalter,
        curve=_curve(given, sums, draws, level=level, frame_kind=frame_kind),
        decision=decision,
        findings=sort_findings((*findings, *others)),
        confidence_level=level,
        n_resamples=n_resamples,
        weight_kind=given.weight_kind,
        n_groups=given.n_groups,
        frame_kind=frame_kind,
    )


def _judge_miscalibration(draws: Resamples) -> CalibrationError:
    return judge(
        "miscalibration (Brier)",
        draws.null[IsotonicStatistic][:, 0],
        method="isotonic regression (CORP)",
        is_valid_test=draws.is_valid_test,
    )


def _curve(
    given: Forecasts, sums: ForecastSums, draws: Resamples, *, level: float, frame_kind: FrameKind
) -> ReliabilityCurve:
    # Only dependent rows have a second set of isotonic fits.
    drawn = [values[IsotonicStatistic] for values in (draws.null, draws.noise) if IsotonicStatistic in values]
    return make_curve(
        sums,
        [curves[:, 1:] for curves in drawn],
        method="isotonic",
        band="consistency",
        confidence_level=level,
        weight_kind=given.weight_kind,
        frame_kind=frame_kind,
    )
