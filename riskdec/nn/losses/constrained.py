"""Precision at a floor of recall, and recall at a floor of precision (Eban et al. 2017)."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import torch

from riskdec._base.checks import check_level
from riskdec.nn.losses.margins import softmax_score
from riskdec.nn.losses.rates import ratio, surrogate
from riskdec.nn.losses.saddle_point import ConstrainedLoss, Rates

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import ArrayLike
    from riskdec.nn.losses.multipliers import MultiplierUpdate
    from riskdec.nn.losses.rates import RateSums


class RateLoss(ConstrainedLoss):
    """A constrained loss with one rate and its floor: weighted cross-entropy at every fixed multiplier."""

    is_floor = True

    @abstractmethod
    def outcome_weights(self) -> tuple[Tensor, Tensor]:
        """Give the weights of rows without and with the event at the present multiplier."""

    @abstractmethod
    def _scale(self) -> Tensor:
        """Give the size of the weights, by which the Lagrangian is divided."""

    def per_row(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Give the Lagrangian of each row over the average weight, shape (n,)."""
        score = softmax_score(logits)
        other, event = (weight.to(logits) for weight in self.outcome_weights())
        # Constant at a fixed multiplier; with it the loss is the Lagrangian, whose slope is the violation.
        allowance = self.multipliers.values[0].to(logits) * (1 - self.targets[0])
        terms = torch.where(targets == 1, event * surrogate(score) - allowance, other * surrogate(-score))
        return terms / self._scale().to(logits)

    def log_probabilities(self, logits: Tensor) -> Tensor | None:
        """Give ``log q`` with the weights divided out, shape (n, 2); None at a multiplier of zero."""
        weights = torch.stack(self.outcome_weights())
        if not bool((weights > 0).all()):
            return None
        return logits.log_softmax(dim=1) - weights.log().to(logits)


class PrecisionAtRecallLoss(RateLoss):
    r"""Fewest false alarms at a recall of at least b, which is the highest precision at that recall.

    With the surrogate :math:`l(z) = \log_2(1 + e^{-z})` the Lagrangian of a row is :math:`l(-f)` without and
    :math:`\lambda (l(f) - (1 - b))` with the event, divided by :math:`1 + \lambda \pi`: cross-entropy with weights
    1 and lambda. The minimiser is :math:`\mathrm{logit}\,p + \log \lambda`.

    Parameters
    ----------
    class_counts : array-like of shape (2,)
        Rows without and with the event in training.
    recall : float
        The floor b in (0, 1).
    multiplier_rate, multiplier_cap, multiplier_update
        See `Multipliers`.

    References
    ----------
    E. Eban et al., Scalable learning of non-decomposable objectives, AISTATS 2017.

    Examples
    --------
    >>> import torch
    >>> loss = PrecisionAtRecallLoss([90, 10], recall=0.9)
    >>> logits, targets = torch.tensor([[0.0, 1.0], [0.0, -1.0]]), torch.tensor([1, 0])
    >>> loss.after_batch(logits, targets)
    >>> loss.after_epoch()
    >>> loss.log[0].constraint
    (1.0,)
    """

    objective_name = "precision"
    constraint_name = "recall"
    inverse_statement = "Exact at a fixed multiplier lambda: logit p = f_1 - f_0 - log(lambda)."

    def __init__(
        self,
        class_counts: ArrayLike,
        *,
        recall: float = 0.9,
        multiplier_rate: float = 0.01,
        multiplier_cap: float = 100.0,
        multiplier_update: MultiplierUpdate = "log",
    ) -> None:
        super().__init__(
            class_counts,
            (check_level(recall, name="recall"),),
            multiplier_rate=multiplier_rate,
            multiplier_cap=multiplier_cap,
            multiplier_update=multiplier_update,
        )

    def outcome_weights(self) -> tuple[Tensor, Tensor]:
        """Give 1 and lambda."""
        multiplier = self.multipliers.values[0]
        return torch.ones_like(multiplier), multiplier

    def violation(self, sums: RateSums) -> Tensor:
        """Give the floor less the bounded recall; a batch without events moves nothing."""
        return (self.targets[0] * sums.n_events - sums.bounded_hits) / (self.prevalence * sums.n)

    def rates(self, sums: RateSums) -> Rates:
        """Give precision and recall, counted and bounded."""
        return Rates(
            objective=ratio(sums.hits[0], sums.hits[0] + sums.false_alarms[0]),
            surrogate_objective=_bounded_precision(sums),
            constraint=(ratio(sums.hits[0], sums.n_events),),
            surrogate_constraint=(ratio(sums.bounded_hits[0], sums.n_events),),
        )

    def _scale(self) -> Tensor:
        return 1 + self.multipliers.values[0] * self.prevalence


class RecallAtPrecisionLoss(RateLoss):
    r"""Highest recall at a precision of at least a.

    Cross-entropy with weights :math:`\lambda a` without and :math:`1 + \lambda (1 - a)` with the event. The minimiser
    is :math:`\mathrm{logit}\,p + \log((1 + \lambda (1 - a)) / (\lambda a))`.

    Parameters
    ----------
    class_counts : array-like of shape (2,)
        Rows without and with the event in training.
    precision : float
        The floor a in (0, 1).
    multiplier_rate, multiplier_cap, multiplier_update
        See `Multipliers`.

    References
    ----------
    E. Eban et al., Scalable learning of non-decomposable objectives, AISTATS 2017; their multiplier is (1 - a) times
    this one.
    """

    objective_name = "recall"
    constraint_name = "precision"
    inverse_statement = (
        "Exact at a fixed multiplier lambda above 0: logit p = f_1 - f_0 - log((1 + lambda (1 - a)) / (lambda a))."
    )

    def __init__(
        self,
        class_counts: ArrayLike,
        *,
        precision: float = 0.5,
        multiplier_rate: float = 0.01,
        multiplier_cap: float = 100.0,
        multiplier_update: MultiplierUpdate = "log",
    ) -> None:
        super().__init__(
            class_counts,
            (check_level(precision, name="precision"),),
            multiplier_rate=multiplier_rate,
            multiplier_cap=multiplier_cap,
            multiplier_update=multiplier_update,
        )

    def outcome_weights(self) -> tuple[Tensor, Tensor]:
        """Give ``lambda a`` and ``1 + lambda (1 - a)``."""
        multiplier = self.multipliers.values[0]
        return multiplier * self.targets[0], 1 + multiplier * (1 - self.targets[0])

    def violation(self, sums: RateSums) -> Tensor:
        """Give ``a FP - (1 - a) TP`` per event, bounded from above."""
        floor = self.targets[0]
        return (floor * sums.other_loss - (1 - floor) * sums.bounded_hits) / (self.prevalence * sums.n)

    def rates(self, sums: RateSums) -> Rates:
        """Give recall and precision, counted and bounded."""
        return Rates(
            objective=ratio(sums.hits[0], sums.n_events),
            surrogate_objective=ratio(sums.bounded_hits[0], sums.n_events),
            constraint=(ratio(sums.hits[0], sums.hits[0] + sums.false_alarms[0]),),
            surrogate_constraint=(_bounded_precision(sums),),
        )

    def _scale(self) -> Tensor:
        other, event = self.outcome_weights()
        return (1 - self.prevalence) * other + self.prevalence * event


def _bounded_precision(sums: RateSums) -> float | None:
    """Give a lower bound of the precision; 0 where the bound of the hits says nothing."""
    hits = sums.bounded_hits[0].clamp(min=0)
    return ratio(hits, hits + sums.other_loss[0])
