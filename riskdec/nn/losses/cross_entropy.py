"""Cross-entropy and its relatives that add to or multiply the logits: logit adjustment and the VS loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.nn.losses.margins import log_probability_of
from riskdec.nn.losses.training_loss import TrainingLoss, constants

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import ArrayLike, FloatArray


class CrossEntropyLoss(TrainingLoss):
    r"""Cross-entropy :math:`-w_y \log q_y`, the negative log-likelihood where there are no class weights.

    Its minimiser is q = p without weights, and q proportional to w p with them (Elkan 2001).

    Examples
    --------
    >>> import torch
    >>> loss = CrossEntropyLoss(class_weight=[1.0, 9.0])
    >>> loss.to_probabilities(torch.tensor([[0.0, 0.0]]))
    tensor([[0.9000, 0.1000]])
    """

    inverse_statement = "Exact: p_k is proportional to softmax(f)_k / w_k."

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give ``-log q_y``, shape (n,)."""
        return -log_probability_of(logits, targets)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Give ``log q``, shape (n, K)."""
        return logits.log_softmax(dim=1)


class LogitAdjustedLoss(TrainingLoss):
    r"""Cross-entropy of the logits :math:`f + \tau \log \pi` with the class frequencies :math:`\pi` in training.

    The network then learns the logits *without* their part of the frequencies, so that its largest logit aims at equal
    recalls (Menon et al. 2021; with tau = 1 the balanced softmax of Ren et al. 2020).

    Parameters
    ----------
    class_counts : array-like of shape (K,)
        Rows of each class in training.
    tau : float
        Strength; 0 gives cross-entropy.
    class_weight : array-like of shape (K,), optional
        Further weights of the classes.
    """

    inverse_statement = "Exact: p_k is proportional to pi_k ** tau * exp(f_k) / w_k."

    def __init__(self, class_counts: ArrayLike, *, tau: float = 1.0, class_weight: ArrayLike | None = None) -> None:
        super().__init__(class_weight)
        share = _shares(class_counts)
        self.register_buffer("shift", constants(tau * np.log(share)), persistent=False)

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give ``-log softmax(f + tau log pi)_y``, shape (n,)."""
        return -log_probability_of(logits + self.shift.to(logits), targets)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Give ``log softmax(f + tau log pi)``, shape (n, K)."""
        return (logits + self.shift.to(logits)).log_softmax(dim=1)


class VectorScalingLoss(TrainingLoss):
    r"""The VS loss: cross-entropy of :math:`\Delta_k f_k + \iota_k`, times the class weight (Kini et al. 2021).

    :math:`\Delta_k = (n_k / \max n)^\gamma` lets a network that interpolates keep larger margins for rare classes, and
    :math:`\iota_k = \tau \log \pi_k` shifts as in logit adjustment.

    Parameters
    ----------
    class_counts : array-like of shape (K,)
        Rows of each class in training.
    gamma : float
        Exponent of the multiplicative part; 0 leaves logit adjustment.
    tau : float
        Strength of the additive part.
    class_weight : array-like of shape (K,), optional
        Weights of the classes.
    """

    inverse_statement = "Exact: p_k is proportional to softmax(Delta * f + iota)_k / w_k."

    def __init__(
        self, class_counts: ArrayLike, *, gamma: float = 0.2, tau: float = 1.0, class_weight: ArrayLike | None = None
    ) -> None:
        super().__init__(class_weight)
        share = _shares(class_counts)
        self.register_buffer("shift", constants(tau * np.log(share)), persistent=False)
        self.register_buffer("factor", constants((share / share.max()) ** gamma), persistent=False)

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give ``-log softmax(Delta f + iota)_y``, shape (n,)."""
        return -log_probability_of(self._moved(logits), targets)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Give ``log softmax(Delta f + iota)``, shape (n, K)."""
        return self._moved(logits).log_softmax(dim=1)

    def _moved(self, logits: Tensor) -> Tensor:
        return logits * self.factor.to(logits) + self.shift.to(logits)


def _shares(class_counts: ArrayLike) -> FloatArray:
    counts: FloatArray = np.asarray(class_counts, dtype=np.float64)
    return np.asarray(counts / counts.sum())
