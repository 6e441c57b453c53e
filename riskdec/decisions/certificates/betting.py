"""An upper limit of the mean of bounded numbers that holds for any distribution: betting at a fixed sample size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# Number of stakes, and the highest one on the logit scale: beyond it one bad draw takes 95 % of the capital.
_N_STAKES = 24
_HIGHEST = 3.0


def upper_mean(values: FloatArray, counts: FloatArray, low: float, high: float, risk: float) -> float:
    """Give an upper limit of the mean of independent draws.

    Parameters
    ----------
    values : ndarray of shape (m,)
        The different values seen, each in [low, high].
    counts : ndarray of shape (m,)
        How often each was seen.
    low, high : float
        Limits known beforehand.
    risk : float
        Probability with which the limit may be too low.

    Returns
    -------
    float
        With `y = (high - value) / (high - low)`, the largest mean of y that is refuted is the largest q at which
        the capital of bets against it, the average over stakes c of `prod_i (1 - c + c y_i / q)`, reaches
        `1 / risk`. If the true mean of y is at most q, the capital is 1 in expectation, so this happens with
        probability `risk` at most (Markov). The order of the draws plays no part.

    References
    ----------
    I. Waudby-Smith and A. Ramdas, Estimating means of bounded random variables by betting, JRSS B 86, 2024.

    Examples
    --------
    Five errors in a thousand:

    >>> round(upper_mean(np.array([0.0, 1.0]), np.array([995, 5]), 0, 1, 0.1), 4)
    0.013
    """
    y = (high - values) / (high - low)
    goal = -np.log(risk)
    stakes = _stakes(float(counts.sum()), goal)
    below, above = 0.0, float(counts @ y / counts.sum())
    # The capital falls as q rises; at the observed mean of y no bet has won.
    for _ in range(60):
        q = (below + above) / 2
        refuted = q == 0 or _log_capital(y, counts, q, stakes) >= goal
        below, above = (q, above) if refuted else (below, q)
    return high - below * (high - low)


def _stakes(n: float, goal: float) -> FloatArray:
    """Give shares of the capital to stake, evenly on the logit scale; they may depend on n, never on the values.

    The best share is `sqrt(2 goal / n)` over the standard deviation of y, which is one half at most: the grid goes
    from there to the highest share that makes sense.
    """
    smallest = min(2 * np.sqrt(2 * goal / n), 0.5)
    logits = np.linspace(np.log(smallest / (1 - smallest)), _HIGHEST, _N_STAKES)
    return np.asarray(1 / (1 + np.exp(-logits)))


def _log_capital(y: FloatArray, counts: FloatArray, q: float, stakes: FloatArray) -> float:
    growth = np.log1p(stakes[:, None] * (y / q - 1)) @ counts
    most = float(growth.max())
    return most + float(np.log(np.exp(growth - most).mean()))
