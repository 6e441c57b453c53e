"""The cheapest action at every risk: the lower envelope of the cost lines of two outcomes.

With two outcomes the expected cost of an action is a straight line in the risk `p`, from its cost without
the event (`p = 0`) to its cost with it (`p = 1`). The cheapest action at each risk is found exactly.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray, IntArray

# A zone whose two ends have odds that differ by less than this (relative) is a product of rounding.
_SLACK = 1e-12
# A cut of exactly zero would take the risk zero away from the action that is strictly cheapest there.
_SMALLEST = float(np.nextafter(0.0, 1.0))


class Envelope(NamedTuple):
    """The actions that are cheapest somewhere, from low to high risk, and the risks where they change.

    Attributes
    ----------
    actions : ndarray of int, shape (m,)
        Columns of the cost matrix; each costs more without the event, and less with it, than the one before.
    cuts : ndarray of float, shape (m - 1,)
        Strictly ascending; `actions[k + 1]` takes over at `p >= cuts[k]`.
    """

    actions: IntArray
    cuts: FloatArray


def cut_point(low: Sequence[float], high: Sequence[float]) -> float:
    """Give the risk at which two actions cost the same.

    Parameters
    ----------
    low, high : sequence of two floats
        Cost without and with the event; `low` is cheaper without it, `high` is cheaper with it.

    Returns
    -------
    float
        `(high0 - low0) / ((high0 - low0) + (low1 - high1))`, in (0, 1].

    Examples
    --------
    A false alarm costs 1, a miss 15: act from a risk of 1/16.

    >>> cut_point((0, 15), (1, 0))
    0.0625
    """
    rise = high[0] - low[0]
    fall = low[1] - high[1]
    return max(rise / (rise + fall), _SMALLEST)


def gray_zone_exists(negative: Sequence[float], defer: Sequence[float], positive: Sequence[float]) -> bool:
    """Tell whether deferring is the cheapest action at some risk, for reasonable costs.

    Parameters
    ----------
    negative, defer, positive : sequence of two floats
        Cost of the action without and with the event. Without the event `negative` is the cheapest of the
        three and `positive` the dearest; with it the other way round.

    Returns
    -------
    bool
        `(d0 - ctn) (d1 - ctp) < (cfp - d0) (cfn - d1)`. With free correct decisions and one fee `d` for both
        outcomes this is `d < cfp cfn / (cfp + cfn)`.

    References
    ----------
    C. K. Chow, On optimum recognition error and reject tradeoff, IEEE Trans. Information Theory 16, 1970.

    Examples
    --------
    >>> gray_zone_exists((0, 15), (0.6, 0.6), (1, 0)), gray_zone_exists((0, 15), (0.95, 0.95), (1, 0))
    (True, False)
    """
    left = (defer[0] - negative[0]) * (defer[1] - positive[1])
    right = (positive[0] - defer[0]) * (negative[1] - defer[1])
    return left < right * (1 - _SLACK)


def lower_envelope(costs: FloatArray) -> Envelope:
    """Find which action is cheapest at which risk.

    Parameters
    ----------
    costs : ndarray of shape (2, A)
        Costs without (row 0) and with the event (row 1).

    Returns
    -------
    Envelope
        An action that is never strictly cheapest is absent; of equal columns the first one stays.
    """
    lines: list[list[float]] = costs.T.tolist()
    chain: list[int] = []
    for new in sorted(range(len(lines)), key=lines.__getitem__):
        if chain and lines[new][1] >= lines[chain[-1]][1]:
            continue  # some other action is at least as cheap under both outcomes
        while len(chain) > 1 and not _is_between(lines[chain[-2]], lines[chain[-1]], lines[new]):
            chain.pop()
        chain.append(new)
    cuts = [cut_point(lines[a], lines[b]) for a, b in pairwise(chain)]
    return Envelope(np.array(chain, dtype=np.intp), np.array(cuts, dtype=np.float64))


def peak_cost(costs: FloatArray) -> float:
    """Give the expected cost of the cheapest action at the risk where it is highest."""
    # The cheapest cost is a concave chain of straight pieces, so its peak lies where two of them meet.
    corners = np.concatenate(([0.0], lower_envelope(costs).cuts, [1.0]))
    return float(line_costs(costs, corners).min(axis=0).max())


def line_costs(costs: FloatArray, risk: FloatArray) -> FloatArray:
    """Give the expected cost of each action at each risk, shape (A, m)."""
    lines: FloatArray = costs[0][:, None] * (1 - risk) + costs[1][:, None] * risk
    return lines


def _is_between(low: list[float], middle: list[float], high: list[float]) -> bool:
    # Cuts that fall on one and the same float leave no room for a risk between them.
    return gray_zone_exists(low, middle, high) and cut_point(low, middle) < cut_point(middle, high)
