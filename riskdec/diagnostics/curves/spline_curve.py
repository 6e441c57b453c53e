"""A smooth calibration curve by likelihood: logistic regression on a restricted cubic spline of the logit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import refuse
from riskdec.diagnostics.curves.bands import Band
from riskdec.diagnostics.draws import MAX_POINTS, neighbour_groups, pool_neighbours
from riskdec.diagnostics.hypothesis_tests import TOO_FEW_EVENTS, fewest_expected
from riskdec.diagnostics.slopes.many_fits import OneDesign
from riskdec.diagnostics.slopes.recalibration_rows import robust_covariance, row_cells, single_rows, wald_width
from riskdec.likelihood import fit_binomial
from riskdec.likelihood.binomial import risks
from riskdec.likelihood.splines.basis import spline_basis

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# Harrell's places for four knots: shares of the rows below them.
_KNOT_SHARES = (0.05, 0.35, 0.65, 0.95)
_FEWEST_KNOTS = 3
_OTHERS = "be 'isotonic', 'lowess' or 'binned' for these rows"


class SplineFit(NamedTuple):
    """A curve at each point, with the coefficients behind it.

    Attributes
    ----------
    knots : ndarray of shape (k,)
        On the logit scale; empty where ties leave a straight line.
    rate : ndarray of shape (m,)
        Fitted event rate at each (pooled) forecast.
    standard_error : ndarray of shape (m,)
        Of its logit: sandwich for importance weights, cluster-robust with groups.
    n_groups : int or None
        Number of groups of dependent rows.
    """

    knots: FloatArray
    rate: FloatArray
    standard_error: FloatArray
    n_groups: int | None

    @property
    def description(self) -> str:
        """How the curve was made, in words."""
        if not len(self.knots):
            return "logistic regression on the logit, no knots"
        return f"restricted cubic spline of the logit, {len(self.knots)} knots"


class SplineStatistic:
    """The spline curve of drawn outcomes, on at most 4,096 points."""

    __slots__ = ("_X", "_design", "_start")

    def __init__(self, sums: ForecastSums, *, knots: FloatArray) -> None:
        self._start = neighbour_groups(sums.weight)
        pooled = pool_neighbours(sums, MAX_POINTS)
        self._X = _design(pooled.risk, knots)
        self._design = OneDesign(self._X, pooled.weight)

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the moments of the outcomes."""
        return self._design.moments(np.add.reduceat(events, self._start))

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Fit all draws at once."""
        k = reduced.shape[1]
        calibrated = np.zeros(k)
        calibrated[1] = 1.0
        return risks(self._design.maximise(reduced, calibrated, range(k)).coef @ self._X.T)


def fit_spline(sums: ForecastSums, given: Forecasts) -> SplineFit:
    """Fit the curve to all rows.

    Raises
    ------
    InputError
        Where the fit does not exist: risks of 0 or 1, one distinct risk, one outcome, or separated outcomes.
    """
    if sums.risk[0] == 0 or sums.risk[-1] == 1:
        raise refuse("method", _OTHERS, "'spline'", "Risks of exactly 0 or 1 have no logit.")
    if len(sums.risk) == 1:
        raise refuse("method", _OTHERS, "'spline'", "All risks are the same.")
    knots = place_knots(sums)
    rows = row_cells(sums) if given.groups is None else single_rows(given)
    X = _design(risks(rows.logit), knots)
    fit = fit_binomial(X[:, 1:], rows.y, weight=rows.weight)
    if not fit.converged or fit.aliases:
        raise refuse("method", _OTHERS, "'spline'", "The likelihood of the spline has no maximum here: too few events.")
    covariance = robust_covariance(fit, rows, given)
    at = _design(pool_neighbours(sums, MAX_POINTS).risk, knots)
    variance = np.einsum("ij,jk,ik->i", at, covariance, at)
    return SplineFit(knots, risks(at @ fit.coef), np.sqrt(variance), given.n_groups)


def spline_band(fitted: SplineFit, sums: ForecastSums, confidence_level: float) -> Band:
    """Give Wald intervals on the logit scale; they make no allowance for smoothing bias."""
    if min(fewest_expected(sums), sums.n_events, sums.n - sums.n_events) < TOO_FEW_EVENTS:
        rule = f"be 'consistency' or None below {TOO_FEW_EVENTS} events or non-events"
        raise refuse("band", rule, "'pointwise'", "Wald intervals cannot be trusted there.")
    width = wald_width(confidence_level, fitted.n_groups)
    middle = np.log(fitted.rate) - np.log1p(-fitted.rate)
    return Band(risks(middle - width * fitted.standard_error), risks(middle + width * fitted.standard_error))


def place_knots(sums: ForecastSums) -> FloatArray:
    """Give four knots at quantiles of the logits, fewer where ties put them together, none below three."""
    up_to = np.cumsum(sums.weight) / sums.total
    at = np.minimum(np.searchsorted(up_to, _KNOT_SHARES), len(sums.risk) - 1)
    # A curve with as many coefficients as distinct risks would only join the dots.
    knots = np.unique(_logit(sums.risk[at]))
    return knots if _FEWEST_KNOTS <= len(knots) < len(sums.risk) else np.empty(0)


def _design(risk: FloatArray, knots: FloatArray) -> FloatArray:
    """Give the columns 1, logit, and the bends of the spline."""
    return np.column_stack([np.ones(len(risk)), spline_basis(_logit(risk), knots)])


def _logit(risk: FloatArray) -> FloatArray:
    return np.asarray(np.log(risk) - np.log1p(-risk), dtype=np.float64)
