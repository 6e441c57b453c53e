"""The pages of subgroups and of clusters: are the risks right for everybody, and everywhere?"""

from __future__ import annotations

from riskdec._base.findings import sort_findings
from riskdec._base.table import count, number
from riskdec.diagnostics import CalibrationHeterogeneity, SubgroupReport
from riskdec.plot import to_svg
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of, without_findings
from riskdec.report.references import COX_1958, HOLM_1979, INTHOUT_2014, RILEY_2016

_SUBGROUP_METHOD = (
    "Each subgroup is diagnosed by itself: calibration in the large and slope (0 and 1 are right), and the cutoff "
    "error. One claim for each subgroup, with Holm's correction over all of them; the intervals hold one by one. "
    "Subgroups with fewer than 20 expected events or non-events are not assessable.",
)
_CLUSTER_METHOD = (
    "In each cluster calibration in the large and slope are estimated by Firth's likelihood, which exists without "
    "events too. Random effects (Paule-Mandel, Hartung-Knapp) separate what clusters share from how they differ; the "
    "prediction interval says what a new cluster of the same kind may see.",
)


@page_of.register
def subgroup_page(report: SubgroupReport) -> Page:
    """Make the page of a report of subgroups.

    Parameters
    ----------
    report : SubgroupReport
        What `diagnose_subgroups` gave.

    Returns
    -------
    Page
        Verdict, forest plot, numbers, findings, method.
    """
    off = [group for group in report.subgroups if group.p_adjusted < 0.05]
    names = ", ".join(f"{group.by} {group.name}" for group in off[:5]) + (", ..." if len(off) > 5 else "")
    answer = f"Not for all. Wrong beyond chance for {names}." if off else "Nothing speaks against it in these rows."
    return Page(
        title="Calibration in subgroups",
        question=f"Are the risks right for everybody? {len(report.subgroups)} subgroups of {count(report.n)} rows are "
        "looked at.",
        answer=answer,
        sections=(
            Section(
                heading="Subgroup by subgroup",
                figure=to_svg(report),
                alt=f"Forest plot of calibration in the large and slope. {answer}",
                caption="Each line is a subgroup with its interval; the vertical lines mark what is right. Left of the "
                "line risks are too high on average, right of it too low. A slope below 1 means too extreme.",
            ),
            Section(heading="The numbers", tables=(without_findings(report.summary()),)),
        ),
        findings=report.findings,
        method=_SUBGROUP_METHOD,
        references=(COX_1958, HOLM_1979),
    )


@page_of.register
def heterogeneity_page(answer: CalibrationHeterogeneity) -> Page:
    """Make the page of a comparison of clusters.

    Parameters
    ----------
    answer : CalibrationHeterogeneity
        What `calibration_heterogeneity` gave.

    Returns
    -------
    Page
        Verdict, forest plot, numbers, findings, method.
    """
    told = _told(answer)
    return Page(
        title="Calibration across clusters",
        question=f"Are the risks right everywhere? {count(answer.n_clusters)} clusters are compared.",
        answer=told,
        sections=(
            Section(
                heading="Cluster by cluster",
                figure=to_svg(answer),
                alt=f"Forest plot of calibration in the large and slope by cluster. {_spread(answer)}",
                caption="Each line is a cluster with its interval. The diamond is their mean, the grey bar what a new "
                "cluster may see.",
            ),
            Section(heading="The numbers", tables=(without_findings(answer.summary()),)),
        ),
        findings=answer.findings,
        method=_CLUSTER_METHOD,
        references=(RILEY_2016, INTHOUT_2014, COX_1958),
    )


def _told(answer: CalibrationHeterogeneity) -> str:
    """Give what is wrong; where nothing is, what was found together with what limits it."""
    found = sort_findings(answer.findings)
    if any(one.severity == "issue" for one in found):
        return found[0].sentence
    said = [one.sentence for severity in ("good", "caution") for one in found if one.severity == severity]
    return " ".join(said) or (found[0].sentence if found else "Nothing was found.")


def _spread(answer: CalibrationHeterogeneity) -> str:
    if answer.citl is None:
        return "Too few clusters can be assessed."
    mean, tau = number(answer.citl.mean.estimate, 3), number(answer.citl.tau.estimate, 3)
    return f"The mean calibration in the large is {mean}, its standard deviation between clusters {tau}."
