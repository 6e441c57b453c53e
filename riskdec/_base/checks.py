"""The door: user input in, clean arrays out; past it nobody checks again.

Every message has one form: ``<name> must <rule>; got <value> at position i (k of n). <what to do>.``
"""

from __future__ import annotations

import math
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray, RngLike

# Probabilities of one row may miss a sum of one by this much: float32 softmax reaches 1e-6.
SUM_TOLERANCE = 1e-6


def refuse(name: str, rule: str, got: object, cure: str = "") -> InputError:
    """Make the error of a value that breaks a rule; the caller raises it.

    >>> print(refuse("tol", "be positive", -1, "Leave it out for the default."))
    tol must be positive; got -1. Leave it out for the default.
    """
    return InputError(f"{name} must {rule}; got {got}." + (f" {cure}" if cure else ""))


def refuse_rows(name: str, rule: str, values: AnyArray, bad: BoolArray, cure: str = "") -> InputError:
    """Make the error of an array of which some entries break a rule: first culprit, its place, how many."""
    place = tuple(int(i) for i in np.argwhere(bad)[0])
    where = str(place[0]) if len(place) == 1 else str(place)
    got = f"{values[place]!s} at position {where} ({int(bad.sum())} of {bad.size})"
    return refuse(name, rule, got, cure)


class Outcome(NamedTuple):
    """A binary outcome, cleaned.

    Attributes
    ----------
    is_event : ndarray of bool, shape (n,)
        Whether the event happened.
    event : object
        The label that means the event.
    classes : ndarray of shape (n_classes,)
        Sorted labels seen; may hold the event alone.
    """

    is_event: BoolArray
    event: object
    classes: AnyArray


def open_array(values: object, *, name: str) -> AnyArray:
    """Give an array of whatever shape and type; what a mask covers is no value."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        cure = "Leave these rows out, or fill them."
        raise refuse_rows(name, "have no masked values", values.data, np.ma.getmaskarray(values), cure)
    return np.asarray(values)


def check_array(values: object, *, name: str, ndim: int = 1) -> AnyArray:
    """Give an array of the wanted number of dimensions, of any type; frames and series are unwrapped."""
    array = open_array(values, name=name)
    if ndim == 1 and array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != ndim:
        raise refuse(name, f"be {ndim}-dimensional", f"shape {array.shape}")
    return array


def check_numbers(values: object, *, name: str, n: int | None = None, ndim: int = 1) -> FloatArray:
    """Give finite float64 numbers of the wanted shape."""
    array = check_array(values, name=name, ndim=ndim)
    if array.dtype.kind == "O":
        array = _unbox(array, name)
    if array.dtype.kind not in "biuf":
        raise refuse(name, "hold numbers", f"values of type {array.dtype}")
    array = array.astype(np.float64, copy=False)
    check_length(array, n, name=name)
    bad = ~np.isfinite(array)
    if bad.any():
        raise refuse_rows(name, "be finite (no NaN, no inf)", array, bad, "Replace these values, or leave them out.")
    return array


def check_length(array: AnyArray, n: int | None, *, name: str) -> None:
    """Refuse an array of the wrong number of rows."""
    if n is not None and array.shape[0] != n:
        raise refuse(name, f"have one entry per row ({n})", f"{array.shape[0]} entries")


def check_risks(y_proba: object, *, n: int | None = None, event_column: int = 1, name: str = "y_proba") -> FloatArray:
    """Give the probability of the event, shape (n,), from (n,) or from the two columns of `predict_proba`."""
    array = open_array(y_proba, name=name)
    if array.ndim == 2 and array.shape[1] == 2:
        return np.ascontiguousarray(check_distributions(array, n=n, n_outcomes=2, name=name)[:, event_column])
    if array.ndim == 2 and array.shape[1] > 2:
        raise refuse(name, "hold the risk of one event", f"{array.shape[1]} columns", "Pick the column of the event.")
    risks = check_numbers(y_proba, name=name, n=n)
    bad = (risks < 0) | (risks > 1)
    if bad.any():
        raise refuse_rows(name, "lie in [0, 1]", risks, bad, "Pass probabilities, not scores or logits.")
    return risks


def check_distributions(
    y_proba: object, *, n_outcomes: int | None = None, n: int | None = None, name: str = "y_proba"
) -> FloatArray:
    """Give probabilities of all outcomes, shape (n, K), rows summing to one within 1e-6."""
    proba = check_numbers(y_proba, name=name, n=n, ndim=2)
    if n_outcomes is not None and proba.shape[1] != n_outcomes:
        raise refuse(name, f"have one column per outcome ({n_outcomes})", f"{proba.shape[1]} columns")
    bad = (proba < 0) | (proba > 1)
    if bad.any():
        raise refuse_rows(name, "lie in [0, 1]", proba, bad, "Pass probabilities, not scores or logits.")
    total = proba.sum(axis=1)
    off = np.abs(total - 1) > SUM_TOLERANCE
    if off.any():
        raise refuse_rows(f"rows of {name}", "sum to 1 (within 1e-6)", total, off, "Normalise them if that is meant.")
    return proba


def check_labels(y: object, *, name: str = "y_true", n: int | None = None) -> AnyArray:
    """Give outcome labels of shape (n,), none missing."""
    labels = check_array(y, name=name)
    check_length(labels, n, name=name)
    missing = _missing(labels)
    if missing.any():
        raise refuse_rows(name, "not be missing (NaN or None)", labels, missing, "Drop these rows, and say so.")
    return labels


def check_outcome(y_true: object, *, event: object = None, name: str = "y_true", n: int | None = None) -> Outcome:
    """Give a binary outcome: which rows hold the event.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Two different labels at most.
    event : object, optional
        The label that means the event. Without it 0/1 and False/True are understood; any other pair is refused.
    name : str
        Name of the argument, for messages.
    n : int, optional
        Wanted number of rows.

    Raises
    ------
    InputError
        For missing or more than two labels, an event that does not occur among them, or a pair without `event`.
    """
    labels = check_labels(y_true, name=name, n=n)
    if labels.shape[0] == 0:
        raise refuse(name, "have at least one row", "0 rows")
    if event is None and labels.dtype.kind == "b":
        return Outcome(labels, True, np.array([False, True]))  # noqa: FBT003 -- a label, not an option
    if labels.dtype.kind in "biuf" and event in (None, 1) and bool(((labels == 0) | (labels == 1)).all()):
        return Outcome(labels == 1, 1, np.array([0, 1]))
    classes = sorted_labels(labels, name=name)
    if len(classes) > 2:
        shown = ", ".join(map(repr, classes[:5].tolist()))
        raise refuse(name, "hold two outcomes", f"{len(classes)} ({shown}, ...)", f"Pass {name} == event instead.")
    chosen = choose_event(classes, event, name=name)
    return Outcome(labels == chosen, chosen, classes)


def sorted_labels(labels: AnyArray, *, name: str = "y_true") -> AnyArray:
    """Give the sorted distinct labels; labels that cannot be compared are refused."""
    try:
        return np.unique(labels)
    except TypeError as err:
        raise refuse(name, "hold labels of one type", f"a mixture such as {list(labels[:3])}") from err


def choose_event(classes: AnyArray, event: object, *, name: str = "y_true") -> object:
    """Find the label that means the event among the classes, or refuse and ask for `event=`."""
    known = classes.tolist()
    if event is not None:
        for label in known:
            # Command lines give text: "1" means the label 1, and 1.0 where missing values made it a float.
            if label == event or (isinstance(event, str) and event in _written(label)):
                return label
        shown = ", ".join(map(repr, known[:5]))
        raise refuse("event", f"be one of the labels of {name} ({shown})", repr(event))
    if set(known) <= {0, 1}:
        return True if classes.dtype.kind == "b" else 1
    shown = " and ".join(map(repr, known[:5]))
    message = (
        f"event must be given when the outcomes are not 0/1 or False/True; got the labels {shown}. "
        f"Say which of them is the event, for example event={known[-1]!r}."
    )
    raise InputError(message)


def check_weights(sample_weight: object, n: int, *, name: str = "sample_weight") -> FloatArray | None:
    """Give non-negative weights of shape (n,), or None where there are none.

    A single number stands for the same weight in each row.
    """
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n, float(sample_weight))
    weight = check_numbers(sample_weight, name=name, n=n)
    if (weight < 0).any():
        raise refuse_rows(name, "not be negative", weight, weight < 0)
    if n and not (weight > 0).any():
        raise refuse(name, "not be zero in every row", "all zero", "A sample weight of zero removes its row.")
    return weight


def check_counts(sample_weight: object, n: int, *, name: str = "sample_weight") -> FloatArray | None:
    """Give weights that are whole numbers, as frequency weights must be where rows are drawn or counted."""
    weight = check_weights(sample_weight, n, name=name)
    if weight is not None and (weight != np.floor(weight)).any():
        cure = "Frequency weights count rows; for other weights pass weight_kind='importance'."
        raise refuse_rows(name, "be whole numbers", weight, weight != np.floor(weight), cure)
    return weight


def check_groups(groups: object, n: int, *, name: str = "groups") -> IntArray | None:
    """Give group numbers 0, 1, ... of shape (n,), or None where there are none."""
    if groups is None:
        return None
    labels = check_labels(groups, name=name, n=n)
    known = sorted_labels(labels, name=name)
    return np.searchsorted(known, labels).astype(np.intp, copy=False)


def check_level(confidence_level: object, *, name: str = "confidence_level") -> float:
    """Give a level strictly between 0 and 1; 95 is taken for the percentage that it is, and refused."""
    if not isinstance(confidence_level, Real) or not 0 < float(confidence_level) < 1:
        raise refuse(name, "lie strictly between 0 and 1", repr(confidence_level), "Write 0.95 for 95 %.")
    return float(confidence_level)


def check_number(
    value: object, *, name: str, low: float = -math.inf, high: float = math.inf, open_low: bool = False
) -> float:
    """Give one finite number within limits."""
    inside = isinstance(value, Real) and math.isfinite(float(value)) and low <= float(value) <= high
    if not inside or (open_low and float(value) == low):  # type: ignore[arg-type]  # a Real by the first test
        rule = "be a number" + (f" above {low:g}" if open_low else "" if low == -math.inf else f" of at least {low:g}")
        raise refuse(name, rule + ("" if high == math.inf else f" and at most {high:g}"), repr(value))
    return float(value)  # type: ignore[arg-type]


def check_integer(value: object, *, name: str, low: int = 0) -> int:
    """Give one whole number of at least `low`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or int(value) < low:
        raise refuse(name, f"be a whole number of at least {low}", repr(value))
    return int(value)


def check_option(value: Any, allowed: Iterable[Any], *, name: str) -> Any:
    """Give the value if it is one of the allowed ones."""
    options = tuple(allowed)
    if not any(value is option or (type(value) is type(option) and value == option) for option in options):
        shown = ", ".join(map(repr, options))
        raise refuse(name, f"be one of {shown}", repr(value))
    return value


def check_rng(rng: RngLike, *, name: str = "rng") -> np.random.Generator:
    """Give a random generator from a seed, a generator or None (SPEC 7)."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as err:
        raise refuse(name, "be a seed, a numpy Generator or None", repr(rng)) from err


def _written(label: object) -> tuple[str, ...]:
    if isinstance(label, float) and label.is_integer():
        return str(label), str(int(label))
    return (str(label),)


def _unbox(array: AnyArray, name: str) -> AnyArray:
    """Turn Python objects into numbers, if numbers and missing values are all they are."""
    flat = array.ravel()
    strange = {type(value).__name__ for value in flat if not (_is_missing(value) or isinstance(value, (Real, Decimal)))}
    if strange:
        raise refuse(name, "hold numbers", f"values of type {', '.join(sorted(strange)[:3])}")
    return np.array([math.nan if _is_missing(value) else float(value) for value in flat]).reshape(array.shape)


def _is_missing(value: object) -> bool:
    # pandas' NA refuses every comparison and is known by name; nan is the one number that differs from itself.
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)


def _missing(labels: AnyArray) -> BoolArray:
    if labels.dtype.kind == "f":
        return np.isnan(labels)
    if labels.dtype.kind == "O":
        return np.array([_is_missing(value) for value in labels], dtype=bool)
    return np.zeros(labels.shape, dtype=bool)
