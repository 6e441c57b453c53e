"""Simulated risks: rows, outcomes, and the true probability of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_integer, check_number, check_rng

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray, RngLike

_NODES = 80


@dataclass(frozen=True, eq=False, kw_only=True)
class SimulatedRisks:
    """Rows whose risks are known.

    Attributes
    ----------
    X : ndarray of shape (n, p)
        Independent standard normal columns.
    y : ndarray of shape (n,)
        0 or 1, drawn from the true risk.
    risk : ndarray of shape (n,)
        The true probability of 1.
    intercept : float
        True intercept.
    coef : ndarray of shape (p,)
        True coefficients.
    """

    X: FloatArray
    y: IntArray
    risk: FloatArray
    intercept: float
    coef: FloatArray


def simulate_risks(
    n: int = 1000, *, n_columns: int = 3, prevalence: float = 0.1, logit_sd: float = 1.0, rng: RngLike = None
) -> SimulatedRisks:
    """Draw rows from a logistic model with a wanted prevalence and spread of risk.

    Parameters
    ----------
    n : int
        Number of rows.
    n_columns : int
        Number of columns; the first carries most of the signal, each next one half as much.
    prevalence : float
        Expected share of events, in (0, 1).
    logit_sd : float
        Standard deviation of the true log-odds; 1 gives an area under the curve of about 0.75.
    rng : seed, Generator or None
        Source of randomness.

    Returns
    -------
    SimulatedRisks
        Rows, outcomes and truth.

    Notes
    -----
    The log-odds are normal with mean m and standard deviation ``logit_sd``; m solves ``E expit(m + sd Z) =
    prevalence`` by Gauss-Hermite quadrature.

    Examples
    --------
    >>> data = simulate_risks(100_000, prevalence=0.05, rng=1)
    >>> bool(abs(data.risk.mean() - 0.05) < 0.001)
    True
    """
    generator = check_rng(rng)
    n, p = check_integer(n, name="n", low=1), check_integer(n_columns, name="n_columns", low=1)
    share = check_number(prevalence, name="prevalence", low=0, high=1, open_low=True)
    spread = check_number(logit_sd, name="logit_sd", low=0)
    sizes = 0.5 ** np.arange(p)
    coef = spread * sizes / np.linalg.norm(sizes)
    intercept = _center(share, spread)
    X = generator.normal(size=(n, p))
    risk = 1 / (1 + np.exp(-(intercept + X @ coef)))
    y = (generator.random(n) < risk).astype(np.intp)
    return SimulatedRisks(X=X, y=y, risk=risk, intercept=intercept, coef=coef)


def _center(prevalence: float, spread: float) -> float:
    from scipy.optimize import brentq

    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()

    def excess(center: float) -> float:
        return float(weights @ (1 / (1 + np.exp(-(center + spread * nodes))))) - prevalence

    return float(brentq(excess, -60, 60, xtol=1e-13))
