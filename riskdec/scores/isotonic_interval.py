"""Interval for the event rate at one score from the block of the isotonic fit that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# Quantiles of the limit law of sqrt(block size) * standardised error of an isotonic fit, simulated.
_LIMIT_QUANTILES = {0.90: 1.65, 0.95: 2.17, 0.99: 3.14}


def pivotal_interval(
    level: FloatArray, rows: FloatArray, confidence_level: float, *, what: str
) -> tuple[FloatArray, FloatArray]:
    """Give lower and upper limits of the true event rate, if that rises with the score.

    Parameters
    ----------
    level, rows : ndarray of shape (k,)
        Level of the block of the isotonic fit that holds the score, and its (effective) number of rows.
    confidence_level : float
        One of those whose quantile is known: 0.90, 0.95, 0.99.
    what : str
        What the limits are for, as messages name it.

    Raises
    ------
    InputError
        For another level.

    Notes
    -----
    ``sqrt(m) |c - C| / sqrt(C (1 - C)) <= z`` solved for C, m the rows in the block and c its level: Wilson's interval
    with z the quantile of the limit law, 2.17 at 0.95. Not claimed where the true curve jumps. A bootstrap of the
    isotonic fit does not cover and is not offered.

    References
    ----------
    Deng H, Han Q, Zhang CH (2021). Confidence intervals for multiple isotonic regression and other monotone models.
    Annals of Statistics 49:2021-2052. doi:10.1214/20-AOS2025

    Examples
    --------
    >>> low, high = pivotal_interval(np.array([0.1]), np.array([200.0]), 0.95, what="the band")
    >>> low.round(3), high.round(3)
    (array([0.063]), array([0.156]))
    """
    z = _LIMIT_QUANTILES.get(round(confidence_level, 10))
    if z is None:
        known = ", ".join(map(str, _LIMIT_QUANTILES))
        cure = "The limit law is tabulated for these levels only."
        raise refuse("confidence_level", f"be one of {known} for {what}", confidence_level, cure)
    centre = (level + z * z / (2 * rows)) / (1 + z * z / rows)
    margin = z * np.sqrt(level * (1 - level) / rows + (z / (2 * rows)) ** 2) / (1 + z * z / rows)
    return np.clip(centre - margin, 0, level), np.clip(centre + margin, level, 1)
