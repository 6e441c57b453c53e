"""The smooth calibration error: how far the kernel-smoothed residuals are from zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_integer, check_level, check_rng
from riskdec._base.table import number
from riskdec.diagnostics.distances.errors import judge
from riskdec.diagnostics.draws import cluster_rows, resample
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.draws import Resamples
    from riskdec.scores.sums import ForecastSums

# Cells of [0, 1]; binning the residuals linearly on so many moves the error by less than 1e-7.
N_CELLS = 4096
_TOLERANCE = 1e-12
_MAX_STEPS = 100
_FIRST_BANDWIDTH = 0.05
_SLOPE_OF_NOISE = -1.5
# Beyond so many wave numbers times bandwidths, over pi, a Gaussian is below the smallest number.
_VANISHED = 12.5
# Lines whose cells stay in the cache.
_LINES_AT_A_TIME = 32


class SmoothStatistic:
    """Residuals binned on equal cells of [0, 1], shared linearly between the two nearest cell centres."""

    __slots__ = ("_expected", "_place", "_share", "_start", "_total")

    def __init__(self, sums: ForecastSums) -> None:
        position = sums.risk * N_CELLS - 0.5
        cell = np.floor(position)
        self._share = position - cell
        self._start = np.flatnonzero(np.concatenate([[True], cell[1:] != cell[:-1]]))
        # One cell more on either side; what falls there is reflected back.
        self._place = cell[self._start].astype(np.intp) + 1
        self._expected = sums.weight * sums.risk
        self._total = sums.total

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the mean residual in each cell."""
        residual = (events - self._expected) / self._total
        to_right = np.add.reduceat(residual * self._share, self._start)
        padded = np.zeros(N_CELLS + 2)
        padded[self._place] += np.add.reduceat(residual, self._start) - to_right
        padded[self._place + 1] += to_right
        padded[1] += padded[0]
        padded[-2] += padded[-1]
        return padded[1:-1]

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give the cosine transforms of the binned residuals."""
        from scipy.fft import dct

        return np.asarray(dct(reduced, axis=1), dtype=np.float64)


def smooth_norms(spectra: FloatArray, bandwidth: FloatArray | float) -> FloatArray:
    """Give the L1 norm of residuals smoothed by a Gaussian kernel that is reflected at 0 and 1.

    Parameters
    ----------
    spectra : ndarray of shape (r, N_CELLS)
        Cosine transforms of binned residuals.
    bandwidth : float or ndarray of shape (r,)
        Standard deviation of the kernel, one for all or one for each.

    Returns
    -------
    ndarray of shape (r,)

    Notes
    -----
    Reflected Gaussian smoothing is diagonal in the cosine basis: coefficient k shrinks by ``exp(-(pi k s)^2 / 2)``.
    """
    each = np.broadcast_to(np.asarray(bandwidth, dtype=np.float64), len(spectra))
    norms = np.empty(len(spectra))
    for start in range(0, len(spectra), _LINES_AT_A_TIME):
        lines = slice(start, start + _LINES_AT_A_TIME)
        norms[lines] = _norms_of_some(spectra[lines], each[lines])
    return norms


def _norms_of_some(spectra: FloatArray, bandwidth: FloatArray) -> FloatArray:
    from scipy.fft import idct

    n_cells, narrowest = spectra.shape[1], float(bandwidth.min())
    # What shrinks to less than the smallest number is left out: most coefficients, where kernels are wide.
    reach = n_cells if narrowest * n_cells <= _VANISHED else int(_VANISHED / narrowest) + 1
    shrink = np.exp(-0.5 * np.square(np.multiply.outer(bandwidth, np.pi * np.arange(reach))))
    smoothed = np.asarray(idct(spectra[:, :reach] * shrink, n=n_cells, axis=1, overwrite_x=True), dtype=np.float64)
    return np.asarray(np.abs(smoothed, out=smoothed).sum(axis=1), dtype=np.float64)


def fixed_points(spectra: FloatArray) -> FloatArray:
    """Find for each line the bandwidth that equals the error at that bandwidth.

    On logarithmic scales the norm falls as the bandwidth grows, with slope -1/2 where the residuals are noise. So
    ``log norm(s) - log s`` falls at least as fast as ``log s`` rises: one value of it bounds how far away its one root
    is. The secant method goes there, and where it does not halve the value, the middle of the bounds is tried.
    """
    found = np.zeros(len(spectra))
    left = np.arange(len(spectra))
    place = np.full(len(spectra), np.log(_FIRST_BANDWIDTH))
    infinite = np.full(len(spectra), np.inf)
    state = np.array([place, -infinite, infinite, infinite])
    for _ in range(_MAX_STEPS):
        bandwidth = np.exp(place)
        norm = smooth_norms(spectra[left], bandwidth)
        found[left] = np.where(norm > 0, bandwidth, 0.0)
        open_ = (np.abs(norm - bandwidth) >= _TOLERANCE) & (norm > 0)
        if not open_.any():
            break
        left = left[open_]
        place, state = _next_places(place[open_], np.log(norm[open_]) - place[open_], state[:, open_])
    return found


def _next_places(place: FloatArray, gap: FloatArray, state: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the places to try next, and what to know of them: last place and its gap, bounds of the root."""
    last, low, high, before = state
    slope = np.full(len(place), _SLOPE_OF_NOISE)
    moved = place != last
    slope[moved] = np.minimum(-1.0, (gap[moved] - before[moved]) / (place[moved] - last[moved]))
    low = np.maximum(low, np.where(gap > 0, place, place + gap))
    high = np.minimum(high, np.where(gap > 0, place + gap, place))
    secant = np.clip(place - gap / slope, low, high)
    slow = np.abs(gap) > np.abs(before) / 2
    return np.where(slow, (low + high) / 2, secant), np.array([place, low, high, gap])


def smooth_calibration_error(
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
    """Measure how far the kernel-smoothed residuals are from zero, at the bandwidth that equals the error.

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
        Level of the interval, which is that of the error at the bandwidth found.
    n_resamples : int
        Number of draws under calibration.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    CalibrationError

    Raises
    ------
    InputError
        For risks outside [0, 1], missing values, negative weights, frequency weights that are not whole numbers.

    Notes
    -----
    ``e(s) = integral over t in [0, 1] of |sum w K_s(t, p) (y - p)| / sum w`` with K the Gaussian kernel reflected at
    0 and 1; the error is the solution of ``e(s) = s``.

    References
    ----------
    Błasiok J, Nakkiran P (2023). Smooth ECE: principled reliability diagrams via kernel smoothing.
    arXiv:2309.12236

    Examples
    --------
    >>> round(smooth_calibration_error([0, 0, 1, 1], [0.3, 0.3, 0.4, 0.4], rng=0).estimate, 3)
    0.165
    """
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    level = check_level(confidence_level)
    n_resamples = check_integer(n_resamples, name="n_resamples", low=1)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    wanted = (SmoothStatistic,)
    draws = resample(sums, wanted, wanted, clusters=cluster_rows(given), n_resamples=n_resamples, rng=check_rng(rng))
    return judge_smooth(draws, confidence_level=level)


def judge_smooth(draws: Resamples, *, confidence_level: float) -> CalibrationError:
    """Set the error beside its draws."""
    null, noise = draws.null[SmoothStatistic], draws.noise[SmoothStatistic]
    bandwidth = float(fixed_points(draws.observed[SmoothStatistic][None, :])[0])
    return judge(
        "smooth calibration error",
        fixed_points(null),
        method=f"Gaussian kernel, bandwidth {number(bandwidth)}",
        is_valid_test=draws.is_valid_test,
        estimate=bandwidth,
        spread=(smooth_norms(null, bandwidth), smooth_norms(noise, bandwidth)),
        confidence_level=confidence_level,
    )
