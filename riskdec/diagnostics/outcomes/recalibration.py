"""Multinomial recalibration: intercepts, a common slope, and tests that all probabilities are right together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Estimate, jsonable
from riskdec.diagnostics.hypothesis_tests import TOO_FEW_EVENTS, CalibrationTest
from riskdec.diagnostics.outcomes.common_slope import CommonSlope, fit_common_slope
from riskdec.likelihood import fit_multinomial, multinomial_residuals, sandwich_covariance

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.diagnostics.outcomes.many_outcomes import ManyForecasts
    from riskdec.likelihood import LogitFit

INTERCEPTS_TEST = "all intercepts = 0"
SLOPE_TEST = "slope = 1, whatever the intercepts"
FULL_TEST = "intercepts = 0 and slopes = identity"
# The full model has K coefficients for each log-odds, and takes so many rows of the rarest outcome for each.
_ROWS_PER_COEFFICIENT = 10
_MOST_OUTCOMES = 14


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class MultinomialRecalibration:
    """Mean and weak calibration of all outcomes together.

    Attributes
    ----------
    intercepts : tuple of Estimate
        One for each outcome, with mean zero: the log of the factor by which its probability is too low against the
        others on average; 0 is right.
    slope : Estimate
        The common slope of all log-odds, 1 over the temperature; below 1 the probabilities are too extreme.
    tests : tuple of CalibrationTest
        That all intercepts are 0, that the slope is 1, and that the full recalibration changes nothing.
    gain : float
        Nats per row that intercepts and common slope, fitted to these very rows, gain: the part of the log score that
        such a recalibration could remove. Not negative, and positive by chance alone.
    obstacle : str
        Why something does not exist; empty where all do.
    """

    intercepts: tuple[Estimate, ...]
    slope: Estimate
    tests: tuple[CalibrationTest, ...]
    gain: float
    obstacle: str

    def __repr__(self) -> str:
        return f"<MultinomialRecalibration: slope {self.slope!r}, {len(self.intercepts)} outcomes>"

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text; what does not exist is None."""
        return {
            "intercepts": [estimate.to_dict() for estimate in self.intercepts],
            "slope": self.slope.to_dict(),
            "tests": [test.to_dict() for test in self.tests],
            "gain": jsonable(self.gain),
            "obstacle": self.obstacle,
        }


def recalibrate(given: ManyForecasts, *, confidence_level: float) -> MultinomialRecalibration:
    """Fit intercepts, common slope, and where rows suffice the full recalibration of all log-odds.

    Notes
    -----
    With outcome 0 as reference ``log P(y = k)/P(y = 0) = a_k + sum_j B_kj log(p_j / p_0)``. Intercepts: B is the
    identity. Common slope: B is b times the identity. Full: B is free, K (K - 1) coefficients in all. Likelihood
    ratios do not depend on the reference, nor does the common slope; slopes of single log-odds do, so none are given.
    Importance weights and groups: Wald tests with the sandwich, and no full model.

    References
    ----------
    Van Hoorde K, Vergouwe Y, Timmerman D, Van Huffel S, Steyerberg EW, Van Calster B (2014). Assessing calibration of
    multinomial risk prediction models. Statistics in Medicine 33:2585-2596. doi:10.1002/sim.6114
    """
    missing = Estimate(estimate=np.nan, low=np.nan, high=np.nan, confidence_level=confidence_level)
    obstacle = _obstacle(given)
    nothing = (missing,) * len(given.outcomes)
    if obstacle:
        return MultinomialRecalibration(intercepts=nothing, slope=missing, tests=(), gain=np.nan, obstacle=obstacle)
    logs = np.log(given.proba)
    log_odds = logs[:, 1:] - logs[:, :1]
    as_given = float((given.each_weight * logs[np.arange(len(logs)), given.codes]).sum())
    shifted = _fit(given, np.empty((len(logs), 0)), log_odds)
    line = fit_common_slope(
        log_odds,
        given.codes,
        given.each_weight,
        meat_of=given.groups,
        robust=given.weight_kind == "importance",
    )
    if not (shifted.converged and line.exists):
        what = "the probabilities separate the outcomes, or the likelihood is flat"
        return MultinomialRecalibration(intercepts=nothing, slope=missing, tests=(), gain=np.nan, obstacle=what)
    width = _quantile(confidence_level, given.n_groups)
    full, reason = _full_log_likelihood(given, log_odds)
    covariance = _covariance(given, shifted)
    tests = _tests(given, (as_given, shifted.log_likelihood, line.log_likelihood, full), shifted, covariance, line)
    return MultinomialRecalibration(
        intercepts=_intercepts(shifted, covariance, width, confidence_level),
        slope=_estimate(float(line.coef[-1]), float(line.covariance[-1, -1]), width, confidence_level),
        tests=tests,
        gain=max(0.0, line.log_likelihood - as_given) / float(given.each_weight.sum()),
        obstacle=reason,
    )


def _obstacle(given: ManyForecasts) -> str:
    zeros = int((given.proba == 0).any(axis=1).sum())
    if zeros:
        return f"{zeros} rows hold a probability of exactly 0, whose logarithm is infinite"
    n_rows = given.each_weight if given.weight_kind == "frequency" else np.ones(len(given.codes))
    seen = np.bincount(given.codes, n_rows, minlength=len(given.outcomes))
    expected = n_rows @ given.proba
    rarest = int(np.minimum(seen, expected).argmin())
    if min(seen[rarest], expected[rarest]) < TOO_FEW_EVENTS:
        name = given.names[rarest]
        return f"the outcome {name} has {seen[rarest]:.0f} rows, and {expected[rarest]:.3g} expected: too few"
    return ""


def _fit(given: ManyForecasts, X: FloatArray, offset: FloatArray | None) -> LogitFit:
    return fit_multinomial(X, given.codes, len(given.outcomes), weight=given.weight, offset=offset)


def _full_log_likelihood(given: ManyForecasts, log_odds: FloatArray) -> tuple[float, str]:
    """Give the log-likelihood of the full recalibration, or nan and why there is none."""
    n_outcomes = len(given.outcomes)
    if not given.is_likelihood:
        return np.nan, "the full recalibration is tested on independent rows without importance weights only"
    if n_outcomes > _MOST_OUTCOMES:
        return np.nan, f"the full recalibration is fitted for at most {_MOST_OUTCOMES} outcomes"
    rarest = float(np.bincount(given.codes, given.weight, minlength=n_outcomes).min())
    if rarest < _ROWS_PER_COEFFICIENT * n_outcomes:
        needed = _ROWS_PER_COEFFICIENT * n_outcomes
        return np.nan, f"the full recalibration needs {needed} rows of each outcome; the rarest has {rarest:.0f}"
    full = _fit(given, log_odds, None)
    if not full.converged or full.aliases:
        return np.nan, "the full recalibration has no maximum likelihood estimate"
    return full.log_likelihood, ""


def _covariance(given: ManyForecasts, fit: LogitFit) -> FloatArray:
    if given.is_likelihood:
        return fit.covariance
    residual = multinomial_residuals(given.codes, fit.linear_predictor)
    if given.weight_kind == "importance":
        return sandwich_covariance(fit, residual * given.each_weight[:, None], groups=given.groups)
    return sandwich_covariance(fit, residual, multiplicity=given.weight, groups=given.groups)


def _intercepts(fit: LogitFit, covariance: FloatArray, width: float, confidence_level: float) -> tuple[Estimate, ...]:
    n_outcomes = len(fit.coef) + 1
    centre = np.eye(n_outcomes)[:, 1:] - 1 / n_outcomes
    values = centre @ fit.coef[:, 0]
    variances = np.einsum("ij,jk,ik->i", centre, covariance, centre)
    pairs = zip(values.tolist(), variances.tolist(), strict=True)
    return tuple(_estimate(value, variance, width, confidence_level) for value, variance in pairs)


def _estimate(value: float, variance: float, width: float, confidence_level: float) -> Estimate:
    margin = width * float(np.sqrt(variance))
    return Estimate(estimate=value, low=value - margin, high=value + margin, confidence_level=confidence_level)


def _quantile(confidence_level: float, n_groups: int | None) -> float:
    from scipy.special import ndtri, stdtrit

    upper = (1 + confidence_level) / 2
    return float(ndtri(upper) if n_groups is None else stdtrit(n_groups - 1, upper))


def _tests(
    given: ManyForecasts,
    log_likelihoods: tuple[float, float, float, float],
    shifted: LogitFit,
    covariance: FloatArray,
    line: CommonSlope,
) -> tuple[CalibrationTest, ...]:
    n_outcomes = len(given.outcomes)
    if not given.is_likelihood:
        off = np.array([line.coef[-1] - 1])
        return (
            *_wald(INTERCEPTS_TEST, shifted.coef[:, 0], covariance, given.n_groups),
            *_wald(SLOPE_TEST, off, line.covariance[-1:, -1:], given.n_groups),
        )
    as_given, with_shift, with_slope, full = log_likelihoods
    tests = [
        _likelihood_ratio(INTERCEPTS_TEST, with_shift - as_given, n_outcomes - 1),
        _likelihood_ratio(SLOPE_TEST, with_slope - with_shift, 1),
    ]
    if not np.isnan(full):
        tests.append(_likelihood_ratio(FULL_TEST, full - as_given, n_outcomes * (n_outcomes - 1)))
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


def _wald(name: str, off: FloatArray, covariance: FloatArray, n_groups: int | None) -> tuple[CalibrationTest, ...]:
    from scipy.special import chdtrc, fdtrc

    df = len(off)
    if n_groups is not None and n_groups <= df:
        # So few groups leave a covariance without full rank.
        return ()
    statistic = float(off @ np.linalg.solve(covariance, off))
    tail = chdtrc(df, statistic) if n_groups is None else fdtrc(df, n_groups - 1, statistic / df)
    return (
        CalibrationTest(name=f"{name} (Wald)", statistic=statistic, df=df, p_value=float(tail), method="asymptotic"),
    )
