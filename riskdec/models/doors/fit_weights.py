"""Row weights and class weights, and what each kind means for the likelihood and its standard errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_number, refuse
from riskdec._base.codes import warn
from riskdec.errors import WeightKindWarning

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, WeightKind


class FitWeights(NamedTuple):
    """The weights of one fit.

    Attributes
    ----------
    total : ndarray of shape (n,) or None
        What multiplies each row's log-likelihood; None means one each.
    single : ndarray of shape (n,) or None
        The part of it that is importance, not repetition: it enters the robust variance squared.
    multiplicity : ndarray of shape (n,) or None
        The part that is repetition: it enters the robust variance once.
    by_class : tuple of float or None
        Class weights after scaling, in the order of the classes.
    """

    total: FloatArray | None
    single: FloatArray | None
    multiplicity: FloatArray | None
    by_class: tuple[float, ...] | None

    @property
    def are_counts(self) -> bool:
        """Whether the likelihood is one of independent rows, so that its own standard errors hold."""
        return self.single is None


def combine_weights(
    sample_weight: FloatArray | None,
    class_weight: object,
    *,
    kind: WeightKind,
    codes: AnyArray,
    classes: AnyArray,
) -> FitWeights:
    """Join row weights and class weights.

    Parameters
    ----------
    sample_weight : ndarray of shape (n,) or None
        Positive.
    class_weight : None, "balanced", "natural" or mapping of label to weight
        Only the ratio matters.
    kind : {"frequency", "importance"}
        Meaning of ``sample_weight``.
    codes : ndarray of int or bool, shape (n,)
        Place of each row's label among the classes.
    classes : ndarray of shape (K,)
        The labels.

    Notes
    -----
    Class weights are scaled so that the weights of the fit sum to what the row weights sum to; importance weights
    to mean one; frequency weights are never scaled.
    """
    rows = sample_weight
    if rows is not None and kind == "importance":
        rows = rows / rows.mean()
    if rows is not None and kind == "frequency":
        _doubt_counts(rows)
    by_class = _class_weights(class_weight, rows, codes, classes)
    if by_class is None:
        if rows is None or kind == "frequency":
            return FitWeights(rows, None, rows, None)
        return FitWeights(rows, rows, None, None)
    per_row = np.take(by_class, codes)
    if rows is None:
        return FitWeights(per_row, per_row, None, by_class)
    total = rows * per_row
    if kind == "frequency":
        return FitWeights(total, per_row, rows, by_class)
    return FitWeights(total, total, None, by_class)


def count_classes(codes: AnyArray, weight: FloatArray | None, n_classes: int) -> FloatArray:
    """Give the number of rows of each class, or the sum of their weights: shape (K,)."""
    if weight is None and codes.dtype == np.bool_:
        # Ten times as fast as turning truth values into numbers to count them.
        events = np.count_nonzero(codes)
        return np.array([len(codes) - events, events], dtype=np.float64)
    return np.bincount(codes, weight, n_classes).astype(np.float64)


def _class_weights(
    class_weight: object, rows: FloatArray | None, codes: AnyArray, classes: AnyArray
) -> tuple[float, ...] | None:
    if class_weight is None:
        return None
    sizes = count_classes(codes, rows, len(classes))
    raw = _raw_class_weights(class_weight, sizes, classes)
    scaled = raw * sizes.sum() / (raw @ sizes)
    return tuple(scaled.tolist())


def _raw_class_weights(class_weight: object, sizes: FloatArray, classes: AnyArray) -> FloatArray:
    if isinstance(class_weight, str):
        if class_weight not in ("balanced", "natural"):
            allowed = "be None, 'balanced', 'natural' or a mapping of label to weight"
            raise refuse("class_weight", allowed, repr(class_weight))
        # "natural", with two classes (|C1|, |C0|), is 1 / |C_k| up to scale, and so is "balanced".
        return 1 / sizes
    if not isinstance(class_weight, Mapping):
        rule = "be None, 'balanced', 'natural' or a mapping of label to weight"
        raise refuse("class_weight", rule, repr(class_weight))
    known = classes.tolist()
    strange = [label for label in class_weight if label not in known]
    if strange:
        raise refuse("class_weight", f"name labels of y ({', '.join(map(repr, known[:5]))})", repr(strange[0]))
    name = "class_weight[{!r}]"
    return np.array([check_number(class_weight.get(k, 1.0), name=name.format(k), low=0, open_low=True) for k in known])


def _doubt_counts(rows: FloatArray) -> None:
    if (rows != np.floor(rows)).any():
        message = (
            "sample_weight is not whole, but weight_kind='frequency' reads it as counts of equal rows: "
            "the estimates stand, the standard errors assume these counts. "
            "Pass weight_kind='importance' for survey, sampling or importance weights."
        )
        warn("RD104", message, WeightKindWarning)
