"""An image at another size, made where it is looked at: a tile needs no more than the pixels around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray

# The Gaussian is cut off at so many standard deviations, which is scipy's own limit.
_TRUNCATE = 4.0


class ScaledImage:
    """An image, resized by linear interpolation after a Gaussian that takes away what the new pixels cannot hold.

    Pixels are aligned at the borders of the image. The Gaussian has the standard deviation ``(1/scale - 1) / 2``
    pixels, and is left out where the image grows. A tile holds what it would hold in the image resized as a whole, but
    for the last digits.

    Parameters
    ----------
    pixels : ndarray of shape (h, w, c)
        May be a memory map.
    shape : (int, int)
        Height and width of the resized image; the image's own size leaves it as it is.
    """

    def __init__(self, pixels: AnyArray, shape: tuple[int, int]) -> None:
        self._pixels = pixels
        self.shape = shape
        self._step = tuple(have / made for have, made in zip(pixels.shape[:2], shape, strict=True))
        self._sigma = tuple(max((step - 1) / 2, 0.0) for step in self._step)

    def take(self, rows: slice, columns: slice) -> AnyArray:
        """Give the pixels of some rows and columns of the resized image: shape (h, w, c), float32 where it changed."""
        if self.shape == self._pixels.shape[:2]:
            return np.asarray(self._pixels[rows, columns])
        from scipy.ndimage import affine_transform, gaussian_filter

        around = [self._source(axis, part) for axis, part in enumerate((rows, columns))]
        source = np.asarray(self._pixels[around[0], around[1]], dtype=np.float32)
        # The centre of pixel i lies at i + 1/2.
        offset = [
            part.start * step + (step - 1) / 2 - near.start
            for part, near, step in zip((rows, columns), around, self._step, strict=True)
        ]
        size = (rows.stop - rows.start, columns.stop - columns.start)
        tile = np.empty((*size, source.shape[2]), dtype=np.float32)
        for channel in range(source.shape[2]):
            smooth = gaussian_filter(source[..., channel], self._sigma, mode="nearest", truncate=_TRUNCATE)
            affine_transform(
                smooth, self._step, offset, output_shape=size, output=tile[..., channel], order=1, mode="nearest"
            )
        return tile

    def _source(self, axis: int, part: slice) -> slice:
        """Give the pixels of the image on which some rows (or columns) of the resized one depend."""
        margin = int(np.ceil(_TRUNCATE * self._sigma[axis])) + 2
        first = int(np.floor(part.start * self._step[axis])) - margin
        last = int(np.ceil(part.stop * self._step[axis])) + margin
        return slice(max(first, 0), min(last, self._pixels.shape[axis]))
