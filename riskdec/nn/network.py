"""The network of a risk model: pixels are standardised by what the training part showed, then become logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import FloatArray


class RiskNetwork(nn.Module):
    """Standardisation of channels, and a body that gives logits.

    Parameters
    ----------
    body : nn.Module
        Maps standardised images (n, c, h, w) to logits (n, K).
    mean, scale : ndarray of shape (c,)
        Mean and standard deviation of the channels in the training part, in the unit of the pixels.
    """

    def __init__(self, body: nn.Module, mean: FloatArray, scale: FloatArray) -> None:
        super().__init__()
        self.body = body
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).reshape(-1, 1, 1))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32).reshape(-1, 1, 1))

    def standardise(self, images: Tensor) -> Tensor:
        """Give float32 images of mean 0 and standard deviation 1 per channel."""
        return (images.float() - self.mean) / self.scale

    def forward(self, images: Tensor) -> Tensor:
        """Map images as they come, of uint8 or float, to logits (n, K)."""
        return self.body(self.standardise(images))
