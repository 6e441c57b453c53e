"""The rule with costs that differ from row to row: the action of least expected cost, in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.decisions.choosing.bayes_rule import CHUNK_CELLS, Choice, checked_chunks, index_array

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.decisions.costs.case_costs import CaseCosts


def choose_by_case(proba: AnyArray, costs: CaseCosts, *, keep: bool) -> Choice:
    """Decide each row by its own costs.

    Parameters
    ----------
    proba : ndarray of float, shape (n,) or (n, K)
        Risk of the second of two outcomes, or the probabilities of all.
    costs : CaseCosts
        Resolved costs of the same rows.
    keep : bool
        Whether to give the expected cost of each row.

    Notes
    -----
    Ties go as with one matrix: for two outcomes to the action that costs more without the event, for more to the
    first.
    """
    n, n_actions = proba.shape[0], len(costs.actions)
    deciding = np.array(costs.deciding)
    action, majority, forced = (index_array(n, n_actions) for _ in range(3))
    expected = np.empty(n) if keep else None
    total = 0.0
    size = max(CHUNK_CELLS // (len(costs.outcomes) * n_actions), 64)
    for rows, chunk in checked_chunks(proba, size):
        table = costs.block(rows)
        shares = np.stack([1 - chunk, chunk]) if chunk.ndim == 1 else chunk.T
        mean = np.einsum("km,kam->am", shares, table)
        first_cost = table[0] if len(table) == 2 else np.zeros_like(mean)
        action[rows], best = _cheapest(mean, first_cost)
        forced[rows] = deciding[_cheapest(mean[deciding], first_cost[deciding])[0]]
        likeliest = (shares[1] >= 0.5).astype(np.intp) if len(table) == 2 else shares.argmax(axis=0)
        certain = table[likeliest, :, np.arange(len(likeliest))].T
        majority[rows] = deciding[certain[deciding].argmin(axis=0)]
        total += float(best.sum())
        if expected is not None:
            expected[rows] = best
    counts = np.bincount(action, minlength=n_actions)
    return Choice(action, forced, majority, counts, total, expected)


def _cheapest(mean: FloatArray, first_cost: FloatArray) -> tuple[IntArray, FloatArray]:
    """Find the smallest entry of each column; of equal ones, that with the largest cost under the first outcome."""
    best = mean.min(axis=0)
    return np.where(mean == best, first_cost, -np.inf).argmax(axis=0), best
