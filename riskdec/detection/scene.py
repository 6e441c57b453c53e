"""The door for scenes: an array or a memory map of pixels in, its three axes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray

_MOST_CHANNELS = 32


def open_scene(image: object, *, n_channels: int | None = None) -> AnyArray:
    """Give an image as an array of shape (h, w, c); a memory map stays one.

    Parameters
    ----------
    image : array-like of shape (h, w) or (h, w, c)
        Numbers; channels stand last.
    n_channels : int, optional
        As many as the model was trained on.

    Raises
    ------
    InputError
        For anything that is not one image of numbers, or has other channels.
    """
    pixels = image if isinstance(image, np.ndarray) else np.asarray(image)
    if pixels.dtype.kind not in "buif":
        raise refuse("image", "hold numbers", f"values of type {pixels.dtype}", "Read the file into an array first.")
    if pixels.ndim not in (2, 3) or 0 in pixels.shape:
        cure = "Scan several scenes one by one."
        raise refuse("image", "have shape (height, width) or (height, width, channels)", f"shape {pixels.shape}", cure)
    if pixels.ndim == 3 and pixels.shape[2] > _MOST_CHANNELS:
        cure = "Channels stand last: use np.moveaxis(image, 0, -1) for torch's order."
        raise refuse("image", f"have at most {_MOST_CHANNELS} channels, as the last axis", f"{pixels.shape}", cure)
    opened = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    if n_channels is not None and opened.shape[2] != n_channels:
        kind = {1: "gray", 3: "colour"}.get(n_channels, f"of {n_channels} channels")
        cure = "Convert it as the training images were."
        raise refuse("image", f"be {kind}, as the model's training images", f"{opened.shape[2]} channel(s)", cure)
    return opened


def check_finite(tile: AnyArray, *, rows: slice, columns: slice) -> AnyArray:
    """Refuse NaN and inf among some pixels of a scene; the message counts in the whole scene."""
    if tile.dtype.kind == "f" and not np.isfinite(tile).all():
        bad = ~np.isfinite(tile)
        row, column, channel = (int(place) for place in np.argwhere(bad)[0])
        value = tile[row, column, channel]
        where = f"{value} near row {rows.start + row}, column {columns.start + column}"
        raise refuse("image", "be finite (no NaN, no inf)", where, "Replace these pixels.")
    return tile
