"""What every training loss can do: a mean over the rows of a batch, and the way back to probabilities."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import ArrayLike


class TrainingLoss(nn.Module, ABC):
    """A loss on logits of shape (n, K) and outcomes 0, ..., K - 1 of shape (n,), with optional weights of classes.

    The loss of a batch is ``sum(s_i w_{y_i} loss_i) / sum(s_i)`` with row weights ``s``. Unlike torch's own weighted
    cross-entropy it is not divided by the class weights of the batch, which would change the objective with the
    composition of the batches.

    Parameters
    ----------
    class_weight : array-like of shape (K,), optional
        Positive weights ``w`` of the classes. Whatever the loss, they multiply the odds that it aims at, and
        `to_probabilities` divides them out.

    Attributes
    ----------
    inverse_statement : str
        One sentence: how the minimiser gives probabilities, or that it does not.
    """

    inverse_statement: str

    def __init__(self, class_weight: ArrayLike | None = None) -> None:
        super().__init__()
        self.register_buffer(
            "class_weight", None if class_weight is None else constants(class_weight), persistent=False
        )

    @abstractmethod
    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give the loss of each row without class weights, shape (n,)."""

    @abstractmethod
    def log_probabilities(self, logits: Tensor) -> Tensor | None:
        """Give, up to a constant per row, the log probabilities for which `logits` minimise the unweighted loss.

        None where no such map exists.
        """

    def forward(self, logits: Tensor, targets: Tensor, weight: Tensor | None = None) -> Tensor:
        """Give the mean loss of a batch, a scalar; `weight` are row weights of shape (n,)."""
        losses = self.per_row(logits, targets)
        if self.class_weight is not None:
            losses = losses * self.class_weight.to(logits)[targets]
        return weighted_mean(losses, weight)

    def to_logits(self, logits: Tensor) -> Tensor | None:
        """Give logits (n, K) whose softmax is `to_probabilities`, or None; what a calibration layer is fitted on."""
        log_proba = self.log_probabilities(logits)
        if log_proba is None or self.class_weight is None:
            return log_proba
        return log_proba - self.class_weight.to(logits).log()

    def to_probabilities(self, logits: Tensor) -> Tensor | None:
        """Give the probabilities (n, K) of which `logits` are the population minimiser, or None if there are none."""
        proper = self.to_logits(logits)
        return None if proper is None else proper.softmax(dim=1)

    # A loss with a state of its own overrides these two; the training loop calls them whatever the loss is.
    def after_batch(self, logits: Tensor, targets: Tensor, weight: Tensor | None = None) -> None:
        """Update the state of the loss after an optimiser step; most losses have none."""

    def after_epoch(self) -> None:
        """Close the books of an epoch; most losses keep none."""


def constants(values: ArrayLike) -> Tensor:
    """Give numbers of the loss as a tensor of torch's default type: some devices know no float64."""
    return torch.as_tensor(values, dtype=torch.get_default_dtype())


def weighted_mean(values: Tensor, weight: Tensor | None) -> Tensor:
    """Give the mean of row values under row weights; 0 without rows, as a process may get of a short batch."""
    if weight is None:
        return values.sum() / max(len(values), 1)
    return (values * weight).sum() / weight.sum().clamp(min=torch.finfo(values.dtype).tiny)
