"""Log odds of each outcome against all others, without loss of digits where a probability comes near one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


def log_complement_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Give ``log(1 - q_y)`` of the softmax probability q of each row's own outcome, shape (n,); differentiable."""
    others = logits.scatter(1, targets[:, None], -math.inf)
    return others.logsumexp(dim=1) - logits.logsumexp(dim=1)


def log_probability_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Give ``log q_y`` of each row's own outcome, shape (n,); differentiable."""
    return logits.log_softmax(dim=1).gather(1, targets[:, None])[:, 0]


def margin_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Give ``logit(q_y) = f_y - log sum_{k != y} exp(f_k)`` of each row, shape (n,); differentiable."""
    others = logits.scatter(1, targets[:, None], -math.inf)
    return logits.gather(1, targets[:, None])[:, 0] - others.logsumexp(dim=1)


def log_pairs(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Give ``log q`` and ``log(1 - q)`` of all softmax probabilities, shapes (n, K).

    Whichever of the two is close to zero is computed from the other one, so that both keep their digits.
    """
    top = logits.argmax(dim=1, keepdim=True)
    log_q = logits.log_softmax(dim=1)
    log_rest = log_complement_of(logits, top[:, 0])[:, None]
    # Only the largest probability can exceed one half, and only there does 1 - q cancel.
    log_q = log_q.scatter(
        1, top, torch.where(log_rest < -math.log(2), torch.log1p(-log_rest.exp()), log_q.gather(1, top))
    )
    log_1mq = torch.log1p(-log_q.exp()).scatter(1, top, log_rest)
    return log_q, log_1mq


def softmax_score(logits: Tensor) -> Tensor:
    """Give the log odds of the event from two logits, shape (n,)."""
    return logits[:, 1] - logits[:, 0]
