"""A training run: what it works on, and everything that changes while it works."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from riskdec._base.typing import IntArray
    from riskdec.nn.devices import Place
    from riskdec.nn.images.source import ImageSource
    from riskdec.nn.losses.training_loss import TrainingLoss
    from riskdec.nn.network import RiskNetwork
    from riskdec.nn.training.average import MovingAverage
    from riskdec.nn.training.history import EpochRow
    from riskdec.nn.training.parallel import Processes
    from riskdec.nn.training.plan import Precision, TrainingPlan


class Rows(NamedTuple):
    """Some images with their outcomes.

    Attributes
    ----------
    source : ImageSource
        Where the images are.
    places : ndarray of int, shape (n,)
        Which of them.
    codes : Tensor of int64, shape (n,)
        Number of each outcome.
    weight : Tensor of shape (n,) or None
        Row weights.
    offset : Tensor of shape (n,) or None
        Known part of the log odds of the second of two outcomes.
    """

    source: ImageSource
    places: IntArray
    codes: Tensor
    weight: Tensor | None
    offset: Tensor | None

    def to(self, device: torch.device) -> Rows:
        """Give the same rows with outcomes, weights and offsets on a device."""
        weight, offset = (None if part is None else part.to(device) for part in (self.weight, self.offset))
        return self._replace(codes=self.codes.to(device), weight=weight, offset=offset)


@dataclass
class Run:
    """Everything that a step changes; a checkpoint holds it in full.

    Attributes
    ----------
    network, loss, optimizer
        What learns.
    average : MovingAverage or None
        Of the weights.
    place, precision, processes
        Where and how the work is done.
    plan : TrainingPlan
        The settings.
    epoch, batch : int
        The next batch, both counted from 0.
    sums : Tensor of shape (3,)
        Weighted loss, right classes and weight of the epoch so far.
    rows : list of EpochRow
        Epochs finished.
    best : dict of str to Tensor
        State of network and loss in the best epoch so far; empty before the first.
    """

    network: RiskNetwork
    loss: TrainingLoss
    optimizer: torch.optim.Optimizer
    average: MovingAverage | None
    place: Place
    precision: Precision
    processes: Processes
    plan: TrainingPlan
    sums: Tensor
    epoch: int = 0
    batch: int = 0
    rows: list[EpochRow] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)

    @property
    def best_epoch(self) -> int:
        """The epoch of the least refinement, counted from 1; of equals the first."""
        return 1 + min(range(len(self.rows)), key=lambda place: self.rows[place].refinement)

    @property
    def has_stalled(self) -> bool:
        """Whether the last epochs brought no improvement for as long as the plan waits."""
        if self.plan.patience is None or not self.rows:
            return False
        return len(self.rows) - self.best_epoch >= self.plan.patience
