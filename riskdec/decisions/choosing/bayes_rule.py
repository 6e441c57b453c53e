"""The rule itself: the action of least expected cost for every row, in chunks that stay in the cache.

Arrays in, arrays out. The rows are checked in the pass that uses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import SUM_TOLERANCE, check_distributions, check_risks
from riskdec._base.threads import in_order, one_blas_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.decisions.zones.risk_rule import Cuts, RiskRule

# Constants, so that the same rows give the same bits on every machine.
CHUNK_ROWS = 16_384
CHUNK_CELLS = 131_072
BLOCK_ROWS = 262_144
# A running minimum over a few long rows is faster than `argmin` over many short columns, up to about here.
FEW_ACTIONS = 16


class Choice(NamedTuple):
    """What one pass over the rows gives.

    Attributes
    ----------
    action, forced, majority : ndarray of the smallest unsigned integers, shape (n,)
        Columns of the cost matrix: the cheapest action, and (None where they are not wanted) the cheapest that does
        not defer, and the cheapest for the most likely outcome.
    counts : ndarray of int, shape (A,)
        Rows per action.
    total_cost : float
        Sum of the expected costs of the chosen actions.
    expected_cost : ndarray of float, shape (n,), or None
        Each of these costs, if they are kept.
    """

    action: AnyArray
    forced: AnyArray | None
    majority: AnyArray | None
    counts: AnyArray
    total_cost: float
    expected_cost: FloatArray | None


def choose_by_risk(proba: AnyArray, costs: FloatArray, rule: RiskRule, *, keep: bool, simpler: bool = True) -> Choice:
    """Decide for two outcomes: compare each risk with the cut points of the lower envelope.

    Parameters
    ----------
    proba : ndarray of float, shape (n,) or (n, 2)
        Risk of the second outcome, or the probabilities of both.
    costs : ndarray of shape (2, A)
        Rows are outcomes.
    rule : RiskRule
        What these costs say at every risk.
    keep : bool
        Whether to give the expected cost of each row.
    simpler : bool
        Whether to give what the two simpler rules would choose.
    """
    n, n_actions = proba.shape[0], costs.shape[1]
    others = [] if not simpler else [rule.likeliest] if rule.forced is None else [rule.likeliest, rule.forced]
    chosen = [index_array(n, n_actions) for _ in (rule.cheapest, *others)]
    expected = np.empty(n) if keep else None

    def decide_block(block: slice) -> FloatArray:
        sums = np.zeros((2, len(rule.without)))
        for rows, chunk in checked_chunks(proba, CHUNK_ROWS, block):
            risk = chunk if chunk.ndim == 1 else np.ascontiguousarray(chunk[:, 1])
            sums += _cut_and_add(risk, rule.cheapest, out=chosen[0][rows])
            for each, index in zip(others, chosen[1:], strict=True):
                _cut(risk, each, out=index[rows])
            if expected is not None:
                cost = costs.take(chosen[0][rows], axis=1)
                expected[rows] = (1 - risk) * cost[0] + risk * cost[1]
        return sums

    sums = _add_up(decide_block, n)
    # What lies above one cut and not above the next lies in the region between them.
    sums[:, :-1] -= sums[:, 1:]
    n_rows, risks = sums
    counts = np.zeros(n_actions, dtype=np.int64)
    counts[rule.envelope.actions] = n_rows
    total = float((n_rows - risks) @ rule.without + risks @ rule.with_event)
    if not simpler:
        return Choice(chosen[0], None, None, counts, total, expected)
    return Choice(chosen[0], chosen[2] if len(chosen) > 2 else chosen[0], chosen[1], counts, total, expected)


def choose_by_product(
    proba: AnyArray, costs: FloatArray, deciding: IntArray, *, keep: bool, simpler: bool = True
) -> Choice:
    """Decide for any number of outcomes: the column of `proba @ costs` that is smallest, the first of ties.

    Parameters
    ----------
    proba : ndarray of float, shape (n, K)
        Probabilities of the outcomes.
    costs : ndarray of shape (K, A)
        Rows are outcomes.
    deciding, keep, simpler
        As in `choose_by_risk`.
    """
    n, (n_outcomes, n_actions) = proba.shape[0], costs.shape
    cheapest = _cheapest_known(costs, deciding)
    defers = np.ones(n_actions, dtype=bool)
    defers[deciding] = False
    action = index_array(n, n_actions)
    majority = index_array(n, n_actions) if simpler else None
    forced = None
    if simpler:
        forced = action if len(deciding) == n_actions else index_array(n, n_actions)
    expected = np.empty(n) if keep else None
    size = min(CHUNK_ROWS, max(CHUNK_CELLS // max(n_outcomes, n_actions), 64))

    def decide_block(block: slice) -> FloatArray:
        # The last entry is the cost, the others count rows.
        sums = np.zeros(n_actions + 1)
        for rows, chunk in checked_chunks(proba, size, block):
            table = np.dot(costs.T, chunk.T) if n_actions <= FEW_ACTIONS else np.dot(chunk, costs).T
            action[rows], best = _first_smallest(table)
            if majority is not None:
                majority[rows] = cheapest[chunk.argmax(axis=1)]
            if forced is not None and forced is not action:
                forced[rows] = action[rows]
                deferred = np.flatnonzero(defers[action[rows]])
                forced[rows][deferred] = deciding[_first_smallest(table[deciding[:, None], deferred])[0]]
            sums[:-1] += np.bincount(action[rows], minlength=n_actions)
            sums[-1] += best.sum()
            if expected is not None:
                expected[rows] = best
        return sums

    sums = _add_up(decide_block, n)
    return Choice(action, forced, majority, sums[:-1].astype(np.int64), float(sums[-1]), expected)


def _add_up(decide_block: Callable[[slice], FloatArray], n: int) -> FloatArray:
    """Decide on blocks of rows, on several threads where there are many, and add up in their order."""
    blocks = [slice(start, min(start + BLOCK_ROWS, n)) for start in range(0, max(n, 1), BLOCK_ROWS)]
    if len(blocks) == 1:
        return decide_block(blocks[0])
    with one_blas_thread():
        answers = in_order(decide_block, blocks)
        total = next(answers)
        for answer in answers:
            total = total + answer
    return total


def checked_chunks(proba: AnyArray, size: int, block: slice | None = None) -> Iterator[tuple[slice, FloatArray]]:
    """Yield runs of the rows (of a block of them) as float64, checked to be probabilities on the way.

    Raises
    ------
    InputError
        At the first run that holds something else; the message counts in the whole array.
    """
    first, last = (0, proba.shape[0]) if block is None else (block.start, block.stop)
    for start in range(first, last, size):
        rows = slice(start, min(start + size, last))
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


def _cut(risk: FloatArray, rule: Cuts, *, out: AnyArray) -> None:
    # Each cut adds the step to the next action's number: five times faster than setting entries under a mask.
    out.fill(rule.first)
    for step, cut in zip(rule.steps, rule.cuts, strict=True):
        out += step * (risk >= cut)


def _cut_and_add(risk: FloatArray, rule: Cuts, *, out: AnyArray) -> FloatArray:
    """Cut, count the rows at or above zero and each cut, and add up their risks; the sums have shape (2, m)."""
    sums = np.empty((2, len(rule.cuts) + 1))
    sums[:, 0] = len(risk), risk.sum()
    out.fill(rule.first)
    as_float = np.empty(len(risk))
    for k, (step, cut) in enumerate(zip(rule.steps, rule.cuts, strict=True), start=1):
        above = risk >= cut
        out += step * above
        np.copyto(as_float, above)
        sums[:, k] = np.count_nonzero(above), np.dot(risk, as_float)
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


def index_array(n: int, n_actions: int) -> AnyArray:
    """Make room for the numbers of n actions, in the smallest unsigned type that holds them."""
    return np.empty(n, dtype=np.min_scalar_type(n_actions - 1))
