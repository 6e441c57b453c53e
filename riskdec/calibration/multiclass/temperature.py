"""Temperature scaling: all logits divided by one number, which keeps the order of the outcomes in every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import choose_event, refuse
from riskdec._base.table import Table, count, interval, number
from riskdec.calibration.calibrator import BinaryCalibrator
from riskdec.calibration.door import log_odds_scale
from riskdec.calibration.limits import limits_of_risk
from riskdec.calibration.multiclass.inverse_temperature import fit_inverse_temperature
from riskdec.calibration.multiclass.rows import open_many, read_many, say_zeros
from riskdec.calibration.multiclass.softmax import log_odds_against_rest, softmax
from riskdec.calibration.multiclass.tempered_moments import EventLogits, ManyLogits
from riskdec.calibration.parametric.logistic_map import say_certain
from riskdec.calibration.saying import say_no_signal, say_not_converged, say_separated
from riskdec.likelihood import risks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from riskdec._base.findings import Finding
    from riskdec._base.typing import ArrayLike, FloatArray, WeightKind
    from riskdec.calibration.door import Input, LogOddsScale, ScoredRows
    from riskdec.calibration.multiclass.inverse_temperature import InverseTemperature
    from riskdec.calibration.multiclass.rows import LogitScale, ManyRows
    from riskdec.calibration.multiclass.tempered_moments import TemperedRows

_NORMAL_95 = 1.959964


class TemperatureCalibrator(BinaryCalibrator):
    """Temperature scaling by maximum likelihood, for two outcomes or more.

    Parameters
    ----------
    input : {"probability", "logit"}, default="probability"
        What scores are; probabilities are taken to their logarithms. Two columns of logits stand for their softmax:
        their difference is the log-odds of the event.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether a weight counts rows or makes one row more or less important (then the covariance is robust).
    outcomes : sequence of labels, optional
        With more than two columns: the label of each, where not all of them happened. By default the sorted labels.

    Attributes
    ----------
    temperature_, inverse_temperature_ : float
        T and 1 / T. The latter is 0 where the scores carry no signal, and never negative.
    gradient_ : float
        Absolute derivative of the mean log loss in log T at the last reading of the rows; a Newton step followed.
    converged_ : bool
        Whether the maximum of the likelihood exists (at 1 / T = 0 too) and was reached.
    findings_ : tuple of Finding
        No signal (RD502), outcomes that always had the highest score (RD503), probabilities of exactly 0 (RD508).

    Notes
    -----
    ``q = softmax(z / T)`` with z the logits or log-probabilities; with two outcomes ``logit q = logit(p) / T``. The
    log loss is convex in 1 / T, in which Newton's method works. Logits in float32 are read in float32, and summed
    over rows in float64. Nothing of the size of the logits is allocated, so that logits on disk are read a block at a
    time, two or three times over (``np.load(path, mmap_mode="r")``); probabilities need room for their logarithms.

    `predict_interval` gives Wald limits in ``1 / T`` by the delta method on the logit scale: they are empty where the
    score says that all outcomes are equally likely, which no temperature changes.

    T = 1 leaves probabilities alone; above 1 they were too extreme. Multiplying all logits by a constant multiplies T
    by it, and the order of the columns changes nothing.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, On calibration of modern neural networks, ICML 2017.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> logits = rng.normal(0, 1.5, (5000, 3))
    >>> y = (logits + rng.gumbel(size=(5000, 3))).argmax(axis=1)
    >>> overconfident = TemperatureCalibrator(input="logit").fit(2 * logits, y)
    >>> round(overconfident.temperature_, 1)
    2.0
    >>> overconfident.predict_proba([[2.0, 0.0, 0.0]]).round(2)
    array([[0.58, 0.21, 0.21]])
    """

    def __init__(
        self,
        *,
        input: Input = "probability",
        event: object = None,
        weight_kind: WeightKind = "frequency",
        outcomes: Sequence[object] | None = None,
    ) -> None:
        self.input = input
        self.event = event
        self.weight_kind = weight_kind
        self.outcomes = outcomes

    def fit(self, scores: ArrayLike, y_true: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:  # noqa: D102 -- the contract says it
        if _are_of_one_event(scores):
            if self.outcomes is not None:
                cure = "Say with event= which label the scores belong to."
                raise refuse("outcomes", "be left out with two outcomes", repr(self.outcomes), cure)
            return super().fit(scores, y_true, sample_weight)
        rows, classes, scale = open_many(
            scores, y_true, sample_weight, input=self.input, weight_kind=self.weight_kind, outcomes=self.outcomes
        )
        event = None if self.event is None else choose_event(classes, self.event)
        self._many_scale = scale
        self._adopt(ManyLogits(rows.logit, rows.codes, rows.weight), rows, len(classes), say_zeros(scale))
        self.n_, self.classes_, self.event_ = int(rows.n), classes, event
        return self

    @property
    def scale_(self) -> LogOddsScale:
        """How scores became log-odds in the fit, with two outcomes."""
        return self._scale

    @property
    def many_scale_(self) -> LogitScale:
        """How scores became logits in the fit, with more than two outcomes."""
        return self._many_scale

    def predict_proba(self, scores: ArrayLike) -> FloatArray:  # noqa: D102 -- the contract says it
        self._require_fitted()
        if len(self.classes_) == 2:
            return super().predict_proba(scores)
        given = read_many(scores, input=self.input, n_outcomes=len(self.classes_))
        inverse = self.inverse_temperature_
        return softmax(given.shape, lambda rows: inverse * self._many_scale.logits(given[rows]))

    def predict_risk(self, scores: ArrayLike, *, event: object = None) -> FloatArray:
        """Give the calibrated probability of the event, shape (n,).

        Parameters
        ----------
        scores : array-like
            As in `fit`.
        event : label, optional
            Needed with more than two outcomes, unless the constructor named one.
        """
        self._require_fitted()
        if len(self.classes_) == 2:
            return super().predict_risk(scores, event=event)
        return np.ascontiguousarray(self.predict_proba(scores)[:, self._column_of(event)])

    def predict_log_odds(self, scores: ArrayLike, *, event: object = None) -> FloatArray:
        """Give the calibrated log odds of the event against the other outcomes, shape (n,).

        Parameters
        ----------
        scores, event
            As in `predict_risk`.
        """
        self._require_fitted()
        if len(self.classes_) == 2:
            return super().predict_log_odds(scores, event=event)
        given = self._many_scale.logits(read_many(scores, input=self.input, n_outcomes=len(self.classes_)))
        return log_odds_against_rest(self.inverse_temperature_ * given.astype(np.float64), self._column_of(event))[0]

    def predict_interval(  # noqa: D102 -- the contract says it
        self, scores: ArrayLike, *, event: object = None, confidence_level: float | None = None
    ) -> FloatArray:
        self._require_fitted()
        if len(self.classes_) == 2:
            return super().predict_interval(scores, event=event, confidence_level=confidence_level)
        level, column = self._level(confidence_level), self._column_of(event)
        given = self._many_scale.logits(read_many(scores, input=self.input, n_outcomes=len(self.classes_)))
        log_odds, contrast = log_odds_against_rest(self.inverse_temperature_ * given.astype(np.float64), column)
        slope = np.einsum("ij,ij->i", contrast, given - given[:, [column]])
        return limits_of_risk(log_odds, self._error_along(slope), level)

    def cov_params(self) -> FloatArray:
        """Give the variance of ``inverse_temperature_``, shape (1, 1); NaN where it is at its limit of 0.

        By the delta method the variance of ``temperature_`` is that times ``temperature_ ** 4``.
        """
        self._require_fitted()
        return np.array([[self._variance if self.inverse_temperature_ > 0 else np.nan]])

    def summary(self) -> Table:
        """Give the temperature with its interval, and the findings."""
        self._require_fitted()
        inverse, error = self.inverse_temperature_, float(np.sqrt(self._variance))
        low, high = max(inverse - _NORMAL_95 * error, 0.0), inverse + _NORMAL_95 * error
        limits = interval(low, high, 4) if inverse > 0 else "on its limit"
        turned = interval(1 / high, 1 / low, 4) if inverse > 0 and low > 0 else ""
        rows = (
            ("temperature", number(self.temperature_), turned),
            ("inverse temperature", number(inverse), limits),
        )
        fitted = f"Fitted on {count(self.n_)} rows with {len(self.classes_)} outcomes; gradient {self.gradient_:.1e}."
        return Table(
            title="Temperature scaling",
            header=("", "estimate", "95 % interval"),
            rows=rows,
            notes=(fitted, *map(str, self.findings_)),
        )

    def _learn(self, rows: ScoredRows) -> None:
        self._scale = log_odds_scale(rows, self.input)
        logits = EventLogits(self._scale.log_odds(rows.score), rows.is_event, rows.weight)
        self._adopt(logits, rows, 2, say_certain(self._scale))

    def _risk(self, score: FloatArray) -> FloatArray:
        return risks(self._log_odds(score))

    def _log_odds(self, score: FloatArray) -> FloatArray:
        logit = self._scale.log_odds(score)
        return self.inverse_temperature_ * logit if self.inverse_temperature_ > 0 else np.zeros_like(logit)

    def _limits(self, score: FloatArray, level: float) -> FloatArray:
        logit = self._scale.log_odds(score)
        return limits_of_risk(self.inverse_temperature_ * logit, self._error_along(logit), level)

    def _error_along(self, slope: FloatArray) -> FloatArray:
        """Give the standard error of log-odds that change so much with ``1 / T``; none where they do not."""
        return np.multiply(np.abs(slope), np.sqrt(self._variance), where=slope != 0, out=np.zeros_like(slope))

    def _adopt(
        self, logits: TemperedRows, rows: ScoredRows | ManyRows, n_outcomes: int, findings: tuple[Finding, ...]
    ) -> None:
        found = fit_inverse_temperature(logits)
        if found.status == "no signal":
            why = (
                "what happened is no more frequent where its score is higher. An inverse temperature of 0 is used, and "
                f"every outcome has probability 1/{n_outcomes}."
            )
            findings = (*findings, say_no_signal(why, turned="Do the columns stand in the order of the labels?"))
        elif found.status == "separated":
            why = (
                "In every row what happened had the highest score, so temperature scaling has no maximum likelihood "
                "estimate: the likelihood rises as the temperature falls to 0."
            )
            findings = (*findings, say_separated(why))
        elif found.status == "not converged":
            findings = (*findings, say_not_converged("Temperature scaling", found.n_readings, found.gradient))
        self.findings_ = findings
        self.converged_ = found.status in ("maximum", "no signal")
        self.inverse_temperature_ = found.inverse
        self.temperature_ = 1 / found.inverse if found.inverse > 0 else np.inf
        self.gradient_ = found.gradient
        self._variance = _variance(logits, rows, found)


def _are_of_one_event(scores: ArrayLike) -> bool:
    shape = np.shape(scores)
    return len(shape) == 1 or (len(shape) == 2 and shape[1] in (1, 2))


def _variance(logits: TemperedRows, rows: ScoredRows | ManyRows, found: InverseTemperature) -> float:
    """Give the inverse information; with importance weights the sandwich."""
    if found.information <= 0:
        return np.inf
    if rows.importance is None:
        return 1 / found.information
    square = (rows.importance * logits.residuals(found.inverse)) ** 2
    meat = square.sum() if rows.frequency is None else rows.frequency @ square
    return float(meat) / found.information**2
