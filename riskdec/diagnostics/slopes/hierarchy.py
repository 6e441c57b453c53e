"""Mean and weak calibration: calibration in the large, and the slope model with its own intercept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.result import Estimate
from riskdec.diagnostics.hypothesis_tests import TOO_FEW_EVENTS, event_count_test, fewest_expected
from riskdec.diagnostics.slopes.certain_risks import can_be_recalibrated, without_certainties
from riskdec.diagnostics.slopes.hierarchy_tests import (
    HierarchyStatistic,
    LogLikelihoods,
    drawn_tests,
    likelihood_ratio_tests,
    wald_tests,
)
from riskdec.diagnostics.slopes.mean_test import mean_calibration_test
from riskdec.diagnostics.slopes.profile_limits import ProfileLimits
from riskdec.diagnostics.slopes.recalibration_fits import fit_line, fit_shift, log_likelihood_as_given
from riskdec.diagnostics.slopes.recalibration_rows import is_likelihood, wald_width

if TYPE_CHECKING:
    from riskdec.diagnostics.draws import Resamples
    from riskdec.diagnostics.hypothesis_tests import CalibrationTest
    from riskdec.diagnostics.slopes.recalibration_fits import RecalibrationFit
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# Fisher information about the log-odds in the outcome of one row whose risk is one half.
_ONE_ROW = 0.25


class Hierarchy(NamedTuple):
    """Estimates and tests of mean and weak calibration.

    Attributes
    ----------
    citl : Estimate
        Calibration in the large: the one coefficient of ``logit P(y = 1) = a + logit p``; Wald interval.
    intercept, slope : Estimate
        The coefficients of ``logit P(y = 1) = a + b logit p``; Wald intervals.
    profile : Profile
        The same three with profile-likelihood intervals.
    tests : tuple of CalibrationTest
        Tests that they are 0, 0 and 1.
    obstacle : str
        Why an estimate does not exist; empty where all do. What does not exist is nan.
    has_intervals : bool
        Whether there are events enough for intervals; their limits are nan otherwise.
    """

    citl: Estimate
    intercept: Estimate
    slope: Estimate
    profile: Profile
    tests: tuple[CalibrationTest, ...]
    obstacle: str
    has_intervals: bool


class Profile(NamedTuple):
    """Calibration in the large, intercept and slope with profile-likelihood intervals.

    With importance weights or groups the fall of the log-likelihood is scaled by the ratio of the robust variance to
    that of the model, parameter by parameter.
    """

    citl: Estimate
    intercept: Estimate
    slope: Estimate


def fit_hierarchy(
    sums: ForecastSums, given: Forecasts, *, confidence_level: float, draws: Resamples | None = None
) -> Hierarchy:
    """Fit the offset model and the slope model.

    Parameters
    ----------
    sums : ForecastSums
        The rows, summed.
    given : Forecasts
        The same rows one by one, for the groups.
    confidence_level : float
        Level of the intervals.
    draws : Resamples, optional
        With those of `HierarchyStatistic` p-values come from them.

    Returns
    -------
    Hierarchy

    Notes
    -----
    Covariance: inverse information for frequency weights, sandwich for importance weights, cluster-robust with
    groups, then with t quantiles of G - 1 degrees of freedom. Likelihood-ratio tests where the likelihood is one, that
    is without groups and importance weights, and Wald tests elsewhere; with draws, which need independent rows, the
    ratio of the weighted likelihood serves as well, because its law is drawn. Below ten events or non-events, expected
    or seen, neither intervals nor asymptotic p-values: the exact test of the number of events and, with draws, theirs.

    Risks of exactly 0 or 1 that came true have likelihood 1 whatever the coefficients (the slope positive), so models
    and tests are those of the other rows. Where one proved wrong there is no estimate, and the number of events is
    tested alone.

    References
    ----------
    Cox DR (1958). Two further applications of a model for binary regression. Biometrika 45:562-565.
    """
    missing = Estimate(estimate=np.nan, low=np.nan, high=np.nan, confidence_level=confidence_level)
    nothing = Hierarchy(missing, missing, missing, Profile(missing, missing, missing), (), "", has_intervals=True)
    if not can_be_recalibrated(sums):
        obstacle = (
            "every risk is exactly 0 or 1" if not _is_uncertain(sums) else "a risk of exactly 0 or 1 proved wrong"
        )
        alone = (mean_calibration_test(sums, given),)
        return nothing._replace(tests=alone, obstacle=obstacle, has_intervals=_has_enough(sums))
    sums, given = without_certainties(sums, given)
    enough = _has_enough(sums)
    exact: tuple[CalibrationTest, ...] = () if enough or not is_likelihood(given) else (event_count_test(sums),)
    obstacle = _obstacle(sums, given)
    if obstacle:
        return nothing._replace(tests=exact, obstacle=obstacle, has_intervals=enough)
    offset, line = fit_shift(sums, given), fit_line(sums, given)
    width = wald_width(confidence_level, given.n_groups) if enough else np.nan
    shift_obstacle, slope_obstacle = _shift_obstacle(sums, given, offset), _slope_obstacle(line)
    citl, intercept, slope, tests = missing, missing, missing, exact
    if not shift_obstacle:
        citl = _estimate(offset, 0, width, confidence_level)
        found = _tests(sums, given, offset, None if slope_obstacle else line, draws)
        tests = found if enough else (*exact, *_beyond_counts(found, has_count=bool(exact)))
    if not slope_obstacle:
        intercept, slope = (_estimate(line, place, width, confidence_level) for place in (0, 1))
    obstacle = "; ".join(dict.fromkeys(filter(None, (shift_obstacle, slope_obstacle))))
    wald = Profile(citl, intercept, slope)
    models = (None if shift_obstacle else offset, None if slope_obstacle else line)
    profile = _profile(sums, models, wald, width) if enough else wald
    return Hierarchy(citl, intercept, slope, profile, tests, obstacle, enough)


def _has_enough(sums: ForecastSums) -> bool:
    return min(fewest_expected(sums), sums.n_events, sums.n - sums.n_events) >= TOO_FEW_EVENTS


def _is_uncertain(sums: ForecastSums) -> bool:
    return bool(((sums.risk > 0) & (sums.risk < 1)).any())


def _obstacle(sums: ForecastSums, given: Forecasts) -> str:
    if sums.n_events in (0, sums.n):
        return "there are no events" if sums.n_events == 0 else "there are no non-events"
    if given.n_groups == 1:
        return "the risks other than 0 and 1 are of one group"
    return ""


def _shift_obstacle(sums: ForecastSums, given: Forecasts, fit: RecalibrationFit) -> str:
    """Say why the offset model has no estimate; where the likelihood is flat, any shift fits the rows as well."""
    if fit.status != "certified":
        return "the offset model did not converge"
    information = fit.information
    if given.weight_kind == "importance":
        information *= sums.total / float(sums.squared_weight.sum())
    if information < _ONE_ROW:
        return "the risks are so near 0 and 1 that shifts of very different size fit these rows alike"
    return ""


def _slope_obstacle(fit: RecalibrationFit) -> str:
    if fit.is_constant:
        return "all risks are the same, so there is no slope"
    if fit.status == "separated":
        return "the risks separate events from non-events, so the slope is infinite"
    return "" if fit.status == "certified" else "the slope model did not converge"


def _estimate(model: RecalibrationFit, place: int, width: float, confidence_level: float) -> Estimate:
    value = float(model.coef[place])
    margin = width * float(np.sqrt(model.covariance[place, place]))
    return Estimate(estimate=value, low=value - margin, high=value + margin, confidence_level=confidence_level)


def _profile(
    sums: ForecastSums, models: tuple[RecalibrationFit | None, RecalibrationFit | None], wald: Profile, width: float
) -> Profile:
    offset, line = models
    likelihood = ProfileLimits(sums)
    return Profile(
        wald.citl if offset is None else _limits(likelihood, offset, 0, wald.citl, width),
        wald.intercept if line is None else _limits(likelihood, line, 0, wald.intercept, width),
        wald.slope if line is None else _limits(likelihood, line, 1, wald.slope, width),
    )


def _limits(likelihood: ProfileLimits, model: RecalibrationFit, place: int, wald: Estimate, width: float) -> Estimate:
    """Give the profile interval of one coefficient, the fall scaled by what robustness adds to its variance."""
    naive = float(model.naive[place, place])
    drop = 0.5 * width**2 * float(model.covariance[place, place]) / naive
    low, high = likelihood.limits(model.coef, place, standard_error=naive**0.5, drop=drop)
    return replace(wald, low=low, high=high)


def _tests(
    sums: ForecastSums,
    given: Forecasts,
    offset: RecalibrationFit,
    line: RecalibrationFit | None,
    draws: Resamples | None,
) -> tuple[CalibrationTest, ...]:
    drawn = draws is not None and draws.is_valid_test and HierarchyStatistic in draws.null
    if not (drawn or is_likelihood(given)):
        slope = None if line is None else (line.coef, line.covariance)
        return wald_tests((offset.coef, offset.covariance), slope, given.n_groups)
    found = LogLikelihoods(
        log_likelihood_as_given(sums), offset.log_likelihood, None if line is None else line.log_likelihood
    )
    if draws is not None and drawn:
        return drawn_tests(found, draws, is_weighted=not is_likelihood(given))
    return likelihood_ratio_tests(found)


def _beyond_counts(tests: tuple[CalibrationTest, ...], *, has_count: bool) -> tuple[CalibrationTest, ...]:
    """Leave out asymptotic p-values, and the test of calibration in the large where its exact one is given."""
    return tuple(test for test in tests[int(has_count) :] if test.method != "asymptotic")
