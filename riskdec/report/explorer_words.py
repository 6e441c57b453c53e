"""What a cost explorer says at its start; `templates/explorer_words.js` says the same wherever it is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.table import count, number, percent
from riskdec.decisions.zones.regions import risk_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.decisions.judging.what_if import Setting, WhatIf

_RULES = ("these decisions", "forced choice (nobody is asked)", "never act", "always act", "always defer")
_ROUNDING = 1e-12


def setting_text(setting: Setting) -> str:
    """Say what was asked, for whoever reads the tables without the controls."""
    fee = "nobody can be asked" if setting.fee is None else f"deferring {number(setting.fee)}"
    expert = ""
    if setting.fee is not None and not is_always_right(setting):
        sensitivity, specificity = risk_text(setting.sensitivity), risk_text(setting.specificity)
        expert = f" to an expert of {sensitivity} sensitivity and {specificity} specificity"
    return (
        f"A miss costs {number(setting.false_negative)}, a false alarm {number(setting.false_positive)}, {fee}"
        f"{expert}; {risk_text(setting.prevalence)} of the rows have the event."
    )


def answer_text(found: WhatIf, actions: Sequence[str], *, outcomes: bool) -> str:
    """Give the regions of risk, and what deferring is worth."""
    by_name = dict(zip(("negative", "positive", "defer"), actions, strict=True))
    zones = ", ".join(f"{by_name[one.action]} {_zone(one.low, one.high)}" for one in found.regions)
    if all(one.action != "defer" for one in found.regions):
        return f"{zones}."
    cost = found.cost if outcomes else found.expected
    saved = _more(float(cost[1]), float(cost[0]))
    worth = f"saves {number(saved, 3)}" if saved >= 0 else f"costs {number(-saved, 3)} more"
    return f"{zones}. Deferring {worth} per row against a forced choice."


def fit_text(names: Sequence[str], found: Sequence[WhatIf], chosen: int) -> str:
    """Say what decisions on the risks of the chosen fit cost beside those of the first; empty for a single fit."""
    if len(names) < 2:
        return ""
    cost, first = float(found[chosen].cost[0]), float(found[0].cost[0])
    text = f"On the risks of '{names[chosen]}' decisions cost {number(cost)} per row"
    if chosen == 0:
        return f"{text}."
    more = _more(cost, first)
    compared = f"{number(abs(more), 3)} {'more' if more > 0 else 'less'} than" if more else "as much as"
    return f"{text}, {compared} on those of '{names[0]}'."


def row_lines(found: WhatIf, actions: Sequence[str], *, may_defer: bool) -> tuple[tuple[str, ...], ...]:
    """Give each action with its rows, from low to high risk; actions that no risk calls for come last."""
    places = [("negative", "positive", "defer").index(one.action) for one in found.regions]
    others = [place for place in (0, 1, 2) if place not in places and (place < 2 or may_defer)]
    rows, total = found.rows.tolist(), float(found.rows.sum())
    return tuple((actions[a], count(round(rows[a])), percent(rows[a] / total)) for a in (*places, *others))


def cost_lines(found: WhatIf, *, outcomes: bool) -> tuple[tuple[str, ...], ...]:
    """Give the cost of each rule, by the outcomes where there are any, and if the risks are right."""
    lines = zip(_RULES, found.cost.tolist(), found.expected.tolist(), strict=True)
    return tuple(
        (name, *((number(cost),) if outcomes else ()), number(expected))
        for name, cost, expected in lines
        if cost == cost  # nan: nobody can be asked
    )


def fit_lines(names: Sequence[str], found: Sequence[WhatIf]) -> tuple[tuple[str, ...], ...]:
    """Give each fit, decided by its own risks: its cost, and how often it acts and defers; nothing for a single fit."""
    if len(names) < 2:
        return ()
    first = float(found[0].cost[0])
    return tuple(
        (
            name,
            number(float(one.cost[0])),
            "" if k == 0 else number(_more(float(one.cost[0]), first), 3),
            number(float(one.expected[0])),
            percent(float(one.rows[1] / one.rows.sum())),
            percent(float(one.rows[2] / one.rows.sum())),
        )
        for k, (name, one) in enumerate(zip(names, found, strict=True))
    )


def flip_lines(found: WhatIf, setting: Setting) -> tuple[str, ...]:
    """Say what would change the actions."""
    half, double, rarer, commoner = (percent(share) for share in found.flips.tolist())
    limit = number(found.fee_limit, 3)
    if found.fee_limit == 0:
        fee = "At no fee does deferring pay: the expert is no better than chance."
    elif setting.fee is None:
        fee = f"Someone who decides deferred cases this well would be worth up to {limit} a case."
    elif setting.fee < found.fee_limit:
        fee = f"Deferring stops paying from a fee of {limit} on."
    else:
        fee = f"Deferring would pay only below a fee of {limit}."
    return (
        f"If a miss cost half: {half} of the rows would get another action; if it cost double: {double}.",
        f"If the odds of the event were half: {rarer}; if they were double: {commoner}.",
        fee,
    )


def python_line(start: Setting) -> str:
    """Give the line of Python that decides so."""
    fp, fn = _plain(start.false_positive), _plain(start.false_negative)
    if start.fee is not None and not is_always_right(start):
        expert = f"sensitivity={_plain(start.sensitivity)}, specificity={_plain(start.specificity)}"
        base = f"rd.CostMatrix.binary(false_positive={fp}, false_negative={fn})"
        return f'rd.decide(risk, {base}.with_test("expert", price={_plain(start.fee)}, {expert}))'
    defer = "" if start.fee is None else f', "defer": {_plain(start.fee)}'
    return f'rd.decide(risk, costs={{"false_positive": {fp}, "false_negative": {fn}{defer}}})'


def is_always_right(setting: Setting) -> bool:
    """Tell whether the expert makes no mistakes."""
    return setting.sensitivity == 1 and setting.specificity == 1


def _more(cost: float, other: float) -> float:
    # Equal decisions added up in another order differ by rounding.
    more = cost - other
    return more if abs(more) > _ROUNDING * (abs(cost) + abs(other)) else 0.0


def _zone(low: float, high: float) -> str:
    if low == 0 and high == 1:
        return "at every risk"
    if low == 0:
        return f"below {risk_text(high)}"
    return f"from {risk_text(low)}" if high == 1 else f"from {risk_text(low)} to {risk_text(high)}"


def _plain(value: float) -> str:
    return f"{value:.6g}"
