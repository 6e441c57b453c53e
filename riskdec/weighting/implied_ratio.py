"""The weight ratio that costs stand for: the inverse of `implied_costs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.checks import refuse
from riskdec._base.table import number
from riskdec.decisions import as_cost_matrix
from riskdec.decisions.costs.cost_input import negative_and_positive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec.decisions import CostMatrix


def implied_ratio(costs: CostMatrix | Mapping[str, object]) -> float:
    """Give the weight ratio that makes a model of the right form reach 0.5 where acting begins to pay.

    Parameters
    ----------
    costs : CostMatrix or dict
        Two outcomes, the second the event, and two actions.

    Returns
    -------
    float
        Weight of an event over that of a non-event, above 0.

    Raises
    ------
    InputError
        For more outcomes, for a defer action (a weight stands for one cut, a gray zone has two), and where one of the
        actions is never worth taking.

    See Also
    --------
    implied_costs : Its inverse.

    Notes
    -----
    What acting saves where there is an event, over what it loses where there is none:
    ``(C(event, negative) - C(event, positive)) / (C(no event, positive) - C(no event, negative))``. Matrices with the
    same ratio decide alike.

    References
    ----------
    C. Elkan, The foundations of cost-sensitive learning, IJCAI 2001.

    Examples
    --------
    >>> implied_ratio({"false_positive": 2, "false_negative": 30})
    15.0
    """
    matrix = as_cost_matrix(costs)
    if len(matrix.outcomes) != 2 or len(matrix.actions) != 2 or matrix.deferring:
        got = f"{len(matrix.outcomes)} outcomes and the actions {', '.join(map(repr, matrix.actions))}"
        cure = "A weight stands for one cut: leave out deferring, and decide(costs=...) with it."
        raise refuse("costs", "have two outcomes and two actions that decide", got, cure)
    negative, positive = negative_and_positive(matrix)
    saved = float(matrix.costs[1, negative] - matrix.costs[1, positive])
    lost = float(matrix.costs[0, positive] - matrix.costs[0, negative])
    if saved <= 0 or lost <= 0:
        got = f"{number(saved)} saved where there is an event, {number(lost)} lost where there is none"
        cure = "One action is best whatever the risk, and no weight stands for that."
        raise refuse("costs", "make acting right on an event and wrong without one", got, cure)
    return saved / lost
