"""What calibrators with linear logits have in common: the door, probabilities, their limits and the covariance."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_numbers, check_outcome, check_risks, choose_event, refuse
from riskdec.calibration.calibrator import Calibrator
from riskdec.calibration.door import event_column
from riskdec.calibration.limits import limits_of_risk
from riskdec.calibration.multiclass.rows import blocks_of, open_many, read_many, say_zeros
from riskdec.calibration.multiclass.softmax import log_odds_against_rest, softmax
from riskdec.errors import SeparationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from riskdec._base.findings import Finding
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray
    from riskdec.calibration.multiclass.linear_logits import LinearLogits
    from riskdec.calibration.multiclass.rows import LogitScale, ManyRows


# Parameters of which a covariance is formed.
MOST_FOR_COVARIANCE = 2_500


class SoftmaxCalibrator(Calibrator):
    """A calibrator whose logits are linear in its parameters.

    Attributes
    ----------
    event_ : object or None
        The label whose probability is the risk, where one was named or is plain.
    """

    event: object
    event_: object
    outcomes: Sequence[object] | None
    _scale: LogitScale
    _form: LinearLogits
    _parameters: FloatArray
    _covariance: FloatArray | None

    @abstractmethod
    def _learn(self, rows: ManyRows, classes: AnyArray) -> tuple[Finding, ...]:
        """Learn from checked rows; sets all but what the door knows, and gives what has to be said."""

    def fit(self, scores: ArrayLike, y_true: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:  # noqa: D102 -- the contract says it
        given, outcomes, event = scores, self.outcomes, self.event
        if is_one_column(scores):
            if outcomes is not None:
                cure = "Say with event= which label the scores belong to."
                raise refuse("outcomes", "be left out with one score per row", repr(outcomes), cure)
            outcome = check_outcome(y_true, event=event)
            event, outcomes = outcome.event, [*outcome.classes.tolist()]
            if len(outcomes) == 1:
                raise refuse("y_true", "hold more than one outcome", repr(event), "Calibrate on rows with both.")
            given = two_columns(scores, input=self.input, event_column=event_column(outcome.classes, event))
        rows, classes, scale = open_many(
            given, y_true, sample_weight, input=self.input, weight_kind=self.weight_kind, outcomes=outcomes
        )
        event = plain_event(classes, event)
        self._scale = scale
        self.findings_ = (*say_zeros(scale), *self._learn(rows, classes))
        self.n_, self.classes_, self.event_ = int(rows.n), classes, event
        return self

    @property
    def scale_(self) -> LogitScale:
        """How scores became logits in the fit."""
        return self._scale

    def predict_proba(self, scores: ArrayLike) -> FloatArray:  # noqa: D102 -- the contract says it
        given = self._read_many(scores)
        return softmax(given.shape, lambda rows: self._logits(given[rows]))

    def predict_interval(  # noqa: D102 -- the contract says it
        self, scores: ArrayLike, *, event: object = None, confidence_level: float | None = None
    ) -> FloatArray:
        level = self._level(confidence_level)
        given = self._read_many(scores)
        column = self._column_of(event)
        covariance = self.cov_params()
        limits = np.empty((len(given), 2))
        for rows in blocks_of(len(given), len(covariance)):
            z = self._scale.logits(given[rows]).astype(np.float64)
            log_odds, contrast = log_odds_against_rest(self._form.logits(z, self._parameters), column)
            gradient = self._form.row_scores(z, contrast)
            variance = np.einsum("ij,ij->i", gradient @ covariance, gradient)
            limits[rows] = limits_of_risk(log_odds, np.sqrt(np.maximum(variance, 0.0)), level)
        return limits

    def cov_params(self) -> FloatArray:
        """Give the covariance of the parameters; their order is told in the notes of the class."""
        self._require_fitted()
        if self._covariance is None:
            cure = "Its size is the square of the number of parameters; resample the rows instead."
            rule = f"be at most {MOST_FOR_COVARIANCE:,} for a covariance"
            raise refuse("the number of parameters", rule, self._form.size, cure)
        return self._covariance.copy()

    def _read_many(self, scores: ArrayLike) -> AnyArray:
        self._require_fitted()
        if is_one_column(scores) and len(self.classes_) == 2:
            scores = two_columns(scores, input=self.input, event_column=event_column(self.classes_, self.event_))
        return read_many(scores, input=self.input, n_outcomes=len(self.classes_))

    def _logits(self, given: AnyArray) -> FloatArray:
        return self._form.logits(self._scale.logits(given), self._parameters)


def is_one_column(scores: ArrayLike) -> bool:
    """Tell whether scores are those of one event."""
    shape = np.shape(scores)
    return len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)


def two_columns(scores: ArrayLike, *, input: object, event_column: int) -> FloatArray:
    """Give scores of an event as scores of both outcomes: ``(1 - p, p)``, or logits ``(-x / 2, x / 2)``."""
    if input == "probability":
        risk = check_risks(scores, name="scores")
        pair = np.column_stack([1 - risk, risk])
    else:
        half = check_numbers(scores, name="scores") / 2
        pair = np.column_stack([-half, half])
    return pair if event_column == 1 else np.ascontiguousarray(pair[:, ::-1])


def plain_event(classes: AnyArray, event: object) -> object:
    """Give the label of the event, None where none was named and none of two is plain."""
    if event is not None:
        return choose_event(classes, event)
    is_plain = len(classes) == 2 and set(classes.tolist()) == {0, 1}
    return choose_event(classes, None) if is_plain else None


def refuse_separated(classes: AnyArray, rows: ManyRows, cure: str) -> SeparationError:
    """Make the error of rows that scaling and shifting the logits of outcomes tell apart."""
    never = np.flatnonzero(np.bincount(rows.codes, minlength=len(classes)) == 0)
    why = (
        f"the outcome {classes[never].tolist()[0]!r} never happened"
        if len(never)
        else "the scores separate the outcomes"
    )
    return SeparationError(f"RD503 no maximum likelihood estimate exists: {why}. {cure}")
