"""Several processes, one fit: each works through its share of every batch, and gradients are summed.

The gradient of a batch is that of one process, whatever the shares: each process scales the mean loss of its share by
the share's part of the batch's weight, so that the last, unequal batch counts as it should.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import distributed, nn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from riskdec._base.typing import IntArray


class Processes(NamedTuple):
    """The place of this process among those that fit together.

    Attributes
    ----------
    rank, size : int
        Number of this process, from 0, and of all.
    """

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def share(self, places: IntArray) -> IntArray:
        """Give this process's part of a batch."""
        return places[self.rank :: self.size]

    def sum(self, tensors: list[Tensor]) -> None:
        """Replace each tensor by its sum over the processes; one message for all of them."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.reshape(-1).to(torch.float32) for tensor in tensors])
        distributed.all_reduce(flat)
        for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(part.view_as(tensor))

    def from_first(self, tensors: list[Tensor]) -> None:
        """Replace each tensor by that of the first process."""
        if self.size > 1:
            for tensor in tensors:
                distributed.broadcast(tensor, src=0)

    def seed(self, seed: int) -> int:
        """Give the first process's seed."""
        if self.size == 1:
            return seed
        word = torch.tensor(seed, dtype=torch.int64)
        distributed.broadcast(word, src=0)
        return int(word)


@contextmanager
def processes_together() -> Iterator[Processes]:
    """Join the processes that `torchrun` started, or those that the caller has joined; alone otherwise."""
    if not distributed.is_available():
        yield Processes()
        return
    if distributed.is_initialized():
        yield Processes(distributed.get_rank(), distributed.get_world_size())
        return
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Processes()
        return
    distributed.init_process_group("gloo")
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()


def has_batch_statistics(network: nn.Module) -> bool:
    """Tell whether a network normalises by statistics of the batch, which then are those of a share."""
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    return any(isinstance(layer, kinds) for layer in network.modules())
