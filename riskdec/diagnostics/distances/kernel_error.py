"""The squared kernel calibration error: residuals of like risks multiplied with each other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_integer, check_level, check_number, check_rng, refuse
from riskdec._base.table import number
from riskdec.diagnostics.distances.binning import has_two_rows, refuse_groups
from riskdec.diagnostics.distances.errors import CalibrationError, monte_carlo_p_value, upper_point
from riskdec.diagnostics.draws import resample
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.scores.sums import ForecastSums

# Risks further apart than this many bandwidths have nothing to say to each other, and exp of it is still a number.
_FAR = 500.0


def kernel_calibration_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    bandwidth: float | None = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    n_resamples: int = 999,
    rng: RngLike = None,
) -> CalibrationError:
    """Estimate the squared kernel calibration error (SKCE) without bias, from all pairs of rows.

    It needs no bins. Its mean is 0 if every risk is right, so it may be negative. With this kernel one pass over the
    sorted risks gives the sum over all pairs, so millions of rows need no approximation.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most; rows independent of each other.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows.
    bandwidth : float, optional
        Distance of two risks at which their residuals count ``1 / e``; the mean distance of two rows by default.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : None
        Refused: what chance adds to a square is taken away as it is for independent rows. `smooth_calibration_error`,
        `cutoff_calibration_error` and `binned_calibration_error` take groups.
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
        On the scale of squared risks.

    Raises
    ------
    InputError
        For risks outside [0, 1], missing values, negative weights, a bandwidth that is not positive, fewer than two
        rows.

    Notes
    -----
    ``sum over i != j of w_i w_j k(p_i, p_j)(y_i - p_i)(y_j - p_j)`` over ``sum over i != j of w_i w_j``, with k the
    Laplace kernel ``exp(-|p_i - p_j| / bandwidth)``. The form for vectors of two probabilities is twice this one. The
    interval follows from that of the root of the sum over all i and j, which is a seminorm.

    References
    ----------
    Widmann D, Lindsten F, Zachariah D (2019). Calibration tests in multi-class classification. NeurIPS.
    arXiv:1910.11385

    Examples
    --------
    >>> error = kernel_calibration_error([0, 0, 1, 1], [0.2, 0.3, 0.3, 0.6], bandwidth=0.1, rng=0)
    >>> round(error.estimate, 4)
    -0.0388
    """
    refuse_groups(groups)
    given = check_forecasts(y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, event=event)
    width = None if bandwidth is None else check_number(bandwidth, name="bandwidth", low=0, open_low=True)
    level = check_level(confidence_level)
    n_resamples = check_integer(n_resamples, name="n_resamples", low=1)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    if not has_two_rows(sums.total, float(sums.squared_weight.sum())):
        raise refuse("y_true", "have at least two rows of like weight, to make pairs", f"{sums.n} in all")
    width = width or mean_distance(sums) or 1.0
    make = partial(KernelStatistic, bandwidth=width)
    draws = resample(sums, (make,), (make,), clusters=None, n_resamples=n_resamples, rng=check_rng(rng))
    observed, null, noise = float(draws.observed[make][0]), draws.null[make][:, 0], draws.noise[make][:, 0]
    return _judge(sums, observed, null, noise, width=width, level=level)


class KernelStatistic:
    """Mean over all pairs of rows, each with itself included, of the products of residuals and kernel.

    Notes
    -----
    For ascending p the sum over earlier rows of ``r_j exp(-(p_i - p_j) / h)`` is a cumulative sum of ``r_j
    exp(p_j / h)`` times ``exp(-p_i / h)``; blocks keep the exponents within what a number can hold.
    """

    __slots__ = ("_blocks", "_decay", "_expected", "_grow", "_shrink", "_total")

    def __init__(self, sums: ForecastSums, *, bandwidth: float) -> None:
        place = sums.risk / bandwidth
        first = [0]
        while (following := int(np.searchsorted(place, place[first[-1]] + _FAR, side="right"))) < len(place):
            first.append(following)
        self._blocks = np.append(first, len(place))
        origin = np.repeat(place[first], np.diff(self._blocks))
        self._grow, self._shrink = np.exp(place - origin), np.exp(origin - place)
        # What is left at the start of a block of the sum at the last row of the block before.
        self._decay = np.exp(place[np.maximum(self._blocks[:-1] - 1, 0)] - place[first])
        self._expected, self._total = sums.weight * sums.risk, sums.total

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the mean as an array of one number."""
        residual = events - self._expected
        grown = residual * self._grow
        carried = value = 0.0
        for k, (first, end) in enumerate(zip(self._blocks[:-1], self._blocks[1:], strict=True)):
            up_to = np.cumsum(grown[first:end]) + carried * self._decay[k]
            earlier = up_to * self._shrink[first:end]
            value += 2 * float((residual[first:end] * earlier).sum())
            carried = float(earlier[-1])
        return np.array([(value - float((residual**2).sum())) / self._total**2])

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give them as they are."""
        return reduced


def mean_distance(sums: ForecastSums) -> float:
    """Give the mean distance between the risks of two different rows."""
    below = np.cumsum(sums.weight) - sums.weight
    above = sums.total - below - sums.weight
    return 2 * float((sums.weight * sums.risk * (below - above)).sum()) / pair_weight(sums)


def pair_weight(sums: ForecastSums) -> float:
    """Give the sum of the products of the weights of two different rows."""
    return sums.total**2 - float(sums.squared_weight.sum())


def _judge(
    sums: ForecastSums, observed: float, null: FloatArray, noise: FloatArray, *, width: float, level: float
) -> CalibrationError:
    """Take the pairs of each row with itself away, and set the error beside its draws."""
    pairs, square = pair_weight(sums), sums.total**2
    alone = float(sums.residual_variance.sum())
    expected_alone = float((sums.squared_weight * sums.risk * (1 - sums.risk)).sum())
    root, margin = np.sqrt(max(observed, 0)), max(upper_point(np.sqrt(np.maximum(v, 0)), level) for v in (null, noise))
    return CalibrationError(
        name="squared kernel calibration error",
        estimate=(observed * square - alone) / pairs,
        null_mean=0.0,
        null_high=(upper_point(null, 0.95) * square - expected_alone) / pairs,
        p_value=monte_carlo_p_value(null),
        low=float(max(0.0, root - margin) ** 2),
        high=float((root + margin) ** 2),
        method=f"Laplace kernel, bandwidth {number(width)}, unbiased",
    )
