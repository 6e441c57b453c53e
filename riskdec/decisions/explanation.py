"""Why one row got its action: every expected cost, the margin, and the risk at which the choice flips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.table import Table, number
from riskdec.decisions.regions import find_regions, risk_text

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.decisions.cost_matrix import CostMatrix


def explain_row(costs: CostMatrix, proba: FloatArray, chosen: int, *, position: int) -> Table:
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

    Returns
    -------
    Table
        One line per action, cheapest first; the margin and what would flip the choice below.
    """
    full = proba if len(proba) > 1 else np.array([1 - proba[0], proba[0]])
    expected = full @ costs.costs
    # At a boundary the chosen action may come out dearer than its neighbour by one rounding.
    above = np.maximum(expected - expected[chosen], 0.0)
    order = [chosen, *(a for a in np.argsort(above, kind="stable").tolist() if a != chosen)]
    rows = [(costs.actions[a], number(expected[a]), number(above[a])) for a in order]
    second = order[1]
    margin = (
        f"{costs.actions[chosen]!r} is chosen; the next best, {costs.actions[second]!r}, "
        f"is expected to cost {number(above[second])} more."
    )
    flips = _flips_by_risk(costs, chosen) if len(costs.outcomes) == 2 else _flips_by_outcome(costs, full, chosen)
    shown = zip(costs.outcomes, full.tolist(), strict=True)
    described = ", ".join(f"{risk_text(p)} {outcome}" for outcome, p in shown)
    return Table(
        title=f"Row {position}: {described}",
        header=("action", "expected cost", "above the chosen"),
        rows=tuple(rows),
        notes=(margin, *flips),
    )


def _flips_by_risk(costs: CostMatrix, chosen: int) -> list[str]:
    """Say which action takes over below and above the region of the chosen one."""
    regions = find_regions(costs).regions
    place = [region.action for region in regions].index(costs.actions[chosen])
    event = costs.outcomes[1]
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
