"""The contract of calibrators: scores of a fitted model in, calibrated probabilities out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logit
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError as SklearnNotFittedError

from riskdec._base.checks import check_level, choose_event, refuse
from riskdec._base.modelfile import write_model
from riskdec._base.notebook import Glance, NotebookFace
from riskdec._base.state import pack_state
from riskdec.calibration.door import event_column, open_rows, read_scores
from riskdec.errors import NotFittedError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from riskdec._base.findings import Finding
    from riskdec._base.table import Table
    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, WeightKind
    from riskdec.calibration.door import Input, ScoredRows
    from riskdec.calibration.score_sums import ScoreSums


_LEVEL = 0.95


class CalibratorNotFittedError(NotFittedError, SklearnNotFittedError):
    """Not fitted yet, in riskdec's and in scikit-learn's terms."""


class Calibrator(NotebookFace, BaseEstimator, ABC):
    """A map from scores to calibrated probabilities, learned on rows that the model behind the scores has not seen.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        Labels, sorted: the order of the columns of `predict_proba`.
    converged_ : bool
        Whether what was learned is the optimum it is called.
    findings_ : tuple of Finding
        What has to be said of the fit: no signal, separated scores, certain scores.
    n_ : int
        Number of rows it was fitted on.
    """

    input: Input
    weight_kind: WeightKind
    classes_: AnyArray
    converged_: bool
    findings_: tuple[Finding, ...]
    n_: int

    @property
    def has_level(self) -> bool:
        """Whether limits hold at a level of confidence; otherwise they are the range that one more row leaves open."""
        return True

    @abstractmethod
    def fit(self, scores: ArrayLike, y_true: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn the map.

        Parameters
        ----------
        scores : array-like of shape (n,), (n, 2) or (n, K)
            Scores of rows that the model was not fitted on: probabilities or logits, as `input` says; one column is
            that of the event.
        y_true : array-like of shape (n,)
            What happened.
        sample_weight : array-like of shape (n,), optional
            Non-negative row weights; their meaning is `weight_kind`. Rows of weight 0 are as if absent.

        Returns
        -------
        Calibrator
            Itself.

        Raises
        ------
        InputError
            For what is no score, outcome or weight, and where an outcome never happened.
        """

    @abstractmethod
    def predict_proba(self, scores: ArrayLike) -> FloatArray:
        """Give the calibrated probability of each class.

        Parameters
        ----------
        scores : array-like
            As in `fit`.

        Returns
        -------
        ndarray of shape (n, K)
            In [0, 1], rows summing to one; columns in the order of ``classes_``.
        """

    @abstractmethod
    def predict_interval(
        self, scores: ArrayLike, *, event: object = None, confidence_level: float | None = None
    ) -> FloatArray:
        """Give limits of the calibrated risk of the event, shape (n, 2): what the rows of the fit leave uncertain.

        What they are is told in the notes of the class. The scores themselves are taken as given.

        Parameters
        ----------
        scores : array-like
            As in `fit`.
        event : label, optional
            As in `predict_risk`.
        confidence_level : float, optional
            Of the limits of each score by itself; 0.95 if it is left out. To be left out of Venn-Abers calibrators,
            whose two risks hold at no level.

        Raises
        ------
        InputError
            For a calibrator that has no limits.
        """

    @abstractmethod
    def summary(self) -> Table:
        """Give what was learned as a table that prints."""

    def predict_risk(self, scores: ArrayLike, *, event: object = None) -> FloatArray:
        """Give the calibrated probability of the event, shape (n,).

        Parameters
        ----------
        scores : array-like
            As in `fit`.
        event : label, optional
            With more than two classes, or other than the one of the constructor.
        """
        return np.ascontiguousarray(self.predict_proba(scores)[:, self._column_of(event)])

    def save(self, path: str | Path) -> Path:
        """Write the calibrator to one file without code and without rows; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.
        """
        self._require_fitted()
        state, arrays = pack_state(self)
        return write_model(path, kind=type(self).__name__, header={"state": state}, arrays=arrays)

    def _column_of(self, event: object) -> int:
        """Give the column of the event: the one that is asked for, or that of the fit."""
        named = vars(self).get("event_") if event is None else event
        column: int = self.classes_.tolist().index(choose_event(self.classes_, named))
        return column

    def _level(self, confidence_level: object) -> float:
        """Give the level of limits, nan where they have none."""
        if self.has_level:
            return check_level(_LEVEL if confidence_level is None else confidence_level)
        if confidence_level is not None:
            cure = "Its limits are the risks if the new row has no event and if it has one."
            raise refuse("confidence_level", f"be left out of a {type(self).__name__}", repr(confidence_level), cure)
        return float("nan")

    def _glance(self) -> Glance | None:
        from riskdec.calibration.at_a_glance import glance_at_calibrator

        return glance_at_calibrator(self)

    def _require_fitted(self) -> None:
        if "classes_" not in vars(self):
            message = f"this {type(self).__name__} must be fitted first. Call fit(scores, y_true)."
            raise CalibratorNotFittedError(message)


class BinaryCalibrator(Calibrator):
    """A calibrator of two outcomes, learned from one score of the event.

    Attributes
    ----------
    event_ : object
        The label whose probability is the risk.
    """

    event: object
    event_: object

    @abstractmethod
    def _learn(self, rows: ScoredRows) -> None:
        """Learn from checked rows; sets `converged_`, `findings_` and what the calibrator is named for."""

    @abstractmethod
    def _risk(self, score: FloatArray) -> FloatArray:
        """Give the calibrated risk of checked scores, shape (n,)."""

    def _log_odds(self, score: FloatArray) -> FloatArray:
        """Give the calibrated log odds of checked scores; overridden where they are known without the risk."""
        return np.asarray(logit(self._risk(score)))

    @abstractmethod
    def _limits(self, score: FloatArray, level: float) -> FloatArray:
        """Give limits of the risk of checked scores, shape (n, 2)."""

    def fit(self, scores: ArrayLike, y_true: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:  # noqa: D102 -- the contract says it
        rows, outcome = open_rows(
            scores, y_true, sample_weight, input=self.input, event=self.event, weight_kind=self.weight_kind
        )
        return self._fit(rows, outcome.classes, outcome.event)

    def fit_sums(self, sums: ScoreSums) -> Self:
        """Learn from sums of rows, which merge by addition, what all the rows together would teach.

        Parameters
        ----------
        sums : ScoreSums
            Sums of scores of the same `input` and weights of the same `weight_kind`.

        Returns
        -------
        BinaryCalibrator
            Itself.
        """
        if self.event is not None and choose_event(sums.classes, self.event) != sums.event:
            raise refuse("the event of the sums", f"be that of the calibrator ({self.event!r})", repr(sums.event))
        rows = sums.to_rows(input=self.input, weight_kind=self.weight_kind)
        return self._fit(rows, sums.classes, sums.event)

    def predict_proba(self, scores: ArrayLike) -> FloatArray:  # noqa: D102 -- the contract says it
        risk = self.predict_risk(scores)
        proba = np.empty((len(risk), 2))
        column = self._event_column()
        proba[:, column] = risk
        np.subtract(1, risk, out=proba[:, 1 - column])
        return proba

    def predict_risk(self, scores: ArrayLike, *, event: object = None) -> FloatArray:
        """Give the calibrated probability of the event, shape (n,).

        Parameters
        ----------
        scores : array-like of shape (n,) or (n, 2)
            As in `fit`.
        event : label, optional
            Other than that of the fit.
        """
        risk = self._risk(self._read(scores))
        return 1 - risk if self._is_other(event) else risk

    def predict_log_odds(self, scores: ArrayLike, *, event: object = None) -> FloatArray:
        """Give the calibrated log odds of the event, shape (n,).

        Risks next to 1 round to 1; their log odds keep their order, and can be moved to another prevalence.

        Parameters
        ----------
        scores, event
            As in `predict_risk`.
        """
        log_odds = self._log_odds(self._read(scores))
        return -log_odds if self._is_other(event) else log_odds

    def predict_interval(  # noqa: D102 -- the contract says it
        self, scores: ArrayLike, *, event: object = None, confidence_level: float | None = None
    ) -> FloatArray:
        limits = self._limits(self._read(scores), self._level(confidence_level))
        return 1 - limits[:, ::-1] if self._is_other(event) else limits

    def _is_other(self, event: object) -> bool:
        return event is not None and choose_event(self.classes_, event) != self.event_

    def _read(self, scores: ArrayLike) -> FloatArray:
        self._require_fitted()
        return read_scores(scores, input=self.input, event_column=self._event_column())

    def _event_column(self) -> int:
        return event_column(self.classes_, self.event_)

    def _fit(self, rows: ScoredRows, classes: AnyArray, event: Any) -> Self:
        self._learn(rows)
        self.n_, self.classes_, self.event_ = int(rows.n), classes, event
        return self
