"""Can scaling and shifting single logits tell the outcomes apart? The exact verdict of a linear programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec.errors import RiskdecError

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.calibration.multiclass.rows import ManyRows

# Contrasts that enter the programme at a time.
_AT_A_TIME = 5_000
# Margins are of order one; the solver's own feasibility tolerance is 1e-7.
_MARGIN = 1e-6
_VIOLATED = 1e-7


def separates_by_scaling(rows: ManyRows, *, shifts: bool) -> bool:
    """Decide whether some change of the parameters favours what happened in every row, strictly in some.

    Parameters
    ----------
    rows : ManyRows
        Logits and what happened.
    shifts : bool
        Whether outcomes may be shifted, as well as scaled.

    Notes
    -----
    The programme is that of `riskdec.likelihood.existence`: ``max sum c'd`` over ``-1 <= d <= 1`` with ``c'd >= 0``
    for the contrasts c of what happened with each other outcome. A shift of all outcomes together changes nothing, and
    its margins are zero.
    """
    from scipy.optimize import linprog

    z = rows.logit / max(float(np.abs(rows.logit).max()), np.finfo(np.float64).tiny)
    z = z.astype(np.float64)
    objective = _total(z, rows.codes, shifts=shifts)
    chosen = np.zeros(z.shape, dtype=bool)
    # The rows that the scores get wrong are the ones that no scaling may help.
    new = _worst(z[np.arange(len(z)), rows.codes][:, None] - z, rows.codes, chosen)
    while True:
        chosen[new] = True
        constraints: Any = _contrasts(z, rows.codes, chosen, shifts=shifts)
        size = float(np.abs(objective).max()) or 1.0
        answer = linprog(-objective / size, A_ub=-constraints, b_ub=np.zeros(constraints.shape[0]), bounds=(-1, 1))
        if answer.x is None:
            # Zero is feasible and the box is bounded, so only the solver's own arithmetic can fail.
            message = f"the linear programme that decides whether the optimum exists failed: {answer.message}"
            raise RiskdecError(message)
        margin = _margins(z, rows.codes, answer.x)
        violated = margin < -_VIOLATED
        violated[chosen] = False
        if not violated.any():
            return bool((margin > _MARGIN).any())
        new = _worst(margin, rows.codes, ~violated)


def _margins(z: FloatArray, codes: IntArray, direction: FloatArray) -> FloatArray:
    """Give what a direction adds to the own logit of a row above each other one, shape (n, K)."""
    change = z * direction[: z.shape[1]]
    if len(direction) > z.shape[1]:
        change = change + direction[z.shape[1] :]
    margin: FloatArray = change[np.arange(len(z)), codes][:, None] - change
    return margin


def _worst(margin: FloatArray, codes: IntArray, left_out: Any) -> tuple[IntArray, IntArray]:
    """Give the places of the smallest margins, at most one helping; that of a row with itself is none."""
    sorted_out = np.where(left_out, np.inf, margin)
    sorted_out[np.arange(len(codes)), codes] = np.inf
    flat = sorted_out.ravel()
    places = np.argpartition(flat, _AT_A_TIME)[:_AT_A_TIME] if flat.size > _AT_A_TIME else np.arange(flat.size)
    row, column = np.unravel_index(places[np.isfinite(flat[places])], margin.shape)
    return row, column


def _contrasts(z: FloatArray, codes: IntArray, chosen: Any, *, shifts: bool) -> Any:
    from scipy.sparse import csr_array

    row, other = np.nonzero(chosen)
    own, count, k = codes[row], np.arange(len(row)), z.shape[1]
    values, columns = [z[row, own], -z[row, other]], [own, other]
    if shifts:
        values += [np.ones(len(row)), -np.ones(len(row))]
        columns += [own + k, other + k]
    places = np.tile(count, len(values)), np.concatenate(columns)
    return csr_array((np.concatenate(values), places), shape=(len(row), k * (1 + shifts)))


def _total(z: FloatArray, codes: IntArray, *, shifts: bool) -> FloatArray:
    """Give the sum of all contrasts."""
    k = z.shape[1]
    own = np.bincount(codes, z[np.arange(len(z)), codes], minlength=k)
    scale: FloatArray = k * own - z.sum(axis=0)
    if not shifts:
        return scale
    return np.concatenate([scale, k * np.bincount(codes, minlength=k) - float(len(z))])
