"""Spline calibration: a smooth curve on the log-odds of the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_integer
from riskdec._base.findings import Finding
from riskdec._base.table import count, interval, number, percent
from riskdec.calibration.calibrator import BinaryCalibrator
from riskdec.calibration.door import log_odds_scale
from riskdec.calibration.parametric.logistic_map import fit_map, parameter_table, say_of_map
from riskdec.likelihood import risks
from riskdec.likelihood.splines.basis import spline_basis
from riskdec.likelihood.splines.knots import MIN_KNOTS, place_knots

if TYPE_CHECKING:
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, WeightKind
    from riskdec.calibration.door import Input, LogOddsScale, ScoredRows

# Log-odds of the smallest number above 0.
_FARTHEST = 745.0
# So many places of the range of the scores are looked at for a falling curve.
_PLACES = 1001


class SplineCalibrator(BinaryCalibrator):
    """Logistic calibration on a restricted cubic spline of the log-odds, by maximum likelihood.

    Parameters
    ----------
    n_knots : int, default=4
        Knots, at least 3, at Harrell's quantiles of the log-odds.
    input : {"probability", "logit"}, default="probability"
        What scores are. Probabilities are taken to their log-odds first.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether a weight counts rows or makes one row more or less important (then the covariance is robust). Importance
        weights play no part in the places of the knots.

    Attributes
    ----------
    knots_ : ndarray of shape (k,)
        On the scale of the log-odds; empty where the curve is a straight line.
    intercept_ : float
        Of the log-odds.
    coef_ : ndarray of shape (k - 1,), or (1,) without knots
        Of the columns of the spline: the log-odds themselves, then the bends.
    converged_ : bool
        Whether the maximum exists and was reached.
    findings_ : tuple of Finding
        A curve that falls somewhere (RD505), fewer knots than asked for (RD506), separated outcomes (RD503), scores
        of exactly 0 or 1 (RD508).

    See Also
    --------
    riskdec.PlattCalibrator : The straight line, where rows are few.
    riskdec.RestrictedCubicSpline : The same columns in a model.

    Notes
    -----
    ``logit q = b_0 + b_1 z + b_2 z' + b_3 z'' + ...`` with z the log-odds of the score and z', z'', ... the columns of
    `riskdec.likelihood.splines.basis.spline_basis`: smooth, and straight beyond the outer knots. The curve may be of
    any shape; where it falls, a higher score gets a lower risk, and a finding says over which scores. With as many
    knots as distinct scores or more it would only join the dots: then it is a straight line.

    Scores of exactly 0 or 1 have no log-odds. When some were fitted on, every score is kept half as far from 0 and 1
    as the nearest other score (RD508); when none was, such a score lies far out on the straight end of the curve.

    `predict_interval` gives Wald limits by the delta method on the logit scale; they make no allowance for what the
    spline cannot follow.

    References
    ----------
    Harrell FE (2015). Regression Modeling Strategies, 2nd ed., section 2.4.
    Lucena B (2018). Spline-based probability calibration. arXiv:1809.07751 (natural cubic splines, penalised).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> logit = rng.normal(size=5000)
    >>> y = rng.random(5000) < risks(np.where(logit > 0, 2 * logit, logit / 2))
    >>> fitted = SplineCalibrator(input="logit").fit(logit, y)
    >>> fitted.predict_risk([-1.0, 0.0, 1.0]).round(2)
    array([0.35, 0.55, 0.87])
    """

    def __init__(
        self,
        *,
        n_knots: int = 4,
        input: Input = "probability",
        event: object = None,
        weight_kind: WeightKind = "frequency",
    ) -> None:
        self.n_knots = n_knots
        self.input = input
        self.event = event
        self.weight_kind = weight_kind

    @property
    def scale_(self) -> LogOddsScale:
        """How scores became log-odds in the fit."""
        return self._scale

    def cov_params(self) -> FloatArray:
        """Give the covariance of (intercept, coefficients), square; NaN for a column that was left out."""
        self._require_fitted()
        return self._map.covariance.copy()

    def summary(self) -> Table:
        """Give the coefficients with standard errors, the knots, and the findings."""
        self._require_fitted()
        names = ("intercept", *("log-odds" + "'" * j for j in range(len(self.coef_))))
        knots = ", ".join(number(knot, 3) for knot in self.knots_.tolist())
        notes = (f"Fitted on {count(self.n_)} rows. Knots: {knots or 'none, a straight line'}.",)
        return parameter_table("Spline calibration on log-odds", names, self._map, self.findings_, notes=notes)

    def _learn(self, rows: ScoredRows) -> None:
        n_knots = check_integer(self.n_knots, name="n_knots", low=MIN_KNOTS)
        self._scale = log_odds_scale(rows, self.input)
        log_odds = self._scale.log_odds(rows.score)
        self.knots_ = _place_knots(log_odds, rows.frequency, n_knots)
        self._map = fit_map(self._columns(rows.score), rows)
        self.converged_ = self._map.converged
        self.intercept_, self.coef_ = float(self._map.coef[0]), self._map.coef[1:].copy()
        found = (
            *say_of_map(self._map, self._scale, "spline calibration"),
            *_say_knots(len(self.knots_), n_knots),
            *_say_falling(self.knots_, self.coef_, (float(log_odds.min()), float(log_odds.max()))),
        )
        self.findings_ = found

    def _columns(self, score: FloatArray) -> FloatArray:
        return spline_basis(self._scale.log_odds(score), self.knots_)

    def _risk(self, score: FloatArray) -> FloatArray:
        return risks(self._log_odds(score))

    def _log_odds(self, score: FloatArray) -> FloatArray:
        # Along the straight end of the curve as far as probabilities have log-odds: endless columns could cancel.
        log_odds = np.nan_to_num(self._scale.log_odds(score), posinf=_FARTHEST, neginf=-_FARTHEST)
        return self._map.log_odds(spline_basis(log_odds, self.knots_))

    def _limits(self, score: FloatArray, level: float) -> FloatArray:
        return self._map.interval(self._columns(score), level)


def _place_knots(log_odds: FloatArray, counts: FloatArray | None, n_knots: int) -> FloatArray:
    knots = place_knots(log_odds, n_knots, counts=counts)
    return knots if len(knots) < len(np.unique(log_odds)) else np.empty(0)


def _say_knots(placed: int, wanted: int) -> tuple[Finding, ...]:
    if placed == wanted:
        return ()
    got = f"{placed} knots" if placed else "no knots and is a straight line"
    sentence = f"The curve has {got} instead of {wanted}: there are too few distinct scores, or too many equal ones."
    return (Finding(code="RD506", severity="caution", sentence=sentence, todo="It is right for the knots it has."),)


def _say_falling(knots: FloatArray, coef: FloatArray, ends: tuple[float, float]) -> tuple[Finding, ...]:
    places = np.unique([*np.linspace(*ends, _PLACES), *knots.clip(*ends)])
    falls = places[slope_at(places, knots, coef) < 0]
    if not len(falls):
        return ()
    sentence = (
        f"The curve falls for log-odds between {interval(float(falls[0]), float(falls[-1]), 3)} "
        f"({percent(len(falls) / len(places), 0)} of the range of the scores): there a higher score gets a lower risk."
    )
    todo = "Take fewer knots, or a calibrator that cannot fall: CentredIsotonicCalibrator, BetaCalibrator."
    return (Finding(code="RD505", severity="caution", sentence=sentence, todo=todo),)


def slope_at(x: FloatArray, knots: FloatArray, coef: FloatArray) -> FloatArray:
    """Give the slope of the curve: constant outside the knots, a quadratic function between two of them.

    >>> slope_at(np.array([-1.0, 0.5, 9.0]), np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0]))
    array([1.   , 1.375, 4.   ])
    """
    slope = np.full(len(x), coef[0])
    if len(knots):
        first, before, last = knots[0], knots[-2], knots[-1]
        inner = np.minimum(x, last)
        bend = np.maximum(inner - before, 0) ** 2 / (last - before)
        for knot, b in zip(knots[:-2], coef[1:], strict=True):
            slope += 3 * b * (np.maximum(inner - knot, 0) ** 2 - (last - knot) * bend) / (last - first) ** 2
    return slope
