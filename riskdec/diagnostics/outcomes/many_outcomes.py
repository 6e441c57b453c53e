"""The door for forecasts of many outcomes: which column belongs to which label, and what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import (
    check_counts,
    check_distributions,
    check_groups,
    check_labels,
    check_option,
    check_weights,
    choose_event,
    refuse,
    sorted_labels,
)
from riskdec._base.frames import column_names, is_frame
from riskdec.scores.forecasts import WEIGHT_KINDS, Forecasts, within_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, FloatArray, IntArray, WeightKind

# Each outcome has a report and a curve of its own; nobody reads more of them.
MOST_OUTCOMES = 100


class ManyForecasts(NamedTuple):
    """Probabilities of K > 2 outcomes beside what happened, cleaned.

    Attributes
    ----------
    proba : ndarray of shape (n, K)
        Predicted probabilities; rows sum to one.
    codes : ndarray of int, shape (n,)
        Column of the outcome that happened.
    weight : ndarray of shape (n,) or None
        Positive weights; None means one each.
    weight_kind : {"frequency", "importance"}
        What they mean; weights of rows that stand for themselves are frequencies.
    groups : ndarray of int, shape (n,) or None
        Group numbers of dependent rows.
    outcomes : tuple
        The label of each column.
    """

    proba: FloatArray
    codes: IntArray
    weight: FloatArray | None
    weight_kind: WeightKind
    groups: IntArray | None
    outcomes: tuple[object, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as text."""
        return tuple(str(label) for label in self.outcomes)

    @property
    def each_weight(self) -> FloatArray:
        """The weight of each row, ones where none were given."""
        return np.ones(len(self.codes)) if self.weight is None else self.weight

    @property
    def n_groups(self) -> int | None:
        """Number of groups, None without groups."""
        return None if self.groups is None else int(self.groups.max()) + 1

    @property
    def is_likelihood(self) -> bool:
        """Whether the sum of log probabilities is a log-likelihood: rows that are independent and counted."""
        return self.groups is None and self.weight_kind == "frequency"

    def column(self, k: int) -> Forecasts:
        """Give one outcome against all others together."""
        risk = np.ascontiguousarray(self.proba[:, k])
        return Forecasts(self.codes == k, risk, self.weight, self.weight_kind, self.groups, self.outcomes[k])

    def against_rest(self, event: object) -> Forecasts:
        """Give the named outcome against all others together."""
        label = choose_event(np.array(self.outcomes), event)
        return self.column(self.outcomes.index(label))

    def top_label(self) -> Forecasts:
        """Give the largest probability of each row, and whether its outcome happened; the first of equals counts."""
        top = self.proba.argmax(axis=1)
        confidence = self.proba[np.arange(len(top)), top]
        return Forecasts(self.codes == top, confidence, self.weight, self.weight_kind, self.groups, "correct")


def has_many_columns(y_proba: object) -> bool:
    """Tell whether forecasts are those of more than two outcomes."""
    shape = np.asarray(y_proba).shape
    return len(shape) == 2 and shape[1] > 2


def check_many_forecasts(
    y_true: object,
    y_proba: object,
    *,
    sample_weight: object = None,
    weight_kind: WeightKind = "frequency",
    groups: object = None,
    outcomes: Sequence[object] | None = None,
) -> ManyForecasts:
    """Check outcomes of many labels, the probabilities of all of them, weights and groups."""
    proba = check_distributions(y_proba)
    n, n_columns = proba.shape
    if n_columns > MOST_OUTCOMES:
        cure = "Join rare outcomes, or diagnose one of them with event=."
        raise refuse("y_proba", f"have at most {MOST_OUTCOMES} columns", f"{n_columns}", cure)
    labels = check_labels(y_true, n=n)
    if n == 0:
        raise refuse("y_true", "have at least one row", "0 rows")
    seen = sorted_labels(labels)
    known = _labels_of_columns(seen, y_proba, outcomes, n_columns)
    codes = _places(seen, known)[np.searchsorted(seen, labels)]
    check_option(weight_kind, WEIGHT_KINDS, name="weight_kind")
    weight = (check_counts if weight_kind == "frequency" else check_weights)(sample_weight, n)
    if weight_kind == "importance":
        weight = within_range(weight)
    numbers = check_groups(groups, n)
    if weight is not None and not weight.all():
        kept = weight > 0
        proba, codes, weight = proba[kept], codes[kept], weight[kept]
        numbers = None if numbers is None else check_groups(numbers[kept], len(codes))
    if numbers is not None and int(numbers.max()) == 0:
        raise refuse("groups", "hold at least two groups", "one group", "Leave it out if rows are independent.")
    return ManyForecasts(proba, codes, weight, "frequency" if weight is None else weight_kind, numbers, known)


def _labels_of_columns(
    seen: AnyArray, y_proba: object, outcomes: Sequence[object] | None, n_columns: int
) -> tuple[object, ...]:
    if outcomes is not None:
        known = tuple(np.asarray(outcomes).tolist())
        if len(known) != n_columns or len(set(known)) != n_columns:
            rule = f"name one label per column ({n_columns}), each once"
            raise refuse("outcomes", rule, f"{len(known)} labels, {len(set(known))} different")
        return known
    if len(seen) != n_columns:
        cure = "Say with outcomes= which label belongs to which column."
        raise refuse("y_true", f"hold one label per column of y_proba ({n_columns})", f"{len(seen)} labels", cure)
    by_name = {str(label): label for label in seen.tolist()}
    named = column_names(y_proba) if is_frame(y_proba) else ()
    if set(named) == set(by_name):
        return tuple(by_name[name] for name in named)
    return tuple(seen.tolist())


def _places(seen: AnyArray, known: tuple[object, ...]) -> IntArray:
    unknown = [label for label in seen.tolist() if label not in known]
    if unknown:
        shown = ", ".join(map(repr, known[:5]))
        raise refuse("y_true", f"hold labels among the outcomes ({shown})", repr(unknown[0]))
    return np.array([known.index(label) for label in seen.tolist()], dtype=np.intp)
