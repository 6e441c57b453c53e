"""Chance in training, as a pure function of the place in it: a resumed run draws what the killed one would have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import IntArray

_ORDER, _AUGMENTATION, _NETWORK = 1, 2, 3


def epoch_order(n: int, *, seed: int, epoch: int) -> IntArray:
    """Give the order in which the n training rows are visited in an epoch."""
    return np.random.default_rng([seed, epoch, _ORDER]).permutation(n)


def augmentation_draws(*, seed: int, epoch: int, batch: int) -> np.random.Generator:
    """Give the generator that augments one batch."""
    return np.random.default_rng([seed, epoch, batch, _AUGMENTATION])


def network_seed(*, seed: int, epoch: int, batch: int, rank: int) -> int:
    """Give the seed of torch's own generator (dropout) for one batch in one process."""
    words = np.random.SeedSequence([seed, epoch, batch, rank, _NETWORK]).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))
