"""What tells how far a balance of recalls depends on the split and the seed: the figures of every repeat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import jsonable
from riskdec._base.table import Table, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskdec.weighting.balance.arms import RecallArm
    from riskdec.weighting.balance.effect import WeightEffect


@dataclass(frozen=True, kw_only=True, slots=True)
class RecallRepeat:
    """One deal of the rows, with its fits.

    Attributes
    ----------
    arms : tuple of RecallArm
        Each way of deciding.
    effect : WeightEffect or None
        What the weights did.
    temperature : float
        What log probabilities had to be divided by.
    """

    arms: tuple[RecallArm, ...]
    effect: WeightEffect | None
    temperature: float

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text, ready for JSON."""
        return {
            "arms": [arm.to_dict() for arm in self.arms],
            "effect": None if self.effect is None else self.effect.to_dict(),
            "temperature": jsonable(self.temperature),
        }


def repeats_table(repeats: Sequence[RecallRepeat]) -> Table:
    """Give mean, smallest and largest figure of each way over the repeats."""
    rows = []
    for j, arm in enumerate(repeats[0].arms):
        mine = [one.arms[j] for one in repeats]
        share = [one.arms[j].range / one.arms[0].range for one in repeats if one.arms[0].range > 0]
        figures = (
            [one.range for one in mine],
            share,
            [one.deviation for one in mine],
            [one.accuracy.estimate for one in mine],
        )
        rows.append((arm.way, *map(_spread, figures)))
    notes = ["Mean (smallest to largest); what these differ by, no interval of a single split shows."]
    effects = [one.effect for one in repeats if one.effect is not None]
    if effects:
        moved = _spread(effect.by_weights.estimate for effect in effects)
        shift = _spread(effect.by_calibrated_shift.estimate for effect in effects)
        notes.append(f"Recall per unit of log weight: {moved} by weights, {shift} by the shift after calibration.")
    header = ("", "range", "part of the plain range", "true sd", "accuracy")
    return Table(title=f"Over {len(repeats)} repeats", header=header, rows=tuple(rows), notes=tuple(notes))


def _spread(values: Iterable[float]) -> str:
    known = np.array(list(values))
    if not len(known):
        return ""
    return f"{number(known.mean(), 2)} ({number(known.min(), 2)} to {number(known.max(), 2)})"
