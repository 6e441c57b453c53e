"""How much arithmetic a network needs for an image: multiply-adds of its convolutions and linear layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor


def multiply_adds(network: nn.Module, shape: tuple[int, int, int]) -> int:
    """Count the multiply-adds of one image of shape (channels, height, width).

    Only convolutions and linear layers are counted; what they leave out is small beside them.

    Examples
    --------
    >>> multiply_adds(nn.Conv2d(1, 4, 3), (1, 10, 10))
    2304
    """
    counts: list[int] = []

    def note(layer: Any, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        # Each output is a product with the weights of one feature.
        counts.append(output.numel() * layer.weight[0].numel())

    layers = [layer for layer in network.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    handles = [layer.register_forward_hook(note) for layer in layers]
    was_training = network.training
    try:
        with torch.inference_mode():
            first = next(iter((*network.parameters(), *network.buffers())), torch.zeros(1))
            network.eval()(torch.zeros(1, *shape, device=first.device))
    finally:
        network.train(was_training)
        for handle in handles:
            handle.remove()
    return sum(counts)
