"""Recall against false alarms per scene (FROC), and precision against recall, from regions ranked by risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.result import Estimate
from riskdec.detection.evaluation.reading import FALSE
from riskdec.detection.evaluation.resampling import percentile_limits

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.detection.evaluation.resampling import Draws
    from riskdec.detection.evaluation.scans import SceneScans

# Where the curve is given with limits: evenly spaced to the eye.
GRID = np.geomspace(0.02, 50, 60)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Froc:
    """Recall against false alarms per scene.

    Attributes
    ----------
    threshold : ndarray of shape (m,)
        Distinct risks of regions, falling: a region is an alarm from the threshold on.
    false_alarms : ndarray of shape (m,)
        Mean number of alarms per scene that find no object. A second alarm on the same object counts neither way.
    recall : ndarray of shape (m,)
        Share of all objects that an alarm finds.
    precision : ndarray of shape (m,)
        Share of alarms that find an object, at the prevalence that the scenes have.
    grid, low, high : ndarray of shape (g,)
        Pointwise limits of the recall at these numbers of false alarms per scene.
    """

    threshold: FloatArray
    false_alarms: FloatArray
    recall: FloatArray
    precision: FloatArray
    grid: FloatArray
    low: FloatArray
    high: FloatArray

    def recall_at(self, false_alarms: float) -> float:
        """Give the largest recall with at most so many false alarms per scene; 0 if there is no such threshold."""
        allowed = self.false_alarms <= false_alarms
        return float(self.recall[allowed][-1]) if allowed.any() else 0.0


def make_froc(
    scans: SceneScans, draws: Draws, *, at: tuple[float, ...], level: float
) -> tuple[Froc, tuple[Estimate, ...]]:
    """Make the curve, its limits, and the recall at some numbers of false alarms per scene with intervals."""
    order = np.argsort(-scans.region_risk, kind="stable")
    risk = scans.region_risk[order]
    last = np.append(risk[1:] != risk[:-1], [True]) if len(risk) else np.zeros(0, dtype=bool)
    found, scene = scans.region_object[order], scans.region_scene[order]
    is_false, is_hit = found == FALSE, found >= 0
    n_false, n_hit = np.cumsum(is_false)[last], np.cumsum(is_hit)[last]
    false_alarms, recall = n_false / scans.n_scenes, n_hit / max(scans.n_objects, 1)
    where = np.concatenate([GRID, at])
    drawn = np.empty((len(draws.scene), len(where)))
    for row, (scene_weight, object_weight) in enumerate(zip(draws.scene, draws.object, strict=True)):
        weighted_false = np.cumsum(is_false * scene_weight[scene])[last] / scans.n_scenes
        hit_weight = np.where(is_hit, object_weight[np.maximum(found, 0)] if scans.n_objects else 0.0, 0.0)
        weighted_recall = np.cumsum(hit_weight)[last] / max(float(object_weight.sum()), 1e-300)
        drawn[row] = _read(weighted_false, weighted_recall, where)
    limits = np.array([percentile_limits(column, level) for column in drawn.T])
    points = _read(false_alarms, recall, np.asarray(at, dtype=np.float64))
    estimates = tuple(
        Estimate(estimate=float(value), low=low, high=high, confidence_level=level)
        for value, (low, high) in zip(points, limits[len(GRID) :].tolist(), strict=True)
    )
    curve = Froc(
        threshold=risk[last],
        false_alarms=false_alarms,
        recall=recall,
        precision=n_hit / np.maximum(n_false + n_hit, 1),
        grid=GRID.copy(),
        low=limits[: len(GRID), 0],
        high=limits[: len(GRID), 1],
    )
    return curve, estimates


def _read(false_alarms: FloatArray, recall: FloatArray, at: FloatArray) -> FloatArray:
    """Read a rising step curve: the recall with at most so many false alarms."""
    place = np.searchsorted(false_alarms, at, side="right")
    return np.concatenate([[0.0], recall])[place]
