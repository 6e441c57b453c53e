"""Objectives with constraints as saddle points: the network descends, multipliers ascend, and both are logged."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import distributed

from riskdec._base.checks import refuse
from riskdec.nn.losses.margins import softmax_score
from riskdec.nn.losses.multipliers import ConstraintRow, Multipliers, pack_rows, unpack_rows
from riskdec.nn.losses.rates import rate_sums, unpack
from riskdec.nn.losses.training_loss import TrainingLoss

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import ArrayLike
    from riskdec.nn.losses.multipliers import MultiplierUpdate
    from riskdec.nn.losses.rates import RateSums


class Rates(NamedTuple):
    """Objective and constraints of an epoch, counted and bounded; the fields of `ConstraintRow` of the same names."""

    objective: float | None
    surrogate_objective: float | None
    constraint: tuple[float | None, ...]
    surrogate_constraint: tuple[float | None, ...]


class ConstrainedLoss(TrainingLoss):
    """A saddle point of rates: the network descends the Lagrangian, its multipliers ascend (Eban et al. 2017).

    Outcome 1 is the event, and its log odds ``f_1 - f_0`` are compared with 0. The Lagrangian is divided by the average
    weight that it puts on a row, so that growing multipliers do not act as a growing learning rate.

    With a network that can represent every score, the minimiser at fixed multipliers is a monotone function of the
    probability: the loss then moves the threshold and nothing else. Compare it with cross-entropy and a threshold
    chosen for the same constraint, trained as long.

    Parameters
    ----------
    class_counts : array-like of shape (2,)
        Rows without and with the event in training.
    targets : tuple of float
        Floors or ceilings of the k constrained rates, each in (0, 1).
    multiplier_rate, multiplier_cap, multiplier_update
        See `Multipliers`.

    Attributes
    ----------
    multipliers : Multipliers
        Part of the loss's state; so are the log and the sums of an unfinished epoch.
    log : list of ConstraintRow
        One row per epoch.
    prevalence : float
        Share of events in training.
    """

    objective_name: str
    constraint_name: str
    is_floor: bool

    def __init__(
        self,
        class_counts: ArrayLike,
        targets: tuple[float, ...],
        *,
        multiplier_rate: float,
        multiplier_cap: float,
        multiplier_update: MultiplierUpdate,
    ) -> None:
        super().__init__()
        counts = np.asarray(class_counts, dtype=np.float64)
        if counts.shape != (2,):
            raise refuse("a constrained loss", "have two outcomes", f"{counts.size}", "Fit one event against the rest.")
        self.prevalence = float(counts[1] / counts.sum())
        self.targets = targets
        k = len(targets)
        self.multipliers = Multipliers(k, rate=multiplier_rate, cap=multiplier_cap, update=multiplier_update)
        self.log: list[ConstraintRow] = []
        self.register_buffer("thresholds", torch.zeros(k))
        self.register_buffer("epoch_sums", torch.zeros(2 + 4 * k))

    @abstractmethod
    def violation(self, sums: RateSums) -> Tensor:
        """Give by how much the surrogate constraints are violated, shape (k,), in units of rates."""

    @abstractmethod
    def rates(self, sums: RateSums) -> Rates:
        """Give objective and constraints of an epoch, counted and bounded."""

    def after_batch(self, logits: Tensor, targets: Tensor, weight: Tensor | None = None) -> None:
        """Add a batch to the books and move the multipliers."""
        with torch.no_grad():
            # Of an empty share of a batch nothing but the device may be known.
            score = softmax_score(logits.detach().reshape(-1, 2)).to(self.thresholds.dtype)
            packed = sum_over_processes(rate_sums(score, targets == 1, weight, self.thresholds).packed())
            self.epoch_sums += packed
            self.multipliers.ascend(self.violation(unpack(packed)))

    def after_epoch(self) -> None:
        """Close the epoch: one row of the log."""
        sums = unpack(self.epoch_sums)
        values = tuple(self.multipliers.values.tolist())
        row = ConstraintRow(
            epoch=len(self.log) + 1,
            n=float(sums.n),
            multipliers=values,
            at_cap=max(values) >= self.multipliers.cap,
            **self.rates(sums)._asdict(),
        )
        self.log.append(row)
        self.epoch_sums.zero_()

    def get_extra_state(self) -> Tensor:
        """Give the log as a tensor, for checkpoints."""
        return pack_rows(self.log, len(self.targets))

    def set_extra_state(self, state: Tensor) -> None:
        """Take the log from a checkpoint."""
        self.log = unpack_rows(state)


def sum_over_processes(values: Tensor) -> Tensor:
    """Add what all processes of a data-parallel fit hold, so that each makes the same step; alone, give it back."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.all_reduce(values)
    return values
