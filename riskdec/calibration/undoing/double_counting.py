"""Would this shift be counted twice? What a mean probability says about a prevalence that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.codes import warn
from riskdec._base.table import percent
from riskdec.errors import RepairWarning

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# Standard errors of a mean probability within which it agrees with a prevalence.
_AGREES = 3.0


def warn_if_counted_twice(before: FloatArray, after: FloatArray, prevalence: FloatArray, *, function: str) -> None:
    """Warn where the mean agreed with the prevalence before the shift and does not after it.

    Parameters
    ----------
    before, after : ndarray of shape (n, K)
        Probabilities as given, and shifted.
    prevalence : ndarray of shape (K,)
        Shares of the outcomes among these rows.
    function : str
        Name of the function that shifts, for the message.

    Notes
    -----
    Calibrated probabilities of rows from a population average its prevalence. So a shift that is due makes the mean
    agree with it (and of a model that is nearly always certain the mean agreed before as well); one that was made
    already takes the mean away from it. Agreement is within three standard errors of the mean, independent rows.
    """
    if len(before) < 2 or not (_agrees(before, prevalence) and not _agrees(after, prevalence)):
        return
    worst = int(np.abs(after.mean(axis=0) - prevalence).argmax())
    if len(prevalence) == 2:
        worst = 1
    message = (
        f"the mean probability of {'the event' if len(prevalence) == 2 else f'column {worst}'} was "
        f"{percent(before[:, worst].mean(), 2)} before {function} and is {percent(after[:, worst].mean(), 2)} now, "
        f"where {percent(prevalence[worst], 2)} is said to be right. The probabilities look as if this shift had "
        "been made before; leave one of the two out."
    )
    warn("RD520", message, RepairWarning)


def _agrees(proba: FloatArray, prevalence: FloatArray) -> bool:
    standard_error = proba.std(axis=0, ddof=1) / np.sqrt(len(proba))
    return bool((np.abs(proba.mean(axis=0) - prevalence) <= _AGREES * standard_error).all())
