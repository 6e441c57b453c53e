"""One scale of a scene, scanned: by a dense network tile after tile, or window after window."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.detection.scene import check_finite

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.detection.pyramid import ScaledImage
    from riskdec.detection.scorers import Scorer
    from riskdec.detection.windows import WindowGrid
    from riskdec.nn.dense import WindowNetwork

# Windows that go through a model at once.
_BATCH = 256


class Evaluation(NamedTuple):
    """How windows are evaluated.

    Attributes
    ----------
    way : {"dense", "crops"}
        The network once over the whole scene, or one window after the other.
    reason : str
        Why.
    difference : float
        Largest difference of logits between the two ways that was measured, as a share of the largest logit where that
        is above 1; nan where there was nothing to measure.
    network_stride : int
        Pixels between neighbouring logits of the dense network; 0 where there is none.
    """

    way: str
    reason: str
    difference: float = float("nan")
    network_stride: int = 0

    def __str__(self) -> str:
        return f"{self.way}: {self.reason}"


def scan(
    image: ScaledImage, grid: WindowGrid, scorer: Scorer, network: WindowNetwork | None, evaluation: Evaluation
) -> FloatArray:
    """Give the log odds of all windows of one scale: shape (rows, columns)."""
    if 0 in grid.shape:
        return np.empty(grid.shape)
    if evaluation.way == "dense" and network is not None:
        from riskdec.nn.dense import scan_dense

        return scan_dense(
            lambda rows, columns: _take(image, rows, columns),
            network,
            shape=grid.shape,
            window=grid.window,
            stride=grid.stride,
            network_stride=evaluation.network_stride,
        )
    return _scan_crops(image, grid, scorer)


def _scan_crops(image: ScaledImage, grid: WindowGrid, scorer: Scorer) -> FloatArray:
    """Score windows in batches; a band of the scene holds as many rows of windows as fill one."""
    found = np.empty(grid.shape)
    height, width = grid.window
    band = max(_BATCH // grid.shape[1], 1)
    right = (grid.shape[1] - 1) * grid.stride + width
    for first in range(0, grid.shape[0], band):
        last = min(first + band, grid.shape[0])
        pixels = _take(image, slice(first * grid.stride, (last - 1) * grid.stride + height), slice(0, right))
        views = np.lib.stride_tricks.sliding_window_view(pixels, (height, width), axis=(0, 1))
        views = views[:: grid.stride, :: grid.stride].transpose(0, 1, 3, 4, 2)
        crops = np.ascontiguousarray(views).reshape(-1, height, width, pixels.shape[2])
        parts = [scorer.crop_log_odds(crops[start : start + _BATCH]) for start in range(0, len(crops), _BATCH)]
        found[first:last] = np.concatenate(parts).reshape(last - first, grid.shape[1])
    return found


def _take(image: ScaledImage, rows: slice, columns: slice) -> AnyArray:
    return check_finite(image.take(rows, columns), rows=rows, columns=columns)
