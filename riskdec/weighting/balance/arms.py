"""One way of deciding, judged: recalls with limits, their spread beside chance, and what it costs against plain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Estimate, jsonable
from riskdec.weighting.balance.judging import corrected_deviation, range_by_chance

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.weighting.balance.judging import Judge


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class RecallArm:
    """What one way of deciding finds on the test rows.

    Attributes
    ----------
    way : {"plain", "weights", "offsets", "least cost"}
        The likeliest class; the same after a fit with recall-driven weights; the largest log probability plus offset;
        the decision of least expected cost. The latter two on calibrated probabilities.
    recall, low, high : ndarray of shape (K,)
        Share of each class that is found, and its limits.
    range : float
        Largest recall less the smallest.
    range_by_chance : float
        Range to be expected on these rows if all true recalls were equal.
    deviation : float
        Standard deviation of the true recalls: that of the observed ones less what sampling adds.
    mean_recall : float
        Mean over classes (balanced accuracy).
    accuracy : Estimate
        Share of rows that are right.
    accuracy_change : Estimate
        The same less that of "plain" on the same rows.
    mean_cost, cost_change : Estimate or None
        Realised cost per row, and less that of "plain"; None without costs.
    recall_change : tuple of Estimate
        Recall of each class less that of "plain".
    """

    way: str
    recall: FloatArray
    low: FloatArray
    high: FloatArray
    range: float
    range_by_chance: float
    deviation: float
    mean_recall: float
    accuracy: Estimate
    accuracy_change: Estimate
    mean_cost: Estimate | None
    cost_change: Estimate | None
    recall_change: tuple[Estimate, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text, ready for JSON."""
        figures = ("way", "recall", "low", "high", "range", "range_by_chance", "deviation", "mean_recall")
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in figures})
        for name in ("accuracy", "accuracy_change", "mean_cost", "cost_change"):
            value = getattr(self, name)
            plain[name] = None if value is None else value.to_dict()
        return plain | {"recall_change": [change.to_dict() for change in self.recall_change]}


def judge_arm(way: str, chosen: IntArray, plain: IntArray, judge: Judge) -> RecallArm:
    """Judge the decisions of one way beside those of the plain fit.

    Parameters
    ----------
    way : str
        Its name.
    chosen, plain : ndarray of int, shape (n,)
        Numbers of the classes decided for.
    judge : Judge
        The test rows.
    """
    recall = judge.recalls(chosen)
    low, high = judge.limits(chosen)
    hits, gained = judge.hits(chosen), judge.hits(chosen) - judge.hits(plain)
    paid, before = judge.realised(chosen), judge.realised(plain)
    for array in (recall, low, high):
        array.flags.writeable = False
    return RecallArm(
        way=way,
        recall=recall,
        low=low,
        high=high,
        range=float(np.ptp(recall)),
        range_by_chance=range_by_chance(judge.errors_if_equal(chosen)),
        deviation=corrected_deviation(recall, judge.errors(chosen)),
        mean_recall=float(recall.mean()),
        accuracy=judge.mean(hits),
        accuracy_change=judge.mean(gained),
        mean_cost=None if paid is None else judge.mean(paid),
        cost_change=None if paid is None or before is None else judge.mean(paid - before),
        recall_change=tuple(judge.contrast(gained, unit) for unit in np.eye(len(recall))),
    )
