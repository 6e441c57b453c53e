"""The door of the calibrators: scores, outcomes and weights in, clean arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import (
    check_counts,
    check_numbers,
    check_option,
    check_outcome,
    check_risks,
    check_weights,
    open_array,
    refuse,
)

if TYPE_CHECKING:
    from typing import Literal

    from riskdec._base.checks import Outcome
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray

    Input = Literal["probability", "logit"]

INPUTS = ("probability", "logit")
WEIGHT_KINDS = ("frequency", "importance")


class ScoredRows(NamedTuple):
    """Rows with a score of the event, or cells of rows that share score, outcome and importance.

    Attributes
    ----------
    score : ndarray of shape (n,)
        Probability or log-odds of the event, as the calibrator's `input` says.
    is_event : ndarray of bool, shape (n,)
        Whether the event happened.
    frequency : ndarray of shape (n,) or None
        How many rows each entry stands for; None for one each.
    importance : ndarray of shape (n,) or None
        Importance weight of one row; None for one each.
    """

    score: FloatArray
    is_event: BoolArray
    frequency: FloatArray | None = None
    importance: FloatArray | None = None

    @property
    def weight(self) -> FloatArray | None:
        """Frequency times importance, or None where all rows count one."""
        if self.importance is None:
            return self.frequency
        return self.importance if self.frequency is None else self.frequency * self.importance

    @property
    def n(self) -> float:
        """Number of rows."""
        return float(len(self.score) if self.frequency is None else self.frequency.sum())

    @property
    def prevalence(self) -> float:
        """Weighted share of events."""
        weight = self.weight
        return float(self.is_event.mean() if weight is None else weight[self.is_event].sum() / weight.sum())


def open_rows(
    scores: object, y_true: object, sample_weight: object, *, input: object, event: object, weight_kind: object
) -> tuple[ScoredRows, Outcome]:
    """Check scores, outcomes and weights together; rows of weight 0 are left out.

    Raises
    ------
    InputError
        For what is no score, no outcome or no weight, and where one of the outcomes is missing.
    """
    rows, outcome = open_some_rows(scores, y_true, sample_weight, input=input, event=event, weight_kind=weight_kind)
    check_both_outcomes(rows.is_event)
    return rows, outcome


def open_some_rows(
    scores: object, y_true: object, sample_weight: object, *, input: object, event: object, weight_kind: object
) -> tuple[ScoredRows, Outcome]:
    """Check rows as `open_rows` does, of which there will be more: one outcome may be missing among them."""
    check_option(weight_kind, WEIGHT_KINDS, name="weight_kind")
    outcome = check_outcome(y_true, event=event)
    score = read_scores(scores, input=input, event_column=event_column(outcome.classes, outcome.event))
    n = len(outcome.is_event)
    if len(score) != n:
        raise refuse("y_true", f"have one entry for each of the {len(score)} scores", f"{n} entries")
    frequency, importance = _weights(sample_weight, n, weight_kind)
    return _without_weightless(ScoredRows(score, outcome.is_event, frequency, importance)), outcome


def check_both_outcomes(is_event: BoolArray) -> None:
    """Refuse rows in which the outcome never differs: no calibrator can be learned from them."""
    if is_event.all() or not is_event.any():
        got = f"{int(is_event.sum())} events in {len(is_event)} rows"
        cure = "Calibrate on rows in which the event happened and did not happen."
        raise refuse("y_true", "hold events and non-events", got, cure)


def event_column(classes: AnyArray, event: object) -> int:
    """Give the column of the event among two sorted classes; with one class seen, the second."""
    return classes.tolist().index(event) if len(classes) == 2 else 1


def read_scores(scores: object, *, input: object, event_column: int = 1) -> FloatArray:
    """Give the score of the event, shape (n,), from (n,) or from two columns in the order of the classes.

    Probabilities are checked to lie in [0, 1]. Two columns of logits stand for their softmax, so the score of the
    event is its column minus the other.
    """
    check_option(input, INPUTS, name="input")
    array = open_array(scores, name="scores")
    if input == "probability":
        return check_risks(array, event_column=event_column, name="scores")
    if array.ndim == 2 and array.shape[1] == 2:
        pair = check_numbers(array, name="scores", ndim=2)
        return np.ascontiguousarray(pair[:, event_column] - pair[:, 1 - event_column])
    if array.ndim == 2 and array.shape[1] > 2:
        raise refuse("scores", "hold the logit of one event", f"{array.shape[1]} columns", "Pick the event's column.")
    return check_numbers(array, name="scores")


class LogOddsScale(NamedTuple):
    """How scores become log-odds.

    Probabilities of exactly 0 or 1 have none. Where some were seen when the calibrator was fitted, every score is kept
    inside limits that lie half as far from 0 or 1 as the nearest other score does, so that the order stays.

    Attributes
    ----------
    input : {"probability", "logit"}
        What scores are.
    low, high : float
        Limits of probabilities; 0 and 1 where no score was certain.
    n_certain : int
        Number of rows in the fit whose score was exactly 0 or 1.
    """

    input: Input
    low: float
    high: float
    n_certain: int

    def log_odds(self, score: FloatArray) -> FloatArray:
        """Give the log-odds of scores, shape (n,); infinite for certainties where none was seen in the fit."""
        if self.input == "logit":
            return score
        inside = score.clip(self.low, self.high) if self.n_certain else score
        with np.errstate(divide="ignore"):
            return np.log(inside) - np.log1p(-inside)


def log_odds_scale(rows: ScoredRows, input: Input) -> LogOddsScale:
    """Learn from the rows of a fit how scores become log-odds."""
    if input == "logit":
        return LogOddsScale(input, 0.0, 1.0, 0)
    score = rows.score
    certain = (score == 0) | (score == 1)
    if not certain.any():
        return LogOddsScale(input, 0.0, 1.0, 0)
    others = score[~certain]
    if not len(others):
        cure = "Scores that are all certain can only be counted: isotonic calibration takes them."
        raise refuse("scores", "not all be exactly 0 or 1", f"{len(score)} of {len(score)}", cure)
    low, high = float(others.min()) / 2, 1 - float((1 - others).min()) / 2
    n_certain = certain.sum() if rows.frequency is None else rows.frequency[certain].sum()
    return LogOddsScale(input, low, high, int(n_certain))


def _weights(sample_weight: object, n: int, kind: object) -> tuple[FloatArray | None, FloatArray | None]:
    if kind == "frequency":
        return check_counts(sample_weight, n), None
    return None, check_weights(sample_weight, n)


def _without_weightless(rows: ScoredRows) -> ScoredRows:
    weight = rows.weight
    if weight is None or (weight > 0).all():
        return rows
    kept = weight > 0
    return ScoredRows(*(None if part is None else part[kept] for part in rows))  # type: ignore[arg-type]  # as it was
