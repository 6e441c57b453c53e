"""The cheapest assignment of rows to actions of which some are limited: a transport problem with few columns.

Arrays in, arrays out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray

# Up to this many rows the linear programme is solved with all of them.
_ALL_ROWS = 4_000
_PLANES = 200
_GAP = 1e-9


class Allocation(NamedTuple):
    """The cheapest assignment within the limits, and what one more of each limited action is worth.

    Attributes
    ----------
    action : ndarray of int, shape (n,)
        Column of each row.
    price : ndarray of shape (A,)
        What a limited action costs beyond its cost because it is scarce; ``argmin_a (cost + price)`` gives back
        this assignment, ties apart. Zero where a limit does not bind.
    gap : float
        Most by which the assignment may cost more than the cheapest one: the duality gap.
    tied : int
        Rows that cost the same on either side of a limit, so that only their order decided.
    """

    action: IntArray
    price: FloatArray
    gap: float
    tied: int


def allocate(expected: FloatArray, caps: dict[int, int], *, order: IntArray) -> Allocation:
    """Assign each row to an action so that the sum of expected costs is smallest and no limit is broken.

    Parameters
    ----------
    expected : ndarray of shape (n, A)
        Expected cost of each action in each row.
    caps : dict
        Column: largest number of rows. Other actions are not limited.
    order : ndarray of int, shape (n,)
        Which of equally dear rows comes first: a permutation of the rows.

    Raises
    ------
    InputError
        If every action is limited and the limits leave rows without one.

    Notes
    -----
    One limited action: by exchange, the rows with the largest gain over their best other action get it. Several:
    the dual, concave and of as many variables as there are limits, is climbed by cutting planes; rows whose best
    action is clear at those prices are fixed, and the rest are solved as a linear programme, whose constraint
    matrix is totally unimodular, so that its vertices are whole. The gap between the two is proof of optimality.
    """
    n, n_actions = expected.shape
    if len(caps) == n_actions and sum(caps.values()) < n:
        got = f"{sum(caps.values())} for {n} rows"
        raise refuse("capacity", "leave an action for every row", got, "Leave one action without a limit.")
    free = expected.argmin(axis=1)
    counts = np.bincount(free, minlength=n_actions)
    if all(counts[a] <= cap for a, cap in caps.items()):
        return Allocation(free, np.zeros(n_actions), 0.0, 0)
    if len(caps) == 1:
        ((limited, cap),) = caps.items()
        return _allocate_one(expected, limited, cap, order)
    return _allocate_several(expected, caps, order)


def gains(expected: FloatArray, limited: int) -> FloatArray:
    """Give how much cheaper an action is than the best other one, in each row."""
    others = np.delete(expected, limited, axis=1)
    gain: FloatArray = others.min(axis=1) - expected[:, limited]
    return gain


def _allocate_one(expected: FloatArray, limited: int, cap: int, order: IntArray) -> Allocation:
    gain = gains(expected, limited)
    ranked = order[np.argsort(-gain[order], kind="stable")]
    others = expected.copy()
    others[:, limited] = np.inf
    action = others.argmin(axis=1)
    action[ranked[:cap]] = limited
    last, first_out = (gain[ranked[cap - 1]] if cap else np.inf), gain[ranked[cap]]
    price = np.zeros(expected.shape[1])
    price[limited] = first_out if not np.isfinite(last) else (last + first_out) / 2
    tied = int((gain == first_out).sum()) if last == first_out else 0
    return Allocation(action, price, 0.0, tied)


def _allocate_several(expected: FloatArray, caps: dict[int, int], order: IntArray) -> Allocation:
    limited = np.array(sorted(caps))
    room = np.array([caps[a] for a in limited], dtype=np.float64)
    n = len(expected)
    unit = float(np.ptp(expected)) or 1.0
    price = np.zeros(len(limited)) if n <= _ALL_ROWS else _climb(expected / unit, limited, room) * unit
    part = min(n, _ALL_ROWS)
    while True:
        solved = _solve_unclear(expected, limited, room, price, part, order)
        if solved is not None and (solved.gap <= _GAP * unit * max(n, 1) or part == n):
            return solved
        part = min(n, 4 * part)


def _dual(expected: FloatArray, limited: IntArray, room: FloatArray, price: FloatArray) -> tuple[float, FloatArray]:
    """Give the dual at some prices, a lower bound of every assignment's cost, and its slope."""
    priced = expected.copy()
    priced[:, limited] += price
    chosen = priced.argmin(axis=1)
    counts = np.bincount(chosen, minlength=expected.shape[1])[limited]
    return float(priced.min(axis=1).sum() - price @ room), counts - room


def _climb(expected: FloatArray, limited: IntArray, room: FloatArray) -> FloatArray:
    """Climb the dual by cutting planes until it stops rising; costs in units of their spread."""
    from scipy.optimize import linprog

    m = len(limited)
    price = best_price = np.zeros(m)
    value, slope = _dual(expected, limited, room, price)
    best = value
    planes, heights = [slope], [value]
    for _ in range(_PLANES):
        rows = np.column_stack([-np.array(planes), np.ones(len(planes))])
        # No price above the spread of the costs ever helps.
        limits = [(0.0, 1.0)] * m + [(None, None)]
        master = linprog(np.append(np.zeros(m), -1.0), A_ub=rows, b_ub=heights, bounds=limits, method="highs")
        above = -cast("float", master.fun)
        if above - best <= _GAP * max(len(expected), 1):
            break
        price = cast("FloatArray", master.x)[:m]
        value, slope = _dual(expected, limited, room, price)
        planes.append(slope)
        heights.append(value - float(slope @ price))
        if value > best:
            best, best_price = value, price
    return best_price


def _solve_unclear(
    expected: FloatArray, limited: IntArray, room: FloatArray, price: FloatArray, part: int, order: IntArray
) -> Allocation | None:
    """Fix the rows that are clear at some prices, and solve the others exactly; None where that cannot be done."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    n, n_actions = expected.shape
    priced = expected.copy()
    priced[:, limited] += price
    action = priced.argmin(axis=1)
    two = np.partition(priced, 1, axis=1)[:, :2]
    unclear = order[np.argsort((two[:, 1] - two[:, 0])[order], kind="stable")[:part]]
    is_fixed = np.ones(n, dtype=bool)
    is_fixed[unclear] = False
    left = room - np.bincount(action[is_fixed], minlength=n_actions)[limited]
    if (left < 0).any():
        return None
    m = len(unclear)
    cells = np.arange(m * n_actions)
    each = csr_array((np.ones(m * n_actions), (cells // n_actions, cells)), shape=(m, m * n_actions))
    columns = (limited[:, None] + n_actions * np.arange(m)).ravel()
    limit = csr_array(
        (np.ones(len(columns)), (np.repeat(np.arange(len(limited)), m), columns)), shape=(len(limited), m * n_actions)
    )
    part_costs = expected[unclear]
    unit = float(np.ptp(part_costs)) or 1.0
    # The simplex method ends in a vertex; its types know of no sparse matrices.
    solve: Any = linprog
    answer = solve(
        part_costs.ravel() / unit,
        A_ub=limit,
        b_ub=left,
        A_eq=each,
        b_eq=np.ones(m),
        bounds=(0, None),
        method="highs-ds",
    )
    if answer.status != 0:
        return None
    action[unclear] = answer.x.reshape(m, n_actions).argmax(axis=1)
    full_price = np.zeros(n_actions)
    full_price[limited] = np.maximum(-answer.ineqlin.marginals * unit, 0.0)
    bound, _ = _dual(expected, limited, room, full_price[limited])
    cost = float(expected[np.arange(n), action].sum())
    return Allocation(action, full_price, max(cost - bound, 0.0), 0)
