"""Fits of one classifier with and without class weights, and its probabilities with the weights left in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone

from riskdec._base.checks import refuse
from riskdec.nn import CNNRiskModel
from riskdec.weighting.fitting import (
    divides_weights_out,
    find_entry,
    read_as_importance,
    sample_weight_entries,
    takes_groups,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.weighting.balance.parts import Part


def fill_random_states(estimator: Any, rng: np.random.Generator) -> Any:
    """Give a copy in which random states that were left open have a number, so that both fits start alike."""
    fresh = clone(estimator)
    for name, value in sorted(fresh.get_params(deep=True).items()):
        if value is None and name.rpartition("__")[2] == "random_state":
            fresh.set_params(**{name: int(rng.integers(2**31))})
    return fresh


def fit_classes(estimator: Any, rows: Part, class_weight: Mapping[Any, float] | None) -> Any:
    """Fit a fresh copy, with weights of the classes or without.

    Parameters
    ----------
    estimator : classifier
        Has passed `check_estimator`.
    rows : Part
        Rows to fit on.
    class_weight : mapping of label to weight, or None
        Given as `class_weight`, or as `sample_weight` of mean one; multiplied with the weights of the rows.
    """
    fresh = clone(estimator)
    options: dict[str, Any] = {}
    if rows.groups is not None and takes_groups(fresh):
        options["groups"] = rows.groups
    weights = rows.weights.mean_one()
    if weights.values is not None:
        options |= dict.fromkeys(sample_weight_entries(fresh), weights.values)
    if class_weight is not None:
        entry = find_entry(fresh)
        if entry.endswith("class_weight"):
            fresh.set_params(**{entry: dict(class_weight)})
        else:
            weight = np.array(list(class_weight.values()))[rows.codes]
            options[entry] = weight / weights.mean(weight) * weights.or_ones(len(weight))
            read_as_importance(fresh)
        if isinstance(fresh, CNNRiskModel):
            # Its calibration layer would bend the logits that the weights have moved.
            fresh.set_params(calibration=None)
    return fresh.fit(rows.X, rows.labels, **options)


def predict_classes(fitted: Any, X: object, classes: AnyArray) -> FloatArray:
    """Give the probability of each class, shape (n, K), columns in the order of the classes; none missing."""
    known = fitted.classes_.tolist()
    if known != classes.tolist():
        raise refuse("estimator", f"learn every class ({len(classes)})", f"{len(known)} in its classes_")
    proba = np.asarray(fitted.predict_proba(X), dtype=np.float64)
    lacking = np.isnan(proba).any(axis=1)
    if lacking.any():
        cure = "Leave out the rows that it cannot predict."
        raise refuse("X", "hold rows that the model can predict", f"nan in {lacking.sum()} of {len(proba)} rows", cure)
    # Single precision misses a sum of one by more than the doors allow.
    total = proba.sum(axis=1, keepdims=True)
    return np.asarray(proba / total)


def put_weights_back(fitted: Any, proba: FloatArray, weights: FloatArray) -> FloatArray:
    """Give the probabilities with the weights in them, where the model had divided them out; others as they are."""
    if not divides_weights_out(fitted):
        return proba
    weighted = proba * weights
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))
