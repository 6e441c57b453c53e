"""Levels in which some outcome never happens: the separation that everyone meets, found by counting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood.wide.block_matrix import BlockMatrix

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.likelihood.rows.design import Design
    from riskdec.likelihood.wide.block_matrix import OneHot


def leave_levels_uncentred(design: Design) -> Design:
    """Give the design with the zeros of its levels and sparse columns left zero: directions are scaled, not changed.

    What separates does so whatever the columns are centred at, as long as there is an intercept.
    """
    X = design.X
    if not (isinstance(X, BlockMatrix) and design.intercept and design.basis is None):
        return design
    center = np.where(np.isin(design.kept, X.dense_columns), design.center, 0.0)
    return replace(design, center=center, cache=None)


def separate_empty_levels(design: Design, y: AnyArray, n_outcomes: int) -> FloatArray | None:
    """Give the direction along which levels lose the outcomes that they do not have.

    Parameters
    ----------
    design : Design
        Of `leave_levels_uncentred`.
    y : ndarray of shape (n,)
        Number of each row's outcome.
    n_outcomes : int
        K.

    Returns
    -------
    ndarray of shape ((K - 1) k,) or None
        A direction that separates; None where each level has all outcomes, or the rows are not kept in blocks.

    Notes
    -----
    Where a level lacks outcome k, lowering the linear predictor of k on that level alone separates its rows from k and
    leaves all others where they are. Sums of such directions are such directions. For the reference outcome all other
    predictors rise.
    """
    if not isinstance(design.X, BlockMatrix):
        return None
    outcomes = y.astype(np.intp)
    direction = np.zeros((n_outcomes - 1, design.n_columns))
    for block in design.X.blocks:
        table = np.bincount(block.codes * n_outcomes + outcomes, minlength=(block.n_levels + 1) * n_outcomes)
        table = table.reshape(-1, n_outcomes)
        lacks = (table == 0) & (table.sum(axis=1) > 0)[:, np.newaxis]
        for code, outcome in np.argwhere(lacks).tolist():
            unit = _only(design, block, code)
            if unit is not None and outcome == 0:
                direction += unit
            elif unit is not None:
                direction[outcome - 1] -= unit
    return direction.ravel() if direction.any() else None


def _only(design: Design, block: OneHot, code: int) -> FloatArray | None:
    """Give coefficients that make the linear predictor 1 on one level and 0 elsewhere, None where there are none."""
    unit, first = np.zeros(design.n_columns), int(design.intercept)
    inside = (design.kept >= block.start) & (design.kept < block.start + block.n_levels)
    places = np.flatnonzero(inside)
    if code < block.n_levels:
        place = np.flatnonzero(design.kept == block.start + code)
        unit[first + place] = design.scale[place]
        return unit if len(place) else None
    if not first or len(places) < block.n_levels:
        return None
    # Rows of no level: the intercept, taken back on all levels.
    unit[0] = 1.0
    unit[first + places] = -design.scale[places]
    return unit
