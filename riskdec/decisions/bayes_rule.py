"""The rule itself: the action of least expected cost for every row, in chunks that stay in the cache.

Arrays in, arrays out. The rows are checked in the pass that uses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import SUM_TOLERANCE, check_distributions, check_risks
from riskdec.decisions.envelope import Envelope, lower_envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, FloatArray, IntArray

# Constants, so that the same rows give the same bits on every machine.
CHUNK_ROWS = 16_384
CHUNK_CELLS = 131_072
# A running minimum over a few long rows is faster than `argmin` over many short columns, up to about here.
FEW_ACTIONS = 16


class Choice(NamedTuple):
    """What one pass over the rows gives.

    Attributes
    ----------
    action, forced, majority : ndarray of the smallest unsigned integers, shape (n,)
        Columns of the cost matrix: the cheapest action, the cheapest that does not defer, and the cheapest
        for the most likely outcome.
    counts : ndarray of int, shape (A,)
        Rows per action.
    total_cost : float
        Sum of the expected costs of the chosen actions.
    expected_cost : ndarray of float, shape (n,), or None
        Each of these costs, if they are kept.
    """

    action: AnyArray
    forced: AnyArray
    majority: AnyArray
    counts: AnyArray
    total_cost: float
    expected_cost: FloatArray | None


def choose_by_risk(proba: AnyArray, costs: FloatArray, deciding: IntArray, *, keep: bool) -> Choice:
    """Decide for two outcomes: compare each risk with the cut points of the lower envelope.

    Parameters
    ----------
    proba : ndarray of float, shape (n,) or (n, 2)
        Risk of the second outcome, or the probabilities of both.
    costs : ndarray of shape (2, A)
        Rows are outcomes.
    deciding : ndarray of int
        Columns of the actions that do not defer.
    keep : bool
        Whether to give the expected cost of each row.
    """
    n, n_actions = proba.shape[0], costs.shape[1]
    rule = lower_envelope(costs)
    inner = lower_envelope(costs[:, deciding])
    forced_rule = Envelope(deciding[inner.actions], inner.cuts)
    majority_rule = Envelope(_cheapest_known(costs, deciding), np.array([0.5]))
    action, majority = _index_array(n, n_actions), _index_array(n, n_actions)
    forced = action if len(deciding) == n_actions else _index_array(n, n_actions)
    expected = np.empty(n) if keep else None
    sums = np.zeros((2, len(rule.actions)))
    for rows, chunk in checked_chunks(proba, CHUNK_ROWS):
        risk = chunk if chunk.ndim == 1 else np.ascontiguousarray(chunk[:, 1])
        _cut(risk, rule, out=action[rows])
        _cut(risk, majority_rule, out=majority[rows])
        if forced is not action:
            _cut(risk, forced_rule, out=forced[rows])
        sums += _sums_above(risk, rule.cuts)
        if expected is not None:
            chosen = costs[:, action[rows]]
            expected[rows] = (1 - risk) * chosen[0] + risk * chosen[1]
    # What lies above one cut and not above the next lies in the region between them.
    n_rows, risks = sums - np.column_stack([sums[:, 1:], np.zeros(2)])
    counts = np.zeros(n_actions, dtype=np.int64)
    counts[rule.actions] = n_rows
    total = (n_rows - risks) @ costs[0, rule.actions] + risks @ costs[1, rule.actions]
    return Choice(action, forced, majority, counts, float(total), expected)


def choose_by_product(proba: AnyArray, costs: FloatArray, deciding: IntArray, *, keep: bool) -> Choice:
    """Decide for any number of outcomes: the column of `proba @ costs` that is smallest, the first of ties.

    Parameters
    ----------
    proba : ndarray of float, shape (n, K)
        Probabilities of the outcomes.
    costs : ndarray of shape (K, A)
        Rows are outcomes.
    deciding : ndarray of int
        Columns of the actions that do not defer.
    keep : bool
        Whether to give the expected cost of each row.
    """
    n, (n_outcomes, n_actions) = proba.shape[0], costs.shape
    cheapest = _cheapest_known(costs, deciding)
    defers = ~np.isin(np.arange(n_actions), deciding)
    action, majority = _index_array(n, n_actions), _index_array(n, n_actions)
    forced = action if len(deciding) == n_actions else _index_array(n, n_actions)
    expected = np.empty(n) if keep else None
    counts = np.zeros(n_actions, dtype=np.int64)
    total = 0.0
    size = min(CHUNK_ROWS, max(CHUNK_CELLS // max(n_outcomes, n_actions), 64))
    for rows, chunk in checked_chunks(proba, size):
        table = costs.T @ chunk.T if n_actions <= FEW_ACTIONS else (chunk @ costs).T
        action[rows], best = _first_smallest(table)
        majority[rows] = cheapest[chunk.argmax(axis=1)]
        if forced is not action:
            forced[rows] = action[rows]
            deferred = np.flatnonzero(defers[action[rows]])
            forced[rows][deferred] = deciding[_first_smallest(table[np.ix_(deciding, deferred)])[0]]
        counts += np.bincount(action[rows], minlength=n_actions)
        total += float(best.sum())
        if expected is not None:
            expected[rows] = best
    return Choice(action, forced, majority, counts, total, expected)


def checked_chunks(proba: AnyArray, size: int) -> Iterator[tuple[slice, FloatArray]]:
    """Yield runs of rows as float64, checked to be probabilities on the way.

    Raises
    ------
    InputError
        At the first run that holds something else; the message counts in the whole array.
    """
    for start in range(0, proba.shape[0], size):
        rows = slice(start, start + size)
        chunk = proba[rows].astype(np.float64, copy=False)
        if not _are_probabilities(chunk):
            # The slow check knows the place. Where it finds none, a sum was off by the tolerance exactly.
            check_risks(proba) if proba.ndim == 1 else check_distributions(proba)
        yield rows, chunk


def _are_probabilities(chunk: FloatArray) -> bool:
    # NaN fails both comparisons, since the extremes of an array with a NaN are NaN.
    if not (chunk.min() >= 0 and chunk.max() <= 1):
        return False
    if chunk.ndim == 1:
        return True
    total = chunk @ np.ones(chunk.shape[1])
    return bool(total.min() >= 1 - SUM_TOLERANCE and total.max() <= 1 + SUM_TOLERANCE)


def _cut(risk: FloatArray, rule: Envelope, *, out: AnyArray) -> None:
    # Each cut adds the step to the next action's number. A step down is a step up modulo 2^8 (or 2^16), and
    # this is five times faster than setting entries under a mask.
    out.fill(rule.actions[0])
    steps = np.diff(rule.actions).astype(out.dtype)
    for step, cut in zip(steps, rule.cuts, strict=True):
        out += step * (risk >= cut)


def _sums_above(risk: FloatArray, cuts: FloatArray) -> FloatArray:
    """Count the rows at or above zero and each cut, and add up their risks; shape (2, m)."""
    sums = np.empty((2, len(cuts) + 1))
    sums[:, 0] = len(risk), risk.sum()
    for k, cut in enumerate(cuts, start=1):
        above = risk >= cut
        sums[:, k] = np.count_nonzero(above), risk @ above.astype(np.float64)
    return sums


def _first_smallest(values: FloatArray) -> tuple[AnyArray, FloatArray]:
    """Find the first row that holds the smallest entry of each column, and that entry."""
    if values.shape[0] > FEW_ACTIONS:
        return values.argmin(axis=0), values.min(axis=0)
    best = values[0].copy()
    where = np.zeros(values.shape[1], dtype=np.uint8)
    for row in range(1, values.shape[0]):
        np.putmask(where, values[row] < best, row)
        np.minimum(best, values[row], out=best)
    return where, best


def _cheapest_known(costs: FloatArray, deciding: IntArray) -> IntArray:
    """Find the cheapest action that decides, for each outcome, were it known."""
    cheapest: IntArray = deciding[costs[:, deciding].argmin(axis=1)]
    return cheapest


def _index_array(n: int, n_actions: int) -> AnyArray:
    return np.empty(n, dtype=np.min_scalar_type(n_actions - 1))
