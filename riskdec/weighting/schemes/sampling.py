"""Training rows under a resampling scheme: some left out, some repeated, or joined by made-up ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.frames import frame_kind, is_frame, make_frame, open_frame
from riskdec._base.optional import require
from riskdec.resampling.procedure import is_sparse

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, IntArray
    from riskdec.weighting.schemes.scheme import Scheme


def draw_rows(scheme: Scheme, is_event: BoolArray, rng: np.random.Generator) -> IntArray:
    """Give the numbers of the rows that a scheme fits on, ascending, a repeated row as often as it stands there.

    Parameters
    ----------
    scheme : Scheme
        Its weights are numbers of copies.
    is_event : ndarray of bool, shape (n,)
        Rows of the event.
    rng : numpy Generator
        Draws which rows are left out or get one copy more.

    Notes
    -----
    Each row of an outcome that counts c times gets ``floor(c)`` copies, and as many rows as are missing to c on
    average, drawn without replacement, one more. With a whole c nothing is left to chance: the fit is that with the
    integer weight c.
    """
    copies = np.ones(len(is_event), dtype=np.intp)
    for rows, average in (
        (np.flatnonzero(~is_event), scheme.weights[0]),
        (np.flatnonzero(is_event), scheme.weights[1]),
    ):
        wanted = round(average * len(rows))
        each, extra = divmod(wanted, len(rows))
        copies[rows] = each
        if extra:
            copies[rng.choice(rows, size=extra, replace=False)] += 1
    return np.repeat(np.arange(len(copies)), copies)


def make_up_rows(scheme: Scheme, X: Any, labels: AnyArray, rng: np.random.Generator) -> tuple[Any, AnyArray]:
    """Add rows between neighbours of the smaller outcome (SMOTE), by imbalanced-learn.

    Raises
    ------
    MissingExtraError
        Without imbalanced-learn.
    InputError
        For rows that are not numbers throughout, and for too few of them to have neighbours.

    References
    ----------
    N. V. Chawla, K. W. Bowyer, L. O. Hall and W. P. Kegelmeyer, SMOTE: synthetic minority over-sampling technique,
    Journal of Artificial Intelligence Research 16 (2002), 321-357.
    """
    smote = require("imblearn.over_sampling", extra="imbalance", caller="the scheme 'smote'")
    _check_columns(X)
    place = 0 if scheme.weights[0] > scheme.weights[1] else 1
    size = int((labels == scheme.labels[place]).sum())
    wanted = {scheme.labels[place]: round(scheme.weights[place] * size)}
    neighbours = 5
    if size <= neighbours:
        rule = f"have more than {neighbours} training rows of {scheme.labels[place]!r}"
        raise refuse("y", f"{rule} for the scheme 'smote'", size, "Choose another scheme.")
    maker = smote.SMOTE(sampling_strategy=wanted, random_state=int(rng.integers(2**31)), k_neighbors=neighbours)
    kind = frame_kind(X) if is_frame(X) else None
    if kind == "pandas":
        # What lies between two whole numbers fits into no column of them that knows missing values.
        masked = [name for name in X.columns if not isinstance(X[name].dtype, np.dtype)]
        X = X.astype(dict.fromkeys(masked, "float64"))
    if kind in (None, "pandas"):
        made, made_labels = maker.fit_resample(X, labels)
        return made, np.asarray(made_labels)
    # imbalanced-learn knows arrays and the frames of pandas.
    frame = open_frame(X)
    made, made_labels = maker.fit_resample(np.column_stack([frame[name].to_numpy() for name in frame.columns]), labels)
    return make_frame(dict(zip(frame.columns, made.T, strict=True)), kind), np.asarray(made_labels)


def _entries(X: Any) -> AnyArray:
    return np.asarray(X.tocoo().data if is_sparse(X) else X)


def _check_columns(X: Any) -> None:
    """Refuse rows between which there is nothing: names, levels, missing values."""
    cure = "SMOTE makes up rows between others: encode names and fill missing values first, or leave the scheme out."
    if is_frame(X):
        frame = open_frame(X)
        table = {name: np.asarray(frame[name].to_numpy()) for name in frame.columns}
    else:
        table = {"X": _entries(X)}
    for name, values in table.items():
        if values.dtype.kind not in "biuf":
            raise refuse(
                f"column {name!r}", "hold numbers for the scheme 'smote'", f"values of type {values.dtype}", cure
            )
        if values.dtype.kind == "f" and np.isnan(values).any():
            raise refuse(f"column {name!r}", "have no missing values for the scheme 'smote'", "NaN", cure)
