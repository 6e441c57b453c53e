"""The page of a weighting comparison: what did reweighting do?"""

from __future__ import annotations

from riskdec._base.table import count, percent
from riskdec.plot import to_svg
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of, without_findings
from riskdec.report.references import ELKAN_2001, GOORBERGH_2022, KING_2001, WHITE_1982
from riskdec.weighting import WeightingComparison

_METHOD = (
    "The same model is fitted with and without weights on the same rows, and judged on the same held-out rows. Weights "
    "on the classes multiply the odds of every risk by about their ratio; 'undone' divides the odds by it again.",
    "A weighted fit takes each weighted row for as many rows. Its naive standard errors are therefore wrong; the "
    "robust (sandwich) ones are not.",
    "Acting at lower risks, which is what weights are meant to do, is what a threshold on honest risks does. Risk and "
    "cost then stay apart, and the costs can change without a new fit.",
)


@page_of.register
def weighting_page(comparison: WeightingComparison) -> Page:
    """Make the page of a weighting comparison.

    Parameters
    ----------
    comparison : WeightingComparison
        What `compare_weighting` gave.

    Returns
    -------
    Page
        Curves, mean risks and coefficients side by side, numbers, findings.
    """
    return Page(
        title="What reweighting did",
        question=f"Does weighting the classes help? Judged on {count(comparison.n_test)} held-out rows, "
        f"{count(comparison.n_events_test)} of them events. {comparison.split}",
        answer=_answer(comparison),
        sections=(
            Section(
                heading="With and without weights",
                figure=to_svg(comparison),
                alt=_alt(comparison),
                caption="Above, left: on the diagonal risks are right. Right: the mean predicted risk should meet the "
                "observed rate. Below: each coefficient against its value without weights; bars are the naive "
                "intervals of the weighted fit, lines the robust ones.",
            ),
            Section(heading="The numbers", tables=(without_findings(comparison.summary()),)),
        ),
        findings=comparison.findings,
        method=_METHOD,
        references=(GOORBERGH_2022, KING_2001, ELKAN_2001, WHITE_1982),
    )


def _answer(comparison: WeightingComparison) -> str:
    found = {(finding.code, finding.severity) for finding in comparison.findings}
    if ("RD401", "issue") not in found:
        verdict = "On these rows no shift of the risks is told from chance."
    elif ("RD404", "caution") in found:
        verdict = "The weights shift every risk, and change the shape of the risks too."
    else:
        verdict = "The weights shift every risk, and do little else."
    return f"{verdict} {_means(comparison)}"


def _alt(comparison: WeightingComparison) -> str:
    return f"Reliability curves, mean predicted risks and coefficients with and without weights. {_means(comparison)}"


def _means(comparison: WeightingComparison) -> str:
    observed = percent(comparison.rows[0].observed_rate)
    risks = "; ".join(f"{row.name} {percent(row.mean_risk)}" for row in comparison.rows)
    return f"Mean predicted risk against {observed} observed: {risks}."
