"""A folder of image files, one sub-folder per outcome: found at once, decoded when they are needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from riskdec._base.checks import refuse
from riskdec._base.threads import in_order
from riskdec.nn.images.decoding import decode_image, probe_image
from riskdec.nn.images.source import ImageSource, Taken

if TYPE_CHECKING:
    import os

    from riskdec._base.typing import AnyArray, IntArray

_ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}


class FolderImages(ImageSource):
    """Image files below a folder, in the order of their names; those in sub-folders bear its name as their label.

    Parameters
    ----------
    folder : str or path
        Holds either sub-folders of images or images.
    image_size : (int, int) or None
        Height and width to which all are brought; None wants them to have the size of the first.

    Attributes
    ----------
    paths : tuple of Path
        The files.
    unreadable : dict of int to str
        Places of files that could not be decoded so far, and why.
    """

    decodes = True

    def __init__(self, folder: str | os.PathLike[str], *, image_size: tuple[int, int] | None) -> None:
        root = Path(folder)
        if not root.is_dir():
            raise refuse("X", "be images, or the path of a folder of images", repr(str(root)))
        inner = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
        by_label = {sub.name: _files(sub) for sub in inner} if inner else {"": _files(root)}
        self.paths = tuple(path for files in by_label.values() for path in files)
        self.n = len(self.paths)
        if not self.n:
            endings = ", ".join(sorted(_ENDINGS))
            raise refuse("X", f"hold image files ({endings})", f"none in {root} or its sub-folders")
        if inner:
            self.labels: AnyArray | None = np.repeat(list(by_label), [len(files) for files in by_label.values()])
        self.unreadable: dict[int, str] = {}
        self._image_size = image_size
        first = next((found for found in map(probe_image, self.paths) if found is not None), None)
        if first is None:
            raise refuse("X", "hold images that can be read", f"{self.n} files, none of which can")
        self.shape = (first[0], *(first[1:] if image_size is None else image_size))

    def take_readable(self, places: IntArray) -> Taken:
        """Decode the images at some places, on several threads."""
        decoded = list(in_order(self._decode, places.tolist()))
        images = np.zeros((len(places), *self.shape[1:], self.shape[0]), dtype=np.uint8)
        readable = np.ones(len(places), dtype=bool)
        for k, (place, pixels) in enumerate(zip(places.tolist(), decoded, strict=True)):
            if isinstance(pixels, str):
                readable[k] = False
                self.unreadable[place] = pixels
            else:
                images[k] = self._of_one_size(place, pixels)
        return Taken(torch.from_numpy(images).permute(0, 3, 1, 2), readable)

    def name_of(self, place: int) -> str:
        """Name one file in a message."""
        return self.paths[place].name

    def _decode(self, place: int) -> AnyArray | str:
        return decode_image(self.paths[place], n_channels=self.shape[0], image_size=self._image_size)

    def _of_one_size(self, place: int, pixels: AnyArray) -> AnyArray:
        if pixels.shape[:2] != self.shape[1:]:
            got = f"{pixels.shape[0]}x{pixels.shape[1]} in {self.name_of(place)}"
            cure = "Pass image_size=(height, width) to bring all to one size."
            raise refuse("images", f"have the size of the first ({self.shape[1]}x{self.shape[2]})", got, cure)
        return pixels


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS and path.is_file())
