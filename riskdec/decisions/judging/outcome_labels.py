"""From labels in the data to the outcomes of a cost matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_labels, check_outcome, refuse

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, IntArray
    from riskdec.decisions.costs.named_costs import NamedCosts


def index_outcomes(y_true: object, costs: NamedCosts, *, event: object, n: int) -> IntArray:
    """Say which outcome of the cost matrix happened in each row.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Names of outcomes; with two outcomes otherwise any two labels, of which `event` (or 1, or True) is the
        second outcome; with more the whole numbers 0 to K - 1.
    costs : CostMatrix or CaseCosts
        The costs, with the names of the outcomes.
    event : object, optional
        The label that means the second of two outcomes.
    n : int
        Wanted number of rows.

    Returns
    -------
    ndarray of int, shape (n,)
        Rows of the cost matrix.

    Raises
    ------
    InputError
        For missing labels, and for labels that are none of these.
    """
    labels = check_labels(y_true, n=n)
    if n == 0:
        raise refuse("y_true", "have at least one row", "0 rows")
    n_outcomes = len(costs.outcomes)
    if event is not None and n_outcomes > 2:
        cure = "Name the outcomes in y_true."
        raise refuse("event", f"be left out with {n_outcomes} outcomes", repr(event), cure)
    named = _by_name(labels, costs.outcomes)
    if (named >= 0).all():
        if event is not None and str(event) != costs.outcomes[1]:
            rule = f"be the second outcome ({costs.outcomes[1]!r}) where labels name the outcomes"
            raise refuse("event", rule, repr(event), "Leave it out.")
        return named
    if n_outcomes == 2:
        return check_outcome(labels, event=event).is_event.astype(np.intp)
    numbers = labels.dtype.kind in "biuf"
    if numbers and ((labels >= 0) & (labels < n_outcomes) & (labels == np.floor(labels))).all():
        return labels.astype(np.intp)
    first = int(np.argmax(named < 0))
    shown = ", ".join(map(repr, costs.outcomes))
    rule = f"hold the outcomes {shown}, or the whole numbers 0 to {n_outcomes - 1} in this order"
    got = f"{labels[first]!r} at position {first} ({int((named < 0).sum())} of {n})"
    raise refuse("y_true", rule, got, "Rename the labels, or the outcomes of the cost matrix.")


def _by_name(labels: AnyArray, outcomes: tuple[str, ...]) -> IntArray:
    """Give the place of each label among the names, -1 where it is none of them."""
    index = np.full(labels.shape, -1, dtype=np.intp)
    for k, name in enumerate(outcomes):
        if labels.dtype.kind not in "biuf":
            index[labels == name] = k
        elif name.isdecimal():
            index[labels == int(name)] = k
    return index
