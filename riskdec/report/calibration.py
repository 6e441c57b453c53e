"""The page of a calibration report: can these risks be taken at face value?"""

from __future__ import annotations

from riskdec._base.findings import sort_findings
from riskdec._base.table import count, number, percent
from riskdec.diagnostics import CalibrationReport
from riskdec.plot import to_svg
from riskdec.report.explorer import explore_report
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of, without_findings
from riskdec.report.references import AUSTIN_2019, COX_1958, DIMITRIADIS_2021, VAN_CALSTER_2016

_METHOD = (
    "The curve is the isotonic (CORP) estimate of the event rate given the predicted risk: it has no bins to choose "
    "and never falls. The consistency band is drawn under the assumption that the predicted risks are right; it holds "
    "at each risk by itself, so a curve may leave it here and there by chance.",
    "Calibration in the large and the calibration slope come from logistic regressions of the outcome on the logit "
    "of the risk: 0 and 1 are right. A slope below 1 means risks that are too extreme. The ICI is the mean distance "
    "between risk and smoothed event rate. Every such distance is positive even for perfect risks; what chance alone "
    "gives stands beside it.",
    "Mean calibration is tested by calibration in the large, weak calibration by intercept and slope together, "
    "moderate calibration by the cutoff error, the largest imbalance of events and risks over any interval of risks. A "
    "level that is compatible with these rows is not proved by them. Where fewer than 100 events or non-events are "
    "expected, p-values are those of draws under calibration and exact for every number of rows; where fewer than 10 "
    "are expected or seen, intervals are withheld.",
)
_CUTS = (
    "No monotone recalibration can lower the expected cost by more than the sum, over your cuts, of the local error "
    "times what a unit of risk is worth there; the limit holds with the confidence stated. The band at a cut holds the "
    "whole true curve if that rises.",
)


@page_of.register
def calibration_page(report: CalibrationReport) -> Page:
    """Make the page of a calibration report.

    Parameters
    ----------
    report : CalibrationReport
        What `diagnose` gave.

    Returns
    -------
    Page
        Verdict, reliability curve, numbers, findings, method.
    """
    return Page(
        title="Calibration report",
        question=f"Can these risks be taken at face value? They are compared with the outcomes of "
        f"{count(report.n)} rows, {count(report.n_events)} of them events (label {report.event}).",
        answer=_answer(report),
        sections=(
            Section(
                heading="Predicted risk against what happened",
                figure=to_svg(report),
                alt=_alt(report),
                caption="On the dashed diagonal risks are right; above it they are too low, below it too high. "
                "The line is thick where rows were pooled to one rate. The histograms show where the "
                "risks of events and of non-events lie." + _cuts_in_figure(report),
            ),
            Section(heading="The numbers", tables=(without_findings(report.summary()),)),
            *_costs(report),
        ),
        findings=report.findings,
        method=_METHOD if report.decision is None else (*_METHOD, *_CUTS),
        references=(DIMITRIADIS_2021, VAN_CALSTER_2016, COX_1958, AUSTIN_2019),
    )


def _costs(report: CalibrationReport) -> tuple[Section, ...]:
    explorer = explore_report(report)
    if explorer is None:
        return ()
    question = (
        "Where is the gray zone, and what does deciding cost, for other costs, another expert, another prevalence?"
    )
    return (Section(heading="What your costs make of these risks", question=question, explorer=explorer),)


def _cuts_in_figure(report: CalibrationReport) -> str:
    cuts = () if report.decision is None else report.decision.cuts
    return "" if not cuts else f" The upright line{'s are' if len(cuts) > 1 else ' is'} where your costs put the cut."


def _answer(report: CalibrationReport) -> str:
    found = sort_findings(report.findings)
    severities = {finding.severity for finding in found}
    by_code = {finding.code: finding for finding in found}
    if "RD211" in by_code:
        return f"These rows cannot tell. {by_code['RD211'].sentence}"
    if "issue" in severities:
        return f"Not as they stand. {found[0].sentence}"
    if "RD208" in by_code:
        mind = " Mind the cautions below." if "caution" in severities else ""
        return f"Yes, as far as these rows can tell. {_means(report)}{mind}"
    if "caution" in severities:
        return f"With care. {found[0].sentence}"
    return f"These rows cannot tell. {_means(report)}"


def _alt(report: CalibrationReport) -> str:
    ici = report.ici
    return (
        f"Reliability curve. {_means(report)} The calibration slope is {number(report.slope.estimate, 3)}; the mean "
        f"distance from the diagonal (ICI) {percent(ici.estimate, 2)}, where chance alone gives "
        f"{percent(ici.null_mean, 2)}."
    )


def _means(report: CalibrationReport) -> str:
    mean, observed = percent(report.mean_risk, 2), percent(report.prevalence, 2)
    return f"The mean predicted risk is {mean}, the observed event rate {observed}."
