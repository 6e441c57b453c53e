"""The binned calibration error: how far event rate and mean risk are apart in bins of the risk."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np

from riskdec._base.checks import check_integer, check_level, check_option, check_rng
from riskdec.diagnostics.distances.binning import bin_forecasts, find_bins
from riskdec.diagnostics.distances.errors import judge
from riskdec.diagnostics.draws import cluster_events, cluster_rows, null_events, pool_draws
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import ArrayLike, FloatArray, IntArray, RngLike, WeightKind
    from riskdec.diagnostics.distances.binning import Binning, Bins
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.draws import Clusters
    from riskdec.scores.sums import ForecastSums

Norm = Literal["l1", "l2", "max"]

BIN_WORDS: dict[Binning, str] = {"equal_mass": "equal mass", "equal_width": "equal width"}
_HOW: dict[Norm, str] = {"l1": "mean distance", "l2": "root mean square distance", "max": "largest distance"}
# From so many expected events and non-events on, the residuals of a bin are drawn from their normal law.
ENOUGH_IN_A_BIN = 50


def binned_calibration_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    n_bins: int = 15,
    binning: Binning = "equal_mass",
    norm: Norm = "l1",
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    n_resamples: int = 999,
    rng: RngLike = None,
) -> CalibrationError:
    """Measure how far event rate and mean risk are apart in bins (ECE); beside it what chance alone gives.

    Its value depends on the bins and grows with their number; `debiased_calibration_error` does not.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows.
    n_bins : int
        Number of bins; fewer are used where risks are tied, or where bins of equal width hold no rows.
    binning : {"equal_mass", "equal_width"}
        Whether bins hold equally many rows, or are equally wide (closed on the left). Tied risks share a bin.
    norm : {"l1", "l2", "max"}
        Mean of the distances over the rows (the expected calibration error), root of their mean square, or the largest
        distance.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other. The p-value is then withheld.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    confidence_level : float
        Level of the interval, which is that of the error in these bins.
    n_resamples : int
        Number of draws under calibration.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    CalibrationError
        `method` tells how many bins were used.

    Raises
    ------
    InputError
        For risks outside [0, 1], missing values, negative weights, frequency weights that are not whole numbers.

    Notes
    -----
    With W_b the weight of bin b and R_b its sum of weight times (outcome minus risk): ``sum |R_b| / W``,
    ``sqrt(sum R_b^2 / (W_b W))`` or ``max |R_b| / W_b``. Where each bin expects 50 events and non-events the draws
    under calibration are normal with the exact variances; otherwise outcomes are drawn.

    References
    ----------
    Naeini MP, Cooper GF, Hauskrecht M (2015). Obtaining well calibrated probabilities using Bayesian binning. AAAI.

    Examples
    --------
    >>> error = binned_calibration_error([0, 0, 1, 1], [0.1, 0.3, 0.6, 0.8], n_bins=2, rng=0)
    >>> error.estimate, error.method
    (0.25, '2 bins of equal mass, mean distance')
    """
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    n_bins = check_integer(n_bins, name="n_bins", low=1)
    check_option(binning, BIN_WORDS, name="binning")
    check_option(norm, _HOW, name="norm")
    level = check_level(confidence_level)
    n_resamples = check_integer(n_resamples, name="n_resamples", low=1)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    bins = bin_forecasts(sums, find_bins(sums, n_bins, binning))
    clusters = cluster_rows(given)
    null, noise = draw_residuals(sums, bins, clusters, n_resamples, check_rng(rng))
    observed, null, noise = (bin_norms(values, bins.weight, norm) for values in (bins.residual[None, :], null, noise))
    return judge(
        "binned calibration error",
        np.concatenate([observed, null]),
        method=f"{bins_text(len(bins.start), binning)}, {_HOW[norm]}",
        is_valid_test=clusters is None,
        spread=(np.concatenate([observed, null]), np.concatenate([observed, noise])),
        confidence_level=level,
    )


def bins_text(number_of_bins: int, binning: Binning) -> str:
    """Say how many bins of which kind."""
    return f"{number_of_bins} bin{'s' if number_of_bins > 1 else ''} of {BIN_WORDS[binning]}"


def bin_norms(residual: FloatArray, weight: FloatArray, norm: Norm) -> FloatArray:
    """Give the error for each line of residual sums per bin."""
    if norm == "max":
        return np.asarray(np.abs(residual / weight).max(axis=1), dtype=np.float64)
    if norm == "l2":
        return np.asarray(np.sqrt((residual**2 / weight).sum(axis=1) / weight.sum()), dtype=np.float64)
    return np.asarray(np.abs(residual).sum(axis=1) / weight.sum(), dtype=np.float64)


def draw_residuals(
    sums: ForecastSums, bins: Bins, clusters: Clusters | None, n_resamples: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw residual sums per bin, each of shape (n_resamples, k): under calibration, and residuals times multipliers.

    With clusters: residuals times one multiplier per group first, and outcomes drawn from the risks second.
    """
    shape = (n_resamples, len(bins.start))
    if clusters is not None:
        moved = _residuals_of(sums, bins.start, cluster_events(sums, clusters, rng), n_resamples)
        return moved, _residuals_of(sums, bins.start, null_events(sums, rng), n_resamples)
    if _enough_everywhere(bins):
        null = rng.standard_normal(shape) * np.sqrt(bins.null_variance)
    else:
        coarse = pool_draws(sums, edges=bins.start)
        start = bins.start if coarse is sums else np.searchsorted(_rows_below(coarse), _rows_below(sums)[bins.start])
        null = _residuals_of(coarse, start, null_events(coarse, rng), n_resamples)
    return null, rng.standard_normal(shape) * np.sqrt(bins.squared_residual)


def _enough_everywhere(bins: Bins) -> bool:
    mean_risk = bins.expected / bins.weight
    return bool((bins.n_effective * np.minimum(mean_risk, 1 - mean_risk) >= ENOUGH_IN_A_BIN).all())


def _rows_below(sums: ForecastSums) -> FloatArray:
    return np.cumsum(sums.weight) - sums.weight


def _residuals_of(sums: ForecastSums, start: IntArray, events: Iterator[FloatArray], n_resamples: int) -> FloatArray:
    expected = sums.weight * sums.risk
    return np.array([np.add.reduceat(drawn - expected, start) for drawn in islice(events, n_resamples)])
