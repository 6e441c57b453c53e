"""Why one row got its action: every expected cost, the margin, and the risk at which the choice flips."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.table import Table, number
from riskdec.decisions.zones.regions import find_regions, risk_text

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.decisions.costs.cost_matrix import CostMatrix
    from riskdec.decisions.zones.regions import Region, Regions


class RowRule(NamedTuple):
    """What besides expected cost had a say: prices of limited actions, shape (A,), and the rule by name."""

    price: FloatArray
    name: str


def explain_row(
    costs: CostMatrix, proba: FloatArray, chosen: int, *, position: int, rule: RowRule | None = None
) -> Table:
    """Lay out one decision.

    Parameters
    ----------
    costs : CostMatrix
        The costs that were used.
    proba : ndarray of shape (1,) or (K,)
        The risk of the second of two outcomes, or the probabilities of more.
    chosen : int
        The action that was chosen.
    position : int
        Position of the row, for the title.
    rule : RowRule, optional
        Prices of limited actions, and the rule of choice.

    Returns
    -------
    Table
        One line per action, cheapest first; the margin and what would flip the choice below.
    """
    if np.isnan(proba).any():
        note = f"{costs.actions[chosen]!r} is chosen, because no cost can be expected without a risk."
        return Table(title=f"Row {position}: lacks a value and has no risk", notes=(note,))
    full = proba if len(proba) > 1 else np.array([1 - proba[0], proba[0]])
    expected = full @ costs.costs
    if rule is not None and (rule.name != "expected" or rule.price.any()):
        above = expected - expected[chosen]
        order = np.argsort(above, kind="stable").tolist()
        why = _why_not_cheapest(costs, order, above, chosen, rule)
    else:
        # At a boundary the chosen action may come out dearer than its neighbour by one rounding.
        above = np.maximum(expected - expected[chosen], 0.0)
        order = [chosen, *(a for a in np.argsort(above, kind="stable").tolist() if a != chosen)]
        why = _why_cheapest(costs, order, above, full)
    rows = [(costs.actions[a], number(expected[a]), number(above[a])) for a in order]
    shown = zip(costs.outcomes, full.tolist(), strict=True)
    described = ", ".join(f"{risk_text(p)} {outcome}" for outcome, p in shown)
    return Table(
        title=f"Row {position}: {described}",
        header=("action", "expected cost", "above the chosen"),
        rows=tuple(rows),
        notes=tuple(why),
    )


def explain_zone(zone: Regions, risk: float, chosen: str, *, position: int) -> Table:
    """Lay out one decision that the place of its risk made, without costs.

    Parameters
    ----------
    zone : Regions
        Which action at which risk.
    risk : float
        Risk of the second outcome.
    chosen : str
        The action that was chosen.
    position : int
        Position of the row, for the title.

    Returns
    -------
    Table
        One line per region, from low to high risk; what would flip the choice below.
    """
    event = zone.costs.outcomes[1]
    why = f"{chosen!r} is chosen by a certified zone, whatever anything costs."
    return Table(
        title=f"Row {position}: {risk_text(1 - risk)} {zone.costs.outcomes[0]}, {risk_text(risk)} {event}",
        header=("action", "risk"),
        rows=tuple((region.action, str(region)) for region in zone),
        notes=(why, *_flips_by_risk(zone.regions, chosen, event)),
    )


def _why_cheapest(costs: CostMatrix, order: list[int], above: FloatArray, full: FloatArray) -> list[str]:
    chosen, second = order[0], order[1]
    margin = (
        f"{costs.actions[chosen]!r} is chosen; the next best, {costs.actions[second]!r}, "
        f"is expected to cost {number(above[second])} more."
    )
    if len(costs.outcomes) > 2:
        return [margin, *_flips_by_outcome(costs, full, chosen)]
    flips = _flips_by_risk(find_regions(costs).regions, costs.actions[chosen], costs.outcomes[1])
    return [margin, *flips, *_flips_by_cost(costs, float(full[1]))]


def _why_not_cheapest(costs: CostMatrix, order: list[int], above: FloatArray, chosen: int, rule: RowRule) -> list[str]:
    """Say why a row may have got an action that is not the cheapest: limits, or another rule."""
    names = costs.actions
    cheapest = order[0]
    if rule.name != "expected":
        return [f"{names[chosen]!r} is chosen by the rule {rule.name!r}, which looks at more than expected cost."]
    prices = [
        f"{names[a]!r} is limited, which adds a price of {number(price)} to its cost."
        for a, price in enumerate(rule.price.tolist())
        if price > 0
    ]
    if cheapest == chosen:
        return [f"{names[chosen]!r} is chosen; it is the cheapest.", *prices]
    saved = number(-above[cheapest])
    return [f"{names[chosen]!r} is chosen, although {names[cheapest]!r} would cost {saved} less.", *prices]


def _flips_by_cost(costs: CostMatrix, risk: float) -> list[str]:
    """Say at which cost of a miss two actions that decide would cost the same, the other costs unchanged.

    Between not acting and acting the choice flips at ``cfn = ctp + (cfp - ctn) (1 - p) / p``.
    """
    if len(costs.deciding) != 2 or not 0 < risk < 1:
        return []
    first, second = costs.deciding
    (ctn, cfp), (cfn, ctp) = costs.costs[:, [first, second]].tolist()
    if cfp <= ctn or cfn <= ctp:
        return []
    flip = ctp + (cfp - ctn) * (1 - risk) / risk
    names, event = costs.actions, costs.outcomes[1]
    return [
        f"Between {names[first]!r} and {names[second]!r} alone the choice flips where {names[first]!r} costs "
        f"{number(flip)} when the outcome is {event!r}; you said {number(cfn)}."
    ]


def _flips_by_risk(regions: tuple[Region, ...], chosen: str, event: str) -> list[str]:
    """Say which action takes over below and above the region of the chosen one."""
    place = [region.action for region in regions].index(chosen)
    flips = []
    if place > 0:
        low = risk_text(regions[place].low)
        flips.append(f"It would be {regions[place - 1].action!r} if the risk of {event!r} were below {low}.")
    if place < len(regions) - 1:
        high = risk_text(regions[place].high)
        flips.append(f"It would be {regions[place + 1].action!r} if the risk of {event!r} were {high} or more.")
    return flips or [f"No risk of {event!r} would change this."]


def _flips_by_outcome(costs: CostMatrix, proba: FloatArray, chosen: int) -> list[str]:
    """Say how far each outcome's probability has to rise, the others shrinking in proportion, for a change.

    Moving a share t of all probability to outcome k changes the excess cost of action b over the chosen one
    linearly, from its present value D to `C_kb - C_k,chosen`; it is zero at `t = D / (D - that)`.
    """
    table = costs.costs
    excess = np.maximum(proba @ (table - table[:, [chosen]]), 0.0)
    flips = []
    for k, outcome in enumerate(costs.outcomes):
        certain = table[k] - table[k, chosen]
        rivals = np.flatnonzero(certain < 0)
        if rivals.size == 0:
            continue
        shares = excess[rivals] / (excess[rivals] - certain[rivals])
        first = int(shares.argmin())
        raised = risk_text(float(proba[k] + shares[first] * (1 - proba[k])))
        rival = costs.actions[rivals[first]]
        flips.append(f"It would be {rival!r} if the probability of {outcome!r} rose to {raised}.")
    return flips or ["No outcome, even if certain, would change this."]
