"""Any scikit-learn classifier in the place of the logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from riskdec._base.checks import refuse
from riskdec.models.callbacks import lend_callbacks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.models.shrinking.ridge_path import Fold

# Risks of exactly 0 or 1 have no log-odds; forests and neighbours give them for anything from one in a hundred on.
_SMALLEST = 1e-5


def check_learner(learner: Any, *, weighted: bool) -> None:
    """Refuse what is not an unfitted classifier with `predict_proba` that takes the weights there are."""
    rule = "be 'logistic' or a scikit-learn classifier"
    try:
        clone(learner)
    except TypeError as err:
        shown = f"the class {learner.__name__}" if isinstance(learner, type) else repr(learner)
        raise refuse("learner", rule, shown, "Pass an object, such as HistGradientBoostingClassifier().") from err
    try:
        learner.predict_proba  # noqa: B018 -- scikit-learn hides the method by raising
    except AttributeError:
        cure = "Give it probabilities first, for example with sklearn.calibration.CalibratedClassifierCV."
        raise refuse("learner", "have predict_proba", type(learner).__name__, cure) from None
    if weighted and not has_fit_parameter(learner, "sample_weight"):
        cure = "Fit without sample_weight and class_weight."
        raise refuse("learner", "take sample_weight in fit", type(learner).__name__, cure)


def fit_learner(learner: Any, design: FloatArray, y: AnyArray, weight: FloatArray | None) -> Any:
    """Fit a clone of a classifier."""
    fresh = clone(learner)
    with lend_callbacks(fresh):
        return fresh.fit(design, y) if weight is None else fresh.fit(design, y, sample_weight=weight)


def predict_left_out(learner: Any, folds: Iterable[Fold]) -> list[FloatArray]:
    """Give the log-odds of the rows that each fold leaves out."""
    return [
        log_odds_of(fit_learner(learner, fold.X, fold.y, fold.weight).predict_proba(fold.X_left_out)) for fold in folds
    ]


def log_odds_of(proba: AnyArray) -> FloatArray:
    """Give the log-odds of the second of two columns of probabilities, finite."""
    risk = np.clip(np.asarray(proba, dtype=np.float64)[:, 1], _SMALLEST, 1 - _SMALLEST)
    odds: FloatArray = np.log(risk) - np.log1p(-risk)
    return odds
