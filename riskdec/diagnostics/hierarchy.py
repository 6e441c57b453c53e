"""Mean and weak calibration: calibration in the large, and the slope model with its own intercept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.result import Estimate
from riskdec.diagnostics.hypothesis_tests import (
    TOO_FEW_EVENTS,
    CalibrationTest,
    event_count_test,
    fewest_expected,
)
from riskdec.likelihood import fit_binomial, sandwich_covariance
from riskdec.likelihood.binomial import risk_and_normaliser, risks

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood import LogitFit
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

CITL_TEST = "calibration in the large = 0"
SLOPE_TEST = "slope = 1, whatever the intercept"
BOTH_TEST = "intercept = 0 and slope = 1"


# Fisher information about the log-odds in the outcome of one row whose risk is one half.
_ONE_ROW = 0.25


class Hierarchy(NamedTuple):
    """Estimates and tests of mean and weak calibration.

    Attributes
    ----------
    citl : Estimate
        Calibration in the large: the one coefficient of ``logit P(y = 1) = a + logit p``.
    intercept, slope : Estimate
        The coefficients of ``logit P(y = 1) = a + b logit p``.
    tests : tuple of CalibrationTest
        Tests that they are 0, 0 and 1.
    obstacle : str
        Why an estimate does not exist; empty where all do. What does not exist is nan.
    has_intervals : bool
        Whether there are events enough for Wald intervals; their limits are nan otherwise.
    """

    citl: Estimate
    intercept: Estimate
    slope: Estimate
    tests: tuple[CalibrationTest, ...]
    obstacle: str
    has_intervals: bool


class _Rows(NamedTuple):
    # One row per forecast and outcome, or per row of the data; v sums squared weights, for the sandwich.
    logit: FloatArray
    y: FloatArray
    weight: FloatArray
    squared_weight: FloatArray


class _Model(NamedTuple):
    fit: LogitFit
    covariance: FloatArray


def fit_hierarchy(sums: ForecastSums, given: Forecasts, *, confidence_level: float) -> Hierarchy:
    """Fit the offset model and the slope model.

    Parameters
    ----------
    sums : ForecastSums
        The rows, summed.
    given : Forecasts
        The same rows one by one, for the groups.
    confidence_level : float
        Level of the Wald intervals.

    Returns
    -------
    Hierarchy

    Notes
    -----
    Covariance: inverse information for frequency weights, sandwich for importance weights, cluster-robust with
    groups, then with t quantiles of G - 1 degrees of freedom. Likelihood-ratio tests where the likelihood is one, that
    is without groups and importance weights; Wald tests elsewhere.

    References
    ----------
    Cox DR (1958). Two further applications of a model for binary regression. Biometrika 45:562-565.
    """
    enough = min(fewest_expected(sums), sums.n_events, sums.n - sums.n_events) >= TOO_FEW_EVENTS
    exact: tuple[CalibrationTest, ...] = () if enough or not _is_likelihood(given) else (event_count_test(sums),)
    obstacle = _obstacle(sums)
    missing = Estimate(estimate=np.nan, low=np.nan, high=np.nan, confidence_level=confidence_level)
    if obstacle:
        return Hierarchy(missing, missing, missing, exact, obstacle, enough)
    rows = _cells(sums) if given.groups is None else _single_rows(given)
    offset = _fit(rows, given, np.empty((len(rows.y), 0)), offset=rows.logit)
    line = _fit(rows, given, rows.logit[:, None], offset=None)
    width = _quantile(confidence_level, given.n_groups) if enough else np.nan
    shift_obstacle, slope_obstacle = _shift_obstacle(rows, given, offset.fit), _slope_obstacle(line.fit)
    citl, intercept, slope, tests = missing, missing, missing, exact
    if not shift_obstacle:
        citl = _estimate(offset, 0, width, confidence_level)
        tests = _tests(rows, given, offset, None if slope_obstacle else line) if enough else exact
    if not slope_obstacle:
        intercept, slope = (_estimate(line, place, width, confidence_level) for place in (0, 1))
    obstacle = "; ".join(dict.fromkeys(filter(None, (shift_obstacle, slope_obstacle))))
    return Hierarchy(citl, intercept, slope, tests, obstacle, enough)


def _is_likelihood(given: Forecasts) -> bool:
    return given.groups is None and given.weight_kind == "frequency"


def _obstacle(sums: ForecastSums) -> str:
    if sums.risk[0] == 0 or sums.risk[-1] == 1:
        return "risks of exactly 0 or 1 have no logit"
    if sums.n_events in (0, sums.n):
        return "there are no events" if sums.n_events == 0 else "there are no non-events"
    return ""


def _shift_obstacle(rows: _Rows, given: Forecasts, fit: LogitFit) -> str:
    """Say why the offset model has no estimate; where the likelihood is flat, any shift fits the rows as well."""
    if not fit.converged:
        return "the offset model did not converge"
    risk = risks(fit.linear_predictor)
    information = float((rows.weight * risk * (1 - risk)).sum())
    if given.weight_kind == "importance":
        information *= float(rows.weight.sum() / rows.squared_weight.sum())
    if information < _ONE_ROW:
        return "the risks are so near 0 and 1 that shifts of very different size fit these rows alike"
    return ""


def _slope_obstacle(fit: LogitFit) -> str:
    if fit.aliases:
        return "all risks are the same, so there is no slope"
    if fit.status == "separated":
        return "the risks separate events from non-events, so the slope is infinite"
    return "" if fit.converged else "the slope model did not converge"


def _cells(sums: ForecastSums) -> _Rows:
    both = np.concatenate([sums.events, sums.nonevents])
    seen = both > 0
    squared = np.concatenate([sums.squared_events, sums.squared_weight - sums.squared_events])
    logit = np.tile(_logit(sums.risk), 2)
    y = np.repeat([1.0, 0.0], len(sums.risk))
    return _Rows(logit[seen], y[seen], both[seen], squared[seen])


def _single_rows(given: Forecasts) -> _Rows:
    weight = np.ones(len(given.risk)) if given.weight is None else given.weight
    return _Rows(_logit(given.risk), given.is_event.astype(np.float64), weight, weight**2)


def _logit(risk: FloatArray) -> FloatArray:
    from scipy.special import logit

    return np.asarray(logit(risk), dtype=np.float64)


def _fit(rows: _Rows, given: Forecasts, X: FloatArray, offset: FloatArray | None) -> _Model:
    fit = fit_binomial(X, rows.y, weight=rows.weight, offset=offset)
    if _is_likelihood(given) or fit.aliases or not fit.converged:
        return _Model(fit, fit.covariance)
    residual = rows.y - risks(fit.linear_predictor)
    if given.groups is None:
        covariance = sandwich_covariance(fit, np.sqrt(rows.squared_weight) * residual)
    elif given.weight_kind == "frequency":
        covariance = sandwich_covariance(fit, residual, multiplicity=rows.weight, groups=given.groups)
    else:
        covariance = sandwich_covariance(fit, rows.weight * residual, groups=given.groups)
    return _Model(fit, covariance)


def _quantile(confidence_level: float, n_groups: int | None) -> float:
    from scipy.special import ndtri, stdtrit

    upper = (1 + confidence_level) / 2
    return float(ndtri(upper) if n_groups is None else stdtrit(n_groups - 1, upper))


def _estimate(model: _Model, place: int, width: float, confidence_level: float) -> Estimate:
    value = float(model.fit.coef[place])
    margin = width * float(np.sqrt(model.covariance[place, place]))
    return Estimate(estimate=value, low=value - margin, high=value + margin, confidence_level=confidence_level)


def _tests(rows: _Rows, given: Forecasts, offset: _Model, line: _Model | None) -> tuple[CalibrationTest, ...]:
    if _is_likelihood(given):
        return _likelihood_ratio_tests(rows, offset, line)
    tests = [_wald(CITL_TEST, offset.fit.coef, offset.covariance, given.n_groups)]
    if line is not None:
        off = line.fit.coef - np.array([0.0, 1.0])
        tests.append(_wald(SLOPE_TEST, off[1:], line.covariance[1:, 1:], given.n_groups))
        tests.append(_wald(BOTH_TEST, off, line.covariance, given.n_groups))
    return tuple(tests)


def _likelihood_ratio_tests(rows: _Rows, offset: _Model, line: _Model | None) -> tuple[CalibrationTest, ...]:
    as_given = float((rows.weight * (rows.y * rows.logit - risk_and_normaliser(rows.logit)[1])).sum())
    shifted = offset.fit.log_likelihood
    tests = [_likelihood_ratio(CITL_TEST, shifted - as_given, 1)]
    if line is not None:
        stretched = line.fit.log_likelihood
        tests.append(_likelihood_ratio(SLOPE_TEST, stretched - shifted, 1))
        tests.append(_likelihood_ratio(BOTH_TEST, stretched - as_given, 2))
    return tuple(tests)


def _likelihood_ratio(name: str, gain: float, df: int) -> CalibrationTest:
    from scipy.special import chdtrc

    statistic = max(0.0, 2 * gain)
    return CalibrationTest(
        name=f"{name} (likelihood ratio)",
        statistic=statistic,
        df=df,
        p_value=float(chdtrc(df, statistic)),
        method="asymptotic",
    )


def _wald(name: str, off: FloatArray, covariance: FloatArray, n_groups: int | None) -> CalibrationTest:
    from scipy.special import chdtrc, fdtrc

    df = len(off)
    statistic = float(off @ np.linalg.solve(covariance, off))
    # With G groups the variance is estimated from G - 1 deviations: F instead of chi-square.
    tail = chdtrc(df, statistic) if n_groups is None else fdtrc(df, n_groups - 1, statistic / df)
    return CalibrationTest(name=f"{name} (Wald)", statistic=statistic, df=df, p_value=float(tail), method="asymptotic")
