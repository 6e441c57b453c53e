"""What a policy promised, and what it cost on new rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import Finding, findings_table, sort_findings
from riskdec._base.result import Framed, Report, jsonable
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.judging.evaluation import evaluate_decisions

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.decisions.choosing.answer import Decisions
    from riskdec.decisions.judging.evaluation_report import DecisionEvaluation
    from riskdec.decisions.judging.policy_record import Policy

# A policy is held against its promise at this many standard errors.
_FAR = 2.0
_PREVALENCES = np.linspace(0.0, 1.0, 21)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class PolicyCheck(Framed, Report):
    """Promise and reality of a policy.

    `frame` gives the mean cost at other prevalences.

    Attributes
    ----------
    promised_cost, realised_cost : float
        Mean cost per row: expected when the policy was made, and counted now.
    standard_error : float
        Of the realised cost.
    expected_cost : float
        Mean expected cost of the same new rows, by their probabilities: what it differs from the promise is due to
        other rows, what the realised cost differs from it is due to probabilities that are off.
    promised_share, share : ndarray of shape (A,)
        Share of rows per action, promised and now.
    prevalence, cost_at_prevalence : ndarray of shape (m,)
        Mean cost if the share of the event changed and the actions given the outcome stayed as they are (label
        shift): a straight line; for two outcomes, empty for more.
    evaluation : DecisionEvaluation
        The full account of the new rows.
    actions : tuple of str
        Names of the actions.
    findings : tuple of Finding
        Whether the promise was kept.
    """

    promised_cost: float
    realised_cost: float
    standard_error: float
    expected_cost: float
    promised_share: FloatArray
    share: FloatArray
    prevalence: FloatArray
    cost_at_prevalence: FloatArray
    evaluation: DecisionEvaluation
    actions: tuple[str, ...]
    findings: tuple[Finding, ...]

    def summary(self) -> Table:
        """Give promise and reality side by side."""
        rows = [
            ("mean cost promised", number(self.promised_cost)),
            ("mean cost expected of these rows", number(self.expected_cost)),
            ("mean cost realised", number(self.realised_cost)),
            ("  standard error", number(self.standard_error)),
        ]
        pairs = zip(self.actions, self.promised_share.tolist(), self.share.tolist(), strict=True)
        rows += [(f"share of {name!r}", f"{percent(b)} (promised {percent(a)})") for name, a, b in pairs]
        return Table(
            title=f"Policy on {count(self.evaluation.n)} new rows",
            rows=tuple(rows),
            sections=(findings_table(self.findings),),
        )

    def _columns(self) -> dict[str, Any]:
        return {"prevalence": self.prevalence, "mean_cost": self.cost_at_prevalence}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and lists, ready for JSON."""
        names = ("promised_cost", "realised_cost", "standard_error", "expected_cost", "promised_share", "share")
        plain = {name: jsonable(getattr(self, name)) for name in (*names, "prevalence", "cost_at_prevalence")}
        findings = [finding.to_dict() for finding in self.findings]
        return {**plain, "evaluation": self.evaluation.to_dict(), "actions": list(self.actions), "findings": findings}

    def _headline(self) -> str:
        return f"promised {number(self.promised_cost)}, realised {number(self.realised_cost)} per row"


def check_policy(policy: Policy, decisions: Decisions, y_true: ArrayLike, *, event: object) -> PolicyCheck:
    """Count what the decisions of a policy cost, and hold it against the promise."""
    evaluation = evaluate_decisions(y_true, decisions, event=event)
    costs = policy.costs.costs
    confusion = evaluation.confusion
    per_outcome = confusion.sum(axis=1)
    line = np.empty(0)
    if len(costs) == 2 and (per_outcome > 0).all():
        given = (confusion / per_outcome[:, None] * costs).sum(axis=1)
        line = (1 - _PREVALENCES) * given[0] + _PREVALENCES * given[1]
    return PolicyCheck(
        promised_cost=policy.promised_cost,
        realised_cost=evaluation.mean_realised_cost,
        standard_error=evaluation.standard_error,
        expected_cost=decisions.mean_expected_cost,
        promised_share=policy.promised_share,
        share=decisions.counts / decisions.n,
        prevalence=_PREVALENCES.copy() if line.size else np.empty(0),
        cost_at_prevalence=line,
        frame_kind=evaluation.frame_kind,
        evaluation=evaluation,
        actions=policy.costs.actions,
        findings=sort_findings(_findings(policy, decisions, evaluation)),
    )


def _findings(policy: Policy, decisions: Decisions, evaluation: DecisionEvaluation) -> list[Finding]:
    realised, error = evaluation.mean_realised_cost, evaluation.standard_error
    excess = realised - policy.promised_cost
    start = f"Realised {number(realised)} per row (standard error {number(error)})"
    start += f" against {number(policy.promised_cost)} promised"
    if not excess > _FAR * error:
        sentence = f"{start}: the promise is kept, as far as these rows can tell."
        return [Finding(code="RD324", severity="good", sentence=sentence)]
    from_rows = decisions.mean_expected_cost - policy.promised_cost
    sentence = (
        f"{start}: {number(excess)} more, of which {number(from_rows)} was to be expected of these rows and "
        f"{number(excess - from_rows)} was not."
    )
    todo = "What was not to be expected comes from probabilities that are off: diagnose them on these rows."
    return [Finding(code="RD324", severity="issue", sentence=sentence, todo=todo)]
