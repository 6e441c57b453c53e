"""What costs of two outcomes say at every risk: found once, when the costs are made, and looked up for every row."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec.decisions.zones.envelope import Envelope, line_costs, lower_envelope
from riskdec.decisions.zones.regions import Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray


class Cuts(NamedTuple):
    """Actions that change at cut points of the risk, ready for whole arrays of risks.

    Attributes
    ----------
    first : int
        Column of the action below all cuts.
    steps : tuple of unsigned integers
        What each cut adds to the column, in the type of the columns: a step down is a step up modulo 2^8 (or 2^16).
    cuts : tuple of float
        Ascending; each step is taken at `risk >= cut`.
    """

    first: int
    steps: tuple[Any, ...]
    cuts: tuple[float, ...]


class RiskRule(NamedTuple):
    """The cheapest actions at every risk, and what simpler rules would choose.

    Attributes
    ----------
    envelope : Envelope
        The actions that are cheapest somewhere, from low to high risk, and where they change.
    cheapest : Cuts
        The same, ready for arrays.
    forced : Cuts or None
        The cheapest of the actions that decide; None where all of them do.
    likeliest : Cuts
        The cheapest action that decides, were the likelier outcome certain.
    without, with_event : ndarray of float, shape (m,)
        Costs of the actions of the envelope.
    regions : tuple of Region
        The intervals of the envelope, by name.
    corner_costs : ndarray of float, shape (m + 1,)
        Least expected cost at risk 0, at each cut and at risk 1.
    never : tuple of str
        Actions that are cheapest at no risk.
    """

    envelope: Envelope
    cheapest: Cuts
    forced: Cuts | None
    likeliest: Cuts
    without: FloatArray
    with_event: FloatArray
    regions: tuple[Region, ...]
    corner_costs: FloatArray
    never: tuple[str, ...]


def make_rule(costs: FloatArray, actions: Sequence[str], deferring: Sequence[str]) -> RiskRule:
    """Find what is cheapest at which risk.

    Parameters
    ----------
    costs : ndarray of shape (2, A)
        Rows are outcomes.
    actions : sequence of A str
        Names of the columns.
    deferring : sequence of str
        Those that do not decide.
    """
    envelope = lower_envelope(costs)
    best, cuts = envelope.actions.tolist(), envelope.cuts.tolist()
    deciding = [a for a, name in enumerate(actions) if name not in deferring]
    kind = np.min_scalar_type(len(actions) - 1)
    forced = None
    if len(deciding) < len(actions):
        inner = lower_envelope(costs[:, deciding])
        forced = _cuts([deciding[a] for a in inner.actions.tolist()], inner.cuts.tolist(), kind)
    known = [min(deciding, key=row.__getitem__) for row in costs.tolist()]
    ends = [0.0, *cuts, 1.0]
    without, with_event = costs[0, envelope.actions], costs[1, envelope.actions]
    corner_costs = line_costs(costs, np.array(ends)).min(axis=0)
    for array in (*envelope, without, with_event, corner_costs):
        array.setflags(write=False)
    return RiskRule(
        envelope=envelope,
        cheapest=_cuts(best, cuts, kind),
        forced=forced,
        likeliest=_cuts(known, [0.5], kind),
        without=without,
        with_event=with_event,
        regions=tuple(
            Region(action=actions[a], low=low, high=high) for a, (low, high) in zip(best, pairwise(ends), strict=True)
        ),
        corner_costs=corner_costs,
        never=tuple(name for a, name in enumerate(actions) if a not in best),
    )


def _cuts(actions: list[int], cuts: list[float], kind: np.dtype[Any]) -> Cuts:
    size = 1 << 8 * kind.itemsize
    return Cuts(actions[0], tuple(kind.type((high - low) % size) for low, high in pairwise(actions)), tuple(cuts))
