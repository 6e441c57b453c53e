"""What a classifier says of rows, on the scale on which it is calibrated: log-probabilities, or its own scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from riskdec._base.checks import check_option, refuse

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray

ResponseMethod = Literal["auto", "predict_proba", "decision_function"]
_METHODS = ("auto", "predict_proba", "decision_function")
# The log of the least positive number there is: what a probability of 0 is read as where none was seen in training.
_LEAST = float(np.log(np.nextafter(0.0, 1.0)))


class Responses(NamedTuple):
    """What a classifier says of rows.

    Attributes
    ----------
    log_proba : ndarray of shape (n, K)
        Logarithms of its probabilities, -inf where one is 0; of a decision function those of the softmax of its
        scores, with two classes of 0 and the score.
    are_probabilities : bool
        Whether it gave probabilities.
    """

    log_proba: FloatArray
    are_probabilities: bool

    def proba(self) -> FloatArray:
        """Give the probabilities as the classifier gave them."""
        return np.exp(self.log_proba)

    def take(self, places: IntArray) -> Responses:
        """Give the responses to some rows."""
        return self._replace(log_proba=self.log_proba[places])


class ClassScores(NamedTuple):
    """How responses become finite scores of the classes.

    A probability of exactly 0 has no logarithm. Where the rows of the fit have some, all are kept above half the least
    other one, so that their order stays.

    Attributes
    ----------
    floor : float
        Least logarithm of a probability.
    n_certain : int
        Rows of the fit with a probability of exactly 0.
    """

    floor: float
    n_certain: int

    def of(self, responses: Responses) -> FloatArray:
        """Give finite scores whose softmax are the probabilities; nan for rows without a prediction: shape (n, K)."""
        return np.maximum(responses.log_proba, self.floor) if responses.are_probabilities else responses.log_proba


def learn_scores(responses: Responses) -> ClassScores:
    """Learn from the rows of a fit how responses become scores."""
    log_proba = responses.log_proba
    certain = np.isneginf(log_proba).any(axis=1)
    if not certain.any():
        return ClassScores(_LEAST, 0)
    least = float(log_proba[np.isfinite(log_proba)].min())
    return ClassScores(least - float(np.log(2)), int(certain.sum()))


def choose_response(estimator: Any, wanted: object) -> Literal["predict_proba", "decision_function"]:
    """Name the method that is asked: `predict_proba` where there is one, unless told otherwise.

    Raises
    ------
    InputError
        For a classifier that has neither, or not the one that is wanted.
    """
    check_option(wanted, _METHODS, name="response_method")
    if isinstance(estimator, type):
        name = estimator.__name__
        raise refuse("estimator", "be an object", f"the class {name}", f"Pass {name}().")
    if wanted != "decision_function" and _has(estimator, "predict_proba"):
        return "predict_proba"
    if wanted != "predict_proba" and _has(estimator, "decision_function"):
        return "decision_function"
    rule = "have predict_proba or decision_function" if wanted == "auto" else f"have {wanted}"
    raise refuse("estimator", rule, f"a {type(estimator).__name__} without it")


def respond(estimator: Any, X: Any, *, method: str, n_classes: int) -> Responses:
    """Ask a fitted classifier about rows.

    Parameters
    ----------
    estimator : fitted classifier
        Columns in the order of its ``classes_``.
    X : table of n rows
        Rows, in the kind that it takes.
    method : {"predict_proba", "decision_function"}
        What to ask.
    n_classes : int
        Number of classes.
    """
    if method == "predict_proba":
        proba = respond_with_probabilities(estimator, X, n_classes=n_classes)
        with np.errstate(divide="ignore"):
            return Responses(np.log(proba), are_probabilities=True)
    score = np.asarray(estimator.decision_function(X), dtype=np.float64)
    if n_classes == 2 and score.ndim == 1:
        score = np.column_stack([np.zeros_like(score), score])
    _check_columns(score, n_classes, method)
    from scipy.special import log_softmax

    # What a constant added to all scores of a row would change is settled here.
    return Responses(np.asarray(log_softmax(score, axis=1)), are_probabilities=False)


def respond_with_probabilities(estimator: Any, X: Any, *, n_classes: int) -> FloatArray:
    """Give the probabilities of a fitted classifier as they are: shape (n, K)."""
    proba = np.asarray(estimator.predict_proba(X), dtype=np.float64)
    _check_columns(proba, n_classes, "predict_proba")
    return proba


def _check_columns(values: AnyArray, n_classes: int, method: str) -> None:
    if values.ndim != 2 or values.shape[1] != n_classes:
        got = f"shape {values.shape}"
        raise refuse(f"{method} of the estimator", f"have one column for each of the {n_classes} classes", got)


def _has(estimator: Any, method: str) -> bool:
    # scikit-learn hides methods that do not apply by raising.
    try:
        getattr(estimator, method)
    except AttributeError:
        return False
    return True
