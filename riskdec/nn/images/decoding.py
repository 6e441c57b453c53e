"""One image file becomes an array of pixels, or a reason why it cannot."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.optional import require
from riskdec.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from riskdec._base.typing import AnyArray

# A small file can hold the order for a huge image; this is 200 MB of colour pixels.
MOST_PIXELS = 64_000_000
_MODES = {1: "L", 3: "RGB"}


def decode_image(path: Path, *, n_channels: int, image_size: tuple[int, int] | None) -> AnyArray | str:
    """Decode one file.

    Parameters
    ----------
    path : Path
        The file.
    n_channels : {1, 3}
        Gray or colour.
    image_size : (int, int) or None
        Height and width to which it is brought; None leaves its size.

    Returns
    -------
    ndarray of uint8, shape (h, w, c), or str
        The pixels, or why they cannot be read: a truncated file is not filled up with gray.

    Raises
    ------
    InputError
        For a file that asks for more than 64 million pixels: a decompression bomb is refused before it is decoded.
    """
    pillow = _pillow()
    try:
        with warnings.catch_warnings():
            # Pillow warns of large images at a limit of its own; ours is below.
            warnings.simplefilter("ignore", pillow.DecompressionBombWarning)
            with pillow.open(path) as image:
                _refuse_bomb(path, image.size)
                found = image.convert(_MODES[n_channels])
    except pillow.DecompressionBombError as err:
        raise refuse("images", f"have at most {MOST_PIXELS} pixels", f"more in {path.name}") from err
    except InputError:
        # Ours, for a bomb: a ValueError too.
        raise
    except (OSError, SyntaxError, ValueError, EOFError) as err:
        # Pillow raises SyntaxError for broken PNG files.
        return str(err) or type(err).__name__
    if image_size is not None and found.size != (image_size[1], image_size[0]):
        found = found.resize((image_size[1], image_size[0]), pillow.Resampling.BILINEAR)
    pixels = np.asarray(found)
    return pixels[..., np.newaxis] if pixels.ndim == 2 else pixels


def probe_image(path: Path) -> tuple[int, int, int] | None:
    """Give channels (1 or 3), height and width of a file that can be read, from its first bytes; None otherwise."""
    pillow = _pillow()
    try:
        with pillow.open(path) as image:
            _refuse_bomb(path, image.size)
            is_gray = image.mode in ("1", "L", "LA", "I", "I;16", "F")
            return (1 if is_gray else 3, image.size[1], image.size[0])
    except InputError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError):
        return None


def _refuse_bomb(path: Path, size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        cure = "Take the file out of the folder; it was not decoded."
        raise refuse("images", f"have at most {MOST_PIXELS} pixels", f"{size[0]} x {size[1]} in {path.name}", cure)


def _pillow() -> ModuleType:
    return require("PIL.Image", extra="nn", caller="A folder of images")
