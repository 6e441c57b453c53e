"""What a calibration report says in words: one function per question, each giving findings with their numbers."""

from __future__ import annotations

from math import isnan, log
from typing import TYPE_CHECKING

from riskdec._base.findings import Finding
from riskdec._base.table import count, interval, number, p_value, percent
from riskdec.decisions.zones.regions import risk_text
from riskdec.diagnostics.distances.cutoff import cumulative_residual
from riskdec.diagnostics.hypothesis_tests import FEW_EVENTS, TOO_FEW_EVENTS
from riskdec.diagnostics.slopes.certain_risks import wrong_certainties
from riskdec.diagnostics.slopes.hierarchy_tests import BY_CONSTRUCTION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.result import Estimate
    from riskdec._base.typing import Severity
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.hypothesis_tests import CalibrationTest
    from riskdec.diagnostics.money.regret import DecisionCalibration
    from riskdec.diagnostics.slopes.hierarchy import Hierarchy
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# A shift of the log odds, and a departure of the slope from 1, that change risks by about a tenth.
_NOTICEABLE = 0.1
# Sandwich estimates from fewer groups are too small.
_FEW_GROUPS = 40


def about_hierarchy(sums: ForecastSums, given: Forecasts, fitted: Hierarchy) -> tuple[Finding, ...]:
    """Say what mean and weak calibration show, and what of them could not be assessed."""
    findings = [
        *_average_risk(sums, fitted.citl),
        *_slope(fitted.slope),
        *_weak_calibration(fitted),
        *_few_events(sums, fitted),
        *_certain_risks(sums),
        *_not_assessable(fitted),
        *_same_rows(fitted),
        *_groups(given),
    ]
    return tuple(findings)


def about_curve(sums: ForecastSums, cutoff: CalibrationError) -> tuple[Finding, ...]:
    """Say where events and risks are out of balance most, if that is more than chance."""
    beyond_chance = cutoff.p_value < 0.05 or (isnan(cutoff.p_value) and (cutoff.low or 0.0) > 0)
    if not beyond_chance or cutoff.where is None:
        return ()
    path = cumulative_residual(sums.events, sums.weight * sums.risk, sums.total)
    too_low = path.argmax() > path.argmin()
    low, high = cutoff.where
    inside = (sums.risk >= low) & (sums.risk <= high)
    weight, seen = float(sums.weight[inside].sum()), float(sums.events[inside].sum())
    expected = float((sums.weight * sums.risk)[inside].sum())
    where = f"At the risk {risk_text(low)}"
    if high > low:
        where = f"Between the risks {risk_text(low)} and {risk_text(high)}"
    p = "" if isnan(cutoff.p_value) else f"; p = {p_value(cutoff.p_value)}"
    sentence = (
        f"{where} the risks are too {'low' if too_low else 'high'}: {count(round(expected, 1))} events expected and "
        f"{count(round(seen, 1))} seen in {count(round(weight, 1))} rows{p}."
    )
    todo = "Look at the curve there; a recalibration on other rows of the same kind can repair it."
    off = abs(_log_odds(seen, weight) - _log_odds(expected, weight))
    severity: Severity = "issue" if off >= _NOTICEABLE else "caution"
    return (Finding(code="RD203", severity=severity, sentence=sentence, todo=todo),)


def about_majority(
    sums: ForecastSums, decision: DecisionCalibration | None, others: Iterable[Finding]
) -> tuple[Finding, ...]:
    """Explain why no row is classified as the event at one half, and what to do instead."""
    highest = float(sums.risk[-1])
    if highest > 0.5:
        return ()
    sentence = f"No predicted risk exceeds 0.5 (the highest is {risk_text(highest)}), so a cut at 0.5 flags nobody."
    severity: Severity = "caution"
    if not any(finding.severity == "issue" for finding in others):
        severity = "good"
        sentence += (
            f" Where {percent(sums.prevalence)} of the rows hold the event and nothing tells them apart with "
            "certainty, honest risks look like this: no fault of the model, and no reason for class weights."
        )
    if decision is None:
        todo = "Give your costs (costs={'false_positive': ..., 'false_negative': ...}): they set the threshold."
    elif decision.cuts:
        cuts = [f"{risk_text(cut.threshold)} ({count(cut.n_above)} rows are at or above it)" for cut in decision.cuts]
        plural = "s are" if len(cuts) > 1 else " is"
        todo = f"With your costs the threshold{plural} {' and '.join(cuts)}."
    else:
        todo = "With your costs one action is the cheapest at every risk."
    return (Finding(code="RD205", severity=severity, sentence=sentence, todo=todo),)


def about_limits() -> tuple[Finding, ...]:
    """Name what outcomes and risks alone cannot show."""
    sentence = (
        "Whether the risks are right for every kind of case (strong calibration) cannot be seen from risks and "
        "outcomes alone, and all tests assume that the risks were not fitted on these rows."
    )
    todo = "Diagnose the groups that matter to you one by one."
    return (Finding(code="RD209", severity="not applicable", sentence=sentence, todo=todo),)


def about_missing(sums: ForecastSums, spiegelhalter: CalibrationTest) -> tuple[Finding, ...]:
    """Say which summary numbers do not exist for these rows."""
    findings = []
    if sums.n_events in (0, sums.n):
        sentence = "The AUC does not exist: it compares events with non-events, and one of them is missing."
        findings.append(Finding(code="RD207", severity="not applicable", sentence=sentence))
    if isnan(spiegelhalter.statistic):
        sentence = "Spiegelhalter's test does not exist: every risk is 0, 1/2 or 1."
        findings.append(Finding(code="RD207", severity="not applicable", sentence=sentence))
    return tuple(findings)


def _average_risk(sums: ForecastSums, citl: Estimate) -> list[Finding]:
    if not _excludes(citl, 0):
        return []
    high = citl.estimate < 0
    sentence = (
        f"On average the risks are too {'high' if high else 'low'}: {percent(sums.mean_risk, 2)} predicted, "
        f"{percent(sums.prevalence, 2)} observed (calibration in the large {_phrase(citl)})."
    )
    todo = (
        "Find out what changed (another population, another definition of the event, class weights in the fit); if "
        "nothing else is wrong, shifting the intercept on new rows repairs it."
    )
    return [Finding(code="RD201", severity=_severity(citl, 0), sentence=sentence, todo=todo)]


def _slope(slope: Estimate) -> list[Finding]:
    if not _excludes(slope, 1):
        return []
    if slope.estimate < 1:
        what = "too extreme: high risks are too high and low risks too low"
        todo = "The usual cause is overfitting: shrink the model, or recalibrate it on other rows."
    else:
        what = "too flat: high risks are too low and low risks too high"
        todo = "The usual cause is too much shrinkage: penalise less, or recalibrate on other rows."
    sentence = f"The risks are {what} (calibration slope {_phrase(slope)})."
    return [Finding(code="RD202", severity=_severity(slope, 1), sentence=sentence, todo=todo)]


def _weak_calibration(fitted: Hierarchy) -> list[Finding]:
    citl, slope = fitted.citl, fitted.slope
    known = not (isnan(citl.low) or isnan(slope.low))
    if not known or _looks_fitted_here(fitted) or _excludes(citl, 0) or _excludes(slope, 1):
        return []
    sentence = (
        "Right on average and right in spread are compatible with these rows: calibration in the large "
        f"{_phrase(citl)}, slope {_phrase(slope)}. The intervals say how wrong they could still be."
    )
    return [Finding(code="RD208", severity="good", sentence=sentence)]


def _few_events(sums: ForecastSums, fitted: Hierarchy) -> list[Finding]:
    expected = float((sums.cell_count * sums.cell_risk).sum())
    sides = (("events", sums.n_events, expected), ("non-events", sums.n - sums.n_events, sums.n - expected))
    rarer, seen, foreseen = min(sides, key=lambda side: min(side[1:]))
    if min(seen, foreseen) >= FEW_EVENTS:
        return []
    size = f"{count(seen)} {rarer} seen, {number(foreseen, 3)} expected."
    methods = {test.method for test in fitted.tests}
    if not fitted.has_intervals:
        given = ["the exact test of the number of events"] if "exact" in methods else []
        given += ["p-values of draws under calibration"] if "Monte Carlo" in methods else []
        sentence = (
            f"Too few events: {size} Below {TOO_FEW_EVENTS} neither intervals of citl and slope nor asymptotic "
            "p-values can be trusted, so none are given"
            + (f"; given instead: {' and '.join(given)}." if given else ".")
        )
        return [Finding(code="RD204", severity="issue", sentence=sentence, todo="Collect more rows.")]
    sentence = f"Few events: {size}"
    if "Monte Carlo" in methods:
        sentence += " p-values therefore come from draws under calibration: they are exact for so few events too."
    todo = "Read the intervals, not the estimates."
    return [Finding(code="RD204", severity="caution", sentence=sentence, todo=todo)]


def _certain_risks(sums: ForecastSums) -> list[Finding]:
    at_zero, at_one = sums.risk == 0, sums.risk == 1
    if not (at_zero.any() or at_one.any()):
        return []
    zeros, ones = float(sums.weight[at_zero].sum()), float(sums.weight[at_one].sum())
    wrong = wrong_certainties(sums)
    sentence = (
        f"{count(zeros)} risks are exactly 0 and {count(ones)} exactly 1; of these certainties {count(wrong)} proved "
        "wrong. "
    )
    if wrong:
        sentence += (
            "No shift or slope allows for that, so calibration in the large, intercept and slope are not assessable "
            "and the log score is infinite; the number of events is tested with all rows."
        )
    else:
        sentence += (
            "Their logit is infinite: they are left out of calibration in the large, intercept and slope, to which a "
            "certainty that came true adds nothing, and kept everywhere else."
        )
    todo = "Find out why the model is certain; to assess the others, clip the risks yourself and state the value."
    return [Finding(code="RD206", severity="issue" if wrong else "caution", sentence=sentence, todo=todo)]


def _not_assessable(fitted: Hierarchy) -> list[Finding]:
    if not fitted.obstacle:
        return []
    no_citl, no_slope = isnan(fitted.citl.estimate), isnan(fitted.slope.estimate)
    missing = "The slope is" if no_slope else "Calibration in the large is"
    if no_citl and no_slope:
        missing = "Calibration in the large and slope are"
    sentence = f"{missing} not assessable: {fitted.obstacle}."
    return [Finding(code="RD207", severity="not applicable", sentence=sentence)]


def _same_rows(fitted: Hierarchy) -> list[Finding]:
    if not _looks_fitted_here(fitted):
        return []
    sentence = (
        "Calibration in the large is 0 and the slope 1 to six digits: these look like the rows on which the model was "
        "fitted. Then they hold by construction, every figure is apparent, and no p-value or interval of this report "
        "is valid."
    )
    return [Finding(code="RD211", severity="issue", sentence=sentence, todo="Diagnose on rows kept apart.")]


def _looks_fitted_here(fitted: Hierarchy) -> bool:
    return abs(fitted.citl.estimate) < BY_CONSTRUCTION and abs(fitted.slope.estimate - 1) < BY_CONSTRUCTION


def _groups(given: Forecasts) -> list[Finding]:
    if given.n_groups is None:
        return []
    sentence = (
        f"The rows come in {count(given.n_groups)} groups. Intervals, the band and chance levels move the residuals "
        "of a group together and hold approximately; p-values that need independent draws are withheld."
    )
    if given.n_groups < _FEW_GROUPS:
        sentence += f" With fewer than {_FEW_GROUPS} groups intervals tend to be too narrow."
    return [Finding(code="RD210", severity="caution", sentence=sentence)]


def _excludes(estimate: Estimate, value: float) -> bool:
    return estimate.low > value or estimate.high < value


def _severity(estimate: Estimate, value: float) -> Severity:
    return "issue" if abs(estimate.estimate - value) >= _NOTICEABLE else "caution"


def _log_odds(events: float, weight: float) -> float:
    # Half an event and half a non-event more keep it finite.
    return log((events + 0.5) / (weight - events + 0.5))


def _phrase(estimate: Estimate) -> str:
    return f"{number(estimate.estimate, 3)}, {interval(estimate.low, estimate.high, 3)}"
