"""One pass over images before a fit: which can be read, and what each one adds to the channels' mean and spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.nn.images.source import ImageSource


class Scan(NamedTuple):
    """What one pass over all images found.

    Attributes
    ----------
    readable : ndarray of bool, shape (n,)
        Which images could be read.
    sums, squares : ndarray of shape (n, c)
        Sum of the pixels of each image and channel, and of their squares.
    """

    readable: BoolArray
    sums: FloatArray
    squares: FloatArray


def scan_images(source: ImageSource) -> Scan:
    """Read every image once.

    Raises
    ------
    InputError
        For pixels that are NaN or infinite.
    """
    n_channels = source.shape[0]
    found = Scan(np.ones(source.n, dtype=bool), np.zeros((source.n, n_channels)), np.zeros((source.n, n_channels)))
    for places, (images, readable) in source.parts():
        pixels = check_pixels(source, places, images)
        found.readable[places] = readable
        found.sums[places] = pixels.sum((2, 3), dtype=torch.float64).numpy()
        found.squares[places] = pixels.square().sum((2, 3), dtype=torch.float64).numpy()
    return found


def check_pixels(source: ImageSource, places: IntArray, images: Tensor) -> Tensor:
    """Give the images as float32, or refuse those with NaN or inf among their pixels."""
    if images.dtype == torch.uint8:
        return images.float()
    bad = ~torch.isfinite(images).all(dim=3).all(dim=2).all(dim=1)
    if bool(bad.any()):
        first = source.name_of(int(places[int(bad.nonzero()[0, 0])]))
        cure = "Replace these pixels, or leave the images out."
        raise refuse("X", "be finite (no NaN, no inf)", f"NaN or inf in {first} ({int(bad.sum())} of {len(bad)})", cure)
    return images


def channel_statistics(found: Scan, places: IntArray, *, n_pixels: int) -> tuple[FloatArray, FloatArray]:
    """Give mean and standard deviation of each channel over some images: two arrays of shape (c,).

    A channel that is the same everywhere gets the standard deviation 1.
    """
    n = len(places) * n_pixels
    mean = found.sums[places].sum(axis=0) / n
    variance = np.maximum(found.squares[places].sum(axis=0) / n - mean**2, 0.0)
    # Rounding leaves a little of a constant channel's square.
    constant = variance <= 1e-10 * np.maximum(mean**2, 1e-30)
    return mean, np.where(constant, 1.0, np.sqrt(variance))
