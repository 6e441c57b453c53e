"""Which windows of a scene hold an object: one window for each, all others are negatives or left out on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.datasets.scene import Scene
    from riskdec.detection.windows import WindowGrid


class WindowLabels(NamedTuple):
    """Truth about the windows of one scale of a scene.

    Attributes
    ----------
    is_object : ndarray of bool, shape (rows, columns)
        Whether the centre of an object lies in the window's cell.
    ignored : ndarray of bool, shape (rows, columns)
        Windows of the ignore band: no part of the prior, the training or the evaluation. Empty without a band.
    cell : ndarray of int, shape (n, 2)
        Row and column of each object's window; -1 where the object has none here: it lies beyond the cells at the
        border, another object lies in the same cell, or its window is one of another scale.
    """

    is_object: BoolArray
    ignored: BoolArray
    cell: IntArray


def label_windows(
    grid: WindowGrid, centres: FloatArray, *, ignore: float = 0.0, is_here: BoolArray | None = None
) -> WindowLabels:
    """Label the windows of one scale of a scene.

    Parameters
    ----------
    grid : WindowGrid
        The windows.
    centres : ndarray of shape (n, 2)
        Row and column of the centre of each object, in pixels of the image.
    ignore : float
        Half-width of the ignore band in pixels: windows whose centre lies so near an object's centre, along both axes,
        and that are not the window of an object, are left out. With 0 they are negatives as all others.
    is_here : ndarray of bool, shape (n,), optional
        Objects whose window is one of this scale; by default all.

    Examples
    --------
    >>> from riskdec.detection.windows import WindowGrid
    >>> labels = label_windows(WindowGrid((64, 64), (16, 16), 4), np.array([[20.0, 21.0]]), ignore=8)
    >>> int(labels.is_object.sum()), int(labels.ignored.sum())
    (1, 19)
    """
    cell = grid.cell_of(centres)
    if is_here is not None:
        cell[~is_here] = -1
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


def label_scales(
    grids: Sequence[WindowGrid], scene: Scene, *, ignore: float = 0.0, object_size: float | None = None
) -> list[WindowLabels]:
    """Label the windows of all scales of a scene: each object has one window, at the scale that fits its size best.

    Parameters
    ----------
    grids : sequence of WindowGrid
        The windows of each scale.
    scene : Scene
        The truth, with sizes if there are several scales (see `check_sizes`).
    ignore : float
        Half-width of the ignore band in pixels of the image, the same at every scale.
    object_size : float, optional
        Side in pixels of the objects that the model was trained on; by default that of a window.

    Examples
    --------
    An object of 30 pixels has its window at half the size, an object of 18 pixels in the image as it is.

    >>> from riskdec.datasets import make_scene
    >>> from riskdec.detection.windows import WindowGrid
    >>> scene = make_scene(np.zeros((64, 64)), [(20.0, 21.0), (40.0, 24.0)], sizes=[18, 30])
    >>> full, half = label_scales([WindowGrid((64, 64), (16, 16), 4, scale) for scale in (1.0, 0.5)], scene)
    >>> full.cell.tolist(), half.cell.tolist()
    ([[3, 3], [-1, -1]], [[-1, -1], [3, 1]])
    """
    if len(grids) == 1 or scene.sizes is None:
        return [label_windows(grid, scene.centres, ignore=ignore) for grid in grids]
    wanted = float(np.sqrt(np.prod(grids[0].window))) if object_size is None else object_size
    level = nearest_scale(scene.sizes, [grid.scale for grid in grids], wanted)
    return [
        label_windows(grid, scene.centres, ignore=ignore, is_here=level == place) for place, grid in enumerate(grids)
    ]


def nearest_scale(sizes: FloatArray, scales: Sequence[float], object_size: float) -> IntArray:
    """Give the place of the scale at which each object is nearest to a size, by ratio; the first of two as near.

    >>> nearest_scale(np.array([10.0, 16.9, 17.1, 500.0]), [1.0, 0.5], 12.0).tolist()
    [0, 0, 1, 1]
    """
    away = np.abs(np.log(np.multiply.outer(sizes, scales)) - np.log(object_size))
    return np.asarray(away.argmin(axis=1), dtype=np.intp)


def check_sizes(scene: Scene, n_scales: int, *, name: str) -> None:
    """Refuse several scales where the scene does not say how large its objects are.

    Raises
    ------
    InputError
        Which of the windows over an object is its own could then not be told.
    """
    if n_scales == 1 or (n_scales and (scene.sizes is not None or not scene.n_objects)):
        return
    cure = "Give the side of each object in pixels, make_scene(image, centres, sizes=...), or take scale by scale."
    raise refuse(name, "look at one scale where scenes have no sizes of their objects", f"{n_scales} scales", cure)
