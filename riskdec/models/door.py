"""The door of the estimators: scikit-learn's checks of names and shapes, then ours of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from riskdec._base.checks import check_groups, check_labels, check_numbers, check_weights, refuse, sorted_labels
from riskdec._base.frames import is_frame, iterate_columns
from riskdec.errors import InputError

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray

_FLOATS = [np.float64, np.float32]


class TrainingRows(NamedTuple):
    """Clean rows of positive weight.

    Attributes
    ----------
    X : ndarray of shape (n, p)
        float64 or float32.
    is_second : ndarray of bool, shape (n,)
        Rows of ``classes[1]``.
    classes : ndarray of shape (2,)
        Sorted labels.
    sample_weight, offset, groups : ndarray of shape (n,) or None
        As given, cut to the rows kept.
    """

    X: AnyArray
    is_second: BoolArray
    classes: AnyArray
    sample_weight: FloatArray | None
    offset: FloatArray | None
    groups: IntArray | None


def open_for_training(
    estimator: Any, X: object, y: object, *, sample_weight: object, offset: object, groups: object
) -> TrainingRows:
    """Check what `fit` was given; rows of weight zero are as if absent.

    Raises
    ------
    InputError
        With the column and the row of the first culprit.
    """
    rows, labels = _validate(estimator, X, y, reset=True)
    check_finite_columns(rows, estimator)
    n = rows.shape[0]
    weight = check_weights(sample_weight, n)
    known = None if offset is None else check_numbers(offset, name="offset", n=n)
    numbers = check_groups(groups, n)
    if weight is not None and not weight.all():
        keep = weight > 0
        rows, labels, weight = rows[keep], labels[keep], weight[keep]
        known = None if known is None else known[keep]
        numbers = None if numbers is None else np.unique(numbers[keep], return_inverse=True)[1]
    if numbers is not None and int(numbers.max()) == 0:
        raise refuse("groups", "hold at least two groups", "one group", "Leave groups out for independent rows.")
    classes, is_second = two_classes(labels)
    return TrainingRows(rows, is_second, classes, weight, known, numbers)


def open_for_prediction(estimator: Any, X: object) -> AnyArray:
    """Check what a fitted model is asked about: same columns, finite; zero rows are fine."""
    rows = _validate(estimator, X, None, reset=False)[0]
    check_finite_columns(rows, estimator)
    return rows


def _validate(estimator: Any, X: object, y: object, *, reset: bool) -> tuple[AnyArray, AnyArray]:
    if is_frame(X):
        _check_no_dates(X)
    if reset and y is not None and len(getattr(y, "shape", (0,))) == 1:
        y = _plain_labels(check_labels(y, name="y"))
    try:
        if y is None and not reset:
            rows = validate_data(
                estimator, X, reset=False, dtype=_FLOATS, ensure_all_finite=False, ensure_min_samples=0
            )
            return rows, np.empty(0)
        rows, labels = validate_data(estimator, X, y, dtype=_FLOATS, ensure_all_finite=False)
        if not _is_indicator(labels):
            check_classification_targets(labels)
    except ValueError as err:
        raise InputError(_explain(err, X)) from err
    return rows, labels


def _is_indicator(labels: AnyArray) -> bool:
    # The path of nearly all data: no sorting, no look for other kinds of target.
    return labels.dtype.kind in "biu" and bool(((labels == 0) | (labels == 1)).all())


def _plain_labels(labels: AnyArray) -> AnyArray:
    """Give labels held as Python objects their own type: truth values and numbers in columns that had gaps once."""
    if labels.dtype.kind != "O":
        return labels
    sorted_labels(labels, name="y")
    unboxed = np.array(labels.tolist())
    return unboxed if unboxed.dtype.kind in "biuf" else labels


def _check_no_dates(frame: object) -> None:
    for name, values in iterate_columns(frame):
        if values.dtype.kind in "mM":
            got = f"dates or durations in the column {name!r}"
            raise refuse("X", "hold numbers", got, "Turn them into numbers, for example days since a start.")


def _explain(err: ValueError, X: object) -> str:
    # scikit-learn's own words are kept: its checks, and its users' filters, look for them.
    text = str(err)
    if "could not convert" in text and is_frame(X):
        texts = [name for name, values in iterate_columns(X) if values.dtype.kind not in "biuf"]
        return (
            f"X must hold numbers; got text in the column(s) {', '.join(map(repr, texts[:5]))} ({text}). "
            "Use TabularRiskModel, which codes categories by itself, or encode them first."
        )
    return text


def check_finite_columns(X: AnyArray, estimator: Any) -> None:
    """Refuse NaN and infinity with the column and the row of the first one."""
    # A sum is finite unless something in it is not, or it overflows: one cheap reading for the usual case.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(X.sum(dtype=np.float64)):
            return
    bad = ~np.isfinite(X)
    if not bad.any():
        return
    names = getattr(estimator, "feature_names_in_", None)
    row, column = (int(i) for i in np.argwhere(bad)[0])
    place = f"column {column}" if names is None else f"column {names[column]!r}"
    n_rows = int(bad.any(axis=1).sum())
    message = (
        f"X must be finite (no NaN, no inf); got {X[row, column]} in {place} at row {row} "
        f"({n_rows} of {X.shape[0]} rows). Drop or impute these rows, or use TabularRiskModel."
    )
    raise InputError(message)


def two_classes(labels: AnyArray) -> tuple[AnyArray, BoolArray]:
    """Give the two sorted labels and the rows of the second; 0/1 and boolean labels need no sorting."""
    if labels.dtype.kind == "b":
        classes, is_second = np.array([False, True]), labels
        present = {bool(labels.any()), not bool(labels.all())}
        sizes = 2 if present == {True} else 1
        classes = classes if sizes == 2 else labels[:1]
    elif labels.dtype.kind in "iuf" and bool(((labels == 0) | (labels == 1)).all()):
        is_second = labels == 1
        n_second = int(is_second.sum())
        classes = np.array([0, 1], dtype=labels.dtype) if 0 < n_second < len(labels) else labels[:1]
    else:
        classes = sorted_labels(labels, name="y")
        is_second = labels == classes[-1]
    if len(classes) > 2:
        shown = ", ".join(map(repr, classes[:5].tolist()))
        message = (
            "Only binary classification is supported. The type of the target is multiclass: "
            f"y must hold two labels; got {len(classes)} ({shown}). Model one of them against the rest."
        )
        raise InputError(message)
    if len(classes) == 1:
        message = (
            f"y must hold two classes; got one class, {classes.tolist()[0]!r}, in all {len(labels)} rows. "
            "A risk cannot be learned from one outcome: look at how the rows were selected."
        )
        raise InputError(message)
    return classes, is_second
