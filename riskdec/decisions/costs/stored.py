"""Costs in a model file: names and amounts, checked again when they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec._base.checks import refuse
from riskdec.decisions.costs.case_costs import CaseCosts
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.costs.cost_ranges import CostRanges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec.decisions.costs.named_costs import NamedCosts


def pack_costs(costs: NamedCosts) -> dict[str, Any]:
    """Give costs as plain lists.

    Raises
    ------
    InputError
        For functions, which are code, and for amounts of single rows, which are of no use for other rows.
    """
    if isinstance(costs, CaseCosts) and costs.n is not None:
        cure = "Name the column that holds the amounts, or save with costs.average()."
        raise refuse("costs", "hold for rows to come to be saved", f"amounts of {costs.n} single rows", cure)
    return costs.to_dict()


def unpack_costs(kind: str, state: Mapping[str, Any]) -> NamedCosts:
    """Build what `pack_costs` was given.

    Raises
    ------
    InputError
        For names and amounts that are none.
    """
    if kind == "CostMatrix":
        return CostMatrix.from_dict(state)
    names = {name: state[name] for name in ("outcomes", "actions", "defer")}
    if kind == "CaseCosts":
        return CaseCosts(state["costs"], **names)
    if state["draws"] is not None:
        return CostRanges.from_draws(state["draws"], **names)
    ends = (CostMatrix.quietly(state[end], *names.values(), may_be_equal=True) for end in ("low", "high"))
    return CostRanges(*ends)
