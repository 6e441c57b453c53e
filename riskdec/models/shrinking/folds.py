"""Rows dealt into folds: by what they hold, never by where they stand, and row by row of those that count several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray

# Rows are dealt one by one up to this number of them; above it, counts are drawn.
_MOST_UNITS = 20_000_000


class Folds:
    """Which rows each fold leaves out.

    Parameters
    ----------
    fold : ndarray of int, shape (n,)
        Number of the fold that leaves the row out, where rows are left out whole.
    share : ndarray of shape (n, n_folds), optional
        The share of each row's weight that each fold leaves out, where a row that counts several times is dealt as
        several rows.
    """

    def __init__(self, fold: IntArray, share: FloatArray | None = None) -> None:
        self._fold, self._share = fold, share
        self.n_folds = int(fold.max()) + 1 if share is None else share.shape[1]

    def left_out(self, k: int) -> FloatArray:
        """Give the share of each row's weight that fold k leaves out, from 0 to 1: shape (n,)."""
        if self._share is None:
            return np.asarray(self._fold == k, dtype=np.float64)
        return self._share[:, k]

    def split(self, k: int, weight: FloatArray | None) -> tuple[Part, Part]:
        """Give the rows that fold k is fitted on, and those that it leaves out, each with their weights."""
        if self._share is None:
            outside = self._fold == k
            return Part(~outside, weight, None), Part(outside, weight, None)
        share = self._share[:, k]
        return Part(share < 1, weight, 1 - share), Part(share > 0, weight, share)


class Part:
    """The rows of one side of a split: which ones, and their weights.

    Parameters
    ----------
    rows : ndarray of bool, shape (n,)
        The rows.
    weight : ndarray of shape (n,) or None
        Weights of all rows.
    share : ndarray of shape (n,) or None
        How much of each weight lies on this side; None for all of it.
    """

    def __init__(self, rows: BoolArray, weight: FloatArray | None, share: FloatArray | None) -> None:
        self.rows = rows
        self._share = None if share is None else share[rows]
        self.weight = self.of(weight)

    def of(self, weight: FloatArray | None) -> FloatArray | None:
        """Give some weights of all rows on this side: shape (m,)."""
        if weight is None:
            return None
        part = weight[self.rows]
        return part if self._share is None else part * self._share


def deal_folds(
    codes: AnyArray,
    n_folds: int,
    *,
    key: AnyArray | None = None,
    counts: FloatArray | None = None,
    groups: IntArray | None = None,
    rng: np.random.Generator,
) -> Folds:
    """Deal rows into folds, each outcome evenly.

    Parameters
    ----------
    codes : ndarray of shape (n,)
        Number of each row's outcome.
    n_folds : int
        Number of folds; fewer where the rarest outcome, or the groups, would not reach them all.
    key : ndarray of uint64, shape (n,), optional
        What each row holds, as `row_keys` gives it: rows are dealt in its order, so that neither the
        order of rows nor writing a row of weight 3 three times changes anything. Without it they are dealt as they
        stand.
    counts : ndarray of shape (n,), optional
        How often each row occurs. Whole numbers are dealt row by row, others with their row.
    groups : ndarray of int, shape (n,), optional
        Whole groups are dealt, those with most rows of the rarest outcome first, each to the fold with the fewest of
        them (of equals, the fewest rows); groups without any to the fold with the fewest rows.
    rng : Generator
        Deals.

    Raises
    ------
    InputError
        Where rows left out would leave an outcome without rows.
    """
    codes = np.asarray(codes, dtype=np.intp)
    units = _units(counts)
    order = np.arange(len(codes)) if key is None else np.argsort(key, kind="stable")
    sizes = np.bincount(codes, units)
    # The rarest outcome is dealt first (of equal ones that of the first row): names of labels change nothing.
    first = np.array([int(np.argmax(codes[order] == k)) for k in range(len(sizes))])
    ranked = np.lexsort((first, sizes))
    n_folds = max(min(n_folds, int(sizes.min())), 1)
    if groups is not None:
        found = Folds(_deal_groups(codes == ranked[0], groups, units, n_folds, rng))
    else:
        found = _deal_units(codes, ranked, order, units, n_folds, rng)
    if found.n_folds < 2 or any(_lacks_outcome(codes, found.left_out(k), units) for k in range(found.n_folds)):
        cure = "Give a number as alpha, or more rows."
        raise refuse("alpha", "be a number where rows left out leave an outcome without rows", "'cv'", cure)
    return found


def _units(counts: FloatArray | None) -> FloatArray | None:
    if counts is None or (counts == 1).all() or (counts != np.floor(counts)).any():
        return None
    return counts if counts.sum() <= _MOST_UNITS else None


def _deal_units(
    codes: IntArray, ranked: IntArray, order: IntArray, units: FloatArray | None, n_folds: int, rng: np.random.Generator
) -> Folds:
    places = order if units is None else np.repeat(order, units[order].astype(np.intp))
    fold = np.empty(len(places), dtype=np.intp)
    for outcome in ranked:
        dealt = rng.permutation(np.flatnonzero(codes[places] == outcome))
        fold[dealt] = np.arange(len(dealt)) % n_folds
    if units is None:
        by_row = np.empty_like(fold)
        by_row[order] = fold
        return Folds(by_row)
    table = np.bincount(places * n_folds + fold, minlength=len(codes) * n_folds).reshape(len(codes), n_folds)
    return Folds(fold, table / units[:, np.newaxis])


def _deal_groups(
    is_rare: BoolArray, groups: IntArray, units: FloatArray | None, n_folds: int, rng: np.random.Generator
) -> IntArray:
    n_groups = int(groups.max()) + 1
    marked = is_rare.astype(np.float64)
    rows, rare = np.bincount(groups, units), np.bincount(groups, marked if units is None else marked * units)
    shuffled = rng.permutation(n_groups)
    order = shuffled[np.lexsort((-rows[shuffled], -rare[shuffled]))]
    filled = np.zeros((min(n_folds, n_groups), 2))
    fold_of = np.empty(n_groups, dtype=np.intp)
    for group in order:
        fold = int(np.lexsort((filled[:, 1], filled[:, 0] * (rare[group] > 0)))[0])
        fold_of[group] = fold
        filled[fold] += rare[group], rows[group]
    return fold_of[groups]


def _lacks_outcome(codes: IntArray, left_out: FloatArray, units: FloatArray | None) -> bool:
    inside = 1 - left_out if units is None else units * (1 - left_out)
    return bool((np.bincount(codes, inside) <= 0).any())
