"""Costs of a yes-or-no decision, from four amounts and the price of deferring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec.decisions.costs.case_costs import CaseCosts
from riskdec.decisions.costs.cost_checks import check_amount, check_fees, check_names, is_varying
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.costs.plausibility import warn_if_implausible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.decisions.costs.case_costs import CostEntry

CORNERS = ("true_negative", "false_positive", "false_negative", "true_positive")


def binary_costs(
    corners: tuple[CostEntry, CostEntry, CostEntry, CostEntry],
    defer: CostEntry | Sequence[float] | None,
    *,
    outcomes: Sequence[str],
    actions: Sequence[str],
) -> CostMatrix | CaseCosts:
    """Make the costs that `CostMatrix.binary` describes; the corners in the order of `CORNERS`."""
    events = check_names(outcomes, name="outcomes", lengths=(2,))
    names = check_names(actions, name="actions", lengths=(2,) if defer is None else (2, 3))
    if defer is not None and len(names) == 2:
        names = (*names, "defer")
    cells: list[Any] = [
        cost if is_varying(cost) else check_amount(cost, name=name) for name, cost in zip(CORNERS, corners, strict=True)
    ]
    fees: tuple[Any, ...] = ()
    if defer is not None:
        # A list of two prices deferring without and with the event; amounts of rows come as an array.
        fees = (defer, defer) if is_varying(defer) else tuple(check_fees(defer, 2, name="defer").tolist())
    grid: list[list[Any]] = [[*cells[:2], *fees[:1]], [*cells[2:], *fees[1:]]]
    if any(is_varying(cell) for line in grid for cell in line):
        return CaseCosts(grid, outcomes=events, actions=names, defer=names[2:])
    matrix = CostMatrix.quietly(grid, events, names, names[2:])
    warn_if_implausible(matrix, aligned=True)
    return matrix
