"""Which windows of a scene hold an object: one window for each, all others are negatives or left out on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.detection.windows import WindowGrid


class WindowLabels(NamedTuple):
    """Truth about the windows of a scene.

    Attributes
    ----------
    is_object : ndarray of bool, shape (rows, columns)
        Whether the centre of an object lies in the window's cell.
    ignored : ndarray of bool, shape (rows, columns)
        Windows of the ignore band: no part of the prior, the training or the evaluation. Empty without a band.
    cell : ndarray of int, shape (n, 2)
        Row and column of each object's window; -1 where the object has none of its own: it lies beyond the cells at the
        border, or another object lies in the same cell.
    """

    is_object: BoolArray
    ignored: BoolArray
    cell: IntArray


def label_windows(grid: WindowGrid, centres: FloatArray, *, ignore: float = 0.0) -> WindowLabels:
    """Label the windows of a scene.

    Parameters
    ----------
    grid : WindowGrid
        The windows.
    centres : ndarray of shape (n, 2)
        Row and column of the centre of each object, in pixels of the image.
    ignore : float
        Half-width of the ignore band in pixels: windows whose centre lies so near an object's centre, along both axes,
        and that are not the window of an object, are left out. With 0 they are negatives as all others.

    Examples
    --------
    >>> from riskdec.detection.windows import WindowGrid
    >>> labels = label_windows(WindowGrid((64, 64), (16, 16), 4), np.array([[20.0, 21.0]]), ignore=8)
    >>> int(labels.is_object.sum()), int(labels.ignored.sum())
    (1, 19)
    """
    cell = grid.cell_of(centres)
    is_object = np.zeros(grid.shape, dtype=bool)
    for place in cell:
        row, column = place
        if row >= 0 and not is_object[row, column]:
            is_object[row, column] = True
        else:
            place[:] = -1
    ignored = np.zeros(grid.shape, dtype=bool)
    if ignore:
        for row, column in centres:
            rows = np.abs(grid.row_centres - row) <= ignore
            ignored |= rows[:, None] & (np.abs(grid.column_centres - column) <= ignore)
        ignored &= ~is_object
    return WindowLabels(is_object, ignored, cell)
