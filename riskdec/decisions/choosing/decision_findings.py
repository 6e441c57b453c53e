"""What is noteworthy about a set of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import Finding
from riskdec._base.table import count, number
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.zones.regions import find_regions

if TYPE_CHECKING:
    from riskdec._base.typing import IntArray
    from riskdec.decisions.costs.named_costs import NamedCosts


def find_noteworthy(costs: NamedCosts, counts: IntArray) -> list[Finding]:
    """Look for no rows, no regions, no gray zone, and one action for everyone."""
    per_action = counts.tolist()
    n = sum(per_action)
    findings = []
    if n == 0:
        sentence = "There are no rows, so rates and mean costs do not exist."
        findings.append(Finding(code="RD305", severity="not applicable", sentence=sentence))
    if not isinstance(costs, CostMatrix):
        sentence = "Costs differ from row to row, so there are no regions of risk that hold for all of them."
        findings.append(Finding(code="RD306", severity="not applicable", sentence=sentence))
    elif len(costs.outcomes) == 2:
        findings += _zone_findings(costs)
    else:
        sentence = f"Regions of risk need two outcomes; these costs have {len(costs.outcomes)}."
        findings.append(Finding(code="RD306", severity="not applicable", sentence=sentence))
    if n > 1 and n in per_action:
        findings.append(_one_action(costs, per_action.index(n), n))
    return findings


def _zone_findings(costs: CostMatrix) -> list[Finding]:
    rule = costs.by_risk
    if rule is None or not costs.deferring or any(region.action in costs.deferring for region in rule.regions):
        return []
    price = number(costs.break_even_price())
    sentence = f"At these costs {costs.defer!r} is the cheapest action at no risk, so nobody is deferred."
    todo = f"It would pay at some risks with a fee per case below {price}."
    return [Finding(code="RD303", severity="caution", sentence=sentence, todo=todo)]


def _one_action(costs: NamedCosts, action: int, n: int) -> Finding:
    name = costs.actions[action]
    spans = []
    if isinstance(costs, CostMatrix) and len(costs.outcomes) == 2:
        spans = [f" (risk {r})" for r in find_regions(costs) if r.action == name]
    sentence = f"All {count(n)} rows get the action {name!r}{''.join(spans)}."
    todo = "If that is not meant, read costs.sentences() and look at the range of the probabilities."
    if name == costs.defer and isinstance(costs, CostMatrix):
        price = number(costs.break_even_price())
        todo = f"Deferring is cheap here; with a fee per case of {price} or more it would never pay. {todo}"
    return Finding(code="RD304", severity="caution", sentence=sentence, todo=todo)
