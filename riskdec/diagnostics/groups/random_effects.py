"""Random-effects meta-analysis: the mean over groups, how much groups differ, and what a new group may show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Estimate, jsonable
from riskdec._base.table import number

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

_STEPS = 200
_TOLERANCE = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RandomEffects:
    """What groups have in common, and what they do not.

    Attributes
    ----------
    mean : Estimate
        Mean over groups, with the Hartung-Knapp interval.
    tau : Estimate
        Standard deviation of the true values between groups, with the Q-profile interval.
    prediction : Estimate
        The mean again, with the interval in which the true value of a new group is expected; nan limits with fewer
        than three groups.
    q, p_value : float
        Cochran's statistic of equal true values, and its chi-square tail probability.
    n_groups : int
        Groups.
    """

    mean: Estimate
    tau: Estimate
    prediction: Estimate
    q: float
    p_value: float
    n_groups: int

    def __repr__(self) -> str:
        return f"<RandomEffects: mean {self.mean!r}, tau {number(self.tau.estimate, 3)}, {self.n_groups} groups>"

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers; what does not exist is None."""
        numbers = {"q": self.q, "p_value": self.p_value, "n_groups": self.n_groups}
        parts = {name: getattr(self, name).to_dict() for name in ("mean", "tau", "prediction")}
        plain: dict[str, Any] = jsonable(numbers)
        return parts | plain


def random_effects(estimate: FloatArray, variance: FloatArray, *, confidence_level: float) -> RandomEffects:
    """Pool estimates of at least two groups.

    Parameters
    ----------
    estimate, variance : ndarray of shape (k,)
        The estimate of each group, and the square of its standard error.
    confidence_level : float
        Level of all intervals.

    Notes
    -----
    Between-group variance by Paule and Mandel: ``Q(tau^2) = sum (y - mean)^2 / (v + tau^2) = k - 1``, or 0 where
    ``Q(0)`` is smaller. Interval of the mean by Hartung and Knapp, with t quantiles of k - 1 degrees of freedom and
    never narrower than the weights alone give (Rover 2015); prediction interval with k - 2 degrees of freedom; interval
    of tau by inverting Q.

    References
    ----------
    Paule RC, Mandel J (1982). Consensus values and weighting factors. Journal of Research of the National Bureau of
    Standards 87:377-385.

    IntHout J, Ioannidis JPA, Borm GF (2014). The Hartung-Knapp-Sidik-Jonkman method for random effects meta-analysis
    is straightforward and considerably outperforms the standard DerSimonian-Laird method. BMC Medical Research
    Methodology 14:25.

    Viechtbauer W (2007). Confidence intervals for the amount of heterogeneity in meta-analysis. Statistics in Medicine
    26:37-52.

    Examples
    --------
    >>> found = random_effects(np.array([0.1, 0.5, -0.3]), np.array([0.01, 0.01, 0.01]), confidence_level=0.95)
    >>> round(found.mean.estimate, 6), round(found.tau.estimate, 6)
    (0.1, 0.387298)
    """
    from scipy.special import chdtrc, chdtri, stdtrit

    k, upper = len(estimate), (1 + confidence_level) / 2
    tau2 = _solve(estimate, variance, k - 1)
    weight = 1 / (variance + tau2)
    mean = float(weight @ estimate / weight.sum())
    spread = float(weight @ (estimate - mean) ** 2) / (k - 1)
    error = float(np.sqrt(max(spread, 1.0) / weight.sum()))
    margin = float(stdtrit(k - 1, upper)) * error
    ahead = float(stdtrit(k - 2, upper)) * float(np.sqrt(tau2 + error**2)) if k > 2 else np.nan
    # chdtri gives the point that is exceeded with the given probability.
    taus = [np.sqrt(_solve(estimate, variance, float(chdtri(k - 1, tail)))) for tail in (1 - upper, upper)]
    q = _q(estimate, variance, 0.0)
    level = confidence_level
    return RandomEffects(
        mean=Estimate(estimate=mean, low=mean - margin, high=mean + margin, confidence_level=level),
        tau=Estimate(estimate=float(np.sqrt(tau2)), low=float(taus[0]), high=float(taus[1]), confidence_level=level),
        prediction=Estimate(estimate=mean, low=mean - ahead, high=mean + ahead, confidence_level=level),
        q=q,
        p_value=float(chdtrc(k - 1, q)),
        n_groups=k,
    )


def leave_one_out(estimate: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the mean over all other groups for each group, and how far it stands from them.

    Returns
    -------
    mean, distance : ndarray of shape (k,)
        The distance is the externally studentised residual: the estimate minus the mean of the others, over the
        standard deviation that this difference has if the group is one of them.
    """
    means, distances = np.empty(len(estimate)), np.empty(len(estimate))
    for k, others in enumerate(~np.eye(len(estimate), dtype=bool)):
        tau2 = _solve(estimate[others], variance[others], int(others.sum()) - 1)
        weight = 1 / (variance[others] + tau2)
        means[k] = weight @ estimate[others] / weight.sum()
        distances[k] = (estimate[k] - means[k]) / np.sqrt(variance[k] + tau2 + 1 / weight.sum())
    return means, distances


def _q(estimate: FloatArray, variance: FloatArray, tau2: float) -> float:
    weight = 1 / (variance + tau2)
    mean = weight @ estimate / weight.sum()
    return float(weight @ (estimate - mean) ** 2)


def _solve(estimate: FloatArray, variance: FloatArray, wanted: float) -> float:
    """Find the between-group variance at which Q is as wanted; 0 where Q is smaller from the start."""
    if _q(estimate, variance, 0.0) <= wanted:
        return 0.0
    low, high = 0.0, float(variance.max() + np.var(estimate))
    while _q(estimate, variance, high) > wanted:
        low, high = high, 4 * high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _q(estimate, variance, middle) > wanted else (low, middle)
        if high - low <= _TOLERANCE * high:
            break
    return (low + high) / 2
