"""Isotonic fits with one more row, for every place where it may stand: the core of Venn-Abers prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.scores.isotonic import pool_blocks

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray


class InsertedFits(NamedTuple):
    """Fitted value at a new row, as a step function of its score, if its outcome is 0 and if it is 1.

    Attributes
    ----------
    low_score : ndarray of shape (k,)
        Scores at which `low` rises, ascending.
    low : ndarray of shape (k + 1,)
        Fitted value if the outcome is 0: entry i where i of those scores are at most that of the new row.
    high_score : ndarray of shape (l,)
        Scores above which `high` rises, ascending.
    high : ndarray of shape (l + 1,)
        Fitted value if the outcome is 1: entry i where i of those scores are below that of the new row.
    """

    low_score: FloatArray
    low: FloatArray
    high_score: FloatArray
    high: FloatArray

    def at(self, score: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give both fitted values at new scores, shapes (n,)."""
        low = self.low[np.searchsorted(self.low_score, score, side="right")]
        return low, self.high[np.searchsorted(self.high_score, score, side="left")]


def fit_inserted(score: FloatArray, events: FloatArray, weight: FloatArray) -> InsertedFits:
    """Fit for all places of the new row at once.

    Parameters
    ----------
    score : ndarray of shape (m,)
        Distinct, ascending.
    events, weight : ndarray of shape (m,)
        Sums per score; positive weights. The new row has weight one.

    Returns
    -------
    InsertedFits
        For whole weights with sums below 9e7, correctly rounded quotients of counts.

    Notes
    -----
    Between two scores an event joins the rows above it and a non-event those below it, so the values at the scores
    themselves are all there are.

    Examples
    --------
    >>> fits = fit_inserted(np.array([0.2, 0.6]), np.array([0.0, 1.0]), np.array([1.0, 1.0]))
    >>> fits.at(np.array([0.1, 0.2, 0.4, 0.6, 0.7]))
    (array([0. , 0. , 0. , 0.5, 0.5]), array([0.5, 0.5, 1. , 1. , 1. ]))
    """
    m, up_to_events, up_to_weight = len(score), _sums_before(events), _sums_before(weight)
    place, left, right = _event_blocks(events, weight)
    high = (up_to_events[right] - up_to_events[left] + 1) / (up_to_weight[right] - up_to_weight[left] + 1)
    high_score = score[np.append(place[1:], m) - 1]
    # Read from above, with events and non-events exchanged, the same question is that of the non-event.
    place, right, left = (m - where[::-1] for where in _event_blocks((weight - events)[::-1], weight[::-1]))
    low = (up_to_events[right] - up_to_events[left]) / (up_to_weight[right] - up_to_weight[left] + 1)
    low_score = score[np.append(0, place[:-1])]
    rises, ends = np.flatnonzero(np.diff(low, prepend=0.0)), np.flatnonzero(np.diff(high, append=1.0))
    return InsertedFits(
        low_score=low_score[rises],
        low=np.append(0.0, low[rises]),
        high_score=high_score[ends],
        high=np.append(high[ends], 1.0),
    )


def _event_blocks(events: FloatArray, weight: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Give places from which on a further event ends up in another block, and the ends of the block it ends up in.

    With ``P_i`` the sums of events against those of weights before place i, the value of that block is the slope of
    the line that touches the points up to the event from below, and those after it moved by (1, 1). Of the latter it
    touches a corner of the fit without the event, because its slope is no lower than the level there. So the value is
    the highest, over the points before, of the lowest slope from the point to a corner.

    Returns
    -------
    place : ndarray of int, shape (k,)
        Ascending, from 0; what is said of one holds up to the next.
    left, right : ndarray of int, shape (k,)
        First place of the block of the event there, and the place after its last.
    """
    blocks, block_events, block_weight = pool_blocks(events, weight)
    up_to_events, up_to_weight = _sums_before(events), _sums_before(weight)
    block = np.repeat(np.arange(len(block_events)), np.diff(blocks))
    # How far points lie above the line of their block: from those higher than the event lifts the rest of the block,
    # no corner is seen under a slope above the level.
    height = up_to_events[:-1] - up_to_events[blocks[block]]
    height *= block_weight[block]
    height -= block_events[block] * (up_to_weight[:-1] - up_to_weight[blocks[block]])
    place = np.flatnonzero(height <= (block_weight - block_events)[block])
    corner = _lowest_corner(
        (up_to_events[place], up_to_weight[place]),
        (up_to_events[blocks[1:]] + 1, up_to_weight[blocks[1:]] + 1),
        (block_events, block_weight),
        block[place],
    )
    right = blocks[1:][corner]
    slope = (up_to_events[right] - up_to_events[place] + 1) / (up_to_weight[right] - up_to_weight[place] + 1)
    best = np.maximum.accumulate(np.where(slope == np.maximum.accumulate(slope), np.arange(len(place)), 0))
    return place, place[best], right[best]


def _lowest_corner(
    point: tuple[FloatArray, FloatArray],
    corner: tuple[FloatArray, FloatArray],
    block: tuple[FloatArray, FloatArray],
    first: IntArray,
) -> IntArray:
    """Give the corner that each point sees under the lowest slope, from its first one on.

    Slopes to the corners of a convex line fall and then rise: they fall as long as the next block of the line is less
    steep than they are. Bisection finds the turn; slopes are compared by products, which are exact for counts.
    """
    last = len(block[0]) - 1
    low, high = first, np.full(len(first), last)
    for _ in range(last.bit_length()):
        middle = (low + high) >> 1
        beyond = np.minimum(middle + 1, last)
        rise, run = corner[0][middle] - point[0], corner[1][middle] - point[1]
        falls = (middle < high) & (block[0][beyond] * run < rise * block[1][beyond])
        low, high = np.where(falls, middle + 1, low), np.where(falls, high, middle)
    return low


def _sums_before(values: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(values)])
