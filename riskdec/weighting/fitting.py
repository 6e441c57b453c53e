"""Fitting of one scikit-learn-style classifier under one weighting scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from riskdec._base.checks import refuse
from riskdec.models.faces import RiskFaces
from riskdec.nn import CNNRiskModel
from riskdec.resampling.procedure import last_step
from riskdec.weighting.units import UNWEIGHTED

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, WeightKind
    from riskdec.weighting.schemes import Scheme
    from riskdec.weighting.units import RowWeights

# Parameters that weight the classes (scikit-learn, XGBoost, LightGBM, CatBoost), with the values under which they
# do not.
_WEIGHTING: dict[str, tuple[object, ...]] = {
    "class_weight": (None,),
    "class_weights": (None,),
    "auto_class_weights": (None, "None"),
    "is_unbalance": (None, False),
    "scale_pos_weight": (None, 1),
}


def check_estimator(
    estimator: Any, *, needs_weights: bool = True, sample_weight: object = None, weight_kind: WeightKind = "frequency"
) -> None:
    """Refuse what cannot be fitted with and without class weights.

    Parameters
    ----------
    estimator : classifier
        What is to be compared with itself.
    needs_weights : bool, default=True
        Whether it must take weights; resampled rows need none.
    sample_weight : array-like or None
        Weights of rows, which it must then take, as well as mean by them what `weight_kind` says.
    weight_kind : {"frequency", "importance"}
        What these weights mean.

    Raises
    ------
    InputError
        For something that scikit-learn cannot clone, an estimator without `predict_proba`, one that already
        carries class weights, one that takes weights in no way, and one that would ignore or misread weights of rows.
    """
    try:
        clone(estimator)
    except TypeError as err:
        shown = f"the class {estimator.__name__}" if isinstance(estimator, type) else repr(estimator)
        cure = "Pass an object that need not be fitted, such as LogisticRiskModel()."
        raise refuse("estimator", "be a scikit-learn-style classifier", shown, cure) from err
    try:
        estimator.predict_proba  # noqa: B018 -- scikit-learn hides the method by raising
    except AttributeError:
        cure = "Give it probabilities first, for example with sklearn.calibration.CalibratedClassifierCV."
        raise refuse("estimator", "have predict_proba", type(estimator).__name__, cure) from None
    for parameter, value in estimator.get_params(deep=True).items():
        neutral = _WEIGHTING.get(parameter.rpartition("__")[2])
        if neutral is not None and not _is_neutral(value, neutral):
            cure = f"Set {parameter}={neutral[-1]!r}: the schemes bring the weights, which would be counted twice."
            raise refuse("estimator", "carry no class weights of its own", f"{parameter}={value!r}", cure)
    if needs_weights:
        find_entry(estimator)
    if sample_weight is not None:
        _check_takes_rows_weighted(estimator, weight_kind)


def fit_scheme(
    estimator: Any,
    X: object,
    y: AnyArray,
    scheme: Scheme,
    *,
    is_event: AnyArray,
    groups: object,
    weights: RowWeights = UNWEIGHTED,
) -> Any:
    """Fit a fresh copy of the estimator under the weights of a scheme.

    Parameters
    ----------
    estimator : classifier
        Has passed `check_estimator`.
    X, y : array-like
        Training rows and labels.
    scheme : Scheme
        Weight of each label; for a scheme that resamples, X and y are what it drew, and get no weights.
    is_event : ndarray of bool, shape (n,)
        Rows of the event.
    groups : array-like of shape (n,) or None
        Handed to riskdec's own models, whose standard errors use them.
    weights : RowWeights
        What each row counts for; multiplied with the weights of the scheme.

    Returns
    -------
    classifier
        Fitted copy; the estimator itself is left as it was.

    Notes
    -----
    Weights of a scheme go in as `class_weight` where the estimator has that parameter, otherwise as `sample_weight`;
    in a pipeline those of its last step. They are scaled to leave the sum of the weights of all rows what it is, so
    that a penalty means the same under each scheme. Weights of rows go to every step that takes them, importance
    weights scaled to mean one.
    """
    fresh = clone(estimator)
    fit_parameters: dict[str, Any] = {}
    if groups is not None and takes_groups(fresh):
        fit_parameters["groups"] = groups
    weights = weights.mean_one()
    if weights.values is not None:
        fit_parameters |= dict.fromkeys(sample_weight_entries(fresh), weights.values)
    if scheme.way == "weights" and not scheme.is_none:
        entry = find_entry(fresh)
        weight = row_weights(scheme, is_event, weights)
        if entry.endswith("class_weight"):
            first, second = float(weight[~is_event][0]), float(weight[is_event][0])
            fresh.set_params(**{entry: dict(zip(scheme.labels, (first, second), strict=True))})
        else:
            fit_parameters[entry] = weight * weights.or_ones(len(weight))
            read_as_importance(fresh)
    return fresh.fit(X, y, **fit_parameters)


def predict_event(fitted: Any, X: object, event: object) -> FloatArray:
    """Give the risk of the event, shape (n,)."""
    column = fitted.classes_.tolist().index(event)
    proba = np.asarray(fitted.predict_proba(X), dtype=np.float64)
    return np.ascontiguousarray(proba[:, column])


def predict_weighted(fitted: Any, X: object, event: object, scheme: Scheme) -> FloatArray:
    """Give the risk of the event with the weights of the scheme in it, also where the model had divided them out."""
    risk = predict_event(fitted, X, event)
    if scheme.way != "weights" or not divides_weights_out(fitted):
        return risk
    return np.asarray(scheme.ratio * risk / (scheme.ratio * risk + (1 - risk)), dtype=np.float64)


def divides_weights_out(fitted: Any) -> bool:
    """Tell whether the probabilities of a weighted fit do not show the weights any more."""
    inner = last_step(fitted)
    return isinstance(inner, CNNRiskModel) and inner.history_.by_class is None


def row_weights(scheme: Scheme, is_event: AnyArray, weights: RowWeights = UNWEIGHTED) -> FloatArray:
    """Give each row the weight of its label, scaled to mean one over the rows as these are weighted; shape (n,)."""
    weight = np.where(is_event, scheme.weights[1], scheme.weights[0])
    return np.asarray(weight / weights.mean(weight), dtype=np.float64)


def find_entry(estimator: Any) -> str:
    """Name the parameter through which weights enter: of the estimator, or of the last step of a pipeline."""
    prefix, inner = _last(estimator)
    if "class_weight" in inner.get_params(deep=False):
        return f"{prefix}class_weight"
    if has_fit_parameter(inner, "sample_weight"):
        return f"{prefix}sample_weight"
    got = f"{type(inner).__name__}, which takes neither"
    cure = "Without weights there is nothing to compare; a search or a wrapper may hold a model that takes them."
    raise refuse("estimator", "take class_weight, or sample_weight in fit", got, cure)


def read_as_importance(fresh: Any) -> None:
    """Tell a model of riskdec, whose weights count rows, that those of a scheme do not."""
    prefix, inner = _last(fresh)
    takes_kind = "weight_kind" in inner.get_params(deep=False)
    if takes_kind and isinstance(inner, RiskFaces):
        fresh.set_params(**{f"{prefix}weight_kind": "importance"})


def sample_weight_entries(estimator: Any) -> list[str]:
    """Name the parameters of `fit` through which weights of rows enter: of the estimator, or of steps of a pipeline."""
    if not isinstance(estimator, Pipeline):
        return ["sample_weight"] if has_fit_parameter(estimator, "sample_weight") else []
    steps = [(name, step) for name, step in estimator.steps if step is not None and not isinstance(step, str)]
    return [f"{name}__{entry}" for name, step in steps for entry in sample_weight_entries(step)]


def _last(estimator: Any) -> tuple[str, Any]:
    """Give what a pipeline ends in, and the prefix of its parameters."""
    prefix, inner = "", estimator
    while isinstance(inner, Pipeline):
        step, inner = inner.steps[-1]
        prefix += f"{step}__"
    return prefix, inner


def _check_takes_rows_weighted(estimator: Any, weight_kind: WeightKind) -> None:
    """Refuse an estimator that ignores weights of rows, and a model of riskdec that takes them for something else."""
    _, inner = _last(estimator)
    if not has_fit_parameter(inner, "sample_weight"):
        cure = (
            "It would fit other rows than those it is judged on: repeat rows that count several times, or leave it out."
        )
        raise refuse("estimator", "take sample_weight in fit", f"a {type(inner).__name__} that does not", cure)
    own = inner.get_params(deep=False).get("weight_kind", weight_kind)
    if isinstance(inner, RiskFaces) and own != weight_kind:
        rule = f"mean by weights what weight_kind={weight_kind!r} says"
        cure = "Give both the same weight_kind."
        raise refuse("estimator", rule, f"{type(inner).__name__}(weight_kind={own!r})", cure)


def _is_neutral(value: object, neutral: tuple[object, ...]) -> bool:
    # Weights may be an array, which compares entry by entry.
    return any(value is one or (isinstance(value, (int, float, str)) and value == one) for one in neutral)


def takes_groups(estimator: Any) -> bool:
    """Tell whether it is one of riskdec's models that are told which rows belong together."""
    return isinstance(estimator, RiskFaces) and has_fit_parameter(estimator, "groups")
