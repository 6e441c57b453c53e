"""`diagnose_subgroups`: are the risks right for everybody, or only for all together?"""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_array
from riskdec._base.findings import sort_findings
from riskdec._base.frames import frame_kind
from riskdec._base.result import with_frame_kind
from riskdec.diagnostics.diagnosis import check_settings
from riskdec.diagnostics.groups.multiplicity import claim, holm
from riskdec.diagnostics.groups.random_effects import random_effects
from riskdec.diagnostics.groups.subgroup_findings import about_differences, about_reading, about_small, about_subgroups
from riskdec.diagnostics.groups.subgroup_labels import Level, read_levels
from riskdec.diagnostics.groups.subgroup_report import SubgroupCalibration, SubgroupDifference, SubgroupReport
from riskdec.diagnostics.hypothesis_tests import TOO_FEW_EVENTS
from riskdec.diagnostics.one_event import diagnose_forecasts
from riskdec.scores.forecasts import check_forecasts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec._base.result import Estimate
    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.diagnostics.one_event import Settings
    from riskdec.diagnostics.report import CalibrationReport
    from riskdec.scores.forecasts import Forecasts

# Fewer expected events or non-events cannot show more than a gross error.
LEAST_EXPECTED = 20


def diagnose_subgroups(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    by: ArrayLike | Mapping[str, ArrayLike],
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    n_resamples: int | None = None,
    rng: RngLike = None,
) -> SubgroupReport:
    """Diagnose the calibration of risks in each subgroup, with one correction for looking at all of them.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows.
    by : array-like of shape (n,), mapping of name to such, or frame
        Who belongs to which subgroup: one attribute or several, each looked at by itself. For subgroups of two
        attributes at once join their labels. At most 50 values each: cut numbers into intervals first.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights; rows of weight 0 are as if absent.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other, such as the visits of one person; not to be
        confused with the subgroups of `by`, about which something is claimed.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    confidence_level : float
        Level of each interval by itself.
    n_resamples : int, optional
        Number of draws under calibration in each subgroup; as in `diagnose`, and more for many small subgroups.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    SubgroupReport
        Subgroups with fewer than 20 expected events or non-events are "not assessable"; where there are several, they
        are assessed together. The number expected, not the number seen, decides: leaving out subgroups because they had
        no events would hide risks that are too high.

    Raises
    ------
    InputError
        As `diagnose`, and for attributes with missing values, too many values or the wrong length.

    Notes
    -----
    One claim for each subgroup: that it is calibrated. Its p-value is the smaller of that of weak calibration and that
    of the cutoff error, doubled, and Holm's correction covers all subgroups of all attributes. That subgroups are
    calibrated alike is another question; Cochran's Q of citl and slope answers it, one attribute at a time.

    Examples
    --------
    >>> y, risk, sex = [0, 1, 0, 1, 1] * 40, [0.2, 0.3, 0.5, 0.6, 0.8] * 40, ["f", "m"] * 100
    >>> report = diagnose_subgroups(y, risk, by={"sex": sex}, rng=0)
    >>> report
    <SubgroupReport: n=200, 2 subgroups, 2 assessable, 2 not calibrated>
    """
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    settings = check_settings(confidence_level, n_resamples, rng)
    level = settings.confidence_level
    n = len(check_array(y_true, name="y_true"))
    kept = np.ones(n, bool) if sample_weight is None else np.broadcast_to(np.asarray(sample_weight) > 0, n)
    levels = _with_pooled(given, read_levels(by, n, kept))
    found = _adjust([_assess(given, one, settings.for_claims(len(levels))) for one in levels])
    differences = tuple(_compare(name, found, given, level) for name in dict.fromkeys(group.by for group in found))
    differences = tuple(one for one in differences if one.n_groups > 1)
    overall = diagnose_forecasts(given, None, settings)
    findings = (
        *about_subgroups(found, overall),
        *about_differences(differences),
        *about_small(found, LEAST_EXPECTED),
        *about_reading(given),
    )
    report = SubgroupReport(
        n=overall.n,
        event=overall.event,
        overall=overall,
        subgroups=found,
        differences=differences,
        findings=sort_findings(findings),
        confidence_level=level,
        n_resamples=settings.n_resamples,
        weight_kind=given.weight_kind,
        n_groups=given.n_groups,
    )
    return with_frame_kind(report, frame_kind(y_true, y_proba, by))


def _with_pooled(given: Forecasts, levels: Sequence[Level]) -> list[Level]:
    """Put after the levels of each attribute its small ones together, where there are several."""
    result = []
    for name in dict.fromkeys(level.by for level in levels):
        own = [level for level in levels if level.by == name]
        small = [level for level in own if min(_expected(_cut(given, level.rows))) < LEAST_EXPECTED]
        result += own
        if len(small) > 1:
            rows = np.logical_or.reduce([level.rows for level in small])
            result.append(Level(name, f"the {len(small)} small ones together", rows))
    return result


def _assess(given: Forecasts, level: Level, settings: Settings) -> SubgroupCalibration:
    part = _cut(given, level.rows)
    weight = np.ones(len(part.risk)) if part.weight is None else part.weight
    counts = weight if part.weight_kind == "frequency" else np.ones(len(part.risk))
    events, others = _expected(part)
    obstacle, report = "", None
    if min(events, others) < LEAST_EXPECTED:
        rarer, size = ("events", events) if events <= others else ("non-events", others)
        obstacle = f"{size:.3g} {rarer} expected, fewer than {LEAST_EXPECTED}"
    elif part.n_groups == 1:
        obstacle = "all rows belong to one group"
    else:
        report = diagnose_forecasts(part, None, settings)
    return SubgroupCalibration(
        by=level.by,
        name=level.name,
        n=int(counts.sum()),
        n_events=int(counts[part.is_event].sum()),
        expected=events,
        mean_risk=float(np.average(part.risk, weights=weight)),
        prevalence=float(np.average(part.is_event, weights=weight)),
        report=report,
        p_value=nan if report is None else claim(report),
        p_adjusted=nan,
        obstacle=obstacle,
    )


def _cut(given: Forecasts, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Forecasts:
    groups = given.groups
    return given._replace(
        is_event=given.is_event[rows],
        risk=given.risk[rows],
        weight=None if given.weight is None else given.weight[rows],
        groups=None if groups is None else np.unique(groups[rows], return_inverse=True)[1].astype(np.intp, copy=False),
    )


def _expected(part: Forecasts) -> tuple[float, float]:
    """Give the number of events and of non-events that the risks expect among the rows."""
    counted = part.weight is not None and part.weight_kind == "frequency"
    counts = part.weight if counted and part.weight is not None else np.ones(len(part.risk))
    events = float(counts @ part.risk)
    return events, float(counts.sum()) - events


def _adjust(found: Sequence[SubgroupCalibration]) -> tuple[SubgroupCalibration, ...]:
    adjusted = holm([group.p_value for group in found])
    return tuple(replace(group, p_adjusted=p) for group, p in zip(found, adjusted, strict=True))


def _compare(
    name: str, found: Sequence[SubgroupCalibration], given: Forecasts, confidence_level: float
) -> SubgroupDifference:
    reports = [group.report for group in found if group.by == name and group.report is not None]
    citl, slope = (_spread(reports, part, given, confidence_level) for part in ("citl", "slope"))
    return SubgroupDifference(
        by=name,
        n_groups=len(reports),
        citl_range=citl[0],
        slope_range=slope[0],
        citl_p_value=citl[1],
        slope_p_value=slope[1],
    )


def _spread(
    reports: Sequence[CalibrationReport], part: str, given: Forecasts, confidence_level: float
) -> tuple[float, float]:
    """Give the range of the estimates of all subgroups, and the p-value of equal true values."""
    known: list[Estimate] = [getattr(report, part) for report in reports if report.n_events >= TOO_FEW_EVENTS]
    known = [estimate for estimate in known if not np.isnan(estimate.low)]
    if len(known) < 2:
        return nan, nan
    values = np.array([estimate.estimate for estimate in known])
    if given.groups is not None:
        # One person's rows may lie in several subgroups, whose estimates then depend on each other.
        return float(np.ptp(values)), nan
    variance = _variances(known, confidence_level)
    return float(np.ptp(values)), random_effects(values, variance, confidence_level=confidence_level).p_value


def _variances(known: Sequence[Estimate], confidence_level: float) -> FloatArray:
    from scipy.special import ndtri

    half = np.array([(estimate.high - estimate.low) / 2 for estimate in known])
    return np.asarray((half / ndtri((1 + confidence_level) / 2)) ** 2, dtype=np.float64)
