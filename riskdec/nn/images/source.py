"""What the network asks of images, wherever they are kept: how many, how large, and some of them as a tensor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from riskdec._base.typing import AnyArray, BoolArray, IntArray

# Bounds memory where images are read once, one part after the other.
PART = 256


class Taken(NamedTuple):
    """Some images.

    Attributes
    ----------
    images : Tensor of shape (m, c, h, w)
        uint8 or float32; zeros where an image could not be read.
    readable : ndarray of bool, shape (m,)
        Which of them could be read.
    """

    images: Tensor
    readable: BoolArray


class ImageSource(ABC):
    """Images of one shape, taken by their places.

    Attributes
    ----------
    n : int
        Number of images.
    shape : tuple of int
        Channels, height and width.
    labels : ndarray of shape (n,) or None
        Outcomes that come with the images: names of sub-folders, or the second items of a Dataset.
    decodes : bool
        Whether taking images is work that another thread should do.
    """

    n: int
    shape: tuple[int, int, int]
    labels: AnyArray | None = None
    decodes = False

    @abstractmethod
    def take_readable(self, places: IntArray) -> Taken:
        """Give the images at some places, and which of them could be read."""

    @abstractmethod
    def name_of(self, place: int) -> str:
        """Name one image in a message."""

    def take(self, places: IntArray) -> Tensor:
        """Give images that were readable before: shape (m, c, h, w)."""
        images, readable = self.take_readable(places)
        if not readable.all():
            name = self.name_of(int(places[~readable][0]))
            raise refuse("X", "stay as it was while the model is fitted", f"{name}, which can no longer be read")
        return images

    def parts(self) -> Iterator[tuple[IntArray, Taken]]:
        """Yield all images in order, a few hundred at a time."""
        for start in range(0, self.n, PART):
            places = np.arange(start, min(start + PART, self.n))
            yield places, self.take_readable(places)
