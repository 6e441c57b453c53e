"""Small drawings that scenes are made of: digits turned, sheared and resized, and curved strokes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray

# Side of the box of a drawing in pixels.
BOX = 16
_VERSIONS = 6
_DEGREES, _SHEAR = 12, 0.2
_SIZES = (11.0, 13.0)
_CONTRASTS = (0.6, 1.0)
_LENGTHS = (5.0, 16.0)


def draw_versions(images: FloatArray, rng: np.random.Generator) -> AnyArray:
    """Draw each image several times, each time turned, sheared, sized and inked at random.

    Parameters
    ----------
    images : ndarray of shape (n, h, w)
        Ink in [0, 1] on a background of 0.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of float32, shape (n, 6, 16, 16)
        The versions.
    """
    from scipy.ndimage import affine_transform

    n, height = images.shape[:2]
    turn = np.radians(rng.uniform(-_DEGREES, _DEGREES, (n, _VERSIONS)))
    shear = rng.uniform(-_SHEAR, _SHEAR, (n, _VERSIONS))
    size = rng.uniform(*_SIZES, (n, _VERSIONS))
    contrast = rng.uniform(*_CONTRASTS, (n, _VERSIONS))
    middle_in, middle_out = (np.array(images.shape[1:]) - 1) / 2, np.full(2, (BOX - 1) / 2)
    drawn = np.empty((n, _VERSIONS, BOX, BOX), dtype=np.float32)
    for i in range(n):
        for j in range(_VERSIONS):
            cos, sin = np.cos(turn[i, j]), np.sin(turn[i, j])
            # From a pixel of the box to the place of the image whose ink it shows.
            back = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, 0], [shear[i, j], 1]]) * (height / size[i, j])
            ink = affine_transform(images[i], back, middle_in - back @ middle_out, (BOX, BOX), order=1)
            drawn[i, j] = contrast[i, j] * ink
    return drawn


def resize_drawing(drawing: AnyArray, side: int) -> AnyArray:
    """Resize a drawing to a box of another side by linear interpolation, aligned at its borders."""
    if side == len(drawing):
        return drawing
    from scipy.ndimage import zoom

    return np.asarray(zoom(drawing, side / len(drawing), order=1, mode="nearest", grid_mode=True))


def draw_stroke(rng: np.random.Generator) -> AnyArray:
    """Draw a curved stroke of 5 to 16 pixels into a box."""
    length, angle = rng.uniform(*_LENGTHS), rng.uniform(0, 2 * np.pi)
    along = 0.5 * (length - 2) * np.array([np.sin(angle), np.cos(angle)])
    across = np.array([along[1], -along[0]]) * rng.uniform(-1.5, 1.5)
    time = np.linspace(-1, 1, 24)[:, None]
    # A parabola about the middle of the box, a point every two thirds of a pixel at most.
    points = (BOX - 1) / 2 + time * along + (time**2 - 1 / 3) * across * 0.5
    pixel = np.arange(BOX)
    width = 2 * rng.uniform(0.6, 0.9) ** 2
    rows = np.exp(-((pixel[:, None] - points[:, 0]) ** 2) / width)
    columns = np.exp(-((pixel[:, None] - points[:, 1]) ** 2) / width)
    ink = (rows[:, None, :] * columns[None, :, :]).max(axis=2)
    return np.asarray(rng.uniform(*_CONTRASTS) * ink, dtype=np.float32)
