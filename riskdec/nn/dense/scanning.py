"""All windows of an image by a dense network: tile after tile, with shifted passes where windows lie closer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.nn.dense.window_network import WindowNetwork

# Side of a tile without its overlap, in pixels: the features of the first layers then stay in the cache. Twice or half
# as much costs up to a fifth more time; a whole image of 1024 x 1024 pixels up to twice as much.
_TILE = 256
# Larger windows overlap more: a tile is at least so many windows wide.
_WINDOWS = 4


class Steps(NamedTuple):
    """How windows at one stride are found on the map of a network with another one.

    Attributes
    ----------
    n_shifts : int
        Passes along each axis, each shifted by the windows' stride.
    every : int
        Entries of the map from one window to the next.
    """

    n_shifts: int
    every: int


def plan_steps(stride: int, network_stride: int) -> Steps | None:
    """Say how to scan at a stride that divides the network's or is a multiple of it; None for all others.

    >>> plan_steps(4, 4), plan_steps(2, 4), plan_steps(8, 4), plan_steps(6, 4)
    (Steps(n_shifts=1, every=1), Steps(n_shifts=2, every=1), Steps(n_shifts=1, every=2), None)
    """
    if stride % network_stride == 0:
        return Steps(1, stride // network_stride)
    return Steps(network_stride // stride, 1) if network_stride % stride == 0 else None


def scan_dense(
    take: Callable[[slice, slice], AnyArray],
    network: WindowNetwork,
    *,
    shape: tuple[int, int],
    window: tuple[int, int],
    stride: int,
    network_stride: int,
) -> FloatArray:
    """Give the log odds of all windows of an image.

    Parameters
    ----------
    take : callable
        Gives the pixels (h, w, c) of some rows and columns.
    network : WindowNetwork
        With a dense form that was proved.
    shape : (int, int)
        Rows and columns of windows.
    window : (int, int)
        Height and width of a window.
    stride, network_stride : int
        Pixels between windows, and between entries of the network's map; one divides the other.

    Returns
    -------
    ndarray of shape `shape`
        Neighbouring tiles overlap by a window less its stride, so that no tile is seen in the numbers.
    """
    steps = plan_steps(stride, network_stride)
    assert steps is not None
    found = np.empty(shape)
    # Within one pass windows are this far apart.
    apart = stride * steps.n_shifts
    n_cells = max(max(_TILE, _WINDOWS * max(window)) // apart, 1)
    for shift in np.ndindex(steps.n_shifts, steps.n_shifts):
        part = found[shift[0] :: steps.n_shifts, shift[1] :: steps.n_shifts]
        for rows, columns in _tiles(part.shape, n_cells):
            tile = take(
                _pixels(rows, apart, window[0], shift[0] * stride),
                _pixels(columns, apart, window[1], shift[1] * stride),
            )
            cells = network.tile_log_odds(tile)[:: steps.every, :: steps.every]
            part[rows, columns] = cells[: rows.stop - rows.start, : columns.stop - columns.start]
    return found


def _tiles(shape: tuple[int, ...], n_cells: int) -> Iterator[tuple[slice, slice]]:
    for top in range(0, shape[0], n_cells):
        for left in range(0, shape[1], n_cells):
            yield slice(top, min(top + n_cells, shape[0])), slice(left, min(left + n_cells, shape[1]))


def _pixels(cells: slice, apart: int, side: int, shift: int) -> slice:
    """Give the pixels under some windows of one axis."""
    return slice(cells.start * apart + shift, (cells.stop - 1) * apart + side + shift)
