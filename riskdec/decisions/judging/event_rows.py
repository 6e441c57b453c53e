"""The door of functions that ask about one event: which rows hold it, and which column is its risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_outcome, check_risks, refuse

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray


class EventRows(NamedTuple):
    """A binary outcome.

    Attributes
    ----------
    is_event : ndarray of bool, shape (n,)
        Whether the event happened.
    column : int or None
        Column of the event where probabilities have two, in the order of the sorted labels; None where only one
        label was seen.
    """

    is_event: BoolArray
    column: int | None


def check_event(y_true: object, event: object) -> EventRows:
    """Give which rows hold the event, and where its column stands."""
    outcome = check_outcome(y_true, event=event)
    known = outcome.classes.tolist()
    return EventRows(outcome.is_event, known.index(outcome.event) if len(known) == 2 else None)


def check_event_risks(y_proba: object, rows: EventRows, *, name: str = "y_proba") -> FloatArray:
    """Give the risk of the event in each row, from one column or from two."""
    proba = np.asarray(y_proba)
    if rows.column is None and proba.ndim == 2 and proba.shape[1] == 2:
        cure = "Pass the column of the event alone."
        raise refuse("y_true", f"hold both outcomes when {name} has two columns", "one of them", cure)
    return check_risks(proba, n=rows.is_event.shape[0], event_column=rows.column or 0, name=name)
