"""One scene, read once: log odds of its windows in bins, and its regions with what they turned out to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import refuse
from riskdec.detection.labelling import check_sizes, label_scales
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
    maps: Sequence[RiskMap],
    scene: Scene,
    *,
    ignore: float,
    separation: float,
    min_risk: float,
    object_size: float | None = None,
) -> SceneReading:
    """Compare the risk maps of a scene with its truth.

    Parameters
    ----------
    maps : sequence of RiskMap
        One for each scale.
    scene : Scene
        The truth, with sizes if there are several scales.
    ignore : float
        Half-width of the ignore band in pixels.
    separation, min_risk : float
        As in `SlidingWindowDetector.detect`.
    object_size : float, optional
        Side of the objects that the model was trained on; by default that of a window.
    """
    check_sizes(scene, len(maps), name="the detector")
    for one in maps:
        if one.image_shape != scene.image.shape[:2]:
            got = f"a map of {one.image_shape} for {scene.image.shape[:2]} pixels"
            raise refuse("maps", "belong to the scenes", got)
    labels = label_scales([one.grid for one in maps], scene, ignore=ignore, object_size=object_size)
    own = np.full(scene.n_objects, np.nan)
    bins, risks = [], []
    for one, truth in zip(maps, labels, strict=True):
        score, is_negative = log_odds(one.risk), ~truth.is_object & ~truth.ignored
        bins.append(np.searchsorted(EDGES, score[is_negative], side="right"))
        risks.append(one.risk[is_negative])
        has_window = truth.cell[:, 0] >= 0
        own[has_window] = score[tuple(truth.cell[has_window].T)]
    place = np.concatenate(bins)
    risk, found = _regions(maps, scene, separation=separation, min_risk=min_risk)
    return SceneReading(
        negatives=np.bincount(place, minlength=N_BINS).astype(np.float64),
        negative_risk=np.bincount(place, weights=np.concatenate(risks), minlength=N_BINS).astype(np.float64),
        object_score=own,
        region_risk=risk,
        region_object=found,
        n_windows=len(place) + int((~np.isnan(own)).sum()),
        n_ignored=sum(int(truth.ignored.sum()) for truth in labels),
    )


def log_odds(risk: FloatArray) -> FloatArray:
    """Give log odds, those of risks of exactly 0 and 1 at a finite end."""
    with np.errstate(divide="ignore"):
        found: FloatArray = np.clip(np.log(risk) - np.log1p(-risk), -2 * _LARGEST, _LARGEST)
    return found


def _regions(
    maps: Sequence[RiskMap], scene: Scene, *, separation: float, min_risk: float
) -> tuple[FloatArray, IntArray]:
    """Match regions with objects, the surest region first: an object belongs to the nearest of those it reaches.

    A region reaches as far as it takes windows, of whatever scale: `separation` windows of the scale of its peak. So it
    can find an object of any size.
    """
    regions = find_regions(maps, separation=separation, min_risk=min_risk)
    order = np.argsort(-regions.risk, kind="stable")
    centres, reach = np.empty((len(order), 2)), np.empty((len(order), 2))
    for level, one in enumerate(maps):
        here = regions.level == level
        rows, columns = regions.cell[here].T
        centres[here] = np.stack([one.row_centres[rows], one.column_centres[columns]], axis=1)
        reach[here] = separation * np.array(one.window) * np.array(one.grid.pixel)
    distance = (np.abs(centres[:, None, :] - scene.centres[None, :, :]) / reach[:, None, :]).max(axis=2)
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
