"""Ranking: how often an event has a higher risk than a non-event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray


def area_under_curve(is_event: BoolArray, risk: FloatArray, weight: FloatArray | None = None) -> float:
    """Compute the weighted share of pairs of an event and a non-event in which the event has the higher risk.

    Parameters
    ----------
    is_event : ndarray of bool, shape (n,)
        Whether the event happened.
    risk : ndarray of shape (n,)
        Any score that ranks.
    weight : ndarray of shape (n,), optional
        Positive weights.

    Returns
    -------
    float
        Area under the receiver operating characteristic, ties counted one half; nan without events or without
        non-events.

    References
    ----------
    Hanley JA, McNeil BJ (1982). The meaning and use of the area under a receiver operating characteristic
    (ROC) curve. Radiology 143:29-36. doi:10.1148/radiology.143.1.7063747

    Examples
    --------
    >>> area_under_curve(np.array([False, True, True]), np.array([0.2, 0.2, 0.7]))
    0.75
    """
    sums = sum_by_forecast(risk, is_event, weight, kind="importance")
    return rank_probability(sums.events, sums.weight)


def rank_probability(events: FloatArray, weight: FloatArray) -> float:
    """Compute the same from sums per distinct forecast in ascending order."""
    nonevents = weight - events
    below = np.cumsum(nonevents) - nonevents / 2
    pairs = float(events.sum()) * float(nonevents.sum())
    return float((events * below).sum()) / pairs if pairs > 0 else float("nan")
