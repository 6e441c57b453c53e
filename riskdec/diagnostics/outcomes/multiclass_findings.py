"""What a report of many outcomes says in words."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import count, interval, number, p_value, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.result import Estimate
    from riskdec._base.typing import Severity
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.money.promised_cost import PromisedCost
    from riskdec.diagnostics.outcomes.many_outcomes import ManyForecasts
    from riskdec.diagnostics.outcomes.multiclass_report import OutcomeCalibration
    from riskdec.diagnostics.outcomes.recalibration import MultinomialRecalibration
    from riskdec.diagnostics.report import CalibrationReport

_LEVEL = 0.05
# A shift of the log-odds, and a departure of a slope from 1, that change risks by about a tenth.
_NOTICEABLE = 0.1
_SHOWN = 5


def about_each_outcome(outcomes: Sequence[OutcomeCalibration]) -> tuple[Finding, ...]:
    """Name the outcomes whose probabilities are off, the worst first, and those that could not be assessed."""
    findings = []
    off = sorted((o for o in outcomes if o.p_adjusted < _LEVEL), key=lambda o: -o.report.ici.estimate)
    if off:
        shown = "; ".join(_what_is_off(outcome) for outcome in off[:_SHOWN])
        more = f"; and {len(off) - _SHOWN} more" if len(off) > _SHOWN else ""
        sentence = (
            f"The probabilities of {len(off)} of {len(outcomes)} outcomes are not calibrated, each against all others "
            f"(after Holm's correction): {shown}{more}."
        )
        severity: Severity = "issue" if any(_is_noticeable(outcome.report) for outcome in off) else "caution"
        todo = "Recalibrate all outcomes together on other rows, then look at each again."
        findings.append(Finding(code="RD221", severity=severity, sentence=sentence, todo=todo))
    untested = [outcome.name for outcome in outcomes if isnan(outcome.p_adjusted)]
    few = [o.name for o in outcomes if any(f.code == "RD204" and f.severity == "issue" for f in o.report.findings)]
    if untested or few:
        findings.append(_too_few(dict.fromkeys((*few, *untested))))
    return tuple(findings)


def about_top_label(
    top: CalibrationReport, outcomes: Sequence[OutcomeCalibration], whole: MultinomialRecalibration
) -> tuple[Finding, ...]:
    """Say whether the confidence in the likeliest outcome is right, and that this alone would not be enough."""
    sizes = f"mean confidence {percent(top.mean_risk, 2)}, accuracy {percent(top.prevalence, 2)}"
    refuted = any(level.verdict == "refuted" for level in top.levels)
    if refuted or _excludes(top.citl, 0) or _excludes(top.slope, 1):
        way = "high" if top.mean_risk > top.prevalence else "low"
        severity: Severity = "issue" if _is_noticeable(top) else "caution"
        slope = "" if isnan(top.slope.low) else f" (slope {_phrase(top.slope)})"
        sentence = f"The confidence in the likeliest outcome is too {way}: {sizes}{slope}."
        return (Finding(code="RD222", severity=severity, sentence=sentence, todo="Recalibrate on other rows."),)
    others_off = any(o.p_adjusted < _LEVEL for o in outcomes) or any(t.p_value < _LEVEL for t in whole.tests)
    if isnan(top.citl.low) or not others_off:
        return ()
    sentence = (
        f"The confidence in the likeliest outcome is compatible with the rows ({sizes}), but the probabilities of "
        "the outcomes are not: whoever looked at the top label alone would have missed it."
    )
    return (Finding(code="RD222", severity="caution", sentence=sentence),)


def about_together(whole: MultinomialRecalibration, error: CalibrationError) -> tuple[Finding, ...]:
    """Say whether the probabilities of all outcomes are right together."""
    findings = []
    slope = whole.slope
    if _excludes(slope, 1):
        what = "too extreme" if slope.estimate < 1 else "too flat"
        sentence = (
            f"All probabilities together are {what}: common slope {_phrase(slope)}, that is temperature "
            f"{number(1 / slope.estimate, 3)}; slope and intercepts would gain {number(whole.gain, 3)} nats per row."
        )
        severity: Severity = "issue" if abs(slope.estimate - 1) >= _NOTICEABLE else "caution"
        todo = "Temperature scaling on other rows repairs the slope."
        findings.append(Finding(code="RD223", severity=severity, sentence=sentence, todo=todo))
    elif whole.tests and min(test.p_value for test in whole.tests) < _LEVEL:
        worst = min(whole.tests, key=lambda test: test.p_value)
        sentence = f"The probabilities are not right together: {worst.name}, p = {p_value(worst.p_value)}."
        todo = "Recalibrate intercepts (and slopes, with many rows) of all outcomes together on other rows."
        findings.append(Finding(code="RD223", severity="caution", sentence=sentence, todo=todo))
    elif whole.tests and not error.p_value < _LEVEL:
        sentence = (
            f"Right together on average and in spread is compatible with these rows: common slope {_phrase(slope)}."
        )
        findings.append(Finding(code="RD223", severity="good", sentence=sentence))
    if error.p_value < _LEVEL and not findings:
        sentence = (
            "Whole rows of probabilities are not calibrated: canonical kernel error "
            f"{number(error.estimate, 3)}, by chance at most {number(error.null_high, 3)} in 95 of 100 draws, "
            f"p = {p_value(error.p_value)}."
        )
        findings.append(Finding(code="RD223", severity="caution", sentence=sentence))
    return tuple(findings)


def about_certainties(given: ManyForecasts) -> tuple[Finding, ...]:
    """Count probabilities of exactly 0 and 1, and the impossible outcomes that happened."""
    zeros, ones = int((given.proba == 0).sum()), int((given.proba == 1).sum())
    if not zeros and not ones:
        return ()
    impossible = int((given.proba[np.arange(len(given.codes)), given.codes] == 0).sum())
    sentence = (
        f"{count(zeros)} probabilities are exactly 0 and {count(ones)} exactly 1; {count(impossible)} outcomes of "
        "probability 0 happened"
        + (", so the log score is infinite." if impossible else ".")
        + " Where a probability has no logit, slopes and intercepts are not assessable."
    )
    todo = "Compute the probabilities from the logits in double precision, or clip them yourself and state the value."
    severity: Severity = "issue" if impossible else "caution"
    return (Finding(code="RD206", severity=severity, sentence=sentence, todo=todo),)


def about_costs(cost: PromisedCost | None) -> tuple[Finding, ...]:
    """Say whether decisions cost what the probabilities promise."""
    if cost is None:
        return ()
    sizes = (
        f"{number(cost.promised)} per row promised, {number(cost.realised)} realised (difference {_phrase(cost.gap)})"
    )
    if _excludes(cost.gap, 0):
        way = "more" if cost.gap.estimate > 0 else "less"
        sentence = f"Decisions at these costs cost {way} than the probabilities promise: {sizes}."
        return (Finding(code="RD224", severity="issue", sentence=sentence, todo="Recalibrate before deciding."),)
    sentence = f"Decisions at these costs cost what the probabilities promise, as far as these rows can tell: {sizes}."
    return (Finding(code="RD224", severity="good", sentence=sentence),)


def about_joint_limits(given: ManyForecasts, whole: MultinomialRecalibration) -> tuple[Finding, ...]:
    """Name what these rows cannot show."""
    findings = []
    if isnan(whole.slope.estimate):
        sentence = f"Weak calibration of all outcomes together is not assessable: {whole.obstacle}."
        findings.append(Finding(code="RD207", severity="not applicable", sentence=sentence))
    sentence = (
        "That whole rows of probabilities are right (canonical calibration) can be refuted but not shown: it is "
        f"seen here through {len(given.outcomes)} single outcomes, a recalibration and one kernel. All tests assume "
        "that the probabilities were not fitted on these rows."
    )
    findings.append(Finding(code="RD209", severity="not applicable", sentence=sentence))
    if given.n_groups is not None:
        sentence = (
            f"The rows come in {count(given.n_groups)} groups: intervals are cluster-robust, and p-values that need "
            "independent draws are withheld."
        )
        findings.append(Finding(code="RD210", severity="caution", sentence=sentence))
    return tuple(findings)


def _too_few(names: Sequence[str] | dict[str, None]) -> Finding:
    shown = ", ".join(list(names)[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    sentence = f"{len(names)} outcomes have too few rows, or no logit, for intervals and tests of their own: {shown}."
    todo = "Collect more rows of them, or join outcomes that call for the same action."
    return Finding(code="RD204", severity="caution", sentence=sentence, todo=todo)


def _what_is_off(outcome: OutcomeCalibration) -> str:
    report = outcome.report
    parts = []
    if _excludes(report.citl, 0):
        way = "high" if report.citl.estimate < 0 else "low"
        parts.append(f"too {way}, {percent(report.mean_risk)} predicted and {percent(report.prevalence)} observed")
    if _excludes(report.slope, 1):
        way = "extreme" if report.slope.estimate < 1 else "flat"
        parts.append(f"too {way}, slope {number(report.slope.estimate, 3)}")
    return f"{outcome.name} ({'; '.join(parts) or f'ICI {number(report.ici.estimate, 3)}'})"


def _is_noticeable(report: CalibrationReport) -> bool:
    if isnan(report.citl.estimate):
        return abs(report.mean_risk - report.prevalence) >= _NOTICEABLE * report.prevalence * (1 - report.prevalence)
    return abs(report.citl.estimate) >= _NOTICEABLE or abs(report.slope.estimate - 1) >= _NOTICEABLE


def _excludes(estimate: Estimate, value: float) -> bool:
    return estimate.low > value or estimate.high < value


def _phrase(estimate: Estimate) -> str:
    return f"{number(estimate.estimate, 3)}, {interval(estimate.low, estimate.high, 3)}"
