"""The door of numpy's own arrays of numbers, in which scikit-learn's checks have nothing to find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray

_FLOATS = "df"


def is_plain_matrix(X: object) -> TypeGuard[AnyArray]:
    """Tell whether rows are a float64 or float32 matrix of numpy itself, no subclass, with at least one column."""
    return type(X) is np.ndarray and X.ndim == 2 and X.dtype.char in _FLOATS and X.dtype.isnative and X.shape[1] > 0


def are_plain_rows(X: object, y: object) -> bool:
    """Tell whether rows are such a matrix, and labels one whole number or truth value for each of them."""
    return (
        is_plain_matrix(X)
        and type(y) is np.ndarray
        and y.ndim == 1
        and 0 < len(y) == len(X)
        and (y.dtype.kind in "biu" or are_zero_or_one(y))
    )


def are_zero_or_one(labels: AnyArray) -> bool:
    """Tell whether labels are the numbers 0 and 1, or truth values."""
    if labels.dtype.kind not in "iuf":
        return labels.dtype.kind == "b"
    return bool(np.count_nonzero(labels == 0) + np.count_nonzero(labels == 1) == len(labels))


def learn_width(estimator: Any, X: AnyArray) -> None:
    """Keep what scikit-learn wants to know of rows without column names."""
    estimator.n_features_in_ = X.shape[1]
    vars(estimator).pop("feature_names_in_", None)


def fits_width(estimator: Any, X: AnyArray) -> bool:
    """Tell whether rows to predict have the columns of the rows of `fit`, neither with names."""
    learned = vars(estimator)
    return learned.get("n_features_in_") == X.shape[1] and "feature_names_in_" not in learned
