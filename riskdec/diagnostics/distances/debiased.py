"""The debiased calibration error: the mean squared distance in bins, less what chance adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_integer, check_level, check_option, check_rng, refuse
from riskdec.diagnostics.distances.binned import BIN_WORDS, bins_text, draw_residuals
from riskdec.diagnostics.distances.binning import (
    bin_forecasts,
    find_bins,
    has_two_rows,
    merge_lonely_bins,
    refuse_groups,
)
from riskdec.diagnostics.distances.errors import CalibrationError, monte_carlo_p_value, upper_point
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.diagnostics.distances.binning import Binning, Bins


def debiased_calibration_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    n_bins: int = 15,
    binning: Binning = "equal_mass",
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    n_resamples: int = 999,
    rng: RngLike = None,
) -> CalibrationError:
    """Estimate the mean squared distance of event rate and mean risk in bins without bias.

    Its mean is 0 if every risk is right, so it may be negative: nothing is clipped and no root is taken, which would
    bring the bias back. Of the errors that use bins this is the one to report.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most; rows independent of each other.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows.
    n_bins : int
        Number of bins; fewer are used where risks are tied. Bins of a single row are put to their neighbours.
    binning : {"equal_mass", "equal_width"}
        Whether bins hold equally many rows, or are equally wide. Tied risks share a bin.
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
        Number of draws under calibration, for the p-value and the 95 % point by chance.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    CalibrationError
        A squared distance: the root of 0.0004 is an error of 0.02.

    Raises
    ------
    InputError
        For risks outside [0, 1], missing values, negative weights, frequency weights that are not whole numbers, and
        fewer than two rows.

    Notes
    -----
    With r = y - p, n_b rows and mean residual m_b in bin b: ``sum (n_b / n) (m_b^2 - v_b)``, v_b the estimated variance
    ``sum (r - m_b)^2 / (n_b (n_b - 1))`` of m_b. Its interval is normal with variance
    ``sum (n_b / n)^2 (4 m_b^2 u_b + 2 u_b^2 n_b / (n_b - 1))``, u_b the larger of v_b and of the variance of m_b if
    the risks are right: with few events in a bin v_b is small just when m_b is too, and with v_b alone the interval
    covered in 0.88 of samples of 100 events. With importance weights the number of rows in v_b is
    ``(sum w)^2 / sum w^2``. Correcting by the variance of y instead, as is often done, also subtracts the spread of
    the risks inside a bin. The p-value is that of ``sum (n_b / n) m_b^2``.

    References
    ----------
    Kumar A, Liang P, Ma T (2019). Verified uncertainty calibration. NeurIPS. arXiv:1909.10155

    Examples
    --------
    >>> y, risk = [0, 1, 0, 1] * 50, [0.1, 0.3, 0.7, 0.9] * 50
    >>> error = debiased_calibration_error(y, risk, n_bins=2, rng=0)
    >>> round(error.estimate, 4), error.method
    (0.0884, '2 bins of equal mass, mean squared distance, debiased')
    """
    refuse_groups(groups)
    given = check_forecasts(y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, event=event)
    n_bins = check_integer(n_bins, name="n_bins", low=1)
    check_option(binning, BIN_WORDS, name="binning")
    level = check_level(confidence_level)
    n_resamples = check_integer(n_resamples, name="n_resamples", low=1)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    if not has_two_rows(sums.total, float(sums.squared_weight.sum())):
        raise refuse("y_true", "have at least two rows of like weight, for a variance", f"{sums.n} in all")
    bins = bin_forecasts(sums, merge_lonely_bins(sums, find_bins(sums, n_bins, binning)))
    drawn, _ = draw_residuals(sums, bins, None, n_resamples, check_rng(rng))
    null = centred_squares(np.concatenate([bins.residual[None, :], drawn]), bins)
    estimate, standard_error = debiased_square(bins)
    margin = _normal_quantile(level) * standard_error
    return CalibrationError(
        name="debiased squared calibration error",
        estimate=estimate,
        null_mean=0.0,
        null_high=upper_point(null, 0.95),
        p_value=monte_carlo_p_value(null),
        low=estimate - margin,
        high=estimate + margin,
        method=f"{bins_text(len(bins.start), binning)}, mean squared distance, debiased",
    )


def debiased_square(bins: Bins) -> tuple[float, float]:
    """Give the debiased mean squared distance and a standard error that does not vanish with the events of a bin."""
    share, mean, n = bins.weight / bins.weight.sum(), bins.residual / bins.weight, bins.n_effective
    # sum w^2 (r - m)^2 over the weight squared, made unbiased; rounding may take it below 0 where all r are equal.
    squares = bins.squared_residual - 2 * mean * bins.cross + mean**2 * bins.squared_weight
    variance = np.maximum(squares, 0) / bins.weight**2 * n / (n - 1)
    at_least = np.maximum(variance, bins.null_variance / bins.weight**2)
    terms = 4 * mean**2 * at_least + 2 * at_least**2 * n / (n - 1)
    return float((share * (mean**2 - variance)).sum()), float(np.sqrt((share**2 * terms).sum()))


def centred_squares(residual: FloatArray, bins: Bins) -> FloatArray:
    """Give for each line of residual sums the mean squared distance, less its mean if every risk is right."""
    squares = residual**2 - bins.null_variance
    return np.asarray((squares / bins.weight).sum(axis=1) / bins.weight.sum(), dtype=np.float64)


def _normal_quantile(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))
