"""How far weights moved the recalls, per unit of log weight, beside the shift of probabilities that they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Estimate, jsonable

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.weighting.balance.judging import Judge


@dataclass(frozen=True, kw_only=True, slots=True)
class WeightEffect:
    """Change of recall per unit of log weight (least squares over the classes), by weights and by the same shift.

    Attributes
    ----------
    by_weights : Estimate
        Of the fit with weights against the plain one.
    by_shift : Estimate
        Of ``log p_k + log w_k`` on the probabilities of the plain fit as they are.
    by_calibrated_shift : Estimate
        The same on calibrated probabilities: in a fit of the right form this is what the weights should do.
    training_accuracy, training_accuracy_weighted : float
        Share of their own rows that the plain and the weighted fit get right; at 1 a fit interpolates.
    """

    by_weights: Estimate
    by_shift: Estimate
    by_calibrated_shift: Estimate
    training_accuracy: float
    training_accuracy_weighted: float

    @property
    def interpolates(self) -> bool:
        """Whether both fits get practically all of their own rows right."""
        return min(self.training_accuracy, self.training_accuracy_weighted) >= 0.995

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers, ready for JSON."""
        names = ("by_weights", "by_shift", "by_calibrated_shift")
        accuracies = ("training_accuracy", "training_accuracy_weighted")
        shares: dict[str, Any] = jsonable({name: getattr(self, name) for name in accuracies})
        return {name: getattr(self, name).to_dict() for name in names} | shares


def measure_effect(
    weights: FloatArray,
    weighted: IntArray,
    proba: FloatArray,
    calibrated: FloatArray,
    judge: Judge,
    training_accuracies: tuple[float, float],
) -> WeightEffect | None:
    """Measure the effect of weights on the test rows; None where all weights are the same.

    Parameters
    ----------
    weights : ndarray of shape (K,)
        Weights of the classes.
    weighted : ndarray of int, shape (n,)
        Decisions of the weighted fit.
    proba, calibrated : ndarray of shape (n, K)
        Probabilities of the plain fit as they are, and calibrated.
    judge : Judge
        The test rows.
    training_accuracies : pair of float
        Of the plain and of the weighted fit on their own rows.
    """
    centred = np.log(weights) - np.log(weights).mean()
    size = float(centred @ centred)
    if size < 1e-12:
        return None
    slope = centred / size

    def effect(chosen: IntArray, before: FloatArray) -> Estimate:
        return judge.contrast(judge.hits(chosen) - judge.hits(before.argmax(axis=1)), slope)

    return WeightEffect(
        by_weights=effect(weighted, proba),
        by_shift=effect((proba * weights).argmax(axis=1), proba),
        by_calibrated_shift=effect((calibrated * weights).argmax(axis=1), calibrated),
        training_accuracy=training_accuracies[0],
        training_accuracy_weighted=training_accuracies[1],
    )
