"""The door for images: whatever they come in, a source of images and clean outcomes come out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from torch.utils.data import Dataset, IterableDataset

from riskdec._base.checks import check_groups, check_labels, check_numbers, check_weights, refuse, sorted_labels
from riskdec._base.frames import is_frame
from riskdec.nn.images.arrays import open_array
from riskdec.nn.images.datasets import DatasetImages
from riskdec.nn.images.folder import FolderImages

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.nn.images.source import ImageSource


class ImageRows(NamedTuple):
    """Images to learn from.

    Attributes
    ----------
    source : ImageSource
        All images that were given.
    places : ndarray of int, shape (n,)
        Those of positive weight.
    codes : ndarray of int, shape (n,)
        Number of the outcome of each of them.
    classes : ndarray of shape (K,)
        Sorted labels.
    weight : ndarray of shape (n,) or None
        Positive row weights.
    groups : ndarray of int, shape (n,) or None
        Which images belong together.
    offset : ndarray of shape (n,) or None
        Known part of the log odds of the second of two outcomes.
    """

    source: ImageSource
    places: IntArray
    codes: IntArray
    classes: AnyArray
    weight: FloatArray | None
    groups: IntArray | None
    offset: FloatArray | None

    def keep(self, kept: AnyArray) -> ImageRows:
        """Give some of the rows."""
        return self._replace(
            places=self.places[kept],
            codes=self.codes[kept],
            weight=None if self.weight is None else self.weight[kept],
            groups=None if self.groups is None else np.unique(self.groups[kept], return_inverse=True)[1],
            offset=None if self.offset is None else self.offset[kept],
        )


def open_images(X: object, *, image_size: tuple[int, int] | None) -> ImageSource:
    """Open images of any kind; none of those in files is decoded yet, but the first.

    Parameters
    ----------
    X : array of shape (n, h, w) or (n, h, w, c), torch Dataset, or path of a folder
        The images.
    image_size : (int, int) or None
        Height and width to which images in files are brought; None wants them to have one size.

    Raises
    ------
    InputError
        For anything else, and for images of different shapes.
    """
    if isinstance(X, (str, os.PathLike)):
        return FolderImages(X, image_size=image_size)
    if image_size is not None:
        raise refuse("image_size", "be None unless X is a folder of images", repr(image_size), "Resize the images.")
    if isinstance(X, IterableDataset):
        cure = "A fit visits images in an order of its own: give a Dataset with __getitem__ and __len__."
        raise refuse("X", "be a Dataset that can be indexed", type(X).__name__, cure)
    if isinstance(X, Dataset):
        return DatasetImages(X)
    if is_frame(X):
        cure = "Reshape its rows to images: X.to_numpy().reshape(n, height, width)."
        raise refuse("X", "be images, not a data frame", type(X).__name__, cure)
    return open_array(X)


def open_for_training(
    X: object,
    y: object,
    *,
    sample_weight: object,
    groups: object,
    offset: object,
    image_size: tuple[int, int] | None,
) -> ImageRows:
    """Check what `fit` was given; rows of weight zero are as if absent.

    Raises
    ------
    InputError
        For images that cannot be opened, outcomes, weights, groups or offsets that do not fit them, and offsets of
        more than two outcomes.
    """
    source = open_images(X, image_size=image_size)
    labels = outcomes_of_images(source, y)
    weight = check_weights(sample_weight, source.n)
    numbers = check_groups(groups, source.n)
    places = np.arange(source.n) if weight is None else np.flatnonzero(weight)
    classes = sorted_labels(labels[places], name="y")
    if len(classes) < 2:
        raise refuse("y", "hold at least two outcomes", f"only {classes.tolist()}")
    if offset is not None and len(classes) > 2:
        cure = "Fit without it, and undo rates by outcome with undo_sampling."
        raise refuse("offset", "be left out with more than two outcomes", f"{len(classes)} outcomes", cure)
    known = None if offset is None else check_numbers(offset, name="offset", n=source.n)
    codes = np.searchsorted(classes, labels)
    rows = ImageRows(source, np.arange(source.n), codes, classes, weight, numbers, known)
    return rows if len(places) == source.n else rows.keep(places)


def outcomes_of_images(source: ImageSource, y: object) -> AnyArray:
    """Give the outcome of each image: those given, or those that came with the images.

    Raises
    ------
    InputError
        If there are none, or both.
    """
    if y is None:
        if source.labels is None:
            raise refuse("y", "be given with images that bring no outcomes", "None")
        return source.labels
    labels = check_labels(y, name="y", n=source.n)
    return np.array(labels.tolist()) if labels.dtype.kind == "O" else labels
