"""Hits and false alarms of a score at given thresholds: counted, and bounded by the logistic surrogate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.nn.functional import softplus

if TYPE_CHECKING:
    from torch import Tensor


class RateSums(NamedTuple):
    """Weighted sums over rows at k thresholds; they merge by addition.

    Attributes
    ----------
    n, n_events : Tensor
        Sum of weights, and of those of events.
    hits, false_alarms : Tensor of shape (k,)
        Events and others whose score exceeds the threshold.
    event_loss, other_loss : Tensor of shape (k,)
        Surrogate losses: an upper bound of the events missed, and of the false alarms.
    """

    n: Tensor
    n_events: Tensor
    hits: Tensor
    false_alarms: Tensor
    event_loss: Tensor
    other_loss: Tensor

    @property
    def n_others(self) -> Tensor:
        """Sum of the weights of rows without the event."""
        return self.n - self.n_events

    @property
    def bounded_hits(self) -> Tensor:
        """Lower bound of the hits, shape (k,); below zero where it says nothing."""
        return self.n_events - self.event_loss

    def packed(self) -> Tensor:
        """Give all sums as one tensor of shape (2 + 4 k,)."""
        return torch.cat([self.n[None], self.n_events[None], *self[2:]])


def surrogate(margin: Tensor) -> Tensor:
    """Give ``log2(1 + exp(-margin))``, which is nowhere below the 0-1 loss of the margin."""
    return softplus(-margin) / math.log(2)


def rate_sums(score: Tensor, is_event: Tensor, weight: Tensor | None, thresholds: Tensor) -> RateSums:
    """Sum hits, false alarms and their bounds over rows of scores (n,) at thresholds (k,)."""
    own = torch.ones_like(score) if weight is None else weight.to(score.dtype)
    of_event = torch.where(is_event, own, 0)
    of_other = own - of_event
    beyond = score[:, None] - thresholds
    flagged = (beyond > 0).to(score.dtype)
    return RateSums(
        n=own.sum(),
        n_events=of_event.sum(),
        hits=of_event @ flagged,
        false_alarms=of_other @ flagged,
        event_loss=of_event @ surrogate(beyond),
        other_loss=of_other @ surrogate(-beyond),
    )


def unpack(sums: Tensor) -> RateSums:
    """Read sums back from the tensor of `RateSums.packed`."""
    return RateSums(sums[0], sums[1], *sums[2:].chunk(4))


def ratio(part: Tensor, whole: Tensor) -> float | None:
    """Give a rate as a number, or None where its denominator is zero."""
    return float(part) / float(whole) if float(whole) > 0 else None
