"""What every action is expected to cost in every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.decisions.choosing.bayes_rule import CHUNK_CELLS, Choice, checked_chunks
from riskdec.decisions.costs.case_costs import CaseCosts

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.decisions.costs.cost_matrix import CostMatrix


def expected_table(proba: AnyArray, costs: CostMatrix | CaseCosts) -> FloatArray:
    """Give ``sum_k p_ik C_ka`` for all rows and actions, shape (n, A).

    Parameters
    ----------
    proba : ndarray of float, shape (n,) or (n, K)
        Risk of the second of two outcomes, or the probabilities of all.
    costs : CostMatrix or resolved CaseCosts
        The same for all rows, or one table for each.
    """
    result = np.empty((proba.shape[0], len(costs.actions)))
    size = max(CHUNK_CELLS // (len(costs.outcomes) * len(costs.actions)), 64)
    for rows, chunk in checked_chunks(proba, size):
        shares = np.column_stack([1 - chunk, chunk]) if chunk.ndim == 1 else chunk
        if isinstance(costs, CaseCosts):
            result[rows] = np.einsum("mk,kam->ma", shares, costs.block(rows))
        else:
            result[rows] = shares @ costs.costs
    return result


def overruled(choice: Choice, action: AnyArray, expected: FloatArray) -> Choice:
    """Give a choice with other actions, its counts and costs made anew from the table of expected costs."""
    n, n_actions = expected.shape
    action = action.astype(choice.action.dtype, copy=False)
    cost = expected[np.arange(n), action]
    return choice._replace(
        action=action,
        counts=np.bincount(action, minlength=n_actions),
        total_cost=float(cost.sum()),
        expected_cost=None if choice.expected_cost is None else cost,
    )
