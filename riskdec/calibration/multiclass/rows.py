"""The door of calibrators of K outcomes: scores, outcomes and weights in, clean arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import (
    check_counts,
    check_distributions,
    check_labels,
    check_numbers,
    check_option,
    check_weights,
    open_array,
    refuse,
    sorted_labels,
)
from riskdec._base.findings import Finding
from riskdec._base.table import count, number
from riskdec._base.threads import in_order
from riskdec.calibration.door import INPUTS, WEIGHT_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, FloatArray, IntArray

# Numbers that are looked at together.
_BLOCK = 1 << 18
# The least number with all its digits.
_NEXT_TO_ZERO = float(np.finfo(np.float64).tiny)


class ManyRows(NamedTuple):
    """Rows with a logit of each outcome.

    Attributes
    ----------
    logit : ndarray of shape (n, K), float64 or float32
        Finite; logits, or logarithms of probabilities.
    codes : ndarray of int, shape (n,)
        The column of what happened.
    frequency : ndarray of shape (n,) or None
        How many rows each entry stands for; None for one each.
    importance : ndarray of shape (n,) or None
        Importance weight of one row; None for one each.
    """

    logit: AnyArray
    codes: IntArray
    frequency: FloatArray | None = None
    importance: FloatArray | None = None

    @property
    def weight(self) -> FloatArray | None:
        """Frequency times importance, or None where all rows count one."""
        if self.importance is None:
            return self.frequency
        return self.importance if self.frequency is None else self.frequency * self.importance

    @property
    def each_weight(self) -> FloatArray:
        """The weights, ones where there are none."""
        weight = self.weight
        return np.ones(len(self.codes)) if weight is None else weight

    @property
    def n(self) -> float:
        """Number of rows."""
        return float(len(self.codes) if self.frequency is None else self.frequency.sum())


class LogitScale(NamedTuple):
    """How scores of K outcomes become logits.

    Probabilities of exactly 0 have no logarithm. Where some were seen in the fit, none is taken for less than half of
    the smallest other one; where none was, a later 0 is next to certain.

    Attributes
    ----------
    input : {"probability", "logit"}
        What scores are.
    floor : float
        Least probability; for logits there is none.
    n_zeros : int
        Number of rows in the fit with a probability of exactly 0.
    """

    input: str
    floor: float
    n_zeros: int

    def logits(self, scores: AnyArray) -> AnyArray:
        """Give finite logits, shape (n, K): checked logits as they are, probabilities by their logarithm."""
        if self.input == "logit":
            return scores
        logs: AnyArray = np.log(np.maximum(scores, self.floor))
        return logs


def open_many(
    scores: object,
    y_true: object,
    sample_weight: object,
    *,
    input: object,
    weight_kind: object,
    outcomes: Sequence[object] | None,
) -> tuple[ManyRows, AnyArray, LogitScale]:
    """Check scores of shape (n, K), outcomes and weights together; rows of weight 0 are left out.

    Returns
    -------
    rows : ManyRows
        What the fit needs.
    classes : ndarray of shape (K,)
        The label of each column.
    scale : LogitScale
        How scores become logits.
    """
    check_option(weight_kind, WEIGHT_KINDS, name="weight_kind")
    given = read_many(scores, input=input)
    n, n_columns = given.shape
    if n == 0:
        raise refuse("scores", "have at least one row", "0 rows")
    labels = check_labels(y_true, n=n)
    classes = _column_labels(labels, n_columns, outcomes)
    codes = labels.astype(np.intp, copy=False) if _are_columns(classes, labels) else _codes(labels, classes)
    check = check_counts if weight_kind == "frequency" else check_weights
    weight = check(sample_weight, n)
    if weight is not None and not (weight > 0).all():
        kept = weight > 0
        given, codes, weight = given[kept], codes[kept], weight[kept]
    if (codes == codes[0]).all():
        cure = "Calibrate on rows in which different things happened."
        raise refuse("y_true", "hold more than one outcome", repr(classes[codes[0]]), cure)
    frequency, importance = (weight, None) if weight_kind == "frequency" else (None, weight)
    scale = _logit_scale(given, input, frequency)
    return ManyRows(scale.logits(given), codes, frequency, importance), classes, scale


def read_many(scores: object, *, input: object, n_outcomes: int | None = None) -> AnyArray:
    """Give probabilities that sum to one, or finite logits: shape (n, K); logits are not copied."""
    check_option(input, INPUTS, name="input")
    array = open_array(scores, name="scores")
    if input == "probability":
        return check_distributions(array, n_outcomes=n_outcomes, name="scores")
    plain = array.ndim == 2 and array.dtype in (np.float32, np.float64) and _all_finite(array)
    logits = array if plain else check_numbers(array, name="scores", ndim=2)
    if n_outcomes is not None and logits.shape[1] != n_outcomes:
        raise refuse("scores", f"have one column per outcome ({n_outcomes})", f"{logits.shape[1]} columns")
    return logits


def blocks_of(n_rows: int, n_columns: int) -> list[slice]:
    """Cut rows into blocks by their number and width alone, so that sums have one fixed order."""
    size = max(1, _BLOCK // max(n_columns, 1))
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]


def say_zeros(scale: LogitScale) -> tuple[Finding, ...]:
    """Say how many rows held a probability of exactly 0, and what it was taken for."""
    if not scale.n_zeros:
        return ()
    sentence = (
        f"{count(scale.n_zeros)} rows hold a probability of exactly 0, which has no logarithm; it was taken for "
        f"{number(scale.floor, 3)}, half of the smallest other probability."
    )
    return (Finding(code="RD508", severity="caution", sentence=sentence, todo="Pass the model's logits if you can."),)


def _all_finite(logits: AnyArray) -> bool:
    # A sum is finite only if all its terms are, and needs no room; where sums overflow, the slow way tells.
    with np.errstate(over="ignore", invalid="ignore"):
        sums = list(in_order(lambda rows: logits[rows].sum(), blocks_of(*logits.shape)))
    return bool(np.isfinite(sums).all()) or all(np.isfinite(logits[rows]).all() for rows in blocks_of(*logits.shape))


def _logit_scale(given: AnyArray, input: object, frequency: FloatArray | None) -> LogitScale:
    if input == "logit":
        return LogitScale("logit", _NEXT_TO_ZERO, 0)
    zero = given == 0
    rows = zero.any(axis=1)
    if not rows.any():
        return LogitScale("probability", _NEXT_TO_ZERO, 0)
    n_zeros = rows.sum() if frequency is None else frequency[rows].sum()
    return LogitScale("probability", float(given.min(where=~zero, initial=1.0)) / 2, int(n_zeros))


def _column_labels(labels: AnyArray, n_columns: int, outcomes: Sequence[object] | None) -> AnyArray:
    if n_columns < 2:
        raise refuse("scores", "have one column per outcome", f"{n_columns} columns")
    if outcomes is not None:
        named = np.asarray(outcomes)
        if named.shape != (n_columns,) or len(np.unique(named)) < n_columns:
            raise refuse("outcomes", f"name {n_columns} different labels, one per column of scores", repr(outcomes))
        return named
    whole = labels.dtype.kind in "iu" and labels.min(initial=0) >= 0 and labels.max(initial=0) < n_columns
    # Numbers of columns need no sorting.
    seen = np.flatnonzero(np.bincount(labels.astype(np.intp), minlength=n_columns)) if whole else sorted_labels(labels)
    if len(seen) != n_columns:
        cure = "Say with outcomes= which label belongs to which column."
        raise refuse("y_true", f"hold one label per column of scores ({n_columns})", f"{len(seen)} labels", cure)
    return seen


def _are_columns(classes: AnyArray, labels: AnyArray) -> bool:
    numbers = classes.dtype.kind in "iu" and labels.dtype.kind in "iu" and len(labels) > 0
    if not (numbers and np.array_equal(classes, np.arange(len(classes)))):
        return False
    return bool(labels.min() >= 0 and labels.max() < len(classes))


def _codes(labels: AnyArray, classes: AnyArray) -> IntArray:
    order = np.argsort(classes)
    places = np.searchsorted(classes[order], labels).clip(max=len(classes) - 1)
    codes: IntArray = order[places].astype(np.intp, copy=False)
    unknown = classes[codes] != labels
    if unknown.any():
        raise refuse("y_true", f"hold labels among outcomes ({classes.tolist()})", repr(labels[unknown][0]))
    return codes
