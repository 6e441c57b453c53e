"""Rows of a logistic recalibration, one per forecast and outcome where they are independent, and its covariance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.likelihood import sandwich_covariance
from riskdec.likelihood.binomial import risks

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood import LogitFit
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums


class RecalibrationRows(NamedTuple):
    """What a logistic model of the outcome on the logit is fitted to.

    Attributes
    ----------
    logit, y, weight : ndarray of shape (r,)
        Logit of the risk, outcome 0.0 or 1.0, sum of weights.
    squared_weight : ndarray of shape (r,)
        Sum of squared importance weights, for the sandwich.
    """

    logit: FloatArray
    y: FloatArray
    weight: FloatArray
    squared_weight: FloatArray


def is_likelihood(given: Forecasts) -> bool:
    """Say whether the weighted log-likelihood is one: independent rows, weights that count them."""
    return given.groups is None and given.weight_kind == "frequency"


def row_cells(sums: ForecastSums) -> RecalibrationRows:
    """Give one row for each forecast and outcome that occurs."""
    # Each array is cut to what occurs before the two outcomes are put together: of many single rows that is half.
    logit, nonevents = _logit(sums.risk), sums.nonevents
    with_event, without = sums.events > 0, nonevents > 0
    weight = np.concatenate([sums.events[with_event], nonevents[without]])
    squared = weight
    if sums.squared_weight is not sums.weight:
        missed = sums.squared_weight[without] - sums.squared_events[without]
        squared = np.concatenate([sums.squared_events[with_event], missed])
    y = np.zeros(len(weight))
    y[: np.count_nonzero(with_event)] = 1.0
    return RecalibrationRows(np.concatenate([logit[with_event], logit[without]]), y, weight, squared)


def single_rows(given: Forecasts) -> RecalibrationRows:
    """Give the rows themselves, as groups need them."""
    weight = np.ones(len(given.risk)) if given.weight is None else given.weight
    return RecalibrationRows(_logit(given.risk), given.is_event.astype(np.float64), weight, weight**2)


def robust_covariance(fit: LogitFit, rows: RecalibrationRows, given: Forecasts) -> FloatArray:
    """Give the inverse information for frequency weights, a sandwich for importance weights and for groups."""
    if is_likelihood(given) or fit.aliases or not fit.converged:
        return fit.covariance
    residual = rows.y - risks(fit.linear_predictor)
    if given.groups is None:
        return sandwich_covariance(fit, np.sqrt(rows.squared_weight) * residual)
    if given.weight_kind == "frequency":
        return sandwich_covariance(fit, residual, multiplicity=rows.weight, groups=given.groups)
    return sandwich_covariance(fit, rows.weight * residual, groups=given.groups)


def wald_width(confidence_level: float, n_groups: int | None) -> float:
    """Give the half-width of an interval in standard errors: of the normal law, or of t with G - 1 degrees."""
    from scipy.special import ndtri, stdtrit

    upper = (1 + confidence_level) / 2
    return float(ndtri(upper) if n_groups is None else stdtrit(n_groups - 1, upper))


def _logit(risk: FloatArray) -> FloatArray:
    from scipy.special import logit

    return np.asarray(logit(risk), dtype=np.float64)
