"""Random changes of training images that leave the outcome as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from riskdec.nn.training.plan import Augmentation

# One eighth of a side: four pixels of 32.
_PART_OF_SIDE = 8


def augment(images: Tensor, kinds: tuple[Augmentation, ...], rng: np.random.Generator) -> Tensor:
    """Flip each image with probability one half, and shift all of them by one random step.

    Parameters
    ----------
    images : Tensor of shape (n, c, h, w)
        Standardised, so that zero is the mean of a channel.
    kinds : tuple of {"flip", "shift"}
        What to do.
    rng : Generator
        Belongs to this batch alone.

    Notes
    -----
    One shift per batch costs nothing to speak of, and over an epoch every shift is seen. What moves in from outside is
    the mean of its channel.
    """
    if "flip" in kinds:
        flipped = torch.from_numpy(rng.random(len(images)) < 0.5).to(images.device)
        images = torch.where(flipped[:, None, None, None], images.flip(3), images)
    if "shift" in kinds:
        images = _shift(
            images,
            *(int(rng.integers(-(side // _PART_OF_SIDE), side // _PART_OF_SIDE + 1)) for side in images.shape[2:]),
        )
    return images


def _shift(images: Tensor, down: int, right: int) -> Tensor:
    height, width = images.shape[2:]
    moved = torch.zeros_like(images)
    source = images[:, :, max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)]
    moved[:, :, max(down, 0) : height - max(-down, 0), max(right, 0) : width - max(-right, 0)] = source
    return moved
