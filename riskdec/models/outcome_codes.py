"""What happened, as numbers of the classes that a model was fitted with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_labels, refuse

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, IntArray


def outcome_codes(labels: AnyArray, classes: AnyArray) -> IntArray:
    """Give the place of each label among the classes, -1 where it is none of them."""
    places = {label: k for k, label in enumerate(classes.tolist())}
    return np.array([places.get(label, -1) for label in labels.tolist()], dtype=np.intp)


def known_outcomes(y: object, classes: AnyArray) -> IntArray:
    """Give the place of each label among the classes: shape (n,).

    Raises
    ------
    InputError
        For missing labels, and for those that are none of the classes: they would pass for rows without the event.
    """
    labels = check_labels(y, name="y")
    codes = outcome_codes(labels, classes)
    refuse_strange(labels, codes, classes)
    return codes


def refuse_strange(labels: AnyArray, codes: IntArray, classes: AnyArray) -> None:
    """Refuse labels that are none of the classes; missing ones are told of by others."""
    strange = [label for label in labels[codes < 0].tolist() if label is not None and label == label]
    if strange:
        shown = ", ".join(map(repr, classes.tolist()[:5]))
        raise refuse("y", f"hold labels that the model was fitted with ({shown})", repr(strange[0]))
