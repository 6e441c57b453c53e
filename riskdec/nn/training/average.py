"""A moving average of the weights: what is evaluated and kept is smoother than the weights of any one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor, nn


class MovingAverage:
    """Exponential moving average of a network's parameters; its buffers are those of the network.

    Parameters
    ----------
    network : nn.Module
        Whose parameters are averaged.
    decay : float
        Weight of the past in each step. In the first steps it is smaller, ``(1 + t) / (10 + t)``, so that the random
        weights of the start are forgotten.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.values: list[Tensor] = [p.detach().clone() for p in network.parameters()]

    def update(self, network: nn.Module, step: int) -> None:
        """Take the weights after a step, counted from 0, into the average."""
        decay = min(self.decay, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(self.values, list(network.parameters()), 1 - decay)

    def swap(self, network: nn.Module) -> None:
        """Exchange the average and the network's own weights; a second call undoes the first."""
        with torch.no_grad():
            for own, parameter in zip(self.values, network.parameters(), strict=True):
                kept = parameter.detach().clone()
                parameter.copy_(own)
                own.copy_(kept)
