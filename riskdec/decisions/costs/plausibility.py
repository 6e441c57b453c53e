"""Warnings about cost matrices that are legal but probably not what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.codes import warn
from riskdec.decisions.costs.dominance import never_optimal
from riskdec.decisions.costs.wording import dominated_sentence, joined, price
from riskdec.errors import CostMatrixWarning

if TYPE_CHECKING:
    from riskdec.decisions.costs.cost_matrix import CostMatrix


def warn_if_implausible(costs: CostMatrix, *, aligned: bool = False) -> None:
    """Warn once of a matrix that looks transposed or of the wrong sign, and once of useless actions.

    Parameters
    ----------
    costs : CostMatrix
        The costs as the user gave them.
    aligned : bool
        Whether action k is known to be the correct one for outcome k, as in `CostMatrix.binary`.
    """
    doubt = _wrong_sign(costs, aligned=aligned) or _transposed(costs)
    if doubt:
        warn("RD302", doubt, CostMatrixWarning)
        return
    rule = costs.by_risk
    never = never_optimal(costs.costs) if rule is None else tuple(map(costs.actions.index, rule.never))
    if never:
        warn("RD301", " ".join(dominated_sentence(costs, a) for a in never), CostMatrixWarning)


def _wrong_sign(costs: CostMatrix, *, aligned: bool) -> str:
    """Say that every correct decision costs more than every error, if that is so and not meant."""
    correct = _correct_actions(costs, aligned=aligned)
    if correct is None:
        return ""
    errors = [[a for a in costs.deciding if a != right] for right in correct]
    lines = zip(costs.costs.tolist(), correct, errors, strict=True)
    if not all(line[right] > line[wrong] for line, right, others in lines for wrong in others):
        return ""
    dear = [
        f"{price(costs, k, right)} and {price(costs, k, errors[k][0])} when the outcome is {outcome!r}"
        for k, (right, outcome) in enumerate(zip(correct, costs.outcomes, strict=True))
    ]
    return (
        f"you said that {joined(dear)}, so every correct decision costs more than the error. "
        "If these numbers are gains, use CostMatrix.from_utilities; if not, check the order of the actions."
    )


def _correct_actions(costs: CostMatrix, *, aligned: bool) -> list[int] | None:
    """Find the action that is correct for each outcome, or None where nothing tells.

    Equal names tell. So do positions where there are as many actions as outcomes, except that two actions
    are as often named in the other order: there a negative cost, which utilities have, must add to it.
    """
    deciding = [costs.actions[a] for a in costs.deciding]
    if set(costs.outcomes) <= set(deciding):
        return [costs.actions.index(outcome) for outcome in costs.outcomes]
    in_place = len(costs.deciding) == len(costs.outcomes)
    telling = aligned or len(costs.outcomes) > 2 or bool((costs.costs < 0).any())
    return list(costs.deciding) if in_place and telling else None


def _transposed(costs: CostMatrix) -> str:
    """Say that rows look like actions, if they do."""
    table = costs.costs
    cure = "Rows are outcomes, columns are actions: transpose the numbers if they stand the other way round."
    if (table == table[0]).all():
        return f"you said that every action costs the same whatever the outcome is. {cure}"
    defer = costs.defer_index
    if defer is None or len(costs.deferring) > 1 or table.shape[0] != table.shape[1]:
        return ""
    row, column = table[defer], table[:, defer]
    if (row == row[0]).all() and not (column == column[0]).all():
        return (
            f"you said that every action costs {row[0]:g} when the outcome is {costs.outcomes[defer]!r}, and "
            f"that {costs.defer!r} costs between {column.min():g} and {column.max():g}. {cure}"
        )
    return ""
