"""Platt scaling: a straight line on the log-odds of the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class PlattCalibrator(BinaryCalibrator):
    """Platt scaling by maximum likelihood, on log-odds.

    Parameters
    ----------
    input : {"probability", "logit"}, default="probability"
        What scores are. Probabilities are taken to their log-odds first: a straight line on probabilities, which is
        what scikit-learn fits when a classifier has no decision function, cannot undo what a logit shift does.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether a weight counts rows or makes one row more or less important (then the covariance is robust).
    smooth_targets : bool, default=False
        Fit to Platt's targets ``(N1 + 1) / (N1 + 2)`` for events and ``1 / (N0 + 2)`` for the others.

    Attributes
    ----------
    slope_, intercept_ : float
        Of the line. A slope of 0 is the verdict that the scores carry no signal: it is never negative.
    converged_ : bool
        Whether the maximum exists and was reached.
    findings_ : tuple of Finding
        No signal (RD502), separated outcomes (RD503), scores of exactly 0 or 1 (RD508).

    Notes
    -----
    ``logit q = intercept + slope * z`` with z the log-odds of the score. The slope is the calibration slope of Cox
    (1958); where it is 1, the intercept is calibration-in-the-large.

    Scores of exactly 0 or 1 have no log-odds. When some were fitted on, every score is kept half as far from 0 and 1
    as the nearest other score (RD508); when none was, a score of 0 or 1 keeps its certainty.

    `predict_interval` gives what the rows of the fit leave uncertain about the line: Wald limits by the delta method
    on the logit scale.

    References
    ----------
    J. Platt, Probabilistic outputs for support vector machines, Advances in Large Margin Classifiers, 1999.
    D. R. Cox, Two further applications of a model for binary regression, Biometrika 45 (1958), 562-565.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> logit = rng.normal(-1, 1, 2000)
    >>> y = (rng.random(2000) < risks(logit)).astype(int)
    >>> overconfident = PlattCalibrator(input="logit").fit(2 * logit + 1, y)
    >>> round(overconfident.slope_, 2), round(overconfident.intercept_, 2)
    (0.51, -0.51)
    """

    def __init__(
        self,
        *,
        input: Input = "probability",
        event: object = None,
        weight_kind: WeightKind = "frequency",
        smooth_targets: bool = False,
    ) -> None:
        self.input = input
        self.event = event
        self.weight_kind = weight_kind
        self.smooth_targets = smooth_targets

    @property
    def scale_(self) -> LogOddsScale:
        """How scores became log-odds in the fit."""
        return self._scale

    def cov_params(self) -> FloatArray:
        """Give the covariance of (intercept, slope), shape (2, 2); NaN for a slope that is at its limit of 0."""
        self._require_fitted()
        return self._map.covariance.copy()

    def summary(self) -> Table:
        """Give intercept and slope with standard errors, and the findings."""
        self._require_fitted()
        return parameter_table(
            "Platt scaling on log-odds",
            ("intercept", "slope"),
            self._map,
            self.findings_,
            notes=(f"Fitted on {count(self.n_)} rows.",),
        )

    def _learn(self, rows: ScoredRows) -> None:
        check_option(self.smooth_targets, (True, False), name="smooth_targets")
        self._scale = log_odds_scale(rows, self.input)
        column = self._scale.log_odds(rows.score)[:, None]
        target = _platt_targets(rows) if self.smooth_targets else None
        fitted = fit_map(column, rows, target=target)
        self.findings_ = say_of_map(fitted, self._scale, "Platt scaling")
        if not fitted.coef[1] > 0:
            error = float(np.sqrt(fitted.covariance[1, 1]))
            self.findings_ = (*self.findings_, say_falling(float(fitted.coef[1]), error))
            fitted = _flat(rows, target)
        self._map = fitted
        self.converged_ = fitted.converged
        self.intercept_, self.slope_ = map(float, fitted.coef)

    def _risk(self, score: FloatArray) -> FloatArray:
        return risks(self._log_odds(score))

    def _log_odds(self, score: FloatArray) -> FloatArray:
        return self._map.log_odds(self._scale.log_odds(score)[:, None])

    def _limits(self, score: FloatArray, level: float) -> FloatArray:
        return self._map.interval(self._scale.log_odds(score)[:, None], level)


def _flat(rows: ScoredRows, target: FloatArray | None) -> LogisticMap:
    """Give the map that tells everyone the event rate."""
    constant = fit_map(np.empty((len(rows.score), 0)), rows, target=target)
    covariance = np.full((2, 2), np.nan)
    covariance[0, 0] = constant.covariance[0, 0]
    return constant._replace(coef=np.array([constant.coef[0], 0.0]), covariance=covariance)


def _platt_targets(rows: ScoredRows) -> FloatArray:
    weight = np.ones(len(rows.score)) if rows.weight is None else rows.weight
    n_events = float(weight[rows.is_event].sum())
    n_others = float(weight.sum()) - n_events
    return np.where(rows.is_event, (n_events + 1) / (n_events + 2), 1 / (n_others + 2))
