"""Scenes in image files: found at once, decoded one by one."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from riskdec._base.checks import refuse
from riskdec._base.optional import require
from riskdec.nn.images.decoding import MOST_PIXELS, decode_image

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from riskdec._base.typing import AnyArray

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
# Pillow's names for pixels of more than 8 bits: brought to 8 they would be cut off, not scaled.
_DEEP = ("I", "F")
_GRAY = ("1", "L", "LA")


def find_scenes(paths: Iterable[Path]) -> list[Path]:
    """Give the image files that are meant: files as they are, and of folders the images right in them, by name.

    Raises
    ------
    InputError
        For paths that do not exist, and folders without images.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.suffix.lower() in ENDINGS and one.is_file())
            if not inside:
                raise refuse(str(path), f"hold image files ({', '.join(ENDINGS)})", "none", "Sub-folders are not read.")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise refuse(str(path), "be an image file or a folder of them", "nothing of this name")
    return found


def read_scene(path: Path, *, n_channels: int) -> AnyArray:
    """Decode one scene: uint8 pixels of shape (h, w, c).

    Raises
    ------
    InputError
        For files that are no images or cut off, that hold more than 64 million pixels, that are in colour for a model
        of gray images, and whose pixels have more than 8 bits.
    """
    n_pixels, mode = _look_at(path)
    if n_pixels > MOST_PIXELS:
        cure = "Cut it into parts, or read it as an array: SlidingWindowDetector takes memory maps of any size."
        raise refuse(path.name, f"have at most {MOST_PIXELS:,} pixels", f"{n_pixels:,}", cure)
    if mode.startswith(_DEEP):
        cure = "Bring its values to 8 bits as the training images were."
        raise refuse(path.name, "have 8 bits per pixel", f"pixels of the kind {mode!r}", cure)
    if (mode in _GRAY) != (n_channels == 1):
        kinds = ("gray", "in colour") if n_channels == 1 else ("in colour", "gray")
        cure = "Convert the file as the training images were."
        raise refuse(path.name, f"be {kinds[0]}, as the training images", kinds[1], cure)
    pixels = decode_image(path, n_channels=n_channels, image_size=None)
    if isinstance(pixels, str):
        raise refuse(path.name, "be a whole image", pixels.rstrip("."))
    return pixels


def _look_at(path: Path) -> tuple[int, str]:
    """Give the number of pixels and Pillow's name for their kind, from the first bytes of a file."""
    pillow = require("PIL.Image", extra="nn", caller="reading a scene")
    try:
        with warnings.catch_warnings():
            # Pillow warns of large images at a limit of its own; ours is below.
            warnings.simplefilter("ignore", pillow.DecompressionBombWarning)
            with pillow.open(path) as image:
                return image.width * image.height, str(image.mode)
    except pillow.DecompressionBombError as err:
        raise refuse(path.name, f"have at most {MOST_PIXELS:,} pixels", "many more") from err
    except (OSError, SyntaxError, ValueError, EOFError) as err:
        # Pillow raises SyntaxError for broken PNG files.
        raise refuse(path.name, "be an image that can be read", "a damaged file, or one of another kind") from err
