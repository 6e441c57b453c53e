"""Which class offsets decide for, where rows are tied by the very offsets that were chosen for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray

# Offsets come out of sums, whose last digits depend on the order of the rows.
_ROUNDING = 1e-9


def largest_class(proba: FloatArray, factor: FloatArray) -> IntArray:
    """Give the first class whose probability times its factor is the largest up to rounding.

    The offsets that make the smallest recall largest lie where rows are tied between classes. Without a margin the last
    digit of an offset would decide such rows, and with it the order in which rows happen to stand.

    Parameters
    ----------
    proba : ndarray of shape (n, K)
        Probabilities.
    factor : ndarray of shape (K,) or (n, K)
        Exponentials of the offsets.

    Examples
    --------
    >>> largest_class(np.array([[0.3, 0.3 * (1 + 1e-15)], [0.3, 0.4]]), np.ones(2)).tolist()
    [0, 1]
    """
    earlier_first = 1 - _ROUNDING * np.arange(proba.shape[1])
    return np.asarray((proba * (factor * earlier_first)).argmax(axis=1))
