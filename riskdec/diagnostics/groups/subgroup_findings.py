"""What a report of subgroups says in words."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from riskdec._base.findings import Finding
from riskdec._base.table import count, interval, number, p_value, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.result import Estimate
    from riskdec._base.typing import Severity
    from riskdec.diagnostics.groups.subgroup_report import SubgroupCalibration, SubgroupDifference
    from riskdec.diagnostics.report import CalibrationReport
    from riskdec.scores.forecasts import Forecasts

_LEVEL = 0.05
# A shift of the log-odds, and a departure of a slope from 1, that change risks by about a tenth.
_NOTICEABLE = 0.1
_SHOWN = 6


def about_subgroups(found: Sequence[SubgroupCalibration], overall: CalibrationReport) -> tuple[Finding, ...]:
    """Name the subgroups whose risks are off, one finding each, or say that none was found."""
    off = [group for group in found if group.p_adjusted < _LEVEL and group.report is not None]
    findings = [_subgroup(group, group.report) for group in off[:_SHOWN] if group.report is not None]
    if len(off) > _SHOWN:
        sentence = f"{len(off) - _SHOWN} more subgroups are not calibrated: see the table."
        findings.append(Finding(code="RD225", severity="issue", sentence=sentence))
    tested = [group for group in found if not isnan(group.p_adjusted)]
    if tested and not off:
        widest = max((g for g in tested if g.report is not None), key=lambda g: _width(g.report))
        sentence = (
            f"In none of {len(tested)} assessable subgroups do these rows speak against the risks (after Holm's "
            f"correction). How wrong they could still be, the intervals say: the widest is that of {_name(widest)}"
            + ("." if widest.report is None else f", citl {_phrase(widest.report.citl)}.")
        )
        findings.append(Finding(code="RD225", severity="good", sentence=sentence))
    is_fine = not any(finding.severity == "issue" for finding in overall.findings)
    if off and is_fine:
        sentence = "All rows together show no such fault: what is wrong in some subgroups cancels out in the whole."
        findings.append(Finding(code="RD225", severity="caution", sentence=sentence))
    return tuple(findings)


def about_differences(differences: Sequence[SubgroupDifference]) -> tuple[Finding, ...]:
    """Say for which attributes the subgroups are not calibrated alike."""
    findings = []
    for one in differences:
        parts = []
        if one.citl_p_value < _LEVEL:
            size = f"{number(one.citl_range, 3)}, p = {p_value(one.citl_p_value)}"
            parts.append(f"calibration in the large differs by up to {size}")
        if one.slope_p_value < _LEVEL:
            size = f"{number(one.slope_range, 3)}, p = {p_value(one.slope_p_value)}"
            parts.append(f"the slope differs by up to {size}")
        if parts:
            sentence = f"Between the {one.n_groups} subgroups of {one.by} {' and '.join(parts)} (Cochran's Q)."
            todo = "A model that knows this attribute, or its interactions, may be right for all of them."
            findings.append(Finding(code="RD227", severity="caution", sentence=sentence, todo=todo))
    return tuple(findings)


def about_small(found: Sequence[SubgroupCalibration], least: int) -> tuple[Finding, ...]:
    """Count the subgroups that cannot be assessed."""
    small = [group for group in found if group.report is None]
    if not small:
        return ()
    shown = ", ".join(_name(group) for group in small[:_SHOWN]) + (", ..." if len(small) > _SHOWN else "")
    sentence = (
        f"{len(small)} of {len(found)} subgroups are not assessable, most of them for fewer than {least} expected "
        f"events or non-events: {shown}. Nothing is known about the risks there."
    )
    todo = "Collect more rows of them before the risks are used there, or join subgroups that belong together."
    return (Finding(code="RD226", severity="caution", sentence=sentence, todo=todo),)


def about_reading(given: Forecasts) -> tuple[Finding, ...]:
    """Say what subgroups cannot show."""
    sentence = (
        "Only these attributes were looked at, each by itself: risks may be wrong for combinations of them, and for "
        "attributes that nobody recorded."
    )
    findings = [Finding(code="RD209", severity="not applicable", sentence=sentence)]
    if given.n_groups is not None:
        sentence = (
            f"The rows come in {count(given.n_groups)} groups of dependent rows; intervals are cluster-robust, and "
            "subgroups that share groups are not compared by a test."
        )
        findings.append(Finding(code="RD210", severity="caution", sentence=sentence))
    return tuple(findings)


def _subgroup(group: SubgroupCalibration, report: CalibrationReport) -> Finding:
    citl, slope = report.citl, report.slope
    parts = []
    if citl.low > 0 or citl.high < 0:
        parts.append(f"too {'high' if citl.estimate < 0 else 'low'} on average (citl {_phrase(citl)})")
    if slope.low > 1 or slope.high < 1:
        parts.append(f"too {'extreme' if slope.estimate < 1 else 'flat'} (slope {_phrase(slope)})")
    what = " and ".join(parts) or f"wrong along the curve (ICI {number(report.ici.estimate, 3)})"
    sentence = (
        f"{_name(group)}: the risks are {what}; {percent(group.mean_risk)} predicted, {percent(group.prevalence)} "
        f"observed in {count(group.n)} rows, p = {p_value(group.p_adjusted)} after Holm's correction."
    )
    large = abs(citl.estimate) >= _NOTICEABLE or abs(slope.estimate - 1) >= _NOTICEABLE
    severity: Severity = "issue" if large else "caution"
    todo = "Find out what is special about these cases before the risks are used for them."
    return Finding(code="RD225", severity=severity, sentence=sentence, todo=todo)


def _name(group: SubgroupCalibration) -> str:
    return f"{group.by} {group.name}"


def _width(report: CalibrationReport | None) -> float:
    width = 0.0 if report is None else report.citl.high - report.citl.low
    return 0.0 if isnan(width) else width


def _phrase(estimate: Estimate) -> str:
    return f"{number(estimate.estimate, 3)}, {interval(estimate.low, estimate.high, 3)}"
