"""A torch Dataset as a source of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from riskdec._base.checks import refuse
from riskdec._base.threads import in_order
from riskdec.nn.images.source import ImageSource, Taken

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import AnyArray, IntArray


class DatasetImages(ImageSource):
    """Items of a Dataset: an image each, or a pair of image and outcome.

    An image is a tensor of shape (c, h, w) or (h, w), or what `numpy.asarray` reads as (h, w) or (h, w, c), such as a
    Pillow image. Outcomes are read in one pass over all items.

    Parameters
    ----------
    dataset : torch.utils.data.Dataset
        With `__getitem__` and `__len__`. Random changes of images belong into ``augment``: an item has to be the same
        whenever it is asked for.
    """

    decodes = True

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        try:
            self.n = len(dataset)
        except TypeError as err:
            raise refuse("X", "be a Dataset with a length", type(dataset).__name__) from err
        if not self.n:
            raise refuse("X", "have at least one image", "an empty Dataset")
        first = dataset[0]
        self.shape = tuple(_image_of(first).shape)
        self._has_labels = isinstance(first, (tuple, list)) and len(first) > 1
        self._labels: AnyArray | None = None

    @property
    def labels(self) -> AnyArray | None:  # type: ignore[override]  # read when asked for
        """Second items, or None."""
        if self._has_labels and self._labels is None:
            found = in_order(lambda place: _label_of(self._dataset[place]), range(self.n))
            self._labels = np.array(list(found))
        return self._labels

    def take_readable(self, places: IntArray) -> Taken:
        """Give the images at some places."""
        images = list(in_order(lambda place: _image_of(self._dataset[int(place)]), places.tolist()))
        for place, image in zip(places, images, strict=True):
            if tuple(image.shape) != self.shape:
                cure = "Bring them to one shape in the Dataset."
                raise refuse("X", f"hold images of one shape {self.shape}", f"{image.shape} in item {place}", cure)
        stacked = torch.stack(images) if images else torch.empty(0, *self.shape)
        stacked = stacked if stacked.dtype == torch.uint8 else stacked.float()
        return Taken(stacked, np.ones(len(places), dtype=bool))

    def name_of(self, place: int) -> str:
        """Name one image in a message."""
        return f"item {place}"


def _image_of(item: Any) -> Tensor:
    image = item[0] if isinstance(item, (tuple, list)) else item
    if not isinstance(image, torch.Tensor):
        pixels = torch.tensor(np.asarray(image))
        image = pixels if pixels.ndim == 2 else pixels.permute(2, 0, 1)
    image = image[None] if image.ndim == 2 else image
    if image.ndim != 3:
        raise refuse("images of the Dataset", "have shape (c, h, w) or (h, w)", tuple(image.shape))
    return image


def _label_of(item: Any) -> Any:
    label = item[1]
    return label.item() if isinstance(label, (torch.Tensor, np.generic)) else label
