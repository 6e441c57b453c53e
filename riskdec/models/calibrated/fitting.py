"""Fitting a fresh copy of a classifier on some rows, with their weights and groups as far as it takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from riskdec._base.checks import refuse
from riskdec.models.callbacks import lend_callbacks
from riskdec.models.faces import ModelNotFittedError

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray


def check_takes_weights(estimator: Any) -> None:
    """Refuse a classifier that would ignore weights.

    Raises
    ------
    InputError
        If its `fit`, or that of the last step of a pipeline, has no `sample_weight`.
    """
    if _fit_name(estimator, "sample_weight") is None:
        cure = (
            "Fit without weights, or fit the classifier elsewhere and pass cv='prefit': the calibrator takes weights."
        )
        raise refuse("estimator", "take sample_weight in fit", f"a {type(estimator).__name__} that does not", cure)


def fit_fresh(estimator: Any, X: Any, labels: AnyArray, *, weight: FloatArray | None, groups: IntArray | None) -> Any:
    """Fit a clone on rows.

    Parameters
    ----------
    estimator : classifier
        Copied, never fitted itself.
    X : table of n rows
        In the kind that it takes.
    labels : ndarray of shape (n,)
        Outcomes.
    weight : ndarray of shape (n,) or None
        Passed on as `sample_weight`, in a pipeline to the last step.
    groups : ndarray of int, shape (n,), or None
        Passed on where `fit` knows groups, as that of `TabularRiskModel` does.
    """
    by_row = {"sample_weight": weight, "groups": groups}
    named = {name: _fit_name(estimator, name) for name, values in by_row.items() if values is not None}
    fresh = clone(estimator)
    with lend_callbacks(fresh):
        return fresh.fit(X, labels, **{key: by_row[name] for name, key in named.items() if key is not None})


def require_fitted_classifier(estimator: Any, *, cure: str) -> AnyArray:
    """Give the classes of a fitted classifier; refuse one that is not fitted.

    Raises
    ------
    NotFittedError
        Of riskdec and of scikit-learn.
    """
    try:
        if isinstance(estimator, BaseEstimator):
            check_is_fitted(estimator)
        return np.asarray(estimator.classes_)
    except (AttributeError, SklearnNotFittedError) as err:
        name = type(estimator).__name__
        got = f"an unfitted {name}" if isinstance(estimator, BaseEstimator) else f"a {name} without classes_"
        message = f"estimator must be a fitted classifier; got {got}. {cure}"
        raise ModelNotFittedError(message) from err


def learned_columns(estimator: Any) -> dict[str, Any]:
    """Give `n_features_in_` and `feature_names_in_` as far as a fitted classifier knows them."""
    known = {name: getattr(estimator, name, None) for name in ("n_features_in_", "feature_names_in_")}
    return {name: value for name, value in known.items() if value is not None}


def with_input_of(estimator: Any, tags: Any) -> Any:
    """Give the tags of a classifier around another: what it reads, and whether there may be more than two classes."""
    inner = get_tags(estimator)
    tags.input_tags = inner.input_tags
    if inner.classifier_tags is not None:
        tags.classifier_tags.multi_class = inner.classifier_tags.multi_class
        tags.classifier_tags.poor_score = inner.classifier_tags.poor_score
    return tags


def _fit_name(estimator: Any, name: str) -> str | None:
    """Give the keyword by which the `fit` of a classifier takes something by row; None where it does not."""
    if isinstance(estimator, FrozenEstimator):
        return None if name == "groups" else name
    if not isinstance(estimator, Pipeline):
        return name if has_fit_parameter(estimator, name) else None
    step, last = estimator.steps[-1]
    inner = _fit_name(last, name)
    # With metadata routing a pipeline passes weights on by itself to the steps that ask for them.
    routed = get_config()["enable_metadata_routing"]
    return None if inner is None else name if routed else f"{step}__{inner}"
