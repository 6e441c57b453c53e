"""The forms in which a function takes costs, and the ones that it refuses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.frames import is_frame
from riskdec.decisions.costs.case_costs import CaseCosts
from riskdec.decisions.costs.cost_checks import NAMES_CURE, check_keywords
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.costs.cost_ranges import CostRanges

_RULE = "be a CostMatrix, or a dict such as {'false_positive': 1, 'false_negative': 15}"


def as_costs(costs: object) -> CostMatrix | CaseCosts | CostRanges:
    """Give costs, the same for all rows or not, from what a user may pass as `costs=`.

    Parameters
    ----------
    costs : CostMatrix, CaseCosts, CostRanges or mapping
        Costs with named rows and columns, or the keywords of `CostMatrix.binary` as a dict.

    Returns
    -------
    CostMatrix, CaseCosts or CostRanges
        The costs themselves, or those that the keywords make.

    Raises
    ------
    InputError
        For a bare array, whose orientation nothing tells, and for anything else.
    """
    if isinstance(costs, (CostMatrix, CaseCosts, CostRanges)):
        return costs
    if isinstance(costs, Mapping):
        made: CostMatrix | CaseCosts = CostMatrix.binary(**check_keywords(costs))
        return made
    if is_frame(costs):
        raise refuse("costs", _RULE, "a data frame", "Use CostMatrix.from_frame(costs).")
    if callable(costs):
        cure = "Put it where an amount stands: CostMatrix.binary(false_positive=1, false_negative=lambda rows: ...)."
        raise refuse("costs", _RULE, "a function", cure)
    if isinstance(costs, (list, tuple, np.ndarray)):
        raise refuse("costs", _RULE, "rows and columns without names", NAMES_CURE)
    raise refuse("costs", _RULE, f"a {type(costs).__name__}")


def as_cost_matrix(costs: object) -> CostMatrix:
    """Give one cost matrix for all rows from what a user may pass as `costs=`.

    Parameters
    ----------
    costs : CostMatrix or mapping
        A matrix with named rows and columns, or the keywords of `CostMatrix.binary` as a dict.

    Returns
    -------
    CostMatrix
        The matrix itself, or the one that the keywords make.

    Raises
    ------
    InputError
        As `as_costs`, and for costs that vary from row to row or are known as ranges only.

    Examples
    --------
    >>> as_cost_matrix({"false_positive": 1, "false_negative": 15, "defer": 0.6}).regions()
    <Regions: negative below 4 %, defer 4 % to 40 %, positive from 40 %>
    """
    found = as_costs(costs)
    if isinstance(found, CostMatrix):
        return found
    if isinstance(found, CostRanges):
        raise refuse("costs", "be single amounts here", "ranges", "Use ranges.mean().")
    cure = "Use a CostMatrix with typical amounts, or costs.average()."
    raise refuse("costs", "be the same for every row here", "costs that vary from row to row", cure)


def negative_and_positive(costs: CostMatrix) -> tuple[int, int]:
    """Tell which of two actions that decide is meant for the absence of the event, and which for the event.

    Parameters
    ----------
    costs : CostMatrix
        Costs of two outcomes with two actions that decide, in any order.

    Returns
    -------
    negative, positive : int
        Columns: the positive one is the one whose cost falls more, or rises less, when the event happens.

    Examples
    --------
    >>> turned = CostMatrix([[5, 0], [0, 50]], outcomes=("no", "yes"), actions=("treat", "wait"))
    >>> negative_and_positive(turned)
    (1, 0)
    """
    first, second = costs.deciding
    rise = costs.costs[1] - costs.costs[0]
    return (first, second) if rise[first] >= rise[second] else (second, first)
