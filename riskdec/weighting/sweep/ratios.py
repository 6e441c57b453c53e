"""Weight ratios of a sweep: evenly spaced on a log axis, with the ratio one and the natural ratio among them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_number, refuse

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

_N_RATIOS = 41
# The axis ends this many times below and above what lies between no weights and natural weights.
_BEYOND = 4.0
# Ratios closer than this are one ratio.
_SAME = 1e-9


def choose_ratios(ratios: object, natural: float) -> FloatArray:
    """Give the ratios of a sweep, ascending; one and the natural ratio are always among them.

    Parameters
    ----------
    ratios : iterable of float or None
        Weights of an event over that of a non-event; None for 41 of them from a quarter of the smaller to four times
        the larger of one and the natural ratio.
    natural : float
        Number of non-events over that of events.

    Returns
    -------
    ndarray of shape (J,)
        Positive, ascending, all different.

    Examples
    --------
    >>> choose_ratios([10, 2], 9.0).tolist()
    [1.0, 2.0, 9.0, 10.0]
    >>> len(choose_ratios(None, 9.0))
    41
    """
    if ratios is None:
        return _grid(natural)
    if isinstance(ratios, (str, bytes)) or not isinstance(ratios, Iterable):
        raise refuse("ratios", "be a sequence of positive numbers", repr(ratios), "For example [1, 3, 10, 30].")
    asked = [check_number(ratio, name=f"ratios[{i}]", low=0, open_low=True) for i, ratio in enumerate(ratios)]
    if not asked:
        raise refuse("ratios", "hold at least one number", "none", "Leave it out for 41 of them.")
    ordered = np.sort(np.array([*asked, 1.0, natural]))
    apart = np.diff(np.log(ordered), prepend=-np.inf) > _SAME
    return np.asarray(ordered[apart], dtype=np.float64)


def _grid(natural: float) -> FloatArray:
    low, high = min(1.0, natural) / _BEYOND, max(1.0, natural) * _BEYOND
    ratios = np.geomspace(low, high, _N_RATIOS)
    for exact in (1.0, natural):
        ratios[np.abs(np.log(ratios / exact)).argmin()] = exact
    return ratios
