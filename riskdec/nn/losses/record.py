"""The log of a constrained loss as a table, and what has to be said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import Finding
from riskdec._base.table import Table, decimal

if TYPE_CHECKING:
    from riskdec.nn.losses.multipliers import ConstraintRow
    from riskdec.nn.losses.saddle_point import ConstrainedLoss

_BESIDE = (
    "With a network that can represent every risk such a loss moves the threshold and nothing else: compare it with "
    "cross-entropy and a threshold chosen for the same constraint, trained as long."
)


def log_table(loss: ConstrainedLoss) -> Table:
    """Give the log of a constrained loss, one line per epoch; rates are those of the changing network in training.

    With several constraints the largest multiplier is shown, and the constraint violated most.
    """
    names = (loss.objective_name, loss.constraint_name)
    header = ("epoch", "multiplier", names[0], "bound", names[1], "bound", "target")
    return Table(
        title=f"{names[0]} under a {'floor' if loss.is_floor else 'ceiling'} of the {names[1]}",
        header=header,
        rows=tuple(_line(loss, row) for row in loss.log),
        notes=("Bounds are those of the logistic surrogate, which the multipliers see.", _BESIDE),
    )


def constraint_findings(loss: ConstrainedLoss) -> tuple[Finding, ...]:
    """Say whether the constraint and its bound held in the last epoch logged, and whether a multiplier hit its cap.

    In a fitted model that is the epoch kept.
    """
    if not loss.log:
        return ()
    last = loss.log[-1]
    worst, worst_bound = _worst(loss, last.constraint), _worst(loss, last.surrogate_constraint)
    found = []
    if _gap(loss, last.constraint[worst], worst) > 0:
        reached = last.constraint[worst]
        value = "is not defined" if reached is None else f"was {decimal(reached)}"
        sentence = (
            f"In epoch {last.epoch} the {loss.constraint_name} {value} in training, with a target of "
            f"{decimal(loss.targets[worst])}."
        )
        todo = "Train longer or raise multiplier_rate, or take cross-entropy and choose the threshold."
        found.append(Finding(code="RD600", severity="issue", sentence=sentence, todo=todo))
    elif _gap(loss, last.surrogate_constraint[worst_bound], worst_bound) > 0:
        sentence = (
            f"The {loss.constraint_name} reached its target of {decimal(loss.targets[worst_bound])} in training while "
            "its bound did not: the multiplier still grows, and the rate overshoots."
        )
        todo = "Choose the threshold on held-out rows."
        found.append(Finding(code="RD601", severity="caution", sentence=sentence, todo=todo))
    if last.at_cap:
        sentence = f"A multiplier is at its cap of {decimal(loss.multipliers.cap)}: this is no saddle point."
        todo = "Its weights act as class weights of that ratio; choose the threshold on held-out rows."
        found.append(Finding(code="RD602", severity="caution", sentence=sentence, todo=todo))
    return tuple(found)


def _line(loss: ConstrainedLoss, row: ConstraintRow) -> tuple[str, ...]:
    worst = _worst(loss, row.constraint)
    numbers = (
        *(max(row.multipliers), row.objective, row.surrogate_objective),
        *(row.constraint[worst], row.surrogate_constraint[worst], loss.targets[worst]),
    )
    return (str(row.epoch), *("-" if number is None else decimal(number) for number in numbers))


def _worst(loss: ConstrainedLoss, rates: tuple[float | None, ...]) -> int:
    """Give the place of the constraint that is violated most."""
    gaps = [_gap(loss, value, place) for place, value in enumerate(rates)]
    return gaps.index(max(gaps))


def _gap(loss: ConstrainedLoss, value: float | None, place: int) -> float:
    """Give by how much a rate misses its target; one that is not defined misses it by all there is."""
    if value is None:
        return 1.0
    return loss.targets[place] - value if loss.is_floor else value - loss.targets[place]
