"""Bootstrap weights: whole scenes are drawn, and where scenes share originals, originals as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.detection.evaluation.scans import SceneScans

ResampledBy = Literal["scene", "scene and source"]


class Draws(NamedTuple):
    """Weights of resamples.

    Attributes
    ----------
    scene : ndarray of shape (R, S)
        How often each scene was drawn; windows without an object and false alarms have the weight of their scene.
    object : ndarray of shape (R, n)
        Weight of each object: that of its scene, times that of its original where originals were drawn.
    """

    scene: FloatArray
    object: FloatArray


def draw_weights(scans: SceneScans, *, by: ResampledBy, n_resamples: int, rng: np.random.Generator) -> Draws:
    """Draw the weights of all resamples.

    With originals the two draws are independent and their weights multiply (the pigeonhole bootstrap, which overstates
    the variance of a mean a little rather than understating it).

    References
    ----------
    A. B. Owen, The pigeonhole bootstrap, Annals of Applied Statistics 1 (2007), 386-411. doi:10.1214/07-AOAS122
    """
    scene = _counts(scans.n_scenes, n_resamples, rng)
    weight = scene[:, scans.object_scene]
    if by == "scene and source" and scans.n_objects:
        source = _counts(int(scans.object_source.max()) + 1, n_resamples, rng)
        weight = weight * source[:, scans.object_source]
    return Draws(scene, weight)


def _counts(n: int, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    return rng.multinomial(n, np.full(n, 1 / n), size=n_resamples).astype(np.float64)


def percentile_limits(values: FloatArray, level: float) -> tuple[float, float]:
    """Give the percentile limits of what the resamples gave, those without a value left out."""
    known = values[np.isfinite(values)]
    if not known.size:
        return np.nan, np.nan
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
