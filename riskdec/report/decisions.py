"""The pages of decisions and of their evaluation: what was decided, and what it cost."""

from __future__ import annotations

from riskdec._base.table import count, number, percent
from riskdec.decisions import DecisionEvaluation, Decisions
from riskdec.plot import to_svg
from riskdec.report.explorer import explore_decisions
from riskdec.report.page import Page, Section
from riskdec.report.pages import page_of, without_findings
from riskdec.report.references import CHOW_1970, ELKAN_2001

_METHOD = (
    "Each row gets the action of least expected cost: the cost of the action under each outcome, weighted by the "
    "predicted probabilities of the outcomes. With two outcomes the expected cost of an action is a straight line in "
    "the risk, so the regions are exact. Deferring is one more action with its own cost, not a cut on confidence.",
    "The decisions are only as good as the risks: they are the cheapest for the stated costs if the risks are right.",
)
_BY_ZONE = (
    "Each row gets the action of the zone that its risk lies in. A certificate chose where the zone begins and ends, "
    "so that errors stay within its limits; nobody said what anything costs, so no cost is expected of any row.",
    "The certificate holds for rows drawn as those that it was made on.",
)
_JUDGING = (
    "Each row cost what its action costs under the outcome that it had; a deferred row cost what deferring costs, "
    "whatever comes of it. Simpler rules are counted on the same rows, so savings are differences row by row, and "
    "their standard errors are paired (by group where groups were given).",
    "'Always' rules take one action for every row. The forced choice takes the cheapest action but may not defer; the "
    "0.5 cut acts for the likelier outcome, whatever the costs are.",
    "A rule that was chosen on these rows looks cheaper than it is: judge on rows that chose nothing.",
)
_REFERENCES = (ELKAN_2001, CHOW_1970)
# What stands where costs were given, and where a certificate holds a zone alone.
_RULE = {True: "these costs", False: "the zone of a certificate"}
_DRAWN = {True: "Expected cost of each action over the risk.", False: "How many rows get each action."}
_CAPTION = {
    True: "Each action is a line, thick where it is the cheapest; the strip names the winner at each risk. Below: how "
    "many rows get each action.",
    False: "How many rows get each action, and at which risks.",
}
# Beyond so many standard errors chance rarely reaches.
_TOLD = 1.96


@page_of.register
def decisions_page(decisions: Decisions) -> Page:
    """Make the page of decisions.

    Parameters
    ----------
    decisions : Decisions
        What `decide` gave.

    Returns
    -------
    Page
        What is done with how many rows, the regions, the costs in words; of these nothing where none were given.
    """
    shares = _shares(decisions)
    given = decisions.costs_given
    issues = "".join(f" {finding.sentence}" for finding in decisions.findings if finding.severity == "issue")
    return Page(
        title="Decisions",
        question=f"What should be done with {count(decisions.n)} rows, given their risks and {_RULE[given]}?",
        answer=f"{shares}.{_expected(decisions)}{issues}",
        sections=(
            Section(
                heading="Which action at which risk",
                figure=to_svg(decisions),
                alt=f"{_DRAWN[given]} {_regions(decisions)} Rows: {shares}.",
                caption=_CAPTION[given],
                tables=(without_findings(decisions.summary()),),
            ),
            *_in_words(decisions),
            *_explored(decisions),
        ),
        findings=decisions.findings,
        method=_METHOD if given else _BY_ZONE,
        references=_REFERENCES,
    )


@page_of.register
def evaluation_page(evaluation: DecisionEvaluation) -> Page:
    """Make the page of an evaluation of decisions.

    Parameters
    ----------
    evaluation : DecisionEvaluation
        What `evaluate_decisions` gave.

    Returns
    -------
    Page
        The realised cost beside that of simpler rules.
    """
    mean = number(evaluation.mean_realised_cost)
    costs = "; ".join(f"{rule.name} {number(rule.mean_realised_cost)}" for rule in evaluation.baselines)
    return Page(
        title="What the decisions cost",
        question=f"What did the decisions cost on {count(evaluation.n)} rows whose outcomes are known, and what would "
        "simpler rules have cost?",
        answer=f"The decisions cost {mean} per row. {_verdict(evaluation)}",
        sections=(
            Section(
                heading="Against simpler rules",
                figure=to_svg(evaluation),
                alt=f"Mean realised cost per row: these decisions {mean}; {costs}.",
                caption="What each rule cost per row on the same rows; the shortest bar is the cheapest.",
                tables=(without_findings(evaluation.summary()),),
            ),
        ),
        findings=evaluation.findings,
        method=_JUDGING,
        references=_REFERENCES,
    )


def _expected(decisions: Decisions) -> str:
    if not decisions.costs_given:
        return ""
    return f" This is expected to cost {number(decisions.mean_expected_cost)} per row."


def _in_words(decisions: Decisions) -> tuple[Section, ...]:
    if not decisions.costs_given:
        return ()
    return (Section(heading="The costs in words", text="\n\n".join(decisions.costs.sentences())),)


def _explored(decisions: Decisions) -> tuple[Section, ...]:
    explorer = explore_decisions(decisions)
    if explorer is None:
        return ()
    question = "What would be done with the rows for other costs, with another expert, at another prevalence?"
    return (Section(heading="Other costs", question=question, explorer=explorer),)


def _shares(decisions: Decisions) -> str:
    # In the order of the risk; actions that no risk calls for come last.
    regions = decisions.regions or ()
    counts = dict(zip(decisions.actions, decisions.counts.tolist(), strict=True))
    order = dict.fromkeys([*(region.action for region in regions), *decisions.actions])
    rows = {name: f"{count(k)} row{'' if k == 1 else 's'}" for name, k in counts.items()}
    return "; ".join(f"{name}: {rows[name]} ({percent(counts[name] / max(decisions.n, 1))})" for name in order)


def _regions(decisions: Decisions) -> str:
    if decisions.regions is None:
        return ""
    return (
        ("Cheapest: " if decisions.costs_given else "Zones: ")
        + "; ".join(f"{region.action} at a risk {region}" for region in decisions.regions)
        + "."
    )


def _verdict(evaluation: DecisionEvaluation) -> str:
    best = min(evaluation.baselines, key=lambda rule: rule.mean_realised_cost)
    cost, error = number(best.mean_realised_cost), number(best.standard_error, 2)
    told = "" if abs(best.saving) > _TOLD * best.standard_error else ", which these rows do not tell from chance"
    if best.saving < 0:
        return (
            f"A simpler rule was cheaper on these rows: {best.name} cost {cost}, that is {number(-best.saving, 3)} "
            f"less (standard error {error}){told}."
        )
    return (
        f"The best simpler rule, {best.name}, cost {cost}: the decisions saved {number(best.saving, 3)} per row "
        f"against it (standard error {error}){told}."
    )
