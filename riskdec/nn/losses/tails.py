"""Losses of the margin that treat classes or well predicted rows differently: polynomial tails and LDAM."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import logsigmoid, softplus

from riskdec.nn.losses.margins import log_pairs, margin_of
from riskdec.nn.losses.training_loss import TrainingLoss, constants

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import ArrayLike


class PolynomialTailLoss(TrainingLoss):
    r"""A loss that falls off as a power of the margin, so that weights still act on a network that interpolates.

    With the margin :math:`m = \mathrm{logit}\, q_y` the loss is :math:`(m - (\beta - 1))^{-\alpha}` from
    :math:`\beta` on (Wang et al. 2022). Below, it is :math:`1 + 2 \alpha (\mathrm{softplus}(\beta - m) - \log 2)`,
    which continues value and slope; the left part is free in the paper, and a kink there would leave probabilities
    that no margin stands for. With two outcomes the margin is the paper's :math:`y f`.

    Parameters
    ----------
    alpha : float
        Power of the tail, above 0.
    beta : float
        Margin at which the tail begins.
    class_weight : array-like of shape (K,), optional
        Weights of the classes.

    Notes
    -----
    For any convex, falling loss :math:`\phi(m)` the risk is convex in the logits, and setting its gradient to zero
    gives :math:`p_k \propto q_k (1 - q_k) / (-\phi'(m_k))`: for cross-entropy, where :math:`-\phi' = 1 - q`, this is q.
    """

    inverse_statement = "Exact: p_k is proportional to q_k (1 - q_k) / (-phi'(logit q_k)) / w_k."

    def __init__(self, *, alpha: float = 1.0, beta: float = 1.0, class_weight: ArrayLike | None = None) -> None:
        super().__init__(class_weight)
        self.alpha = alpha
        self.beta = beta

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give the loss of each row, shape (n,)."""
        beyond = margin_of(logits, targets) - self.beta
        # Each branch sees only margins it is meant for: the gradient of the other would be infinite.
        tail = (1 + beyond.clamp(min=0)) ** -self.alpha
        head = 1 + 2 * self.alpha * (softplus(-beyond) - math.log(2))
        return torch.where(beyond < 0, head, tail)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Give ``log(q (1 - q) / -phi'(logit q))``, shape (n, K)."""
        log_q, log_1mq = log_pairs(logits)
        beyond = log_q - log_1mq - self.beta
        tail = math.log(self.alpha) - (self.alpha + 1) * torch.log1p(beyond.clamp(min=0))
        head = math.log(2 * self.alpha) + logsigmoid(-beyond)
        return log_q + log_1mq - torch.where(beyond < 0, head, tail)


class LabelDistributionLoss(TrainingLoss):
    r"""LDAM: cross-entropy after a margin :math:`\Delta_y \propto n_y^{-1/4}` is taken from the own logit.

    Of Cao et al. (2019).

    Parameters
    ----------
    class_counts : array-like of shape (K,)
        Rows of each class in training.
    largest_margin : float
        Margin of the rarest class, at least 0.
    class_weight : array-like of shape (K,), optional
        Weights of the classes.

    Notes
    -----
    The paper also normalises the features of the last layer and multiplies the logits by 30; that belongs to the
    network, not to the loss. On plain logits the loss is :math:`\mathrm{softplus}(\Delta_k - m_k)` and has an inverse,
    :math:`p_k \propto q_k (1 - q_k) / \mathrm{expit}(\Delta_k - m_k)`.
    """

    inverse_statement = "Exact: p_k is proportional to q_k (1 - q_k) / expit(Delta_k - logit q_k) / w_k."

    def __init__(
        self, class_counts: ArrayLike, *, largest_margin: float = 0.5, class_weight: ArrayLike | None = None
    ) -> None:
        super().__init__(class_weight)
        size = np.asarray(class_counts, dtype=np.float64) ** -0.25
        self.register_buffer("margin", constants(largest_margin * size / size.max()), persistent=False)

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give the loss of each row, shape (n,)."""
        return softplus(self.margin.to(logits)[targets] - margin_of(logits, targets))

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Give ``log(q (1 - q) / expit(Delta - logit q))``, shape (n, K)."""
        log_q, log_1mq = log_pairs(logits)
        return log_q + log_1mq - logsigmoid(self.margin.to(logits) - log_q + log_1mq)
