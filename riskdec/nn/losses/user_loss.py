"""A loss that the user brings: any module that maps logits and outcomes to a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from riskdec._base.checks import refuse
from riskdec.nn.losses.training_loss import TrainingLoss

if TYPE_CHECKING:
    from torch import Tensor, nn


class UserLoss(TrainingLoss):
    """A module of the user's behind the interface of training losses.

    Parameters
    ----------
    module : torch.nn.Module
        Called as ``module(logits, targets)``; gives a mean, or with ``reduction="none"`` one loss per row.
    """

    inverse_statement = "Unknown: what the minimiser of this loss means has to be learned by recalibration."

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give the loss of each row, shape (n,), which the module has to give."""
        losses = self.module(logits, targets)
        if losses.shape != targets.shape:
            cure = "Row weights need a loss of each row: set reduction='none' in the module."
            raise refuse("the loss", f"give one number per row {tuple(targets.shape)}", tuple(losses.shape), cure)
        return losses

    def log_probabilities(self, logits: Tensor) -> None:
        """Give nothing: the loss is unknown."""
        del logits

    def forward(self, logits: Tensor, targets: Tensor, weight: Tensor | None = None) -> Tensor:
        """Give the mean loss of a batch, a scalar."""
        if weight is not None:
            return super().forward(logits, targets, weight)
        return torch.mean(self.module(logits, targets))
