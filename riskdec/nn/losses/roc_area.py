"""The area under the ROC curve as a sum of hit rates at fixed false alarm rates (Eban et al. 2017)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch.nn.functional import logsigmoid

from riskdec._base.checks import check_integer, check_number, refuse
from riskdec.nn.losses.margins import softmax_score
from riskdec.nn.losses.rates import ratio, surrogate
from riskdec.nn.losses.saddle_point import ConstrainedLoss, Rates, sum_over_processes

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import ArrayLike
    from riskdec.nn.losses.multipliers import MultiplierUpdate
    from riskdec.nn.losses.rates import RateSums


class RocAreaLoss(ConstrainedLoss):
    r"""Highest mean hit rate over false alarm rates between two limits; the whole area from 0 to 1.

    At each of k anchors :math:`\alpha_t`, midpoints of equal parts of the range, a threshold :math:`b_t` of its own is
    learned with the multiplier :math:`\lambda_t` of the constraint that at most the share :math:`\alpha_t` of the rows
    without the event exceeds it. Minimised is the mean over anchors of
    :math:`1 - \mathrm{TPR}_l(b_t) + \lambda_t (\mathrm{FPR}_u(b_t) - \alpha_t)` with the bounds of the surrogate
    :math:`\log_2(1 + e^{-z})`.

    Parameters
    ----------
    class_counts : array-like of shape (2,)
        Rows without and with the event in training.
    n_anchors : int
        Number k of false alarm rates.
    low, high : float
        Range of false alarm rates, in [0, 1].
    threshold_rate : float
        Length of a descent step of the thresholds.
    multiplier_rate, multiplier_cap, multiplier_update
        See `Multipliers`.

    References
    ----------
    E. Eban et al., Scalable learning of non-decomposable objectives, AISTATS 2017.
    """

    objective_name = "mean hit rate"
    constraint_name = "false alarm rate"
    is_floor = False
    inverse_statement = (
        "Exact at fixed thresholds b and multipliers lambda: the odds of the event are pi / (1 - pi) * "
        "sum(lambda_t expit(f - b_t)) / sum(expit(b_t - f))."
    )

    def __init__(
        self,
        class_counts: ArrayLike,
        *,
        n_anchors: int = 10,
        low: float = 0.0,
        high: float = 1.0,
        threshold_rate: float = 0.05,
        multiplier_rate: float = 0.01,
        multiplier_cap: float = 100.0,
        multiplier_update: MultiplierUpdate = "log",
    ) -> None:
        k = check_integer(n_anchors, name="n_anchors", low=1)
        if not 0 <= low < high <= 1:
            raise refuse("low and high", "satisfy 0 <= low < high <= 1", f"{low!r} and {high!r}")
        super().__init__(
            class_counts,
            tuple(low + (high - low) * (t + 0.5) / k for t in range(k)),
            multiplier_rate=multiplier_rate,
            multiplier_cap=multiplier_cap,
            multiplier_update=multiplier_update,
        )
        self.threshold_rate = check_number(threshold_rate, name="threshold_rate", low=0)

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give the share of each row in the Lagrangian, shape (n,)."""
        multiplier, threshold, ceiling = (values.to(logits) for values in self._state())
        beyond = softmax_score(logits)[:, None] - threshold
        of_event = surrogate(beyond).mean(dim=1) / self.prevalence
        of_other = (multiplier * (surrogate(-beyond) - ceiling)).mean(dim=1) / (1 - self.prevalence)
        return torch.where(targets == 1, of_event, of_other) / (1 + multiplier.mean())

    def log_probabilities(self, logits: Tensor) -> Tensor | None:
        """Give the log odds of the event beside 0, shape (n, 2); None where all multipliers are zero."""
        multiplier, threshold, _ = (values.to(logits) for values in self._state())
        if not bool((multiplier > 0).any()):
            return None
        beyond = softmax_score(logits)[:, None] - threshold
        above = (multiplier.log() + logsigmoid(beyond)).logsumexp(dim=1)
        log_odds = above - logsigmoid(-beyond).logsumexp(dim=1) + math.log(self.prevalence / (1 - self.prevalence))
        return torch.stack([torch.zeros_like(log_odds), log_odds], dim=1)

    def violation(self, sums: RateSums) -> Tensor:
        """Give the bounded false alarm rates less their ceilings."""
        ceiling = self._state()[2]
        return (sums.other_loss - ceiling * sums.n_others) / ((1 - self.prevalence) * sums.n)

    def after_batch(self, logits: Tensor, targets: Tensor, weight: Tensor | None = None) -> None:
        """Add a batch to the books, move the multipliers up and the thresholds down their slopes."""
        slope = self._threshold_slope(logits.detach(), targets, weight)
        super().after_batch(logits, targets, weight)
        with torch.no_grad():
            self.thresholds -= self.threshold_rate * slope

    def rates(self, sums: RateSums) -> Rates:
        """Give the mean hit rate and the false alarm rates, counted and bounded."""
        return Rates(
            objective=ratio(sums.hits.mean(), sums.n_events),
            surrogate_objective=ratio(sums.bounded_hits.mean(), sums.n_events),
            constraint=tuple(ratio(part, sums.n_others) for part in sums.false_alarms),
            surrogate_constraint=tuple(ratio(part, sums.n_others) for part in sums.other_loss),
        )

    def _state(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.multipliers.values, self.thresholds, self.thresholds.new_tensor(self.targets)

    def _threshold_slope(self, logits: Tensor, targets: Tensor, weight: Tensor | None) -> Tensor:
        """Give the derivative of each anchor's part of the Lagrangian by its threshold, shape (k,)."""
        beyond = softmax_score(logits.reshape(-1, 2)).to(self.thresholds.dtype)[:, None] - self.thresholds
        own = torch.ones_like(beyond[:, 0]) if weight is None else weight.to(beyond.dtype)
        of_event = torch.where(targets == 1, own, 0) / self.prevalence
        of_other = torch.where(targets == 1, 0, own) / (1 - self.prevalence)
        multiplier = self.multipliers.values
        slope = of_event @ torch.sigmoid(-beyond) - multiplier * (of_other @ torch.sigmoid(beyond))
        *slope, n = sum_over_processes(torch.cat([slope, own.sum()[None]]))
        return torch.stack(slope) / (math.log(2) * n * (1 + multiplier))
