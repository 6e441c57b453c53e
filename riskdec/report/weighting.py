"""The page of a weighting comparison: what did reweighting do?"""

from __future__ import annotations

from dataclasses import replace

from riskdec._base.table import count, number, percent
from riskdec._base.typing import Severity
from riskdec.plot import to_svg
from riskdec.report.explorer import explore_comparison
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

# Every scheme brings three tables.
_MOST_SCHEMES = 12

_VERDICTS: tuple[tuple[Severity, str], ...] = (
    ("issue", "Harm"),
    ("caution", "Cheaper decisions, for a reason to look into"),
    ("good", "Neither harm nor help that these rows tell from chance"),
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
    detailed, left_out = _first_schemes(comparison)
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
            *_costs(comparison),
            Section(
                heading="Scheme by scheme",
                text="\n\n".join([*settings(comparison)[1:], *left_out]),
                tables=tuple(detail_tables(detailed)),
            ),
        ),
        findings=comparison.findings,
        method=_METHOD,
        references=(GOORBERGH_2022, KING_2001, ELKAN_2001, WHITE_1982),
    )


def _first_schemes(comparison: WeightingComparison) -> tuple[WeightingComparison, tuple[str, ...]]:
    """Give the comparison with the schemes that are shown one by one, and a sentence on those left out."""
    schemes = list(dict.fromkeys(row.scheme for row in comparison.rows if row.scheme != "none"))
    if len(schemes) <= _MOST_SCHEMES:
        return comparison, ()
    kept = {"none", *schemes[:_MOST_SCHEMES]}
    rows = tuple(row for row in comparison.rows if row.scheme in kept)
    said = f"Here are the first {_MOST_SCHEMES} of {len(schemes)} schemes; .frame() has every figure of all of them."
    return replace(comparison, rows=rows), (said,)


def _costs(comparison: WeightingComparison) -> tuple[Section, ...]:
    explorer = explore_comparison(comparison)
    if explorer is None:
        return ()
    question = "Would other costs, another expert or another prevalence speak for weights?"
    return (Section(heading="Weights or costs", question=question, explorer=explorer),)


def _answer(comparison: WeightingComparison) -> str:
    """Give the verdict; of several schemes whom each verdict is on, and what happened to average risk and cost."""
    verdicts = [finding for finding in comparison.findings if finding.code == VERDICT]
    if len(verdicts) < 2:
        return " ".join([*(finding.sentence for finding in verdicts), _means(comparison)])
    schemes = list(dict.fromkeys(row.scheme for row in comparison.rows[1:] if row.scheme != "none"))
    said = []
    for severity, words in _VERDICTS:
        sentences = [finding.sentence for finding in verdicts if finding.severity == severity]
        names = [name for name in schemes if any(text.startswith(f"Verdict on {name!r}:") for text in sentences)]
        if names:
            said.append(f"{words}: {', '.join(map(repr, names))}.")
    return " ".join([*said, _means(comparison), *_costs_in_words(comparison)])


def _costs_in_words(comparison: WeightingComparison) -> tuple[str, ...]:
    if comparison.costs is None:
        return ()
    rows = [row for row in comparison.rows if row.repair == "raw"]
    costs = "; ".join(f"{row.name} {number(row.mean_realised_cost, 3)}" for row in rows)
    return (f"Decisions cost per row, as fitted: {costs}.",)


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
