"""Split of rows into a part to fit on and a part to judge on, whole groups at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from riskdec._base.checks import refuse
from riskdec.models.tables.columns import keep_rows

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, IntArray

TRAINING_SHARE = 0.6


def choose_training_rows(
    is_event: BoolArray,
    groups: IntArray | None,
    rng: np.random.Generator,
    *,
    training_share: float = TRAINING_SHARE,
) -> BoolArray:
    """Choose a share of the rows at random, of those with and of those without the event alike.

    Parameters
    ----------
    is_event : ndarray of bool, shape (n,)
        Rows of the event.
    groups : ndarray of int, shape (n,), or None
        Group numbers 0, 1, ...; a group stays whole, and groups with an event are split apart from the others.
    rng : numpy Generator
        Source of chance.
    training_share : float, default=0.6
        Share of the rows to choose, in (0, 1).

    Returns
    -------
    ndarray of bool, shape (n,)
        Rows to fit on.

    Raises
    ------
    InputError
        If one of the two parts would lack one of the outcomes.
    """
    units = np.arange(len(is_event)) if groups is None else groups
    sizes = np.bincount(units)
    holds_event = np.bincount(units, weights=is_event) > 0
    chosen = np.zeros(len(sizes), dtype=bool)
    for stratum in (np.flatnonzero(~holds_event), np.flatnonzero(holds_event)):
        order = rng.permutation(stratum)
        middle = np.cumsum(sizes[order]) - sizes[order] / 2
        chosen[order[middle < training_share * sizes[order].sum()]] = True
    in_training: BoolArray = chosen[units]
    for part in (in_training, ~in_training):
        if len(np.unique(is_event[part])) < 2:
            unit = "rows" if groups is None else "groups"
            got = f"{int(is_event.sum())} events in {len(is_event)} rows"
            cure = f"There are too few {unit} to split: pass X_test and y_test, or more rows."
            raise refuse("y", "give both parts of the split events and non-events", got, cure)
    return in_training


def deal_folds(is_event: BoolArray, groups: IntArray | None, n_folds: int, rng: np.random.Generator) -> IntArray:
    """Deal rows, or whole groups, into folds of equal size: those with and those without events evenly.

    Parameters
    ----------
    is_event : ndarray of bool, shape (n,)
        Rows of the event.
    groups : ndarray of int, shape (n,), or None
        Group numbers 0, 1, ...
    n_folds : int
        Number of folds, at least 2.
    rng : numpy Generator
        Source of chance.

    Returns
    -------
    ndarray of int, shape (n,)
        Number of the fold of each row.
    """
    units = np.arange(len(is_event)) if groups is None else groups
    holds_event = np.bincount(units, weights=is_event) > 0
    order = np.concatenate([rng.permutation(np.flatnonzero(holds_event == kind)) for kind in (True, False)])
    fold = np.empty(len(order), dtype=np.intp)
    fold[order] = np.arange(len(order)) % n_folds
    return fold[units]


def take_rows(table: Any, keep: BoolArray) -> Any:
    """Give the marked rows of a frame, an array or a sparse matrix, in its own kind."""
    return table.tocsr()[np.flatnonzero(keep)] if _is_sparse(table) else keep_rows(table, keep)


def count_rows(table: Any, *, name: str) -> int:
    """Count the rows of a frame, an array or a sparse matrix."""
    try:
        return int(table.shape[0]) if _is_sparse(table) else len(table)
    except TypeError:
        raise refuse(name, "hold rows", f"a {type(table).__name__}", "Pass a frame or an array.") from None


def _is_sparse(table: object) -> bool:
    return bool(issparse(table))
