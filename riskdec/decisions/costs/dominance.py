"""Actions that are never worth taking, and the highest price at which one more action would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from riskdec.decisions.zones.envelope import lower_envelope, peak_cost

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# The linear programme is solved to about 1e-9 of the spread of the costs.
_TOLERANCE = 1e-8


def never_optimal(costs: FloatArray) -> tuple[int, ...]:
    """Find the actions that are strictly cheapest at no distribution of outcomes.

    Parameters
    ----------
    costs : ndarray of shape (K, A)
        Rows are outcomes, columns are actions.

    Returns
    -------
    tuple of int
        Columns, ascending. Of equal columns the first one counts, since it is the one that is chosen.
    """
    if costs.shape[0] == 2:
        useful = lower_envelope(costs).actions.tolist()
    else:
        first = np.sort(np.unique(costs, axis=1, return_index=True)[1])
        useful = first[_ever_optimal(costs[:, first])].tolist()
    return tuple(sorted(set(range(costs.shape[1])) - set(useful)))


def advantage(costs: FloatArray, action: int) -> float:
    """Give the most by which one action undercuts every other, over all distributions of outcomes.

    Parameters
    ----------
    costs : ndarray of shape (K, A)
        Rows are outcomes, columns are actions; at least two actions.
    action : int
        The column of the action.

    Returns
    -------
    float
        The largest `e` such that some `p` in the simplex has `sum_k p_k (C_kb - C_ka) >= e` for all
        `b != a`; positive if and only if the action is strictly cheapest somewhere.

    Examples
    --------
    Deferring at 0.6 undercuts acting (1 for a false alarm) and waiting (15 for a miss) by 15/16 - 0.6:

    >>> round(advantage(np.array([[0, 1, 0.6], [15, 0, 0.6]]), 2), 6)
    0.3375
    """
    from scipy.optimize import linprog

    n_outcomes = costs.shape[0]
    gain = np.delete(costs, action, axis=1) - costs[:, [action]]
    # The simplex does not care about the unit of the costs; the solver does.
    unit = float(np.abs(gain).max()) or 1.0
    rows = np.column_stack([-gain.T / unit, np.ones(gain.shape[1])])
    result = linprog(
        np.append(np.zeros(n_outcomes), -1.0),
        A_ub=rows,
        b_ub=np.zeros(gain.shape[1]),
        A_eq=np.append(np.ones(n_outcomes), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[(0.0, None)] * n_outcomes + [(None, None)],
        method="highs",
    )
    # Every distribution is feasible and the gains are bounded: there always is an optimum.
    return -cast("float", result.fun) * unit


def break_even_price(costs: FloatArray) -> float:
    """Give the highest fee per case at which one more action, costing the fee always, is worth taking.

    Parameters
    ----------
    costs : ndarray of shape (K, A)
        Costs of the actions that are there already, without the new one.

    Returns
    -------
    float
        `max_p min_a sum_k p_k C_ka`: what the best of these actions costs where one knows least. For two
        outcomes and free correct decisions it is `cfp cfn / (cfp + cfn)`.

    Examples
    --------
    >>> break_even_price(np.array([[0.0, 1.0], [15.0, 0.0]]))
    0.9375
    """
    if costs.shape[0] == 2:
        return peak_cost(costs)
    return advantage(np.column_stack([costs, np.zeros(costs.shape[0])]), costs.shape[1])


def _ever_optimal(costs: FloatArray) -> list[int]:
    # An action that alone is cheapest when one outcome is certain needs no linear programme.
    ordered = np.sort(costs, axis=1)
    alone = ordered[:, 0] < ordered[:, 1]
    certain = set(costs.argmin(axis=1)[alone].tolist())
    spread = float((ordered[:, -1] - ordered[:, 0]).max())
    columns = range(costs.shape[1])
    return [a for a in columns if a in certain or advantage(costs, a) > _TOLERANCE * spread]
