"""The door of the maps: probabilities by column, and one number for each column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import SUM_TOLERANCE, check_distributions, check_number, check_risks, open_array, refuse

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# Products of a probability and a ratio beyond this would leave the range of numbers.
_LARGEST_RATIO = 1e100


class Columns(NamedTuple):
    """Probabilities of all outcomes, and the shape in which they came.

    Attributes
    ----------
    proba : ndarray of shape (n, K)
        A column for each outcome; of risks, non-event and event.
    are_risks : bool
        Whether one risk per row was given.
    """

    proba: FloatArray
    are_risks: bool

    @property
    def n_outcomes(self) -> int:
        """Number of columns."""
        return int(self.proba.shape[1])

    def give_back(self, proba: FloatArray) -> FloatArray:
        """Give new probabilities in the shape of the old ones."""
        return np.ascontiguousarray(proba[:, 1]) if self.are_risks else proba


def open_columns(y_proba: object, *, name: str = "y_proba") -> Columns:
    """Check risks of shape (n,) or probabilities of shape (n, K)."""
    array = open_array(y_proba, name=name)
    if array.ndim == 2 and array.shape[1] > 1:
        return Columns(check_distributions(array, name=name), are_risks=False)
    risk = check_risks(array, name=name)
    return Columns(np.column_stack([1 - risk, risk]), are_risks=True)


def check_per_column(values: object, columns: Columns, *, name: str, noun: str) -> FloatArray:
    """Give one positive number per column, from a mapping of label to number or a sequence; shape (K,)."""
    k = columns.n_outcomes
    if values is None or isinstance(values, str) or not isinstance(values, Iterable):
        rule = f"be a mapping of label to {noun}, or the {noun}s in the order of the columns"
        raise refuse(name, rule, repr(values))
    if isinstance(values, Mapping):
        order = _known_keys(values, name, noun) if columns.are_risks else _sorted_keys(values, k, name, noun)
        named = [(f"{name}[{label!r}]", values[label]) for label in order]
    else:
        named = [(f"{name}[{j}]", value) for j, value in enumerate(values)]
        if len(named) != k:
            raise refuse(name, f"hold one {noun} per outcome ({k})", f"{len(named)} {noun}s")
    numbers = np.array([check_number(value, name=each, low=0, open_low=True) for each, value in named])
    if numbers.max() > _LARGEST_RATIO * numbers.min():
        raise refuse(name, "differ by less than a factor of 1e100", f"{numbers.min():.3g} beside {numbers.max():.3g}")
    return numbers


def check_prevalences(value: object, columns: Columns, *, name: str, may_be_zero: bool = False) -> FloatArray:
    """Give prevalences that sum to 1, shape (K,), from the share of the event, a mapping or a sequence."""
    if isinstance(value, Real) and columns.n_outcomes == 2:
        share = check_number(value, name=name, low=0, high=1)
        shares = np.array([1 - share, share])
    elif isinstance(value, Mapping) or (isinstance(value, Iterable) and not isinstance(value, str)):
        shares = _shares(value, columns, name)
    else:
        rule = "be the prevalence of the event" if columns.n_outcomes == 2 else "hold one prevalence per outcome"
        raise refuse(name, rule, repr(value))
    if not may_be_zero and (shares == 0).any():
        raise refuse(name, "be above 0 and below 1", f"{shares.min():g} beside {shares.max():g}")
    return shares


def _shares(value: Mapping[Any, Any] | Iterable[Any], columns: Columns, name: str) -> FloatArray:
    k = columns.n_outcomes
    if isinstance(value, Mapping):
        known = _known_keys if columns.are_risks else None
        order = known(value, name, "prevalence") if known else _sorted_keys(value, k, name, "prevalence")
        numbers = [value[label] for label in order]
    else:
        numbers = list(value)
    if len(numbers) != k:
        raise refuse(name, f"hold one prevalence per outcome ({k})", f"{len(numbers)} prevalences")
    shares = np.array([check_number(share, name=f"{name}[{j}]", low=0, high=1) for j, share in enumerate(numbers)])
    if abs(shares.sum() - 1) > SUM_TOLERANCE:
        raise refuse(name, "sum to 1 (within 1e-6)", f"{shares.sum():.6g}")
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def _known_keys(values: Mapping[Any, Any], name: str, noun: str) -> list[Any]:
    if set(values) != {0, 1}:
        cure = f"For other labels pass the {noun}s as ({noun} of the non-event, {noun} of the event)."
        raise refuse(name, "name the labels 0 and 1 for risks of shape (n,)", _keys(values), cure)
    return [0, 1]


def _sorted_keys(values: Mapping[Any, Any], k: int, name: str, noun: str) -> list[Any]:
    if len(values) != k:
        cure = "A class without a weight of its own has weight 1." if noun == "weight" else ""
        raise refuse(name, f"name every label, one per column of y_proba ({k})", _keys(values), cure)
    try:
        return sorted(values)
    except TypeError as err:
        cure = f"Pass the {noun}s as a sequence in the order of the columns."
        raise refuse(name, "have labels of one type", _keys(values), cure) from err


def _keys(values: Mapping[Any, Any]) -> str:
    return f"the labels {', '.join(map(repr, values)) or '(none)'}"
