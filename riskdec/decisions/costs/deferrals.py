"""What not deciding costs: the errors of an expert or of a test, and the fee for asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_number, check_numbers, refuse, refuse_rows

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.decisions.costs.cost_matrix import CostMatrix

_SUM_TOLERANCE = 1e-9


def expert_column(costs: CostMatrix, *, fee: float, confusion: ArrayLike) -> FloatArray:
    """Give what asking an expert costs under each outcome: ``fee + sum_j q_kj C_kj``, shape (K,).

    Parameters
    ----------
    costs : CostMatrix
        The costs without the expert.
    fee : float
        What asking costs.
    confusion : array-like of shape (K, D)
        Probability that the expert takes each of the D actions that decide, under each of the K outcomes.

    Raises
    ------
    InputError
        If rows are no probability distributions over the actions that decide.
    """
    names = [costs.actions[a] for a in costs.deciding]
    table = check_numbers(confusion, name="confusion", ndim=2)
    wanted = (len(costs.outcomes), len(names))
    if table.shape != wanted:
        rule = f"have one row per outcome and one column per action that decides ({', '.join(names)})"
        raise refuse("confusion", rule, f"shape {table.shape}")
    bad = (table < 0) | (np.abs(table.sum(axis=1) - 1) > _SUM_TOLERANCE)[:, None]
    if bad.any():
        cure = "A row holds the shares of the expert's actions under one outcome."
        raise refuse_rows("confusion", "have rows of shares that add up to one", table, bad, cure)
    column: FloatArray = check_number(fee, name="fee") + (table * costs.costs[:, costs.deciding]).sum(axis=1)
    return column


def result_confusion(
    costs: CostMatrix, *, sensitivity: float, specificity: float, then: tuple[str, str] | None
) -> FloatArray:
    """Give what is done after a test, as the confusion of an expert who does what the result says: shape (2, D).

    Parameters
    ----------
    costs : CostMatrix
        Costs with two outcomes, without the test.
    sensitivity, specificity : float
        Probability of a positive result with the event, and of a negative one without it.
    then : two str, optional
        What is done after a positive and after a negative result; by default what is cheapest with and without
        the event.
    """
    if len(costs.outcomes) != 2:
        cure = "For more outcomes say what is done under each: with_expert(name, fee=..., confusion=...)."
        raise refuse("outcomes", "be two for a test with a sensitivity and a specificity", len(costs.outcomes), cure)
    deciding = np.array(costs.deciding)
    if then is None:
        without, with_event = costs.costs[:, deciding].argmin(axis=1).tolist()
    else:
        names = [costs.actions[a] for a in costs.deciding]
        for name in then:
            if name not in names:
                raise refuse("then", f"name two of the actions that decide ({', '.join(names)})", repr(name))
        with_event, without = (names.index(name) for name in then)
    hit = check_number(sensitivity, name="sensitivity", low=0.0, high=1.0)
    clear = check_number(specificity, name="specificity", low=0.0, high=1.0)
    confusion = np.zeros((2, len(deciding)))
    confusion[0, without] += clear
    confusion[0, with_event] += 1 - clear
    confusion[1, with_event] += hit
    confusion[1, without] += 1 - hit
    return confusion
