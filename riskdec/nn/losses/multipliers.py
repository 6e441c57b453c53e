"""Lagrange multipliers that rise while their constraints are violated, and the record of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
from torch import nn

from riskdec._base.checks import check_number, check_option

if TYPE_CHECKING:
    from torch import Tensor

MultiplierUpdate = Literal["log", "clipped"]


class Multipliers(nn.Module):
    """Multipliers of k inequality constraints, between 0 and a cap.

    The surrogates of rates are loose: their constraints stay violated long after the true ones hold, and without a cap
    the multipliers grow without end.

    Parameters
    ----------
    n : int
        Number of constraints.
    rate : float
        Length of an ascent step: the multiplier's own clock, slower or faster than the network's.
    cap : float
        Largest value.
    update : {"log", "clipped"}
        ``"log"`` multiplies by ``exp(rate * violation)`` and stays positive; ``"clipped"`` adds ``rate * violation``
        and stops at zero.

    Attributes
    ----------
    values : torch.nn.Parameter of shape (k,)
        The multipliers, which start at one. They take no gradient: an optimiser that is given all parameters passes
        them by.
    """

    def __init__(self, n: int, *, rate: float, cap: float, update: MultiplierUpdate) -> None:
        super().__init__()
        self.rate = check_number(rate, name="multiplier_rate", low=0)
        self.cap = check_number(cap, name="multiplier_cap", low=1)
        self.update = check_option(update, ("log", "clipped"), name="multiplier_update")
        self.values = nn.Parameter(torch.ones(n), requires_grad=False)

    def ascend(self, violation: Tensor) -> None:
        """Move each multiplier up its constraint's violation, shape (k,); down where the constraint holds."""
        with torch.no_grad():
            step = self.rate * violation
            moved = self.values * step.exp() if self.update == "log" else self.values + step
            self.values.copy_(moved.clamp(0, self.cap))


@dataclass(frozen=True, kw_only=True, slots=True)
class ConstraintRow:
    """One epoch of a constrained loss, averaged over its batches as the network changed.

    Attributes
    ----------
    epoch : int
        From 1.
    n : float
        Sum of the row weights.
    multipliers : tuple of float
        At the end of the epoch.
    objective, surrogate_objective : float
        What is maximised, counted, and its differentiable bound; None where it was not defined.
    constraint, surrogate_constraint : tuple of float
        The constrained rates, counted, and their differentiable bounds; None where a rate was not defined.
    at_cap : bool
        Whether a multiplier ended at its cap.
    """

    epoch: int
    n: float
    multipliers: tuple[float, ...]
    objective: float | None
    surrogate_objective: float | None
    constraint: tuple[float | None, ...]
    surrogate_constraint: tuple[float | None, ...]
    at_cap: bool


def pack_rows(rows: list[ConstraintRow], n_constraints: int) -> Tensor:
    """Put a log into a tensor of shape (epochs, 5 + 3 k), NaN where a rate was not defined."""
    lines = [
        (
            *(row.epoch, row.n, row.objective, row.surrogate_objective, row.at_cap),
            *(*row.multipliers, *row.constraint, *row.surrogate_constraint),
        )
        for row in rows
    ]
    numbers = [[float("nan") if value is None else float(value) for value in line] for line in lines]
    return torch.tensor(numbers, dtype=torch.float64).reshape(len(rows), 5 + 3 * n_constraints)


def unpack_rows(packed: Tensor) -> list[ConstraintRow]:
    """Read a log back from the tensor of `pack_rows`."""
    return [_unpack(line) for line in packed.tolist()]


def _unpack(line: list[float]) -> ConstraintRow:
    # NaN is the one number that differs from itself.
    head, rest = line[:5], [value if value == value else None for value in line[5:]]
    objective, surrogate = (value if value == value else None for value in head[2:4])
    k = len(rest) // 3
    return ConstraintRow(
        epoch=int(head[0]),
        n=head[1],
        objective=objective,
        surrogate_objective=surrogate,
        at_cap=bool(head[4]),
        multipliers=tuple(line[5 : 5 + k]),
        constraint=tuple(rest[k : 2 * k]),
        surrogate_constraint=tuple(rest[2 * k :]),
    )
