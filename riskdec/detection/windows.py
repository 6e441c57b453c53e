"""Where the windows of a scene lie, which object belongs to which window, and how rare that makes objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_integer, check_number, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import ArrayLike, FloatArray, IntArray


class WindowGrid(NamedTuple):
    """The windows of one scale of an image, in rows and columns.

    Positions are in pixels of the image, measured at the edges of pixels: the first pixel reaches from 0 to 1.

    Attributes
    ----------
    image_shape : (int, int)
        Height and width of the image.
    window : (int, int)
        Height and width of a window in pixels of the resized image.
    stride : int
        Distance of neighbouring windows in pixels of the resized image.
    scale : float
        Factor by which the image is resized before windows are laid over it.
    """

    image_shape: tuple[int, int]
    window: tuple[int, int]
    stride: int
    scale: float = 1.0

    @property
    def scaled_shape(self) -> tuple[int, int]:
        """Height and width of the resized image."""
        height, width = (max(round(side * self.scale), 1) for side in self.image_shape)
        return height, width

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of windows; zero where the resized image is smaller than a window."""
        rows, columns = (
            max((have - side) // self.stride + 1, 0) for have, side in zip(self.scaled_shape, self.window, strict=True)
        )
        return rows, columns

    @property
    def n(self) -> int:
        """Number of windows."""
        return self.shape[0] * self.shape[1]

    @property
    def pixel(self) -> tuple[float, float]:
        """Height and width of a pixel of the resized image, in pixels of the image."""
        height, width = (have / made for have, made in zip(self.image_shape, self.scaled_shape, strict=True))
        return height, width

    @property
    def row_centres(self) -> FloatArray:
        """Row of the centre of each row of windows, in pixels of the image."""
        return self._centres(0)

    @property
    def column_centres(self) -> FloatArray:
        """Column of the centre of each column of windows."""
        return self._centres(1)

    def _centres(self, axis: int) -> FloatArray:
        starts = np.arange(self.shape[axis], dtype=np.float64) * self.stride
        return np.asarray((starts + self.window[axis] / 2) * self.pixel[axis], dtype=np.float64)

    def cell_of(self, centres: ArrayLike) -> IntArray:
        """Find the window of each object: the one whose cell holds the object's centre.

        The cell of a window is the square of one stride around its centre, its lower edges included. Cells do not
        overlap, so that an object has one window, and the risks of all windows add up to the expected number of
        objects.

        Parameters
        ----------
        centres : array-like of shape (m, 2)
            Row and column of the centre of each object, in pixels of the image.

        Returns
        -------
        ndarray of int, shape (m, 2)
            Row and column of the window; -1 in both where the centre lies in no cell, near the border of the image.

        Examples
        --------
        >>> grid = WindowGrid((64, 64), (16, 16), 4)
        >>> grid.cell_of([[8.0, 8.0], [9.9, 10.0], [2.0, 30.0]]).tolist()
        [[0, 0], [0, 1], [-1, -1]]
        """
        places = np.asarray(centres, dtype=np.float64).reshape(-1, 2)
        first = np.array([side / 2 for side in self.window])
        cells: IntArray = np.floor((places / np.array(self.pixel) - first) / self.stride + 0.5).astype(np.intp)
        outside = ((cells < 0) | (cells >= np.array(self.shape))).any(axis=1)
        cells[outside] = -1
        return cells

    def boxes(self, cells: IntArray) -> FloatArray:
        """Give top, left, bottom and right of some windows, in pixels of the image: shape (m, 4)."""
        start = cells * self.stride
        corners = np.concatenate([start, start + np.array(self.window)], axis=1)
        return np.asarray(corners * np.array([*self.pixel, *self.pixel]), dtype=np.float64)


def window_prevalence(
    image_shape: Sequence[int],
    window: int | Sequence[int],
    stride: int,
    objects_per_scene: float,
    *,
    scales: Sequence[float] = (1.0,),
) -> float:
    """Give the share of windows that hold an object, from how many objects a scene holds.

    Each object belongs to one window: the one whose cell of one stride holds its centre.

    Parameters
    ----------
    image_shape : (int, int) or more
        Height and width of a scene in pixels; further entries, such as channels, are ignored.
    window : int or (int, int)
        Height and width of a window.
    stride : int
        Pixels between neighbouring windows.
    objects_per_scene : float
        Mean number of objects in a scene, above 0.
    scales : sequence of float
        Factors by which scenes are resized; windows of all scales count.

    Returns
    -------
    float
        Objects over windows, in (0, 1).

    Raises
    ------
    InputError
        For scenes without a window, and more objects than windows.

    Examples
    --------
    Three objects in a scene of 512 x 512 pixels are one in five thousand windows.

    >>> round(1 / window_prevalence((512, 512), 16, 4, 3))
    5208
    """
    objects = check_number(objects_per_scene, name="objects_per_scene", low=0, open_low=True)
    size = check_size(image_shape, name="image_shape")
    sides = check_window(window)
    step = check_integer(stride, name="stride", low=1)
    n_windows = sum(WindowGrid(size, sides, step, scale).n for scale in check_scales(scales))
    if n_windows <= objects:
        raise refuse("objects_per_scene", f"be fewer than the windows of a scene ({n_windows})", objects)
    return objects / n_windows


def check_window(window: object) -> tuple[int, int]:
    """Give height and width of a window from one number or two."""
    if isinstance(window, (int, np.integer)) and not isinstance(window, bool):
        return check_window((window, window))
    return check_size(window, name="window", exactly=True)


def check_size(size: object, *, name: str, exactly: bool = False) -> tuple[int, int]:
    """Give height and width from a sequence of two whole numbers, or of more where they are allowed."""
    if not isinstance(size, (tuple, list, np.ndarray)) or len(size) < 2 or (exactly and len(size) != 2):
        raise refuse(name, "be a height and a width in pixels", repr(size))
    return check_integer(size[0], name=f"{name} height", low=1), check_integer(size[1], name=f"{name} width", low=1)


def check_scales(scales: object) -> tuple[float, ...]:
    """Give the factors of a pyramid, each once."""
    if not isinstance(scales, (tuple, list, np.ndarray)) or not len(scales):
        raise refuse("scales", "be a sequence of factors such as (1.0, 0.5)", repr(scales))
    found = tuple(check_number(scale, name="each scale", low=0, high=16, open_low=True) for scale in scales)
    if len(set(found)) < len(found):
        raise refuse("scales", "hold each factor once", repr(scales), "Windows would be counted twice.")
    return found
