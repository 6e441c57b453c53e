"""The answer of a balance of recalls: each way with its recalls, what weights and offsets did, and the findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Framed, jsonable
from riskdec._base.table import number
from riskdec.weighting.balance.tables import balance_table

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, IntArray, WeightKind
    from riskdec.decisions import CostMatrix, DecisionOffsets
    from riskdec.weighting.balance.arms import RecallArm
    from riskdec.weighting.balance.effect import WeightEffect
    from riskdec.weighting.balance.repeats import RecallRepeat


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class RecallBalance(Framed):
    """How differently a model finds its classes, and what weights in the loss and offsets of decisions change of it.

    `frame` gives one line per way and class: recall with its limits, and its change from "plain" with limits.

    Attributes
    ----------
    classes : tuple of length K
        Sorted labels.
    arms : tuple of RecallArm
        "plain" first, then "weights", "offsets" and, with costs, "least cost".
    held_out_recall : ndarray of shape (K,)
        Recalls of the plain fit on the held-out rows, which made the weights.
    weights : ndarray of shape (K,) or None
        Recall-driven weights of the classes.
    power : float or None
        Their strength.
    effect : WeightEffect or None
        What the weights did per unit of log weight; None without them, or if all are the same.
    offsets : DecisionOffsets or None
        Offsets fitted on the held-out rows; they are for probabilities calibrated as `calibration` says.
    counted_range : float or None
        Range to be expected on the test rows if recalls were made equal on the labels of the held-out rows: chance of
        both samples together.
    calibration : {"vector", "temperature"}
        How probabilities were calibrated before offsets were added.
    temperature : float
        What log probabilities had to be divided by on the held-out rows: above 1 they were too sure.
    repeats : tuple of RecallRepeat
        Figures of every deal of the rows, the one given in full first.
    n_fitted : int
        Rows that were fitted.
    n_held_out_per_class, n_test_per_class : ndarray of int, shape (K,)
        Rows held out, and rows judged on, of each class.
    split : str
        Where the rows came from.
    estimator : str
        Class of the model.
    costs : CostMatrix or None
        Costs of deciding for each class.
    weight_kind : {"frequency", "importance"} or None
        What weights of rows meant; None without any.
    confidence_level : float
        Level of all intervals.
    findings : tuple of Finding
        What the reader should take away.
    """

    classes: tuple[Any, ...]
    arms: tuple[RecallArm, ...]
    held_out_recall: FloatArray
    weights: FloatArray | None
    power: float | None
    effect: WeightEffect | None
    offsets: DecisionOffsets | None
    counted_range: float | None
    calibration: str
    temperature: float
    repeats: tuple[RecallRepeat, ...]
    n_fitted: int
    n_held_out_per_class: IntArray
    n_test_per_class: IntArray
    split: str
    estimator: str
    costs: CostMatrix | None
    weight_kind: WeightKind | None
    confidence_level: float
    findings: tuple[Finding, ...]

    def arm(self, way: str) -> RecallArm | None:
        """Give one way of deciding, or None if it was not tried."""
        return next((arm for arm in self.arms if arm.way == way), None)

    def summary(self) -> Table:
        """Give recalls by class and way, their spread, accuracy and cost, and the findings."""
        return balance_table(self)

    def _columns(self) -> dict[str, Any]:
        n_classes = len(self.classes)
        changes = [change for arm in self.arms for change in arm.recall_change]
        columns: dict[str, Any] = {
            "way": [arm.way for arm in self.arms for _ in range(n_classes)],
            "class": [str(name) for _ in self.arms for name in self.classes],
            "n": np.tile(self.n_test_per_class, len(self.arms)),
            **{name: np.concatenate([getattr(arm, name) for arm in self.arms]) for name in ("recall", "low", "high")},
            "change": np.array([change.estimate for change in changes]),
            "change_low": np.array([change.low for change in changes]),
            "change_high": np.array([change.high for change in changes]),
        }
        return columns

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers, text and lists, ready for JSON."""
        settings = (
            *("classes", "held_out_recall", "weights", "power", "counted_range", "calibration", "temperature"),
            *("n_fitted", "n_held_out_per_class", "n_test_per_class", "split", "estimator", "confidence_level"),
            "weight_kind",
        )
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in settings})
        return plain | {
            "arms": [arm.to_dict() for arm in self.arms],
            "repeats": [repeat.to_dict() for repeat in self.repeats],
            "effect": None if self.effect is None else self.effect.to_dict(),
            "offsets": None if self.offsets is None else self.offsets.to_dict(),
            "costs": None if self.costs is None else self.costs.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def _headline(self) -> str:
        ranges = ", ".join(f"{arm.way} {number(arm.range, 2)}" for arm in self.arms)
        return f"{len(self.classes)} classes, range of recalls: {ranges}"
