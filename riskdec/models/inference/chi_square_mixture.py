"""The tail of a weighted sum of chi-squares, as exact as its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# Probability left out of the series.
_LEFT_OUT = 1e-13
# The smallest weight relative to the largest: the series needs about thirty terms for one over it. With hundreds of
# weights its first term must stay above the smallest number a computer has.
_SMALLEST = 1e-3
_DIGITS = 500
_MOST_TERMS = 60_000


def mixture_tail(statistic: float, weights: FloatArray) -> float:
    """Give ``P(sum_j w_j Z_j^2 > statistic)`` for independent standard normal Z.

    Parameters
    ----------
    statistic : float
        At least 0.
    weights : ndarray of shape (m,)
        Positive; those below a thousandth of the largest count as that (more with hundreds of weights), which makes
        the tail a little longer.

    Returns
    -------
    float
        Within 1e-12.

    Notes
    -----
    Ruben's series: with ``b = min w`` the sum is a mixture of ``b chi2_(m + 2k)``, k = 0, 1, ..., with positive
    mixing probabilities ``a_0 = prod sqrt(b / w_j)``, ``a_k = 1/(2k) sum_(r=1..k) a_(k-r) sum_j (1 - b / w_j)^r``.
    They sum to 1, so that what is left out is known.

    References
    ----------
    Ruben H (1962). Probability content of regions under spherical normal distributions, IV. Annals of Mathematical
    Statistics 33:542-570. doi:10.1214/aoms/1177704580

    Examples
    --------
    >>> round(mixture_tail(6.0, np.array([1.0, 1.0])), 6)  # chi-square with 2 degrees of freedom: exp(-3)
    0.049787
    """
    from scipy.stats import chi2

    m = len(weights)
    weights = np.maximum(weights, max(_SMALLEST, 10 ** (-_DIGITS / m)) * weights.max())
    smallest = weights.min()
    mixing = _mixing_probabilities(smallest / weights)
    return float(np.clip(mixing @ chi2.sf(statistic / smallest, m + 2 * np.arange(len(mixing))), 0.0, 1.0))


def _mixing_probabilities(ratio: FloatArray) -> FloatArray:
    decay = 1 - ratio
    mixing = [float(np.sqrt(np.prod(ratio)))]
    left = 1.0 - mixing[0]
    # sums_j = sum_r decay_j^r a_(k-r), carried from one k to the next.
    sums = np.zeros(len(ratio))
    while left > _LEFT_OUT and len(mixing) < _MOST_TERMS:
        sums = decay * (sums + mixing[-1])
        mixing.append(float(sums.sum()) / (2 * len(mixing)))
        left -= mixing[-1]
    return np.array(mixing)
