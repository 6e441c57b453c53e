"""Costs said back in words, so that a mistake in them is heard before it is acted on."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.table import number
from riskdec.decisions.costs.dominance import break_even_price, never_optimal
from riskdec.decisions.zones.envelope import lower_envelope
from riskdec.decisions.zones.regions import find_regions, risk_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec.decisions.costs.cost_matrix import CostMatrix


def describe(costs: CostMatrix) -> tuple[str, ...]:
    """Say the costs, what they make of each risk, and what deferring may cost, one sentence each."""
    return (*_outcome_sentences(costs), *_rule_sentences(costs), *_defer_sentences(costs))


def joined(phrases: Iterable[str]) -> str:
    """Write phrases as a list in a sentence.

    >>> joined(["one"]), joined(["one", "two", "three"])
    ('one', 'one, two and three')
    """
    *first, last = phrases
    return f"{', '.join(first)} and {last}" if first else last


def price(costs: CostMatrix, outcome: int, action: int) -> str:
    """Write what one action costs under one outcome: ``'treat' costs 1``."""
    return f"{costs.actions[action]!r} {_amount(costs.costs[outcome, action])}"


def dominated_sentence(costs: CostMatrix, action: int) -> str:
    """Say that an action is never the cheapest, and by which other action it is beaten everywhere."""
    name = costs.actions[action]
    table = costs.costs
    at_most = np.array((table <= table[:, [action]]).all(axis=0))
    at_most[action] = False
    if name in costs.deferring and np.ptp(table[:, action]) == 0:
        limit = break_even_price(table[:, costs.deciding])
        return (
            f"{name!r} is never the cheapest action, so there is no gray zone: a fee for it would have to be "
            f"below {number(limit)}; you said that {_prices(costs, action)}."
        )
    if not at_most.any():
        return f"{name!r} is never the cheapest action: whatever the risks are, some other action costs less."
    other = int(at_most.argmax())
    verb = "costs as much as" if (table[:, other] == table[:, action]).all() else "never costs less than"
    return (
        f"{name!r} {verb} {costs.actions[other]!r}, whatever the outcome: you said that "
        f"{_prices(costs, action)}, and that {_prices(costs, other)}."
    )


def _amount(cost: float) -> str:
    """Write a cost with its verb; a negative cost is a gain."""
    return f"gains {number(-cost)}" if cost < 0 else f"costs {number(cost)}"


def _prices(costs: CostMatrix, action: int) -> str:
    """Write what one action costs under each outcome."""
    first, *others = costs.costs[:, action].tolist()
    if all(cost == first for cost in others):
        return f"{price(costs, 0, action)} whatever the outcome"
    pairs = zip(costs.outcomes[1:], others, strict=True)
    rest = [f"{_amount(cost)} when it is {outcome!r}" for outcome, cost in pairs]
    return joined([f"{price(costs, 0, action)} when the outcome is {costs.outcomes[0]!r}", *rest])


def _outcome_sentences(costs: CostMatrix) -> list[str]:
    n_actions = len(costs.actions)
    return [
        f"When the outcome is {outcome!r}, {joined(price(costs, k, a) for a in range(n_actions))}."
        for k, outcome in enumerate(costs.outcomes)
    ]


def _rule_sentences(costs: CostMatrix) -> list[str]:
    never = [dominated_sentence(costs, a) for a in never_optimal(costs.costs)]
    if len(costs.outcomes) > 2:
        best = costs.costs.argmin(axis=1).tolist()
        known = [f"{costs.actions[a]!r} for {k!r}" for k, a in zip(costs.outcomes, best, strict=True)]
        return [f"If the outcome were known, the cheapest action would be {joined(known)}.", *never]
    event = costs.outcomes[1]
    regions = find_regions(costs).regions
    if len(regions) == 1:
        return [f"{regions[0].action!r} is the cheapest action at any risk of {event!r}.", *never]
    spans = joined(f"{region.action!r} {region}" for region in regions)
    return [f"By the risk of {event!r}, the cheapest action is {spans}.", *never]


def _defer_sentences(costs: CostMatrix) -> list[str]:
    """Say what happens without deferring, and up to which fee it pays; nothing if it never does."""
    never = never_optimal(costs.costs)
    useful = [a for a in costs.not_deciding if a not in never]
    if not useful:
        return []
    table = costs.costs[:, costs.deciding]
    pays = [_fee_sentence(costs, a) for a in useful if len(costs.deferring) == 1 or np.ptp(costs.costs[:, a]) == 0]
    if len(costs.outcomes) > 2:
        return pays
    envelope = lower_envelope(table)
    names = [repr(costs.actions[costs.deciding[a]]) for a in envelope.actions.tolist()]
    turns = [
        f"{low} would turn into {high} at a risk of {risk_text(cut)}"
        for (low, high), cut in zip(pairwise(names), envelope.cuts.tolist(), strict=True)
    ]
    absent = " and ".join(repr(costs.actions[a]) for a in useful)
    return [f"Without {absent}, {joined(turns)}.", *pays] if turns else pays


def _fee_sentence(costs: CostMatrix, action: int) -> str:
    """Say up to which fee per case an action that defers pays at some risks, the others being there."""
    others = np.delete(costs.costs, action, axis=1)
    fees = np.unique(costs.costs[:, action])
    said = f"; you said {number(fees[0])}" if fees.size == 1 else ""
    limit = number(break_even_price(others))
    return f"At some risks {costs.actions[action]!r} pays as long as its fee per case is below {limit}{said}."
