"""Focal losses, which turn away from rows that are predicted well, and the way back to probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.functional import logsigmoid

from riskdec.nn.losses.margins import log_complement_of, log_pairs, log_probability_of, softmax_score
from riskdec.nn.losses.training_loss import TrainingLoss

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import ArrayLike

# Logarithm of 1 - q below which q is one to the last digit.
_CERTAIN = -36.0


class SoftmaxFocalLoss(TrainingLoss):
    r"""Focal loss :math:`-(1 - q_y)^\gamma \log q_y` of softmax probabilities.

    It is not proper: its minimiser is flatter than p. With
    :math:`h(v) = v / ((1-v)^\gamma - \gamma (1-v)^{\gamma-1} v \log v)` the probabilities are
    :math:`p_k = h(q_k) / \sum_j h(q_j)` (Charoenphakdee et al. 2021).

    Parameters
    ----------
    gamma : float
        At least 0; 0 gives cross-entropy.
    class_weight : array-like of shape (K,), optional
        Weights of the classes.
    """

    inverse_statement = "Exact: p_k is proportional to h(softmax(f)_k) / w_k (Charoenphakdee et al. 2021)."

    def __init__(self, *, gamma: float = 2.0, class_weight: ArrayLike | None = None) -> None:
        super().__init__(class_weight)
        self.gamma = gamma

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give ``-(1 - q_y) ** gamma * log q_y``, shape (n,)."""
        modulation = (self.gamma * log_complement_of(logits, targets)).exp()
        return -modulation * log_probability_of(logits, targets)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Give ``log h(q)``, shape (n, K)."""
        return log_focal_ratio(*log_pairs(logits), gamma=self.gamma)


class SigmoidFocalLoss(TrainingLoss):
    r"""Focal loss of a binary outcome as detectors use it (Lin et al. 2017), with weight alpha for the event.

    With :math:`q = \mathrm{expit}(f_1 - f_0)`: :math:`-\alpha (1-q)^\gamma \log q` for events and
    :math:`-(1-\alpha) q^\gamma \log(1-q)` for the others.

    Parameters
    ----------
    gamma : float
        At least 0.
    alpha : float
        In (0, 1); one half leaves the outcomes alike.
    class_weight : array-like of shape (2,), optional
        Further weights of the classes.
    """

    inverse_statement = "Exact: the odds of the event are h(q) / h(1 - q) * (1 - alpha) / alpha * w_0 / w_1."

    def __init__(self, *, gamma: float = 2.0, alpha: float = 0.25, class_weight: ArrayLike | None = None) -> None:
        super().__init__(class_weight)
        self.gamma = gamma
        self.alpha = alpha

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give the loss of each row, shape (n,)."""
        score = softmax_score(logits)
        own = torch.where(targets == 1, score, -score)
        share = torch.where(targets == 1, self.alpha, 1 - self.alpha).to(logits)
        return -share * (self.gamma * logsigmoid(-own)).exp() * logsigmoid(own)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Give ``log h`` of both outcomes with alpha divided out, shape (n, 2)."""
        share = logits.new_tensor([1 - self.alpha, self.alpha])
        return log_focal_ratio(*log_pairs(logits), gamma=self.gamma) - share.log()


def log_focal_ratio(log_q: Tensor, log_1mq: Tensor, *, gamma: float) -> Tensor:
    """Give ``log h(q)`` from ``log q`` and ``log(1 - q)``.

    Written as ``log q - gamma log(1 - q) - log(1 + gamma r)`` with ``r = -q log q / (1 - q)``, which runs from 0 at
    q = 0 to 1 at q = 1, no difference of nearly equal numbers is left.
    """
    ratio = -log_q * (log_q - log_1mq).exp()
    # The factors run to zero and infinity, and r to 1 - (1 - q) / 2.
    ratio = torch.where(log_1mq > _CERTAIN, ratio, torch.ones_like(ratio))
    return log_q - gamma * log_1mq - torch.log1p(gamma * ratio)
