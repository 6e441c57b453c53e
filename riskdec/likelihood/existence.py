"""Does the maximum likelihood estimate exist? The exact verdict by a linear programme over growing sets of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec.errors import RiskdecError
from riskdec.likelihood.contrasts import Contrasts
from riskdec.likelihood.wide.empty_levels import leave_levels_uncentred, separate_empty_levels

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray
    from riskdec.likelihood.rows.design import Design

# Contrasts that enter the programme at a time.
_ROWS_AT_A_TIME = 2_000
# Margins are of order one on standardised rows; the solver's own feasibility tolerance is 1e-7.
_MARGIN = 1e-6
_VIOLATED = 1e-7
_NULL = 1e-10
_MOVES = 1e-6
_MOST_SIGNS = 100
_MOST_FOR_SIMPLEST = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """How the outcomes are separated.

    Attributes
    ----------
    direction : ndarray of shape (m (1 + p),) or (m p,)
        A direction of coefficients, one block for each outcome but the first, intercept first in each, along which
        the likelihood never falls: every row's own outcome has in it at least the linear predictor of every other
        one (0 for the first outcome), and some have more.
    diverging : tuple of int
        Positions (in the coefficient vector) of the coefficients that have no finite estimate.
    signs : tuple of int
        For each of these the sign of its infinity, where all separating directions agree on it, else 0.
    complete : bool
        Whether every row is strictly separated from every other outcome.
    n_rows : int
        Rows that some direction separates strictly from another outcome.
    """

    direction: FloatArray
    diverging: tuple[int, ...]
    signs: tuple[int, ...]
    complete: bool
    n_rows: int


def find_separation(design: Design, y: AnyArray, eta: FloatArray) -> Separation | None:
    """Decide whether a direction separates the outcomes, and which coefficients diverge.

    Parameters
    ----------
    design : Design
        Standardised rows of full column rank.
    y : ndarray of shape (n,)
        Number of each row's outcome, from 0; with two outcomes 1 for events.
    eta : ndarray of shape (n,) or (n, m)
        Current linear predictors; the rows they fit worst enter the programme first.

    Returns
    -------
    Separation or None
        None if no direction separates: then the maximum exists.

    Notes
    -----
    The programme is ``max sum c'b`` over ``-1 <= b <= 1`` with ``c'b >= 0`` for the contrasts c of every row's own
    outcome with the others (`Contrasts`; with two outcomes ``(2 y_i - 1) z_i``). It starts with a few thousand
    contrasts and the objective of all; contrasts that its solution violates are added until there are none, which
    gives the solution for all. Contrasts that are strict in it are then taken away and the rest is solved again:
    what no direction separates at the end holds the finite coefficients in its row space. Levels of rows kept in
    blocks are counted first: where one lacks an outcome, no programme is needed to see it.

    References
    ----------
    Konis K (2007). Linear programming algorithms for detecting separated data in binary logistic regression models.
    DPhil thesis, University of Oxford.
    """
    design = leave_levels_uncentred(design)
    contrasts = Contrasts(design, y, 1 if eta.ndim == 1 else eta.shape[1])
    active = np.ones(len(contrasts), dtype=bool)
    direction: FloatArray | None = None
    counted = separate_empty_levels(design, y, contrasts.m + 1)
    while active.any():
        found = _solve(contrasts, eta, active) if counted is None else counted
        counted = None
        strict = active & (contrasts.margins_along(found) > _MARGIN)
        if not strict.any():
            break
        direction = found if direction is None else direction
        active &= ~strict
    if direction is None:
        return None
    if not active.any():
        direction = _simplest(contrasts, direction)
    T = design.to_columns(contrasts.m)
    along = T @ direction
    free = _free_directions(contrasts, active)
    diverging = _diverging(T @ free, T)
    return Separation(
        direction=along / np.abs(along).max(),
        diverging=diverging,
        signs=_signs(contrasts, T @ free, free, diverging, ~active),
        complete=not active.any(),
        n_rows=contrasts.n_rows(~active),
    )


def _simplest(contrasts: Contrasts, direction: FloatArray) -> FloatArray:
    """Give a direction that separates all contrasts and uses few columns: one, if one does it alone.

    Otherwise it is the direction of least absolute slopes that separates them by one; the intercept costs nothing.
    With many contrasts the direction at hand is given back.
    """
    from scipy.optimize import linprog

    if len(contrasts) > _MOST_FOR_SIMPLEST:
        return direction
    rows = contrasts.rows(np.ones(len(contrasts), dtype=bool))
    if contrasts.m == 1 and contrasts.design.intercept:
        sign = rows[:, 0]
        for j in range(1, rows.shape[1]):
            alone = _cut(rows[:, j] * sign, sign > 0)
            if alone is not None:
                single = np.zeros(len(direction))
                single[[0, j]] = alone
                return single
    price = np.ones(len(direction))
    if contrasts.design.intercept:
        price[:: contrasts.design.n_columns] = 0.0
    answer = linprog(
        np.concatenate([price, price]), A_ub=np.hstack([-rows, rows]), b_ub=-np.ones(len(rows)), bounds=(0, None)
    )
    if answer.x is None:
        return direction
    simplest: FloatArray = answer.x[: len(direction)] - answer.x[len(direction) :]
    return simplest


def _cut(column: FloatArray, is_event: BoolArray) -> tuple[float, float] | None:
    """Give intercept and slope by which one column tells the outcomes apart, None if it does not."""
    if is_event.all() or not is_event.any():
        return None
    for slope in (1.0, -1.0):
        lowest, highest = (slope * column[is_event]).min(), (slope * column[~is_event]).max()
        if lowest > highest:
            return -float(lowest + highest) / 2, slope
    return None


def _solve(contrasts: Contrasts, eta: FloatArray, active: BoolArray) -> FloatArray:
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    objective = contrasts.total(active)
    size = float(np.abs(objective).max(initial=0.0)) or 1.0
    chosen = np.zeros(len(contrasts), dtype=bool)
    new = _worst(contrasts.margins(eta), active)
    while True:
        chosen[new] = True
        constraints = -contrasts.rows(chosen)
        limit = np.zeros(len(constraints))
        # Rows of levels are mostly zeros, which the solver should know.
        table: Any = csr_array(constraints) if contrasts.is_sparse else constraints
        answer = linprog(-objective / size, A_ub=table, b_ub=limit, bounds=(-1, 1))
        if not answer.success:
            # Zero is feasible and the box is bounded, so only the solver's own arithmetic can fail.
            message = f"the linear programme that decides whether the estimate exists failed: {answer.message}"
            raise RiskdecError(message)
        found = np.asarray(answer.x, dtype=np.float64)
        margin = contrasts.margins_along(found)
        violated = active & ~chosen & (margin < -_VIOLATED)
        if not violated.any():
            return found
        new = _worst(margin, violated)


def _worst(margin: FloatArray, candidates: BoolArray) -> IntArray:
    """Give the positions of the candidates with the smallest margins, at most one helping."""
    places = np.flatnonzero(candidates)
    if len(places) <= _ROWS_AT_A_TIME:
        return places
    return places[np.argpartition(margin[places], _ROWS_AT_A_TIME)[:_ROWS_AT_A_TIME]]


def _free_directions(contrasts: Contrasts, overlapping: BoolArray) -> FloatArray:
    """Give a basis of the directions that the overlapping contrasts do not see, one in each column."""
    values, vectors = np.linalg.eigh(contrasts.crossproduct(overlapping))
    free: FloatArray = vectors[:, values <= _NULL * max(float(values[-1]), 1.0)]
    return free


def _diverging(moved: FloatArray, T: FloatArray) -> tuple[int, ...]:
    """Give the coefficients that a free direction moves, each against its own unit."""
    moves, units = np.linalg.norm(moved, axis=1), np.linalg.norm(T, axis=1)
    return tuple(int(j) for j in np.flatnonzero(moves > _MOVES * units))


def _signs(
    contrasts: Contrasts, moved: FloatArray, free: FloatArray, diverging: tuple[int, ...], separated: BoolArray
) -> tuple[int, ...]:
    """Give the sign on which all separating directions agree for each coefficient, 0 where they do not.

    Every separating direction is free, so two small programmes for each coefficient tell its range. Where the
    separated contrasts are too many for that, no sign is claimed.
    """
    from scipy.optimize import linprog

    if int(separated.sum()) > _ROWS_AT_A_TIME or len(diverging) > _MOST_SIGNS:
        return (0,) * len(diverging)
    constraints = -contrasts.rows(separated) @ free
    limit = np.zeros(len(constraints))
    signs = []
    for j in diverging:
        row = moved[j] / np.linalg.norm(moved[j])
        ends = (linprog(-s * row, A_ub=constraints, b_ub=limit, bounds=(-1, 1)).x for s in (1, -1))
        most, least = (s * float(row @ end) for s, end in zip((1, -1), ends, strict=True))
        signs.append(int(most > _MOVES) - int(least > _MOVES) if min(most, least) <= _MOVES else 0)
    return tuple(signs)
