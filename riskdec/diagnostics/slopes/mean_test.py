"""The test of mean calibration that needs no logit: are there as many events as the risks say?"""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING

import numpy as np

from riskdec.diagnostics.hypothesis_tests import FEW_EVENTS, CalibrationTest, event_count_test, fewest_expected
from riskdec.diagnostics.slopes.recalibration_rows import is_likelihood

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

MEAN_TEST = "events as many as the risks say (score)"


def mean_calibration_test(sums: ForecastSums, given: Forecasts) -> CalibrationTest:
    """Test mean calibration whatever the risks, those of exactly 0 and 1 among them.

    Parameters
    ----------
    sums : ForecastSums
        The rows, summed.
    given : Forecasts
        The same rows one by one, for the groups.

    Returns
    -------
    CalibrationTest
        The exact test of the number of events where fewer than 100 events or non-events are expected of independent
        rows that count; elsewhere the score test.

    Notes
    -----
    ``z = sum w (y - p) / sqrt(sum v p (1 - p))``, v = w for frequency weights and w^2 for importance weights: the score
    test of a shift. With G groups the variance is ``G / (G - 1)`` times the sum of the squared group sums, and z is
    compared with the t law of G - 1 degrees. Where the sum cannot vary at all, its p-value is 1 or 0.
    """
    from scipy.special import ndtr, stdtr

    if is_likelihood(given) and fewest_expected(sums) < FEW_EVENTS:
        return event_count_test(sums)
    excess = float(sums.residual.sum())
    if given.groups is None:
        deviation = float(np.sqrt((sums.squared_weight * sums.risk * (1 - sums.risk)).sum()))
    else:
        by_group = _group_sums(given)
        deviation = float(np.sqrt((by_group**2).sum() * len(by_group) / (len(by_group) - 1)))
    z = excess / deviation if deviation else (0.0 if abs(excess) < 1e-9 * sums.total else inf)
    tail = ndtr(-abs(z)) if given.n_groups is None else stdtr(given.n_groups - 1, -abs(z))
    return CalibrationTest(
        name=MEAN_TEST,
        statistic=z if np.isfinite(z) else nan,
        df=None if given.n_groups is None else given.n_groups - 1,
        p_value=float(2 * tail),
        method="asymptotic",
    )


def _group_sums(given: Forecasts) -> FloatArray:
    residual = given.is_event - given.risk
    if given.weight is not None:
        residual = residual * given.weight
    return np.bincount(np.asarray(given.groups), weights=residual).astype(np.float64, copy=False)
