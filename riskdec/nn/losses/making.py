"""Losses by name, with what they need to know of the training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from torch import nn

from riskdec._base.checks import check_level, check_number, check_option, refuse
from riskdec.nn.losses.constrained import PrecisionAtRecallLoss, RecallAtPrecisionLoss
from riskdec.nn.losses.cross_entropy import CrossEntropyLoss, LogitAdjustedLoss, VectorScalingLoss
from riskdec.nn.losses.focal import SigmoidFocalLoss, SoftmaxFocalLoss
from riskdec.nn.losses.roc_area import RocAreaLoss
from riskdec.nn.losses.tails import LabelDistributionLoss, PolynomialTailLoss
from riskdec.nn.losses.training_loss import TrainingLoss
from riskdec.nn.losses.user_loss import UserLoss

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from riskdec._base.typing import FloatArray

_MULTIPLIER = ("multiplier_rate", "multiplier_cap", "multiplier_update")
# Every loss and the options that it takes; anything else is refused.
OPTIONS: dict[str, tuple[str, ...]] = {
    "cross_entropy": (),
    "class_balanced": ("beta",),
    "focal": ("gamma",),
    "sigmoid_focal": ("gamma", "alpha"),
    "logit_adjusted": ("tau",),
    "vector_scaling": ("gamma", "tau"),
    "polynomial_tail": ("alpha", "beta"),
    "ldam": ("largest_margin",),
    "precision_at_recall": ("recall", *_MULTIPLIER),
    "recall_at_precision": ("precision", *_MULTIPLIER),
    "roc_area": ("n_anchors", "low", "high", "threshold_rate", *_MULTIPLIER),
}
_BY_COUNTS: dict[str, Callable[..., TrainingLoss]] = {
    "logit_adjusted": LogitAdjustedLoss,
    "vector_scaling": VectorScalingLoss,
    "ldam": LabelDistributionLoss,
}
_BY_ITSELF: dict[str, Callable[..., TrainingLoss]] = {
    "focal": SoftmaxFocalLoss,
    "sigmoid_focal": SigmoidFocalLoss,
    "polynomial_tail": PolynomialTailLoss,
}
_CONSTRAINED: dict[str, Callable[..., TrainingLoss]] = {
    "precision_at_recall": PrecisionAtRecallLoss,
    "recall_at_precision": RecallAtPrecisionLoss,
    "roc_area": RocAreaLoss,
}
_BINARY = ("sigmoid_focal", *_CONSTRAINED)


def make_loss(
    loss: str | nn.Module,
    *,
    class_counts: FloatArray,
    class_weight: FloatArray | None = None,
    options: Mapping[str, float | str] | None = None,
) -> TrainingLoss:
    """Make a training loss.

    Parameters
    ----------
    loss : str or torch.nn.Module
        ``"cross_entropy"``, ``"class_balanced"`` (weights by effective number), ``"focal"``, ``"sigmoid_focal"``,
        ``"logit_adjusted"``, ``"vector_scaling"``, ``"polynomial_tail"``, ``"ldam"``, ``"precision_at_recall"``,
        ``"recall_at_precision"``, ``"roc_area"``; or a module that maps logits and outcomes to a loss.
    class_counts : ndarray of shape (K,)
        Rows of each class in training, all positive.
    class_weight : ndarray of shape (K,), optional
        Weights of the classes, of which only the ratios matter: they are scaled so that the mean over the training rows
        is one. Refused by ``"class_balanced"``, by the constrained losses and by modules of the user's, which weight by
        themselves.
    options : mapping, optional
        Options of the loss by name, for example ``{"gamma": 3.0}``.

    Returns
    -------
    TrainingLoss
        A module: ``loss(logits, targets, weight=None)``.

    Raises
    ------
    InputError
        For unknown names and options, and for combinations that mean nothing.

    References
    ----------
    Y. Cui et al., Class-balanced loss based on effective number of samples, CVPR 2019.

    Examples
    --------
    >>> import numpy as np
    >>> make_loss("class_balanced", class_counts=np.array([90, 10]), options={"beta": 0.99}).class_weight
    tensor([0.6568, 4.0889])
    """
    counts = np.asarray(class_counts, dtype=np.float64)
    given = dict(options or {})
    if isinstance(loss, nn.Module):
        return _of_user(loss, class_weight, given)
    name = check_option(loss, OPTIONS, name="loss")
    for option in given:
        check_option(option, OPTIONS[name], name=f"an option of the loss {name!r}")
    if name in _BINARY and len(counts) != 2:
        cure = "Fit one event against the rest, or take another loss."
        raise refuse("y", f"have two outcomes for the loss {name!r}", f"{len(counts)} outcomes", cure)
    if class_weight is not None and (name in _CONSTRAINED or name == "class_balanced"):
        raise refuse("class_weight", f"be None with the loss {name!r}, which weights by itself", class_weight)
    if name in _CONSTRAINED:
        return _CONSTRAINED[name](counts, **given)
    return _weighted(name, counts, None if class_weight is None else _scaled(class_weight, counts), given)


def effective_number_weight(class_counts: FloatArray, *, beta: float) -> FloatArray:
    """Give ``(1 - beta) / (1 - beta ** n_k)``, the weights of class-balanced losses, shape (K,)."""
    # With beta near one both differences cancel; expm1 and log1p keep their digits.
    return np.asarray((1 - beta) / -np.expm1(class_counts * np.log(beta)))


def _weighted(
    name: str, counts: FloatArray, class_weight: FloatArray | None, given: dict[str, float | str]
) -> TrainingLoss:
    """Make one of the losses that take weights of the classes."""
    numbers = {option: _number(option, value) for option, value in given.items()}
    if name == "cross_entropy":
        return CrossEntropyLoss(class_weight)
    if name == "class_balanced":
        beta = check_level(numbers.get("beta", 0.999), name="beta")
        return CrossEntropyLoss(_scaled(effective_number_weight(counts, beta=beta), counts))
    if name in _BY_COUNTS:
        return _BY_COUNTS[name](counts, class_weight=class_weight, **numbers)
    if name == "sigmoid_focal":
        check_level(numbers.get("alpha", 0.5), name="alpha")
    return _BY_ITSELF[name](class_weight=class_weight, **numbers)


def _of_user(module: nn.Module, class_weight: FloatArray | None, given: dict[str, float | str]) -> TrainingLoss:
    if class_weight is not None or given:
        what = "class_weight" if class_weight is not None else "loss options"
        raise refuse(what, "be None where the loss is a module", given or class_weight, "Build the module with them.")
    return module if isinstance(module, TrainingLoss) else UserLoss(module)


def _number(option: str, value: float | str) -> float:
    """Check a number; all powers and strengths are at least zero, and a tail needs a power above it."""
    return check_number(value, name=option, low=-np.inf if option == "beta" else 0, open_low=option == "alpha")


def _scaled(weight: FloatArray, counts: FloatArray) -> FloatArray:
    """Scale weights to a mean of one over the training rows."""
    numbers = np.asarray(weight, dtype=np.float64)
    return np.asarray(numbers * (counts.sum() / (numbers * counts).sum()))
