"""The door of the estimators: scikit-learn's checks of names and shapes, then ours of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_X_y, validate_data

from riskdec._base.checks import check_groups, check_labels, check_numbers, check_weights, refuse, sorted_labels
from riskdec._base.frames import holds_plain_numbers, is_frame, iterate_columns
from riskdec._base.threads import in_order
from riskdec.errors import InputError
from riskdec.likelihood.rows.reading import row_blocks
from riskdec.likelihood.wide.block_matrix import take_rows
from riskdec.models.doors.formula_door import FormulaRows, encode_by_formula, open_by_formula
from riskdec.models.doors.level_door import MOST_COEFFICIENTS, check_width, has_levels, open_by_levels, open_sparse
from riskdec.models.doors.plain_door import are_plain_rows, are_zero_or_one, fits_width, is_plain_matrix, learn_width
from riskdec.models.tables.level_encoding import encode_levels

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.models.tables.encoding import TableEncoding

_FLOATS = [np.float64, np.float32]
_SPARSE = ("csr", "csc", "coo")
# Whole numbers within such a range are counted, not sorted.
_COUNTED_RANGE = 1_000


class TrainingRows(NamedTuple):
    """Clean rows of positive weight.

    Attributes
    ----------
    X : ndarray of shape (n, p), or BlockMatrix
        float64 or float32; from sparse matrices and from frames with many levels, without the zeros.
    codes : ndarray of shape (n,)
        Place of each row's label among the classes: bool with two of them, int with more.
    classes : ndarray of shape (K,)
        Sorted labels, at least two.
    sample_weight, offset, groups : ndarray of shape (n,) or None
        As given, cut to the rows kept. With more than two classes the offset has shape (n, K).
    by_formula : FormulaRows or None
        What a formula made of the frame.
    encoding : TableEncoding or None
        What was learned about the columns of a frame with categories.
    """

    X: AnyArray
    codes: AnyArray
    classes: AnyArray
    sample_weight: FloatArray | None
    offset: FloatArray | None
    groups: IntArray | None
    by_formula: FormulaRows | None = None
    encoding: TableEncoding | None = None


def open_for_training(
    estimator: Any, X: object, y: object, *, sample_weight: object, offset: object, groups: object
) -> TrainingRows:
    """Check what `fit` was given; rows of weight zero are as if absent.

    Raises
    ------
    InputError
        With the column and the row of the first culprit.
    """
    given, encoding = None, None
    is_plain = holds_plain_numbers(X)
    if estimator.formula is None and not is_plain and has_levels(X):
        rows, labels, encoding = open_by_levels(estimator, X, y)
        labels = _plain_labels(labels)
    elif estimator.formula is None:
        check_no_levels(estimator)
        rows, labels = _validate(estimator, X, y, reset=True, is_plain=is_plain)
        rows = _close(rows, estimator, training=True)
    else:
        given = open_by_formula(estimator, X, y, sample_weight)
        rows, labels = given.matrix, _plain_labels(given.labels)
        cut = (("sample_weight", sample_weight), ("offset", offset), ("groups", groups))
        sample_weight, offset, groups = (given.cut(values, name) for name, values in cut)
    n = rows.shape[0]
    weight = check_weights(sample_weight, n)
    known = None if offset is None else check_numbers(offset, name="offset", n=n, ndim=_dimensions(offset))
    numbers = check_groups(groups, n)
    if weight is not None and not weight.all():
        keep = weight > 0
        rows, labels, weight = take_rows(rows, keep), labels[keep], weight[keep]
        known = None if known is None else known[keep]
        numbers = None if numbers is None else np.unique(numbers[keep], return_inverse=True)[1]
    if numbers is not None and int(numbers.max()) == 0:
        raise refuse("groups", "hold at least two groups", "one group", "Leave groups out for independent rows.")
    classes, codes = number_classes(labels)
    check_width(rows, estimator.penalty)
    _check_number_of_coefficients(rows.shape[1], classes)
    if known is not None:
        check_offset_columns(known, len(classes))
    return TrainingRows(rows, codes, classes, weight, known, numbers, given, encoding)


def check_no_levels(estimator: Any) -> None:
    """Refuse an answer to unseen levels where there are none."""
    if estimator.unseen != "error":
        cure = "Without a formula or declared categories columns are numbers."
        raise refuse("unseen", "be left at 'error' without categories", repr(estimator.unseen), cure)


def open_for_prediction(estimator: Any, X: object, *, incomplete: bool = False) -> AnyArray:
    """Check what a fitted model is asked about: same columns, finite; zero rows are fine.

    With a formula the rows of the design are given, those that lack a value as NaN where ``incomplete`` allows it.
    """
    if estimator.formula is not None:
        return encode_by_formula(estimator, X, incomplete=incomplete)
    if estimator.encoding_ is not None:
        if not is_frame(X):
            got = type(X).__name__
            raise refuse("X", "be a data frame, as in training", got, "Its categories are found by column name.")
        return encode_levels(estimator.encoding_, X, unseen=estimator.unseen)
    rows, _ = _validate(estimator, X, None, reset=False, is_plain=holds_plain_numbers(X))
    return _close(rows, estimator, training=False)


def _close(rows: AnyArray, estimator: Any, *, training: bool) -> AnyArray:
    """Check that all numbers are finite; give sparse rows in the form that keeps their zeros out."""
    if issparse(rows):
        kept: AnyArray = open_sparse(rows, training=training)
        return kept
    check_finite_columns(rows, estimator)
    return rows


def _validate(estimator: Any, X: object, y: object, *, reset: bool, is_plain: bool) -> tuple[AnyArray, AnyArray]:
    if not is_plain and not isinstance(X, np.ndarray) and is_frame(X):
        _check_no_dates(X)
    if reset and y is not None and len(getattr(y, "shape", (0,))) == 1:
        y = _plain_labels(check_labels(y, name="y"))
    try:
        if y is None and not reset:
            return _open_rows(estimator, X, is_plain=is_plain), np.empty(0)
        rows, labels = _open_rows_and_labels(estimator, X, y, is_plain=is_plain)
        # The path of nearly all data: no sorting, no look for other kinds of target.
        if not are_zero_or_one(labels):
            check_classification_targets(labels)
    except TypeError as err:
        # An object that is no number stays the TypeError that scikit-learn promises.
        if not any(part in str(err) for part, _ in _FOREIGN_WORDS):
            raise
        raise InputError(_explain(err, X)) from err
    except ValueError as err:
        raise InputError(_explain(err, X)) from err
    return rows, labels


def _open_rows(estimator: Any, X: Any, *, is_plain: bool) -> AnyArray:
    """Let scikit-learn look at rows to predict; of frames of plain numbers at the names, then at the numbers."""
    if is_plain_matrix(X) and fits_width(estimator, X):
        return X
    rules = {"accept_sparse": _SPARSE, "dtype": _FLOATS, "ensure_all_finite": False, "ensure_min_samples": 0}
    rows: AnyArray
    if is_plain:
        validate_data(estimator, X, reset=False, skip_check_array=True)
        rows = X.to_numpy()
        rows = rows if is_plain_matrix(rows) else check_array(rows, estimator=estimator, **rules)
    else:
        rows = validate_data(estimator, X, reset=False, **rules)
    return rows


def _open_rows_and_labels(estimator: Any, X: Any, y: object, *, is_plain: bool) -> tuple[AnyArray, AnyArray]:
    if are_plain_rows(X, y):
        learn_width(estimator, X)
        return X, np.asarray(y)
    rules = {"accept_sparse": _SPARSE, "dtype": _FLOATS, "ensure_all_finite": False}
    if not is_plain:
        rows, labels = validate_data(estimator, X, y, **rules)
        return rows, labels
    validate_data(estimator, X, y, skip_check_array=True)
    numbers = X.to_numpy()
    if are_plain_rows(numbers, y):
        return numbers, np.asarray(y)
    rows, labels = check_X_y(numbers, y, estimator=estimator, **rules)
    return rows, labels


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


# What scikit-learn refuses: a part of its words, and ours that go before them with rule and cure.
_FOREIGN_WORDS = (
    ("target y is None", "y must be given; got None. Pass one label per row, or a formula that names the outcome."),
    ("inconsistent numbers of samples", "X and y must have the same number of rows. Look at how they were cut."),
    ("y should be a 1d array", "y must hold one label per row. Pass one column, for example y[:, 0]."),
    ("Unknown label type", "y must hold labels. Say what the event is, for example y > limit."),
    ("Expected 2D array", "X must have rows and columns. Reshape your data: X.reshape(-1, 1) for one column."),
    ("0 feature(s)", "X must have at least one column. Pass the columns that the risk depends on."),
    ("Feature names are only supported", "column names must all be text. Use X.columns = X.columns.astype(str)."),
)


def _explain(err: ValueError | TypeError, X: object) -> str:
    # scikit-learn's own words are kept: its checks, and its users' filters, look for them.
    text = str(err)
    for part, ours in _FOREIGN_WORDS:
        if part in text:
            # Its first line says it; the others print the data.
            return f"{ours} ({text.splitlines()[0]})"
    if "could not convert" in text and is_frame(X):
        texts = [name for name, values in iterate_columns(X) if values.dtype.kind not in "biuf"]
        return (
            f"X must hold numbers; got text in the column(s) {', '.join(map(repr, texts[:5]))} ({text}). "
            "Use TabularRiskModel, which codes categories by itself, or encode them first."
        )
    return text


def check_finite_columns(X: AnyArray, estimator: Any) -> None:
    """Refuse NaN and infinity with the column and the row of the first one."""
    # One cheap reading for the usual case.
    blocks = row_blocks(*X.shape)
    if _has_finite_sum(X) if len(blocks) == 1 else all(in_order(lambda rows: _has_finite_sum(X[rows]), blocks)):
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


def _has_finite_sum(values: AnyArray) -> bool:
    """Tell whether a sum is finite: it is, unless something in it is not, or it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(values.sum()))


def open_offset(offset: object, n: int, n_classes: int) -> FloatArray:
    """Check the offset of rows to predict."""
    known = check_numbers(offset, name="offset", n=n, ndim=_dimensions(offset))
    check_offset_columns(known, n_classes)
    return known


def check_offset_columns(offset: FloatArray, n_classes: int) -> None:
    """Refuse an offset that has not one number for each log-odds."""
    if n_classes == 2 and offset.ndim != 1:
        raise refuse("offset", "hold one number for each row", f"shape {offset.shape}")
    if n_classes > 2 and offset.shape[1:] != (n_classes,):
        cure = "One column for each class, in the order of classes_; only their differences matter."
        raise refuse("offset", f"have {n_classes} columns with {n_classes} classes", f"shape {offset.shape}", cure)


def _dimensions(offset: object) -> int:
    """Give the number of dimensions in which an offset is read: a single column is one number for each row."""
    shape = np.asarray(offset).shape
    return 2 if len(shape) == 2 and shape[1] > 1 else 1


def number_classes(labels: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Give the sorted labels and the place of each row's among them.

    Two classes give the rows of the second as bool; 0/1 and boolean labels need no sorting, nor do whole numbers
    that lie close together.
    """
    if are_zero_or_one(labels):
        is_second = labels == 1
        mixed = 0 < np.count_nonzero(is_second) < len(labels)
        classes = np.array([0, 1], dtype=labels.dtype) if mixed else labels[:1]
        codes: AnyArray = is_second
    else:
        classes, codes = _number_sorted(labels)
    if len(classes) == 1:
        message = (
            f"y must hold two classes; got one class, {classes.tolist()[0]!r}, in all {len(labels)} rows. "
            "A risk cannot be learned from one outcome: look at how the rows were selected."
        )
        raise InputError(message)
    return classes, codes


def _number_sorted(labels: AnyArray) -> tuple[AnyArray, AnyArray]:
    if labels.dtype.kind in "iu" and int(labels.max()) - int(labels.min()) < _COUNTED_RANGE:
        shifted = (labels - labels.min()).astype(np.intp)
        present = np.bincount(shifted) > 0
        classes = labels.min() + np.flatnonzero(present).astype(labels.dtype)
        codes: AnyArray = (np.cumsum(present) - 1)[shifted]
    else:
        classes = sorted_labels(labels, name="y")
        codes = labels == classes[-1] if len(classes) == 2 else np.searchsorted(classes, labels)
    return classes, codes == 1 if len(classes) == 2 else codes


def _check_number_of_coefficients(p: int, classes: AnyArray) -> None:
    n_coefficients = (len(classes) - 1) * (p + 1)
    if len(classes) > 2 and n_coefficients > MOST_COEFFICIENTS:
        shown = ", ".join(map(repr, classes[:5].tolist()))
        message = (
            f"y must leave at most {MOST_COEFFICIENTS} coefficients; got {n_coefficients} for {p} columns and "
            f"{len(classes)} classes ({shown}, ...). Join rare classes, or drop columns."
        )
        raise InputError(message)
