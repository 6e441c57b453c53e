"""Limits of risks from log-odds and their standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood import risks

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray


def limits_of_risk(log_odds: FloatArray, standard_error: FloatArray, confidence_level: float) -> FloatArray:
    """Give limits of risks by the delta method on the logit scale, shape (n, 2).

    A certainty, whose log-odds are infinite, lies beyond all that was fitted on: its limits are 0 and 1.

    >>> limits_of_risk(np.array([0.0, np.inf]), np.array([1.0, 1.0]), 0.95).round(3)
    array([[0.123, 0.877],
           [0.   , 1.   ]])
    """
    from scipy.special import ndtri

    limits = np.tile([0.0, 1.0], (len(log_odds), 1))
    finite = np.isfinite(log_odds)
    centre, half = log_odds[finite], float(ndtri((1 + confidence_level) / 2)) * standard_error[finite]
    limits[finite] = np.column_stack([risks(centre - half), risks(centre + half)])
    return limits
