"""A fitted classifier as a risk model: what it says stays as it is, and can be diagnosed and decided on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

from sklearn.base import BaseEstimator, ClassifierMixin

from riskdec._base.checks import choose_event, refuse
from riskdec._base.notebook import NotebookFace
from riskdec._base.state import pack_state
from riskdec.models.calibrated.fitting import learned_columns, require_fitted_classifier, with_input_of
from riskdec.models.calibrated.responses import choose_response, respond_with_probabilities
from riskdec.models.calibrated.reuse import find_fingerprint
from riskdec.models.calibrated.weighted import say_counted_twice
from riskdec.models.faces import RiskFaces, require_fitted

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.findings import Finding
    from riskdec._base.notebook import Glance
    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.models.fingerprint import Fingerprint


class FittedRiskModel(RiskFaces, NotebookFace, ClassifierMixin, BaseEstimator):
    """A fitted classifier with `predict_risk`, `diagnose`, `decide` and `certify_deferral`; made by `as_risk_model`.

    Parameters
    ----------
    estimator : fitted classifier
        With ``classes_`` and ``predict_proba``.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.

    Attributes
    ----------
    estimator : classifier
        The one that was given, not a copy.
    classes_, n_features_in_, feature_names_in_
        As the classifier has them.
    fingerprint_ : Fingerprint or None
        That of a model of riskdec; others keep none, and `diagnose` cannot recognise their training rows.

    Notes
    -----
    It is frozen, as scikit-learn's ``FrozenEstimator`` is: `fit` and ``clone`` leave it as it is, so that
    ``cross_val_score`` and its like judge the fitted classifier itself on each part of the rows.
    """

    # What `decide` of every risk model asks about: class weights are the classifier's here.
    class_weight = None

    def __init__(self, estimator: Any, event: object = None) -> None:
        self.estimator = estimator
        self.event = event

    def fit(self, X: object = None, y: object = None) -> Self:
        """Read what the classifier has learned; it is not fitted again, and X and y play no part.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        InputError
            If it has no ``predict_proba``, or if the event is none of its classes.
        """
        self.classes_ = require_fitted_classifier(self.estimator, cure="Call its fit first.")
        choose_response(self.estimator, "predict_proba")
        if self.event is not None:
            choose_event(self.classes_, self.event, name="y")
        for name, value in learned_columns(self.estimator).items():
            setattr(self, name, value)
        self.fingerprint_: Fingerprint | None = find_fingerprint(self.estimator)
        return self

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Give the classifier's own probability of each class, in the order of ``classes_``: shape (n, K)."""
        return respond_with_probabilities(self.estimator, X, n_classes=len(require_fitted(self, "classes_")))

    def save(self, path: str | Path) -> NoReturn:
        """Refuse, and say how the model is kept: as the classifier that it is made of.

        Parameters
        ----------
        path : str or Path
            Where other risk models write; nothing is written.

        Raises
        ------
        InputError
            For a classifier of another library, which can only be stored as code; and for one of riskdec, because it
            has a file of its own, to which the event is added when it is read.
        """
        require_fitted(self, "classes_")
        pack_state(self.estimator)
        kind = type(self.estimator).__name__
        cure = (
            f"Save its estimator, the {kind}, and read it by as_risk_model(riskdec.load(path), event={self.event!r})."
        )
        raise refuse("what is saved", "be the model itself", f"a {kind} with another event", cure)

    def _counted_twice(self) -> tuple[Finding, ...]:
        return say_counted_twice(self.estimator)

    def _glance(self) -> Glance | None:
        from riskdec.models.at_a_glance import glance_at_fitted

        return glance_at_fitted(self)

    def __sklearn_clone__(self) -> Self:
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        return with_input_of(self.estimator, tags)


def as_risk_model(fitted_estimator: Any, event: object = None) -> RiskFaces:
    """Give a fitted classifier the methods of a risk model, without fitting anything.

    Parameters
    ----------
    fitted_estimator : fitted classifier
        Anything with ``classes_`` and ``predict_proba``, a pipeline for example.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.

    Returns
    -------
    FittedRiskModel
        With `predict_risk`, `diagnose`, `decide` and `certify_deferral`. A risk model of riskdec is given back as it
        is, unless another event is asked for.

    Raises
    ------
    NotFittedError
        If the classifier is not fitted.
    InputError
        If it has no ``predict_proba``, or if the event is none of its classes.

    See Also
    --------
    CalibratedRiskModel : Calibrates first; ``cv="prefit"`` takes a fitted classifier, with scores only too.

    Notes
    -----
    Diagnosing on rows that the classifier was fitted on praises it. Models of riskdec recognise such rows; of others
    it cannot be told. Where the classifier was fitted with class weights, `decide` says that costs count twice.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> import numpy as np
    >>> X, y = np.arange(8.0)[:, np.newaxis], ["bad", "good", "bad", "good", "bad", "good", "good", "good"]
    >>> model = as_risk_model(LogisticRegression().fit(X, y), event="bad")
    >>> model.predict_risk(X[:2]).round(2)
    array([0.73, 0.63])
    >>> model.decide(X[:3], costs={"false_positive": 1, "false_negative": 1, "defer": 0.35}).action.tolist()
    ['positive', 'defer', 'defer']
    """
    if isinstance(fitted_estimator, RiskFaces) and event in (None, fitted_estimator.event):
        require_fitted_classifier(fitted_estimator, cure="Call its fit first.")
        return fitted_estimator
    return FittedRiskModel(fitted_estimator, event).fit()
