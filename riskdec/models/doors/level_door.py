"""The door of frames with categories, and of sparse matrices: rows whose zeros are never written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets

from riskdec._base.checks import check_labels, refuse
from riskdec._base.frames import is_frame, open_frame
from riskdec.errors import InputError
from riskdec.likelihood.wide.block_matrix import BlockMatrix
from riskdec.likelihood.wide.sparse_blocks import split_sparse
from riskdec.models.tables.encoding import EncodingRules, TableEncoding
from riskdec.models.tables.level_encoding import encode_levels
from riskdec.models.tables.levels import has_declared_levels

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray

# The information matrix of so many coefficients, and its inverse, take 0.8 GB each.
MOST_COEFFICIENTS = 10_000
_MOST_LEVELS = 1_000_000


def has_levels(X: object) -> bool:
    """Tell whether a frame has columns of declared categories."""
    return is_frame(X) and any(has_declared_levels(column) for column in open_frame(X).iter_columns())


def open_by_levels(model: Any, X: object, y: object) -> tuple[AnyArray, AnyArray, TableEncoding]:
    """Learn the levels of a frame, and give its rows, its labels and what was learned.

    With ridge every level has a column, so that no level is the one that is not shrunken; otherwise the first is the
    reference.
    """
    # Text that nobody declared is refused as before: it may be a name, a date or a number that was misread.
    for column in open_frame(X).iter_columns():
        if not (column.dtype.is_numeric() or column.dtype.is_boolean() or has_declared_levels(column)):
            rule = "hold numbers, booleans or declared categories"
            cure = "Declare it with astype('category') (pandas) or cast(pl.Categorical), or use TabularRiskModel."
            raise refuse(f"column {str(column.name)!r}", rule, f"values of type {column.dtype}", cure)
    if y is None:
        raise refuse("y", "be given", "None", "Pass one label per row, or a formula that names the outcome.")
    labels = check_labels(y, name="y", n=len(open_frame(X)))
    try:
        check_classification_targets(labels)
    except ValueError as err:
        raise InputError(f"y must hold labels. Say what the event is, for example y > limit. ({err})") from err
    rules = EncodingRules(full=model.penalty == "ridge", most_levels=_MOST_LEVELS)
    encoding = TableEncoding.learn(X, missing="error", rules=rules)
    model.n_features_in_ = len(encoding.columns)
    model.feature_names_in_ = np.array([column.name for column in encoding.columns], dtype=object)
    return encode_levels(encoding, X), labels, encoding


def open_sparse(X: Any, *, training: bool) -> Any:
    """Give a sparse matrix that scikit-learn has checked as a `BlockMatrix`; refuse NaN and infinity by place."""
    from scipy import sparse

    bad = ~np.isfinite(X.data)
    if bad.any():
        entry = int(np.argmax(bad))
        places = X.tocoo()
        row, column = int(places.row[entry]), int(places.col[entry])
        got = f"{places.data[entry]} in column {column} at row {row} ({int(bad.sum())} such entries)"
        raise refuse("X", "be finite (no NaN, no inf)", got, "Drop or impute these rows.")
    if training:
        return split_sparse(X)
    none = np.arange(0)
    rest = sparse.csr_array(X, dtype=np.float64)
    return BlockMatrix(X.shape[1], np.empty((X.shape[0], 0)), none, (), rest, np.arange(X.shape[1]))


def check_width(X: AnyArray, penalty: str | None) -> None:
    """Refuse more columns than the information matrix has room for."""
    if not isinstance(X, BlockMatrix):
        return
    p = X.shape[1]
    if penalty != "ridge" and p > MOST_COEFFICIENTS:
        cure = "Fit LogisticRiskModel(penalty='ridge', alpha='cv'), which leaves the largest block of levels out of it."
        raise refuse("X", f"have at most {MOST_COEFFICIENTS:,} columns without ridge", f"{p:,}", cure)
    others = p - max((block.n_levels for block in X.blocks), default=0)
    if others > MOST_COEFFICIENTS:
        cure = "Drop rare columns, or join rare levels."
        rule = f"have at most {MOST_COEFFICIENTS:,} columns beside its largest block of levels"
        raise refuse("X", rule, f"{others:,}", cure)
