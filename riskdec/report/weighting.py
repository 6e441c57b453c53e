"""The page of a weighting comparison: what did reweighting do?"""

from __future__ import annotations

from riskdec._base.table import count, percent
from riskdec.plot import to_svg
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of
from riskdec.report.references import ELKAN_2001, GOORBERGH_2022, KING_2001, WHITE_1982
from riskdec.weighting import WeightingComparison
from riskdec.weighting.comparison.tables import (
    VERDICT,
    detail_tables,
    differences_table,
    loss_table,
    overview_table,
    settings,
)

_METHOD = (
    "The same model is fitted with and without reweighting on the same rows, and judged on the same held-out rows. "
    "Weights on the classes multiply the odds of every risk by about their ratio, and so do rows left out or repeated; "
    "'undone' divides the odds by that ratio again.",
    "'Recentred' risks have calibration-in-the-large re-estimated, 'recalibrated' ones intercept and slope (Platt). "
    "The held-out rows are dealt into five parts, and each part gets the map that the other four show, "
    "so that no row is "
    "judged by a map that has seen it. Errors of the maps even out over the parts: read the scores of these rows, not "
    "their average risk, which is right by construction.",
    "Intervals are about the held-out rows and take the fits as given. Those of averages over rows, of calibration-in-"
    "the-large and slope come from what each row contributes; those of all other figures from resampled rows, the same "
    "for every fit. ICI and cutoff error are positive by chance alone, so intervals of their differences are wide.",
    "A weighted fit takes each weighted row for as many rows. Its naive standard errors are therefore wrong; the "
    "robust (sandwich) ones are not.",
    "Acting at lower risks, which is what weights are meant to do, is what a threshold on honest risks does. Risk and "
    "cost then stay apart, and the costs can change without a new fit. Where weights made decisions cheaper, a more "
    "flexible model is tried without them: if the gain vanishes, they had bent a model of the wrong form.",
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
        Verdict, curves, mean risks, what repairs give back, coefficients, numbers, findings.
    """
    first = (overview_table(comparison), differences_table(comparison), *loss_table(comparison))
    return Page(
        title="What reweighting did",
        question=f"Does reweighting {comparison.estimator} help? Judged on {count(comparison.n_test)} held-out rows, "
        f"{count(comparison.n_events_test)} of them events. {comparison.split}",
        answer=_answer(comparison),
        sections=(
            Section(
                heading="With and without weights",
                figure=to_svg(comparison),
                alt=_alt(comparison),
                caption=_caption(comparison),
            ),
            Section(heading="The numbers to look at first", tables=first),
            Section(
                heading="Scheme by scheme",
                text="\n\n".join(settings(comparison)[1:]),
                tables=tuple(detail_tables(comparison)),
            ),
        ),
        findings=comparison.findings,
        method=_METHOD,
        references=(GOORBERGH_2022, KING_2001, ELKAN_2001, WHITE_1982),
    )


def _answer(comparison: WeightingComparison) -> str:
    """Give the verdicts; beside a single one, or without any (equal fits alone), what happened to the average risk."""
    verdicts = [finding.sentence for finding in comparison.findings if finding.code == VERDICT]
    return " ".join(verdicts if len(verdicts) > 1 else [*verdicts, _means(comparison)])


def _caption(comparison: WeightingComparison) -> str:
    what = "Brier score" if comparison.costs is None else "realised cost per row"
    below = (
        " Below: each coefficient against its value without weights; bars are the naive intervals of the weighted fit, "
        "lines the robust ones."
        if comparison.coefficients
        else ""
    )
    return (
        "Above, left: on the diagonal risks are right; thin lines are undone. Right: the mean predicted risk should "
        f"meet the observed rate. Middle: {what} lost in each state; what a repair brings to zero was only a "
        f"shift.{below}"
    )


def _alt(comparison: WeightingComparison) -> str:
    return (
        "Reliability curves, mean predicted risks, losses in each state and coefficients with and without weights. "
        f"{_means(comparison)}"
    )


def _means(comparison: WeightingComparison) -> str:
    observed = percent(comparison.rows[0].observed_rate)
    shown = [row for row in comparison.rows if row.repair in ("raw", "undone")]
    risks = "; ".join(f"{row.name} {percent(row.mean_risk)}" for row in shown)
    return f"Mean predicted risk against {observed} observed: {risks}."
