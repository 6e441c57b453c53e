"""Beta calibration: the map between probabilities that two beta-distributed score populations imply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from riskdec._base.checks import check_option
from riskdec._base.table import count
from riskdec.calibration.calibrator import BinaryCalibrator
from riskdec.calibration.door import log_odds_scale
from riskdec.calibration.parametric.logistic_map import (
    LogisticMap,
    fit_map,
    parameter_table,
    say_falling,
    say_of_map,
)
from riskdec.likelihood import risks

if TYPE_CHECKING:
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, WeightKind
    from riskdec.calibration.door import Input, LogOddsScale, ScoredRows

    Parameters = Literal["abc", "ac", "ab"]

_PARAMETERS = ("abc", "ac", "ab")
_LOG_2 = float(np.log(2))


class BetaCalibrator(BinaryCalibrator):
    """Beta calibration by constrained maximum likelihood.

    Parameters
    ----------
    input : {"probability", "logit"}, default="probability"
        What scores are; logits stand for the probabilities whose log-odds they are.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        As in `PlattCalibrator`.
    parameters : {"abc", "ac", "ab"}, default="abc"
        All three; one slope on both sides (``a = b``, which is Platt scaling); or one half stays one half
        (``c = (a - b) ln 2``).

    Attributes
    ----------
    a_, b_, c_ : float
        Slope of ``ln p``, slope of ``-ln(1 - p)``, shift. The slopes are never negative.
    converged_, findings_
        As in `PlattCalibrator`.

    Notes
    -----
    ``logit q = a ln p - b ln(1 - p) + c`` with ``a, b >= 0``. The likelihood is concave, so where the free optimum
    breaks a limit the constrained one lies on a limit, and the better of the limits is it. With ``a = b`` the map is
    Platt's, so that what the third parameter brings is a likelihood ratio away. The parameters "abm" of the authors'
    package are these with the midpoint m of the map in place of c; its "am" and "ab" are "ac" and "ab".
    `predict_interval` is as in `PlattCalibrator`; a slope on its limit is taken as known.

    References
    ----------
    M. Kull, T. Silva Filho, P. Flach, Beta calibration, AISTATS 2017; Beyond sigmoids, Electronic Journal of
    Statistics 11 (2017), 5052-5080.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(50_000)
    >>> y = (rng.random(50_000) < risks(0.6 * np.log(p) - 1.4 * np.log1p(-p))).astype(int)
    >>> beta = BetaCalibrator().fit(p, y)
    >>> round(beta.a_, 1), round(beta.b_, 1), round(beta.c_, 1)
    (0.6, 1.4, 0.0)
    """

    def __init__(
        self,
        *,
        input: Input = "probability",
        event: object = None,
        weight_kind: WeightKind = "frequency",
        parameters: Parameters = "abc",
    ) -> None:
        self.input = input
        self.event = event
        self.weight_kind = weight_kind
        self.parameters = parameters

    @property
    def scale_(self) -> LogOddsScale:
        """How scores became log-odds in the fit."""
        return self._scale

    def cov_params(self) -> FloatArray:
        """Give the covariance of (a, b, c), shape (3, 3); NaN for what is on its limit, or given by the others."""
        self._require_fitted()
        order = np.array([1, 2, 0])
        covariance: FloatArray = self._map.covariance[np.ix_(order, order)]
        return covariance

    def summary(self) -> Table:
        """Give a, b and c with standard errors, and the findings."""
        self._require_fitted()
        return parameter_table(
            "Beta calibration",
            ("c (shift)", "a (slope of ln p)", "b (slope of -ln(1 - p))"),
            self._map._replace(coef=np.array([self.c_, self.a_, self.b_])),
            self.findings_,
            notes=(f"Fitted on {count(self.n_)} rows.",),
        )

    def _learn(self, rows: ScoredRows) -> None:
        check_option(self.parameters, _PARAMETERS, name="parameters")
        self._scale = log_odds_scale(rows, self.input)
        columns = self._columns(rows.score)
        free = _fit(columns, rows, self.parameters)
        self.findings_ = say_of_map(free, self._scale, "beta calibration")
        self._map = free if (free.coef[1:] >= 0).all() else _fit_inside(columns, rows, self.parameters)
        if not (self._map.coef[1:] > 0).any():
            steepest = int(np.argmin(free.coef[1:])) + 1
            error = float(np.sqrt(free.covariance[steepest, steepest]))
            self.findings_ = (*self.findings_, say_falling(float(free.coef[steepest]), error))
        self.converged_ = self._map.converged
        self.c_, self.a_, self.b_ = map(float, self._map.coef)
        if self.parameters == "ab":
            self.c_ = (self.a_ - self.b_) * _LOG_2

    def _risk(self, score: FloatArray) -> FloatArray:
        return risks(self._log_odds(score))

    def _log_odds(self, score: FloatArray) -> FloatArray:
        return self._map.log_odds(self._columns(score))

    def _limits(self, score: FloatArray, level: float) -> FloatArray:
        return self._map.interval(self._columns(score), level)

    def _columns(self, score: FloatArray) -> FloatArray:
        columns = _columns(self._scale.log_odds(score))
        # Measured from one half, a map without a shift leaves one half where it is.
        return columns + np.array([_LOG_2, -_LOG_2]) if self.parameters == "ab" else columns


def _columns(log_odds: FloatArray) -> FloatArray:
    """Give ``ln p`` and ``-ln(1 - p)`` from log-odds, exact in both tails; shape (n, 2)."""
    return np.column_stack([-np.logaddexp(0, -log_odds), np.logaddexp(0, log_odds)])


def _fit(columns: FloatArray, rows: ScoredRows, parameters: Parameters) -> LogisticMap:
    """Fit without limits."""
    if parameters != "ac":
        return fit_map(columns, rows, intercept=parameters == "abc")
    line = fit_map(columns.sum(axis=1, keepdims=True), rows)
    return _spread(line, [0, 1, 1])


def _fit_inside(columns: FloatArray, rows: ScoredRows, parameters: Parameters) -> LogisticMap:
    """Fit where the free optimum has a negative slope: the best of the limits ``a = 0``, ``b = 0`` and both."""
    intercept = parameters != "ab"
    candidates = [_spread(fit_map(columns[:, :0], rows, intercept=intercept), [0, None, None])]
    if parameters != "ac":
        for k, places in ((0, [0, 1, None]), (1, [0, None, 1])):
            fitted = _spread(fit_map(columns[:, [k]], rows, intercept=intercept), places)
            if fitted.coef[1 + k] > 0:
                candidates.append(fitted)
    return max(candidates, key=lambda fitted: fitted.log_likelihood)


def _spread(fitted: LogisticMap, places: list[int | None]) -> LogisticMap:
    """Put coefficients and covariance into the places of (c, a, b); None is a parameter held at 0."""
    coef = np.array([0.0 if place is None else fitted.coef[place] for place in places])
    covariance = np.full((3, 3), np.nan)
    for i, row in enumerate(places):
        for j, column in enumerate(places):
            if row is not None and column is not None:
                covariance[i, j] = fitted.covariance[row, column]
    return fitted._replace(coef=coef, covariance=covariance)
