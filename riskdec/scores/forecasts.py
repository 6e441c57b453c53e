"""The door of scores and diagnostics: outcomes, risks and weights, checked together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import (
    check_counts,
    check_distributions,
    check_groups,
    check_labels,
    check_option,
    check_outcome,
    check_risks,
    check_weights,
    choose_event,
    open_array,
    refuse,
    sorted_labels,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray, WeightKind

# Squares and sums of weights in between are far from the ends of the range of numbers.
_SAFE = (1e-60, 1e60)
# Beside larger weights no digit of smaller ones would be left in a sum.
_LEAST_RATIO = 1e-15
WEIGHT_KINDS: tuple[WeightKind, ...] = ("frequency", "importance")


class Forecasts(NamedTuple):
    """Risks beside what happened, cleaned.

    Attributes
    ----------
    is_event : ndarray of bool, shape (n,)
        Whether the event happened.
    risk : ndarray of shape (n,)
        Predicted probability of the event.
    weight : ndarray of shape (n,) or None
        Positive weights; None means one each.
    weight_kind : {"frequency", "importance"}
        What they mean; weights of rows that stand for themselves are frequencies.
    groups : ndarray of int, shape (n,) or None
        Group numbers of dependent rows.
    event : object
        The label that means the event.
    """

    is_event: BoolArray
    risk: FloatArray
    weight: FloatArray | None
    weight_kind: WeightKind
    groups: IntArray | None
    event: object

    @property
    def n_groups(self) -> int | None:
        """Number of groups, None without groups."""
        return None if self.groups is None else int(self.groups.max()) + 1


class ObservedProbabilities(NamedTuple):
    """What the forecasts said about what then happened.

    Attributes
    ----------
    observed : ndarray of shape (n,)
        Probability given to the outcome that happened.
    squares : ndarray of shape (n,) or None
        Sum of the squared probabilities of all outcomes; None for two outcomes, where nobody needs it.
    weight : ndarray of shape (n,) or None
        Positive weights.
    """

    observed: FloatArray
    squares: FloatArray | None
    weight: FloatArray | None


def check_forecasts(
    y_true: object,
    y_proba: object,
    *,
    sample_weight: object = None,
    weight_kind: WeightKind = "frequency",
    groups: object = None,
    event: object = None,
) -> Forecasts:
    """Check a binary outcome, the risks of its event, weights and groups."""
    outcome = check_outcome(y_true, event=event)
    n = outcome.is_event.shape[0]
    known = outcome.classes.tolist()
    proba = open_array(y_proba, name="y_proba")
    if proba.ndim == 2 and proba.shape[1] == 2 and len(known) == 1:
        cure = "Pass the column of the event alone."
        raise refuse("y_true", "hold both outcomes when y_proba has two columns", repr(known[0]), cure)
    risk = check_risks(proba, n=n, event_column=known.index(outcome.event))
    check_option(weight_kind, WEIGHT_KINDS, name="weight_kind")
    check = check_counts if weight_kind == "frequency" else check_weights
    weight = check(sample_weight, n)
    if weight_kind == "importance":
        weight = within_range(weight)
    codes = check_groups(groups, n)
    forecasts = Forecasts(
        outcome.is_event,
        risk,
        weight,
        "frequency" if weight is None else weight_kind,
        codes,
        outcome.event,
    )
    forecasts = _without_zero_weights(forecasts)
    if forecasts.n_groups == 1:
        raise refuse("groups", "hold at least two groups", "one group", "Leave it out if rows are independent.")
    return forecasts


def within_range(weight: FloatArray | None) -> FloatArray | None:
    """Give importance weights whose squares are numbers too: only their ratios matter, so huge ones are scaled down.

    The factor is a power of two, which changes no digit.

    >>> within_range(np.array([1e200, 5e199])).tolist(), within_range(np.array([1.0, 3.0])).tolist()
    ([0.653..., 0.326...], [1.0, 3.0])
    """
    if weight is None:
        return None
    highest, lowest = float(weight.max()), float(weight[weight > 0].min())
    if lowest < highest * _LEAST_RATIO:
        got = f"{lowest:.3g} beside {highest:.3g}"
        raise refuse("sample_weight", "differ by less than a factor of 1e15", got, "Look at where they come from.")
    if _SAFE[0] <= highest <= _SAFE[1]:
        return weight
    return np.asarray(np.ldexp(weight, -int(np.frexp(weight.max())[1])), dtype=np.float64)


def _without_zero_weights(forecasts: Forecasts) -> Forecasts:
    weight = forecasts.weight
    if weight is None or (weight > 0).all():
        return forecasts
    kept = weight > 0
    groups = forecasts.groups
    if groups is not None:
        groups = np.unique(groups[kept], return_inverse=True)[1].astype(np.intp, copy=False)
    return forecasts._replace(
        is_event=forecasts.is_event[kept], risk=forecasts.risk[kept], weight=weight[kept], groups=groups
    )


def check_observed(
    y_true: object,
    y_proba: object,
    *,
    sample_weight: object = None,
    event: object = None,
    outcomes: Sequence[object] | None = None,
) -> ObservedProbabilities:
    """Check forecasts of two or more outcomes, and look up what each said about what happened."""
    shape = np.asarray(y_proba).shape
    if len(shape) < 2 or shape[1] == 1:
        if outcomes is not None:
            cure = "Say with event= which label the risks belong to."
            raise refuse("outcomes", "be left out when y_proba holds one risk per row", repr(outcomes), cure)
        given = check_forecasts(y_true, y_proba, sample_weight=sample_weight, weight_kind="importance", event=event)
        return ObservedProbabilities(np.where(given.is_event, given.risk, 1 - given.risk), None, given.weight)
    if event is not None and shape[1] > 2:
        cure = "Every outcome has its own column; name them with outcomes=."
        raise refuse("event", "be left out when there are more than two outcomes", repr(event), cure)
    proba = check_distributions(y_proba)
    column = _observed_columns(y_true, outcomes, event, n=shape[0], n_columns=shape[1])
    weight = check_weights(sample_weight, shape[0])
    if weight is not None:
        kept = weight > 0
        proba, column, weight = proba[kept], column[kept], weight[kept]
    observed = proba[np.arange(len(column)), column]
    squares = None if shape[1] == 2 else np.einsum("ij,ij->i", proba, proba)
    return ObservedProbabilities(observed, squares, weight)


def _observed_columns(
    y_true: object, outcomes: Sequence[object] | None, event: object, *, n: int, n_columns: int
) -> AnyArray:
    labels = check_labels(y_true, n=n)
    if n == 0:
        raise refuse("y_true", "have at least one row", "0 rows")
    seen = sorted_labels(labels)
    names = _column_names(seen, outcomes, n_columns)
    if event is not None:
        choose_event(np.asarray(names), event)
    unknown = [label for label in seen.tolist() if label not in names]
    if unknown:
        raise refuse("y_true", f"hold labels among outcomes ({names})", repr(unknown[0]))
    places = np.array([names.index(label) for label in seen.tolist()], dtype=np.intp)
    column: AnyArray = places[np.searchsorted(seen, labels)]
    return column


def _column_names(seen: AnyArray, outcomes: Sequence[object] | None, n_columns: int) -> list[object]:
    if outcomes is not None:
        if len(outcomes) != n_columns:
            raise refuse("outcomes", f"name one label per column ({n_columns})", f"{len(outcomes)} labels")
        return list(outcomes)
    if len(seen) == n_columns:
        return list(seen.tolist())
    if n_columns == 2 and set(seen.tolist()) <= {0, 1}:
        return [0, 1]
    cure = "Say with outcomes= which label belongs to which column."
    raise refuse("y_true", f"hold one label per column of y_proba ({n_columns})", f"{len(seen)} labels", cure)
