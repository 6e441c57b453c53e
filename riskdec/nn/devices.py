"""Where a network runs, and how its tensors lie in memory there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import torch

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from torch import Tensor, nn


class Place(NamedTuple):
    """Device and memory order.

    Attributes
    ----------
    device : torch.device
        Where weights and batches are.
    channels_last : bool
        Whether the channels of a pixel lie beside each other, which is the faster order for convolutions.
    """

    device: torch.device
    channels_last: bool = False

    def put(self, images: Tensor) -> Tensor:
        """Move a batch of images here."""
        order = torch.channels_last if self.channels_last else torch.contiguous_format
        return images.to(self.device, non_blocking=True).contiguous(memory_format=order)

    def put_network(self, network: nn.Module) -> nn.Module:
        """Move a network here; its own tensors of four dimensions take the order of the images."""
        order = torch.channels_last if self.channels_last else torch.preserve_format
        return network.to(self.device, memory_format=order)


def choose_device(device: object) -> torch.device:
    """Give the device of a name; "auto" is CUDA, else Apple's MPS, else the CPU.

    Of several CUDA devices, processes that `torchrun` started take one each.

    Raises
    ------
    InputError
        If the name is none, or the device is not there.
    """
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(str(device))
        torch.zeros(1, device=chosen)
    except (RuntimeError, AssertionError) as err:
        cure = "Use 'auto' to take what is there."
        raise refuse("device", "name a device that is there ('cpu', 'cuda', 'mps')", repr(device), cure) from err
    return chosen


def takes_channels_last(network: nn.Module, images: Tensor) -> bool:
    """Tell whether a network works on channels-last images; a `view` in a network of the user's may not."""
    try:
        with torch.no_grad():
            network(images.contiguous(memory_format=torch.channels_last))
    except RuntimeError:
        return False
    return True
