"""What a user passes as probabilities, as an array whose columns stand in the order of the outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_distributions, check_numbers, check_risks, refuse
from riskdec._base.frames import column_names, is_frame

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.decisions.costs.named_costs import NamedCosts


def as_probabilities(y_proba: object, costs: NamedCosts) -> AnyArray:
    """Give floats of shape (n,) or (n, K); that they are probabilities is checked in the pass over them.

    Raises
    ------
    InputError
        If the columns do not fit the outcomes.
    """
    array = np.asarray(y_proba)
    names = column_names(y_proba) if is_frame(y_proba) else ()
    if set(names) == set(costs.outcomes):
        array = array[:, [names.index(outcome) for outcome in costs.outcomes]]
    binary = len(costs.outcomes) == 2
    if binary and array.shape[1:] == (1,):
        array = array[:, 0]
    if array.shape[1:] != (len(costs.outcomes),) and not (binary and array.ndim == 1):
        shown = ", ".join(map(repr, costs.outcomes))
        rule = f"have one column per outcome ({shown})"
        rule += f", or hold the risk of {costs.outcomes[1]!r} alone" if binary else ""
        raise refuse("y_proba", rule, f"shape {array.shape}")
    return array if array.dtype.kind == "f" else check_numbers(array, name="y_proba", ndim=array.ndim)


def distributions(y_proba: object, costs: NamedCosts) -> FloatArray:
    """Give checked probabilities of all outcomes, shape (n, K)."""
    array = as_probabilities(y_proba, costs)
    if array.ndim == 1:
        risk = check_risks(array)
        return np.column_stack([1 - risk, risk])
    return check_distributions(array)
