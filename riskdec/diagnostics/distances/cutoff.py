"""The cutoff calibration error: the largest imbalance of events and risks over any interval of risks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_integer, check_level, check_rng
from riskdec.diagnostics.distances.errors import judge
from riskdec.diagnostics.draws import cluster_rows, resample
from riskdec.diagnostics.hypothesis_tests import TOO_FEW_EVENTS, fewest_expected
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.draws import Resamples
    from riskdec.scores.sums import ForecastSums

METHOD = "range of cumulative residuals"
# The range of Brownian motion is hardly ever smaller; from there on so many terms of its series are exact.
_SURELY_ABOVE, _TERMS = 0.3, 40


class CutoffStatistic:
    """Range of the cumulative mean residual along the risks."""

    __slots__ = ("_expected", "_total")

    def __init__(self, sums: ForecastSums) -> None:
        self._expected, self._total = sums.weight * sums.risk, sums.total

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the range as an array of one number."""
        path = cumulative_residual(events, self._expected, self._total)
        return np.array([path.max() - path.min()])

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give the ranges as they are."""
        return reduced


def cumulative_residual(events: FloatArray, expected: FloatArray, total: float) -> FloatArray:
    """Give (events minus expected events) below each forecast, and over all, per unit of weight; starts with 0.

    It is read at the ends of tie groups only, so the order of tied rows has no influence.
    """
    path = np.zeros(len(events) + 1)
    np.subtract(events, expected, out=path[1:])
    path /= total
    return np.asarray(path.cumsum(), dtype=np.float64)


def attaining_interval(sums: ForecastSums) -> tuple[float, float]:
    """Give the lowest and the highest risk of the interval over which the imbalance is largest."""
    path = cumulative_residual(sums.events, sums.weight * sums.risk, sums.total)
    first, last = sorted((int(path.argmin()), int(path.argmax())))
    return float(sums.risk[min(first, len(sums.risk) - 1)]), float(sums.risk[max(last - 1, first, 0)])


def cutoff_calibration_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    n_resamples: int = 999,
    rng: RngLike = None,
) -> CalibrationError:
    """Measure the largest imbalance between events and risks over any interval of risks.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other. The p-value is then withheld.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    confidence_level : float
        Level of the interval.
    n_resamples : int
        Number of draws under calibration.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    CalibrationError
        ``where`` holds the interval of risks over which the imbalance is largest. ``p_value`` is that of the draws;
        ``asymptotic_p_value`` that of the limit law, for independent rows and ten expected events and non-events or
        more: conservative, because a walk of few steps has a smaller range than its limit (size 0.033 to 0.048
        instead of 0.05 from 2 to 100 expected events).

    Raises
    ------
    InputError
        For risks outside [0, 1], missing values, negative weights, frequency weights that are not whole numbers.

    Notes
    -----
    ``K = sup over intervals I of |mean (y - p) 1{p in I}|``, which is the range of the cumulative mean residual
    in the order of the risks, 0 included. With costs c_fp and c_fn of the two errors no monotone recalibration
    can lower the mean cost by more than ``(c_fp + c_fn) K``.

    If every risk is right, ``K W / sqrt(sum v p (1 - p))`` (W the sum of the weights, v = w for frequency weights and
    w^2 for importance weights) tends to the range of Brownian motion.

    References
    ----------
    Rossellini R, Soloff JA, Barber RF, Ren Z, Willett R (2025). Can a calibration metric be both testable and
    actionable? COLT. arXiv:2502.19851

    Arrieta-Ibarra I, Gujral P, Tannen J, Tygert M, Xu C (2022). Metrics of calibration for probabilistic
    predictions. Journal of Machine Learning Research 23.

    Examples
    --------
    >>> cutoff_calibration_error([0, 0, 1, 1], [0.1, 0.4, 0.6, 0.7], rng=0).estimate
    0.175
    """
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    level = check_level(confidence_level)
    n_resamples = check_integer(n_resamples, name="n_resamples", low=1)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    wanted = (CutoffStatistic,)
    draws = resample(sums, wanted, wanted, clusters=cluster_rows(given), n_resamples=n_resamples, rng=check_rng(rng))
    return judge_cutoff(sums, draws, confidence_level=level)


def judge_cutoff(sums: ForecastSums, draws: Resamples, *, confidence_level: float) -> CalibrationError:
    """Set the error beside its draws."""
    null, noise = draws.null[CutoffStatistic][:, 0], draws.noise[CutoffStatistic][:, 0]
    error = judge(
        "cutoff calibration error",
        null,
        method=METHOD,
        is_valid_test=draws.is_valid_test,
        estimate=float(draws.observed[CutoffStatistic][0]),
        spread=(null, noise),
        confidence_level=confidence_level,
        where=attaining_interval(sums),
    )
    if not draws.is_valid_test or fewest_expected(sums) < TOO_FEW_EVENTS:
        return error
    scale = float(np.sqrt((sums.squared_weight * sums.risk * (1 - sums.risk)).sum())) / sums.total
    return replace(error, asymptotic_p_value=brownian_range_tail(error.estimate / scale)) if scale else error


def brownian_range_tail(r: float) -> float:
    """Give the probability that Brownian motion on [0, 1] has a range above r.

    Notes
    -----
    ``8 sum over k >= 1 of (-1)^(k-1) k (1 - Phi(k r))``, the integral of Feller's density. Below 0.3 it differs from 1
    by less than 1e-20, and the series needs ever more terms.

    References
    ----------
    Feller W (1951). The asymptotic distribution of the range of sums of independent random variables. Annals of
    Mathematical Statistics 22:427-432.

    >>> [round(brownian_range_tail(r), 4) for r in (2.2414, 2.4977, 3.0234)]
    [0.1, 0.05, 0.01]
    """
    from scipy.special import ndtr

    if r < _SURELY_ABOVE:
        return 1.0
    k = np.arange(1, _TERMS + 1)
    terms = k * ndtr(-k * r)
    return float(np.clip(8 * (terms[::2].sum() - terms[1::2].sum()), 0, 1))
