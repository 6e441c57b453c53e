"""Images in an array: batches are cut by index, and nothing is copied but the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from riskdec._base.checks import refuse
from riskdec.nn.images.source import ImageSource, Taken

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, IntArray

_MOST_CHANNELS = 32


class ArrayImages(ImageSource):
    """Rows of an array; a memory map stays on disk.

    Parameters
    ----------
    rows : ndarray of shape (n, h, w) or (n, h, w, c)
        uint8 stays uint8; other numbers become float32, batch by batch.
    """

    def __init__(self, rows: AnyArray) -> None:
        self._rows = rows if rows.ndim == 4 else rows[..., np.newaxis]
        self.n = len(rows)
        height, width, channels = self._rows.shape[1:]
        self.shape = (channels, height, width)

    def take_readable(self, places: IntArray) -> Taken:
        """Give the images at some places; channels stay last in memory, which is what convolutions like."""
        rows = self._rows[places]
        if rows.dtype != np.uint8:
            rows = rows.astype(np.float32, copy=False)
        return Taken(torch.from_numpy(rows).permute(0, 3, 1, 2), np.ones(len(places), dtype=bool))

    def name_of(self, place: int) -> str:
        """Name one image in a message."""
        return f"image {place}"


def open_array(X: object) -> ArrayImages:
    """Check an array of images.

    Raises
    ------
    InputError
        Unless it has 3 or 4 dimensions, numbers, and channels last.
    """
    rows = np.asarray(X)
    if rows.ndim not in (3, 4) or 0 in rows.shape[1:]:
        cure = "One gray image is image[np.newaxis]; flat rows need their sides: X.reshape(n, height, width)."
        raise refuse("X", "be images of shape (n, height, width) or (n, height, width, channels)", rows.shape, cure)
    if rows.dtype.kind not in "buif":
        raise refuse("X", "hold numbers", f"values of type {rows.dtype}")
    if rows.ndim == 4 and rows.shape[3] > _MOST_CHANNELS:
        cure = "Channels stand last: use np.moveaxis(X, 1, -1) for torch's order."
        raise refuse("X", f"have at most {_MOST_CHANNELS} channels, as the last axis", f"shape {rows.shape}", cure)
    return ArrayImages(rows)
