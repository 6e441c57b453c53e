"""The rows that a calibrated model is fitted on: outcomes, weights and groups are checked, the table is passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.validation import _num_samples

from riskdec._base.checks import check_counts, check_groups, check_option, check_weights, choose_event, refuse
from riskdec.errors import InputError
from riskdec.models.doors.door import number_classes
from riskdec.models.tables.tabular_door import open_labels

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray, WeightKind


class CalibrationRows(NamedTuple):
    """What belongs to n rows of positive weight.

    Attributes
    ----------
    labels : ndarray of shape (n,)
        Outcomes as the caller writes them.
    codes : ndarray of int, shape (n,)
        Place of each among the classes.
    classes : ndarray of shape (K,)
        Sorted labels, at least two.
    weight : ndarray of shape (n,) or None
        Row weights.
    weight_kind : {"frequency", "importance"}
        Their meaning.
    groups : ndarray of int, shape (n,), or None
        Group numbers.
    kept : ndarray of int, shape (n,), or None
        Places of the rows among those given; None where all are kept.
    n_given : int
        Number of rows given, those of weight 0 with them.
    """

    labels: AnyArray
    codes: IntArray
    classes: AnyArray
    weight: FloatArray | None
    weight_kind: WeightKind
    groups: IntArray | None
    kept: IntArray | None
    n_given: int


def take(table: Any, places: IntArray) -> Any:
    """Give rows of a table of any kind by their places, in its own kind."""
    return _safe_indexing(table, places)


def open_rows(
    X: Any, y: object, *, sample_weight: object, groups: object, weight_kind: Any, event: object
) -> tuple[Any, CalibrationRows]:
    """Check what `fit` was given; give the table of the rows of positive weight, and what belongs to them.

    Raises
    ------
    InputError
        For outcomes that are no classes, weights, groups or an event that are none, and one class only.
    """
    check_option(weight_kind, ("frequency", "importance"), name="weight_kind")
    if y is None:
        message = (
            "y must be given; got None: requires y to be passed, but the target y is None. Pass one label per row."
        )
        raise InputError(message)
    try:
        (X,) = indexable(X)
        n = _num_samples(X)
    except TypeError as err:
        message = f"X must be a table of rows; got a {type(X).__name__}: {err}"
        raise InputError(message) from err
    labels = open_labels(y, n)
    weight = (check_counts if weight_kind == "frequency" else check_weights)(sample_weight, n)
    numbers = check_groups(groups, n)
    kept: IntArray | None = None
    if weight is not None and not weight.all():
        kept = np.flatnonzero(weight)
        X, labels, weight = take(X, kept), labels[kept], weight[kept]
        numbers = None if numbers is None else check_groups(numbers[kept], len(kept))
    if not len(labels):
        raise refuse("the data", "have at least one row", "0 rows")
    classes, codes = number_classes(labels)
    if event is not None:
        choose_event(classes, event, name="y")
    return X, CalibrationRows(
        labels=labels,
        codes=codes.astype(np.intp),
        classes=classes,
        weight=weight,
        weight_kind=weight_kind,
        groups=numbers,
        kept=kept,
        n_given=n,
    )
