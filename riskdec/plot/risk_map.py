"""Drawing of a risk map: the risk of each window, on a logarithmic scale of colours."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from riskdec._base.table import number
from riskdec.detection import RiskMap
from riskdec.plot.axes import new_figure, percent_label
from riskdec.plot.dispatch import draw
from riskdec.plot.style import SMALL, style

# Four powers of ten below the largest risk are told apart; what is smaller looks like background.
_SPAN = 1e-4
_LONGER_SIDE = 6.2
# Risks are rounded up to one of these, so that the scale ends at a round number.
_ENDS = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)


@draw.register
def draw_risk_map(risk_map: RiskMap, ax: Axes | None = None) -> Axes:
    """Draw the risk of every window at the window's cell.

    Parameters
    ----------
    risk_map : RiskMap
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    height, width = risk_map.image_shape
    with style():
        ax = ax or scene_axes(height, width)
        largest = float(risk_map.risk.max(initial=0.0))
        high = next(end for end in _ENDS if end >= largest)
        cell = [risk_map.stride * pixel for pixel in risk_map.grid.pixel]
        if risk_map.n_windows:
            rows, columns = risk_map.row_centres, risk_map.column_centres
            extent = (
                columns[0] - cell[1] / 2,
                columns[-1] + cell[1] / 2,
                rows[-1] + cell[0] / 2,
                rows[0] - cell[0] / 2,
            )
            norm = LogNorm(high * _SPAN, high, clip=True)
            image = ax.imshow(risk_map.risk, extent=extent, norm=norm, cmap="inferno", interpolation="nearest")
            ticks = high * np.array([1e-4, 1e-3, 1e-2, 1e-1, 1.0])
            bar = ax.figure.colorbar(image, ax=ax, ticks=ticks, shrink=0.8, label="risk of a window")
            labels = [percent_label(tick) for tick in ticks]
            bar.ax.set_yticklabels([f"≤ {labels[0]}", *labels[1:]])
            bar.ax.minorticks_off()
            bar.ax.tick_params(labelsize=SMALL)
            bar.outline.set_visible(False)
        frame_scene(ax, height, width)
        scale = "" if risk_map.scale == 1 else f" at scale {risk_map.scale:g}"
        ax.set_title(f"{number(risk_map.expected_objects, 3)} objects expected{scale}")
        return ax


def scene_axes(height: int, width: int) -> Axes:
    """Make axes in the shape of a scene, with room for a colour bar or a legend beside it."""
    longer = max(height, width)
    size = (_LONGER_SIDE * max(width / longer, 0.35) + 1.8, _LONGER_SIDE * max(height / longer, 0.25) + 0.5)
    return new_figure(*size).add_subplot()


def frame_scene(ax: Axes, height: int, width: int) -> None:
    """Let the axes show the whole scene, its first row on top, with positions in pixels."""
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_aspect("equal")
    ax.set_xlabel("column (pixels)")
    ax.set_ylabel("row (pixels)")
