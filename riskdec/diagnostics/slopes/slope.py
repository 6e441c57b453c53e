"""Calibration slope, its intercept, and calibration in the large, as an answer of their own."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_level, check_rng, refuse
from riskdec._base.findings import findings_table
from riskdec._base.result import Result
from riskdec._base.table import Table, count, interval, number, p_value
from riskdec.diagnostics.draws import resample
from riskdec.diagnostics.findings import about_hierarchy
from riskdec.diagnostics.hypothesis_tests import choose_draws
from riskdec.diagnostics.slopes.certain_risks import can_be_recalibrated
from riskdec.diagnostics.slopes.hierarchy import fit_hierarchy
from riskdec.diagnostics.slopes.hierarchy_tests import BY_CONSTRUCTION, HierarchyStatistic
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.result import Estimate
    from riskdec._base.typing import ArrayLike, RngLike, WeightKind
    from riskdec.diagnostics.hypothesis_tests import CalibrationTest


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CalibrationSlope(Result):
    """Mean and weak calibration.

    Attributes
    ----------
    citl : Estimate
        Calibration in the large: log odds that the risks are too low on average; 0 is right.
    slope : Estimate
        Below 1 the risks are too extreme, above 1 too flat.
    intercept : Estimate
        Intercept of the slope model; not calibration in the large.
    citl_profile, slope_profile, intercept_profile : Estimate
        The same with profile-likelihood intervals, which need not be symmetric.
    tests : tuple of CalibrationTest
        That calibration in the large is 0, the slope 1, and both at once.
    n, n_events : int
        Rows, and rows with the event.
    n_groups : int or None
        Number of groups of dependent rows.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    confidence_level : float
        Level of the intervals.
    findings : tuple of Finding
        Says why where an estimate or an interval is missing (nan).
    """

    citl: Estimate
    slope: Estimate
    intercept: Estimate
    citl_profile: Estimate
    slope_profile: Estimate
    intercept_profile: Estimate
    tests: tuple[CalibrationTest, ...]
    n: int
    n_events: int
    n_groups: int | None
    weight_kind: WeightKind
    confidence_level: float
    findings: tuple[Finding, ...]

    def _headline(self) -> str:
        return f"slope {self.slope!r}, citl {self.citl!r}, n={self.n}"

    def summary(self) -> Table:
        """Give estimates, tests and findings as tables."""
        named = (
            ("calibration in the large", self.citl, self.citl_profile),
            ("slope", self.slope, self.slope_profile),
            ("intercept", self.intercept, self.intercept_profile),
        )
        level = f"{100 * self.confidence_level:g} % Wald interval"
        return Table(
            title=f"Calibration slope: {count(self.n)} rows, {count(self.n_events)} events",
            header=("", "estimate", level, "profile likelihood"),
            rows=tuple((name, value_text(e), limits_text(e), limits_text(profile)) for name, e, profile in named),
            sections=(tests_table(self.tests), findings_table(self.findings)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text; what does not exist is None."""
        return {
            "citl": self.citl.to_dict(),
            "slope": self.slope.to_dict(),
            "intercept": self.intercept.to_dict(),
            "citl_profile": self.citl_profile.to_dict(),
            "slope_profile": self.slope_profile.to_dict(),
            "intercept_profile": self.intercept_profile.to_dict(),
            "tests": [test.to_dict() for test in self.tests],
            "n": self.n,
            "n_events": self.n_events,
            "n_groups": self.n_groups,
            "weight_kind": self.weight_kind,
            "confidence_level": self.confidence_level,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def value_text(estimate: Estimate) -> str:
    """Write an estimate, or that it does not exist."""
    return "not assessable" if isnan(estimate.estimate) else number(estimate.estimate, 3)


def apparent_text(estimate: Estimate, right: float) -> str:
    """Write an estimate on training rows; what maximum likelihood makes right there is no evidence."""
    if abs(estimate.estimate - right) < BY_CONSTRUCTION:
        return f"{number(right)} (by construction)"
    return value_text(estimate)


def limits_text(estimate: Estimate) -> str:
    """Write an interval; nothing where the estimate does not exist, and a word where events are too few."""
    if isnan(estimate.estimate):
        return ""
    return "withheld" if isnan(estimate.low) else interval(estimate.low, estimate.high, 3)


def tests_table(tests: tuple[CalibrationTest, ...]) -> Table:
    """Give tests as a table, one line each."""
    rows = tuple(
        (
            test.name,
            number(test.statistic),
            "" if test.df is None else number(test.df),
            "withheld" if isnan(test.p_value) and not isnan(test.statistic) else p_value(test.p_value),
            test.method,
        )
        for test in tests
    )
    notes = () if rows else ("none",)
    return Table(title="Tests", header=("", "statistic", "df", "p", "method"), rows=rows, notes=notes)


def calibration_slope(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    n_resamples: int | None = None,
    rng: RngLike = None,
) -> CalibrationSlope:
    """Estimate calibration in the large, and the calibration slope with its intercept.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows, strictly between 0 and 1.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important; importance weights
        bring sandwich intervals and Wald tests.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other: intervals and tests are cluster-robust.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    confidence_level : float
        Level of the intervals.
    n_resamples : int, optional
        Number of draws under calibration from which p-values are taken. By default 999 where fewer than 100 events or
        non-events are expected, and none elsewhere: p-values are then those of the limit law. Not with groups.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    CalibrationSlope
        Numbers that do not exist are nan, and a finding says why.

    Raises
    ------
    InputError
        For risks outside [0, 1], missing values, negative weights, frequency weights that are not whole numbers.

    Notes
    -----
    Calibration in the large is a in ``logit P(y = 1) = a + logit p``; intercept and slope are a and b in
    ``logit P(y = 1) = a + b logit p``: two intercepts with two names. p-values of draws are exact whatever the number
    of events, ties and weights; those of the limit law are labelled "asymptotic". Below ten events or non-events,
    expected or seen, intervals are withheld, and calibration in the large is tested exactly by the number of events.

    References
    ----------
    Van Calster B, Nieboer D, Vergouwe Y, De Cock B, Pencina MJ, Steyerberg EW (2016). A calibration hierarchy for
    risk models was defined: from utopia to empirical data. Journal of Clinical Epidemiology 74:167-176.
    doi:10.1016/j.jclinepi.2015.12.005

    Examples
    --------
    >>> answer = calibration_slope([0, 1, 0, 1] * 30, [0.1, 0.2, 0.6, 0.9] * 30)
    >>> answer.slope
    0.493 (0.2527 to 0.7333)
    """
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    level = check_level(confidence_level)
    if n_resamples is not None and given.groups is not None:
        cure = "How rows of a group depend is not known, so nothing can be drawn; the tests are cluster-robust."
        raise refuse("n_resamples", "be left out when rows come in groups", n_resamples, cure)
    generator = check_rng(rng)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    n_draws = choose_draws(sums, n_resamples)
    draws = None
    if n_draws and given.groups is None and can_be_recalibrated(sums):
        draws = resample(sums, (HierarchyStatistic,), clusters=None, n_resamples=n_draws, rng=generator)
    fitted = fit_hierarchy(sums, given, confidence_level=level, draws=draws)
    return CalibrationSlope(
        citl=fitted.citl,
        slope=fitted.slope,
        intercept=fitted.intercept,
        citl_profile=fitted.profile.citl,
        slope_profile=fitted.profile.slope,
        intercept_profile=fitted.profile.intercept,
        tests=fitted.tests,
        n=sums.n,
        n_events=sums.n_events,
        n_groups=given.n_groups,
        weight_kind=given.weight_kind,
        confidence_level=level,
        findings=about_hierarchy(sums, given, fitted),
    )
