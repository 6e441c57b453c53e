"""Does the maximum likelihood estimate exist? The exact verdict by a linear programme over growing sets of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec.errors import RiskdecError

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.likelihood.design import Design

# Rows that enter the programme at a time.
_ROWS_AT_A_TIME = 2_000
# Margins are of order one on standardised rows; the solver's own feasibility tolerance is 1e-7.
_MARGIN = 1e-6
_VIOLATED = 1e-7
_NULL = 1e-10
_MOVES = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """How the outcomes are separated.

    Attributes
    ----------
    direction : ndarray of shape (1 + p,) or (p,)
        A direction of coefficients, intercept first, along which the likelihood never falls: every event has
        a linear predictor of at least 0 in it, every other row of at most 0, and some are strict.
    diverging : ndarray of int
        Positions (in the coefficient vector) of the coefficients that have no finite estimate.
    complete : bool
        Whether every row is strictly separated.
    n_rows : int
        Rows that some direction separates strictly.
    """

    direction: FloatArray
    diverging: tuple[int, ...]
    complete: bool
    n_rows: int


def find_separation(design: Design, y: FloatArray, eta: FloatArray) -> Separation | None:
    """Decide whether a direction separates the outcomes, and which coefficients diverge.

    Parameters
    ----------
    design : Design
        Standardised rows of full column rank.
    y : ndarray of shape (n,)
        1.0 for events.
    eta : ndarray of shape (n,)
        Current linear predictors; the rows they fit worst enter the programme first.

    Returns
    -------
    Separation or None
        None if no direction separates: then the maximum exists.

    Notes
    -----
    The programme is ``max sum_i s_i z_i'b`` over ``-1 <= b <= 1`` with ``s_i z_i'b >= 0`` for every row and
    ``s_i = 2 y_i - 1``. It starts with a few thousand rows and the objective of all rows; rows that its solution
    violates are added until there are none, which gives the solution for all rows. Rows that it separates
    strictly are then taken away and the rest is solved again: what no direction separates at the end holds the
    finite coefficients in its row space.

    References
    ----------
    Konis K (2007). Linear programming algorithms for detecting separated data in binary logistic regression models.
    DPhil thesis, University of Oxford.
    """
    sign = 2 * y - 1
    active = np.ones(len(y), dtype=bool)
    direction: FloatArray | None = None
    while active.any():
        found = _solve(design, sign, eta, active)
        margin = sign * design.product(found)
        strict = active & (margin > _MARGIN)
        if not strict.any():
            break
        direction = found if direction is None else direction
        active &= ~strict
    if direction is None:
        return None
    T = design.to_columns()
    diverging = _diverging(design, T, active)
    along = T @ direction
    return Separation(along / np.abs(along).max(), diverging, not active.any(), int((~active).sum()))


def _solve(design: Design, sign: FloatArray, eta: FloatArray, active: BoolArray) -> FloatArray:
    from scipy.optimize import linprog

    objective = np.zeros(design.n_columns)
    for rows, Z in design.chunks():
        objective += (sign[rows] * active[rows]) @ Z
    size = float(np.abs(objective).max(initial=0.0)) or 1.0
    chosen = np.zeros(len(sign), dtype=bool)
    new = _worst(sign * eta, active)
    while True:
        chosen[new] = True
        constraints = -_take(design, sign, chosen)
        answer = linprog(-objective / size, A_ub=constraints, b_ub=np.zeros(len(constraints)), bounds=(-1, 1))
        if not answer.success:
            # Zero is feasible and the box is bounded, so only the solver's own arithmetic can fail.
            message = f"the linear programme that decides whether the estimate exists failed: {answer.message}"
            raise RiskdecError(message)
        found = np.asarray(answer.x, dtype=np.float64)
        margin = sign * design.product(found)
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


def _take(design: Design, sign: FloatArray, chosen: BoolArray) -> FloatArray:
    parts = [sign[rows][chosen[rows], None] * Z[chosen[rows]] for rows, Z in design.chunks()]
    return np.concatenate(parts)


def _diverging(design: Design, T: FloatArray, overlapping: BoolArray) -> tuple[int, ...]:
    """Give the coefficients whose unit vector is outside the row space of the overlapping rows."""
    gram = np.zeros((design.n_columns, design.n_columns))
    for rows, Z in design.chunks():
        inside = Z[overlapping[rows]]
        gram += inside.T @ inside
    values, vectors = np.linalg.eigh(gram)
    free = T @ vectors[:, values <= _NULL * max(float(values[-1]), 1.0)]
    # Each coefficient against its own unit.
    moves, units = np.linalg.norm(free, axis=1), np.linalg.norm(T, axis=1)
    return tuple(int(j) for j in np.flatnonzero(moves > _MOVES * units))
