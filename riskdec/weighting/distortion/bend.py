"""What a line through the log-odds leaves: the bend of a spline, its size, and its test."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.diagnostics.curves.spline_curve import place_knots
from riskdec.diagnostics.slopes.recalibration_rows import robust_covariance, row_cells, single_rows, wald_width
from riskdec.likelihood import fit_binomial, risks
from riskdec.likelihood.splines.basis import spline_basis

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood import LogitFit
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# Mean size of a standard normal number.
_MEAN_SIZE = float(np.sqrt(2 / np.pi))
_POINTS = 101
# A spline with fewer rows of the rarer outcome for each of its coefficients would follow chance.
_ROWS_PER_COEFFICIENT = 10


class Bend(NamedTuple):
    """The spline beside the line; numbers are nan and arrays empty where there is none.

    Attributes
    ----------
    size : float
        Mean distance of the two event rates over the rows.
    null_mean : float
        What chance makes of it where the line is right.
    statistic, df, p_value
        Wald test that the spline is the line; F-distributed with groups.
    risk : ndarray of shape (m,)
        Risks as given, evenly spaced in log-odds.
    observed, low, high : ndarray of shape (m,)
        Event rate there by the spline, with Wald limits.
    line : ndarray of shape (m,)
        The same by intercept and slope.
    """

    size: float
    null_mean: float
    statistic: float
    df: int
    p_value: float
    risk: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
    line: FloatArray


def fit_bend(sums: ForecastSums, given: Forecasts, *, confidence_level: float) -> Bend | None:
    """Fit a restricted cubic spline of the log-odds, and the line that it would be without its bends.

    Parameters
    ----------
    sums : ForecastSums
        The rows, summed; no risk of exactly 0 or 1.
    given : Forecasts
        The same rows one by one, for the groups.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    Bend or None
        None where ties leave no bend, there are fewer than ten rows of either outcome for each coefficient, or the
        likelihood has no maximum.

    Notes
    -----
    With g the coefficients of the bends and V their covariance (inverse information, sandwich, or cluster-robust), the
    test is ``g' V^-1 g``. The log-odds of spline and line differ at a row by ``d'g`` with d the bends there less what
    the line takes of them; where the line is right that is normal around 0, so the mean distance of the event rates is
    the mean of ``sqrt(2 / pi) p (1 - p) sqrt(d' V d)``.
    """
    knots = place_knots(sums)
    rows = row_cells(sums) if given.groups is None else single_rows(given)
    fewest = min(sums.n_events, sums.n - sums.n_events)
    if not len(knots) or fewest < _ROWS_PER_COEFFICIENT * len(knots):
        return None
    basis = spline_basis(rows.logit, knots)
    curve = fit_binomial(basis, rows.y, weight=rows.weight)
    line = fit_binomial(basis[:, :1], rows.y, weight=rows.weight)
    if not (curve.converged and line.converged) or curve.aliases:
        return None
    covariance = robust_covariance(curve, rows, given)
    bends, spread = curve.coef[2:], covariance[2:, 2:]
    statistic = float(bends @ np.linalg.solve(spread, bends))
    away = _beside_line(basis, rows.weight, line)
    middle = risks(line.linear_predictor)
    chance = middle * (1 - middle) * np.sqrt(np.einsum("ij,jk,ik->i", away, spread, away))
    x = np.linspace(rows.logit.min(), rows.logit.max(), _POINTS)
    at = np.column_stack([np.ones(_POINTS), spline_basis(x, knots)])
    centre = at @ curve.coef
    half = wald_width(confidence_level, given.n_groups) * np.sqrt(np.einsum("ij,jk,ik->i", at, covariance, at))
    return Bend(
        size=float(np.average(np.abs(risks(curve.linear_predictor) - middle), weights=rows.weight)),
        null_mean=_MEAN_SIZE * float(np.average(chance, weights=rows.weight)),
        statistic=statistic,
        df=len(bends),
        p_value=_tail(statistic, len(bends), given.n_groups),
        risk=risks(x),
        observed=risks(centre),
        low=risks(centre - half),
        high=risks(centre + half),
        line=risks(at[:, :2] @ line.coef),
    )


def _beside_line(basis: FloatArray, weight: FloatArray, line: LogitFit) -> FloatArray:
    """Give the bends of each row less their projection on intercept and log-odds, in the metric of the line's fit."""
    risk = risks(line.linear_predictor)
    root = np.sqrt(weight * risk * (1 - risk))
    plain = np.column_stack([np.ones(len(basis)), basis[:, 0]])
    taken = np.linalg.lstsq(plain * root[:, None], basis[:, 1:] * root[:, None], rcond=None)[0]
    away: FloatArray = basis[:, 1:] - plain @ taken
    return away


def _tail(statistic: float, df: int, n_groups: int | None) -> float:
    from scipy.special import chdtrc, fdtrc

    return float(chdtrc(df, statistic) if n_groups is None else fdtrc(df, n_groups - 1, statistic / df))
