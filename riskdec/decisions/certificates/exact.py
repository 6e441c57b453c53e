"""Exact binomial statements about an error rate: p-values, upper limits, and the sample they need."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray

# What an error limit of 5 % needs at 90 % confidence.
_WAIT = 45


def error_p_values(errors: AnyArray, sizes: AnyArray, limit: float) -> FloatArray:
    """Give the exact p-value of "the error rate is above the limit" for whole-number counts.

    Parameters
    ----------
    errors, sizes : ndarray of shape (m,)
        Errors among so many cases.
    limit : float
        The error rate in (0, 1) to be kept.

    Returns
    -------
    ndarray of shape (m,)
        `P(Bin(size, limit) <= errors)`; 1 where there are no cases.

    Examples
    --------
    >>> error_p_values(np.array([15, 0]), np.array([100, 0]), 0.25).round(4).tolist()
    [0.0111, 1.0]
    """
    from scipy.special import betainc

    right = np.asarray(sizes - errors, dtype=np.float64)
    p_values = np.ones(right.shape)
    some = right > 0
    p_values[some] = betainc(right[some], np.asarray(errors)[some] + 1.0, 1.0 - limit)
    return p_values


def upper_error(errors: float, size: float, risk: float) -> float:
    """Give the exact (Clopper-Pearson) upper limit of an error rate.

    Parameters
    ----------
    errors, size : float
        Errors among so many cases.
    risk : float
        Probability with which the limit may be too low.

    Returns
    -------
    float
        `BetaInv(1 - risk; errors + 1, size - errors)`; 1 if there are no cases, or nothing but errors.

    Examples
    --------
    >>> round(upper_error(0, 59, 0.05), 4)
    0.0495
    """
    return float(upper_errors(np.array([errors]), np.array([size]), risk)[0])


def upper_errors(errors: AnyArray, sizes: AnyArray, risk: float) -> FloatArray:
    """Give the limits of `upper_error` for many counts at once."""
    from scipy.special import betaincinv

    limits = np.ones(np.shape(errors))
    some = errors < sizes
    limits[some] = betaincinv(errors[some] + 1.0, sizes[some] - errors[some], 1.0 - risk)
    return limits


def smallest_sample(limit: float, risk: float) -> int:
    """Give the number of cases, all of them right, that an exact test needs at least.

    Parameters
    ----------
    limit : float
        Error rate in (0, 1).
    risk : float
        Level of the test.

    Returns
    -------
    int
        The smallest m with `(1 - limit)^m <= risk`.

    Examples
    --------
    >>> smallest_sample(0.05, 0.05), smallest_sample(0.05, 0.1)
    (59, 45)
    """
    exact = math.log(risk) / math.log1p(-limit)
    # A ratio that is a whole number up to rounding is that number.
    nearest = round(exact)
    return nearest if math.isclose(exact, nearest, rel_tol=1e-12) and nearest > 0 else math.ceil(exact)


def first_rank(limit: float, risk: float, n: float) -> int:
    """Give the rank at which a fixed sequence of tests starts; it depends on nothing that was seen.

    The smallest sample that can pass must have no error at all, and with loose limits it is so small that one unlucky
    case ends the sequence. There the start waits for 45 cases, or for a tenth of them all, and is then the smallest
    sample that may hold as many errors.

    Parameters
    ----------
    limit, risk : float
        As in `smallest_sample`.
    n : float
        Number of cases.

    Returns
    -------
    int
        One more than the size of the first sample tested: the case at the first cut may have to stay out of it.

    Examples
    --------
    >>> first_rank(0.05, 0.1, 300), first_rank(0.5, 0.1, 1000), first_rank(0.5, 0.1, 40)
    (46, 45, 5)
    """
    least = smallest_sample(limit, risk)
    sizes = np.arange(least, max(least, min(_WAIT, int(n // 10))) + 1)
    most = int(sizes[-1])
    allowed = int(np.count_nonzero(error_p_values(np.arange(most), np.full(most, most), limit) <= risk)) - 1
    passes = error_p_values(np.minimum(allowed, sizes), sizes, limit) <= risk
    return int(sizes[np.argmax(passes)]) + 1


def cases_for_rate(rate: float, limit: float, risk: float, most: int = 10_000_000) -> int | None:
    """Give how many cases at a given error rate the test would need to pass; None if the rate is not below the limit.

    Parameters
    ----------
    rate : float
        Share of errors to be expected.
    limit, risk : float
        As in `smallest_sample`.
    most : int
        Larger answers are not looked for.

    Examples
    --------
    >>> cases_for_rate(0.0, 0.05, 0.1), cases_for_rate(0.06, 0.05, 0.1)
    (45, None)
    """
    if rate >= limit:
        return None
    low, high = smallest_sample(limit, risk) - 1, 1
    while not _passes(rate, high, limit, risk):
        high *= 2
        if high > most:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _passes(rate, middle, limit, risk) else (middle, high)
    return high


def _passes(rate: float, size: int, limit: float, risk: float) -> bool:
    errors = np.array([math.ceil(rate * size - 1e-9)])
    return bool(error_p_values(errors, np.array([size]), limit)[0] <= risk)
