"""The forms in which a function takes costs, and the ones that it refuses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.frames import is_frame
from riskdec.decisions.cost_checks import NAMES_CURE
from riskdec.decisions.cost_matrix import CostMatrix


def as_cost_matrix(costs: object) -> CostMatrix:
    """Give a cost matrix from what a user may pass as `costs=`.

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
        For a bare array, whose orientation nothing tells, and for anything else.

    Examples
    --------
    >>> as_cost_matrix({"false_positive": 1, "false_negative": 15, "defer": 0.6}).regions()
    <Regions: negative below 4 %, defer 4 % to 40 %, positive from 40 %>
    """
    if isinstance(costs, CostMatrix):
        return costs
    if isinstance(costs, Mapping):
        return CostMatrix.from_keywords(costs)
    rule = "be a CostMatrix, or a dict such as {'false_positive': 1, 'false_negative': 15}"
    if is_frame(costs):
        raise refuse("costs", rule, "a data frame", "Use CostMatrix.from_frame(costs).")
    if callable(costs):
        raise refuse("costs", rule, "a function", "One cost matrix holds for every row.")
    if isinstance(costs, (list, tuple, np.ndarray)):
        raise refuse("costs", rule, "rows and columns without names", NAMES_CURE)
    raise refuse("costs", rule, f"a {type(costs).__name__}")
