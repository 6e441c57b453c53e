"""The page of a report of many outcomes: can these probabilities be taken at face value?"""

from __future__ import annotations

from riskdec._base.findings import sort_findings
from riskdec._base.table import count, number, percent
from riskdec.diagnostics import MulticlassCalibrationReport
from riskdec.plot import to_svg
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of, without_findings
from riskdec.report.references import DIMITRIADIS_2021, HOLM_1979, VAN_HOORDE_2014, WIDMANN_2019

_METHOD = (
    "Each outcome is diagnosed against all others together. Looking at many outcomes finds something by chance: Holm's "
    "correction covers all of them. The likeliest outcome is looked at too, but its confidence alone says nothing "
    "about the other probabilities.",
    "All outcomes together: a multinomial logistic regression of the outcome on the log-odds that the probabilities "
    "give. Intercepts of 0 and a common slope of 1 are right; 1 over the slope is the temperature. The canonical "
    "kernel error compares whole rows of probabilities with what happened; it is 0 on average if all are right.",
)


@page_of.register
def multiclass_page(report: MulticlassCalibrationReport) -> Page:
    """Make the page of a calibration report of many outcomes.

    Parameters
    ----------
    report : MulticlassCalibrationReport
        What `diagnose` gave.

    Returns
    -------
    Page
        Verdict, small reliability curves, numbers, findings, method.
    """
    return Page(
        title="Calibration report of many outcomes",
        question=f"Can the probabilities of {len(report.outcomes)} outcomes be taken at face value? They are compared "
        f"with what happened in {count(report.n)} rows.",
        answer=_answer(report),
        sections=(
            Section(
                heading="Predicted probability against what happened",
                figure=to_svg(report),
                alt=_alt(report),
                caption="One panel for each outcome. On the dashed diagonal its probabilities are right; above it they "
                "are too low, below it too high. Red names are off beyond chance.",
            ),
            Section(heading="The numbers", tables=(without_findings(report.summary()),)),
        ),
        findings=report.findings,
        method=_METHOD,
        references=(VAN_HOORDE_2014, DIMITRIADIS_2021, WIDMANN_2019, HOLM_1979),
    )


def _answer(report: MulticlassCalibrationReport) -> str:
    found = sort_findings(report.findings)
    if report.apparent:
        return f"These rows cannot tell. {found[0].sentence}"
    if found[0].severity == "issue":
        return f"Not as they stand. {found[0].sentence}"
    if found[0].severity == "caution":
        return f"With care. {found[0].sentence}"
    return f"Yes, as far as these rows can tell. {_top(report)}"


def _alt(report: MulticlassCalibrationReport) -> str:
    slope = number(report.recalibration.slope.estimate, 3)
    return f"A reliability curve for each outcome. {_top(report)} The common slope is {slope}."


def _top(report: MulticlassCalibrationReport) -> str:
    confidence, accuracy = percent(report.mean_confidence, 2), percent(report.accuracy, 2)
    return f"The likeliest outcome is given {confidence} on average, and happened in {accuracy} of the rows."
