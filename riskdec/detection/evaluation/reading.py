"""One scene, read once: log odds of its windows in bins, and its regions with what they turned out to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import refuse
from riskdec.detection.labelling import label_windows
from riskdec.detection.suppression import find_regions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.datasets.scene import Scene
    from riskdec.detection.risk_map import RiskMap

# Log odds below the first edge hold next to nothing of the information and nearly all of the windows: one bin.
EDGES = np.linspace(-14.0, 14.0, 561)
N_BINS = len(EDGES) + 1
# What a region can be instead of the number of its object.
FALSE, REPEATED = -1, -2
_LARGEST = 36.0


class SceneReading(NamedTuple):
    """What is kept of a scene.

    Attributes
    ----------
    negatives, negative_risk : ndarray of shape (N_BINS,)
        Number of windows without an object in each bin of log odds, and the sum of their risks.
    object_score : ndarray of shape (n,)
        Log odds of each object's window; nan for objects without one.
    region_risk : ndarray of shape (r,)
        Risk of each region, largest first.
    region_object : ndarray of int, shape (r,)
        Number of the object that the region found; FALSE, or REPEATED for an object that an earlier region found.
    n_windows, n_ignored : int
        Windows that count, and windows in the ignore band.
    """

    negatives: FloatArray
    negative_risk: FloatArray
    object_score: FloatArray
    region_risk: FloatArray
    region_object: IntArray
    n_windows: int
    n_ignored: int


def read_scene(
    maps: Sequence[RiskMap], scene: Scene, *, ignore: float, separation: float, min_risk: float
) -> SceneReading:
    """Compare the risk map of a scene with its truth.

    Parameters
    ----------
    maps : sequence of RiskMap
        One map: windows of several scales cannot be told which of them is an object's own.
    scene : Scene
        The truth.
    ignore : float
        Half-width of the ignore band in pixels.
    separation, min_risk : float
        As in `SlidingWindowDetector.detect`.
    """
    if len(maps) != 1:
        cure = "Evaluate scale by scale, each against the objects of its size."
        raise refuse("the detector", "scan at one scale to be evaluated", f"{len(maps)} scales", cure)
    one = maps[0]
    if one.image_shape != scene.image.shape[:2]:
        raise refuse("maps", "belong to the scenes", f"a map of {one.image_shape} for {scene.image.shape[:2]} pixels")
    labels = label_windows(one.grid, scene.centres, ignore=ignore)
    score = log_odds(one.risk)
    is_negative = ~labels.is_object & ~labels.ignored
    bins = np.searchsorted(EDGES, score[is_negative], side="right")
    own = np.full(scene.n_objects, np.nan)
    has_window = labels.cell[:, 0] >= 0
    own[has_window] = score[tuple(labels.cell[has_window].T)]
    risk, found = _regions(one, scene, ignore=ignore, separation=separation, min_risk=min_risk)
    return SceneReading(
        negatives=np.bincount(bins, minlength=N_BINS).astype(np.float64),
        negative_risk=np.bincount(bins, weights=one.risk[is_negative], minlength=N_BINS).astype(np.float64),
        object_score=own,
        region_risk=risk,
        region_object=found,
        n_windows=int(is_negative.sum() + has_window.sum()),
        n_ignored=int(labels.ignored.sum()),
    )


def log_odds(risk: FloatArray) -> FloatArray:
    """Give log odds, those of risks of exactly 0 and 1 at a finite end."""
    with np.errstate(divide="ignore"):
        found: FloatArray = np.clip(np.log(risk) - np.log1p(-risk), -2 * _LARGEST, _LARGEST)
    return found


def _regions(
    one: RiskMap, scene: Scene, *, ignore: float, separation: float, min_risk: float
) -> tuple[FloatArray, IntArray]:
    """Match regions with objects, the surest region first: an object belongs to the nearest of those it reaches."""
    regions = find_regions([one], separation=separation, min_risk=min_risk)
    order = np.argsort(-regions.risk, kind="stable")
    centres = np.stack([one.row_centres[regions.cell[:, 0]], one.column_centres[regions.cell[:, 1]]], axis=1)
    reach = separation * np.array(one.window) * np.array(one.grid.pixel)
    distance = (np.abs(centres[:, None, :] - scene.centres[None, :, :]) / reach).max(axis=2)
    found = np.full(len(order), FALSE, dtype=np.intp)
    taken = np.zeros(scene.n_objects, dtype=bool)
    for region in order:
        near = np.flatnonzero(distance[region] <= 1 + 1e-9)
        free = near[~taken[near]]
        if free.size:
            found[region] = free[np.argmin(distance[region, free])]
            taken[found[region]] = True
        elif near.size:
            found[region] = REPEATED
    return regions.risk[order], found[order]
