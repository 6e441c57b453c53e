"""By how much dependence, importance weights and labelled rows widen what the likelihood of the rows alone says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.calibration.prevalence.density_ratio import Recalibration
    from riskdec.calibration.prevalence.rows import Rows


def variance_factor(
    rows: Rows, ratio: FloatArray, shares: FloatArray, place: int, fitted: Recalibration | None
) -> float:
    """Give the variance of one share over the one that the information says; 1 for independent rows alone.

    Notes
    -----
    With H the information about the shares that are not at 0, B the variance of their score, J the derivative of the
    score by the parameters of the density ratios and C the covariance of these:
    ``V = H^-1 (B + J C J') H^-1`` against ``H^-1``.
    """
    if rows.is_likelihood and fitted is None:
        return 1.0
    reference = int(np.argmax(np.where(np.arange(len(shares)) == place, -1.0, shares)))
    free = np.array([k for k in range(len(shares)) if k != reference and (shares[k] > 0 or k == place)])
    relative = ratio / (ratio @ shares)[:, None]
    moves = relative[:, free] - relative[:, [reference]]
    information = (moves * rows.weight[:, None]).T @ moves
    meat = information if rows.is_likelihood else rows.variance(moves)
    if fitted is not None:
        slopes = _score_slopes(rows, relative, shares, free, reference)
        meat = meat + slopes @ fitted.covariance @ slopes.T
    inverse = np.linalg.pinv(information)
    at = int(np.flatnonzero(free == place)[0])
    if inverse[at, at] <= 0:
        return 1.0
    return float((inverse @ meat @ inverse)[at, at] / inverse[at, at])


def _score_slopes(rows: Rows, relative: FloatArray, shares: FloatArray, free: IntArray, reference: int) -> FloatArray:
    """Give the derivative of the score of the free shares by ``constant_1 .. constant_{K-1}, slope``."""
    log_odds = np.log(rows.proba) - np.log(rows.proba[:, :1])
    weight = rows.weight[:, None]
    moves = relative[:, free] - relative[:, [reference]]
    total = (relative * weight).sum(axis=0)
    by_constant = -(moves * weight).T @ (relative * shares)
    by_constant[np.arange(len(free)), free] += total[free]
    by_constant[:, reference] -= total[reference]
    tilted = relative * log_odds
    by_slope = (weight * (tilted[:, free] - tilted[:, [reference]])).sum(axis=0)
    by_slope -= (weight * moves * (tilted @ shares)[:, None]).sum(axis=0)
    return np.column_stack([by_constant[:, 1:], by_slope])
