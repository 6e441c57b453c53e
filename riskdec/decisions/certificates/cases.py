"""The door of certificates: independent cases in, or a refusal with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_counts, check_groups, check_option, check_rng, refuse
from riskdec.decisions.judging.event_rows import check_event, check_event_risks

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray, RngLike

_IMPORTANCE_CURE = (
    "An exact test counts cases, and importance weights are no counts. Certify on a sample of the population itself, "
    "or draw one by keeping each row with a probability in proportion to its weight."
)


class Cases(NamedTuple):
    """Independent cases.

    Attributes
    ----------
    is_event : ndarray of bool, shape (n,)
        Whether the event happened.
    risk : ndarray of shape (n,)
        Its predicted probability.
    weight : ndarray of shape (n,)
        How often the row counts, a whole number.
    n_groups : int or None
        Number of groups of which one row each was kept, if there are groups.
    event_column : int
        Column of the event where probabilities have two.
    """

    is_event: BoolArray
    risk: FloatArray
    weight: FloatArray
    n_groups: int | None
    event_column: int


def independent_cases(
    y_true: object,
    y_proba: object,
    *,
    sample_weight: object,
    weight_kind: object,
    groups: object,
    event: object,
    rng: RngLike,
) -> Cases:
    """Give cases that are independent of each other, as far as the data can tell."""
    outcome = check_event(y_true, event)
    n = outcome.is_event.shape[0]
    risk = check_event_risks(y_proba, outcome)
    weight = check_whole_weights(sample_weight, weight_kind, n)
    members = check_groups(groups, n)
    rows: AnyArray = np.flatnonzero(weight > 0)
    if members is not None:
        rows = one_of_each(members, weight, rng)
    kept = np.ones(rows.shape[0]) if members is not None else weight[rows]
    n_groups = None if members is None else rows.shape[0]
    column = 1 if outcome.column is None else outcome.column
    return Cases(outcome.is_event[rows], risk[rows], kept, n_groups, column)


def check_whole_weights(sample_weight: object, weight_kind: object, n: int) -> FloatArray:
    """Give frequency weights, ones where there are none; importance weights are refused."""
    check_option(weight_kind, ("frequency", "importance"), name="weight_kind")
    if sample_weight is not None and weight_kind == "importance":
        raise refuse("sample_weight", "count rows for an exact certificate", "importance weights", _IMPORTANCE_CURE)
    weight = check_counts(sample_weight, n)
    return np.ones(n) if weight is None else weight


def one_of_each(members: IntArray, weight: FloatArray, rng: RngLike) -> IntArray:
    """Draw one row of each group, rows in proportion to their weights; groups without weight give none."""
    # The smallest of independent exponential times divided by weights is a draw in proportion to the weights.
    with np.errstate(divide="ignore"):
        time = check_rng(rng).exponential(size=members.shape[0]) / weight
    order = np.lexsort((time, members))
    first = np.append([True], np.diff(members[order]) > 0)
    drawn = order[first]
    return np.sort(drawn[weight[drawn] > 0])
