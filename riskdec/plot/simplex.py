"""Drawing of the cheapest action over the probabilities of three outcomes: a triangle of coloured regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Polygon

from riskdec.decisions import SimplexRegions
from riskdec.plot.axes import new_figure
from riskdec.plot.dispatch import draw
from riskdec.plot.regions import action_colors
from riskdec.plot.style import INK, MUTED, SMALL, short, style, text_on

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# Corners of the triangle: the first outcome lower left, the second lower right, the third on top.
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])
_TICKS = (0.25, 0.5, 0.75)
# Regions smaller than this share of the triangle have no room for a name.
_LEAST_NAMED = 0.02


@draw.register
def draw_simplex(regions: SimplexRegions, ax: Axes | None = None) -> Axes:
    """Draw which action is cheapest at which probabilities of three outcomes.

    Parameters
    ----------
    regions : SimplexRegions
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    with style():
        ax = ax or new_figure(6.2, 5.6).add_subplot()
        ax.set_aspect("equal")
        ax.set_axis_off()
        colors = action_colors(regions.costs)
        for region in regions.regions:
            place = np.array(region.corners) @ _CORNERS
            color = colors[region.action]
            ax.add_patch(Polygon(place, facecolor=color, edgecolor="white", linewidth=1.5))
            if region.area >= _LEAST_NAMED:
                x, y = _center(place)
                ax.text(x, y, short(region.action, 16), ha="center", va="center", weight="bold", color=text_on(color))
        _draw_frame(ax, regions.costs.outcomes)
        small = [region.action for region in regions.regions if region.area < _LEAST_NAMED]
        if small:
            ax.legend(handles=[Patch(color=colors[name], label=short(name, 16)) for name in small], loc="upper left")
        ax.set_xlim(-0.16, 1.16)
        ax.set_ylim(-0.12, np.sqrt(3) / 2 + 0.1)
        return ax


def _center(corners: FloatArray) -> FloatArray:
    """Give the centre of gravity of a convex polygon: of its triangles, by their areas."""
    first, second = corners[1:-1] - corners[0], corners[2:] - corners[0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    center: FloatArray = corners[0] + (area[:, None] * (first + second) / 3).sum(axis=0) / area.sum()
    return center


def _draw_frame(ax: Axes, outcomes: tuple[str, ...]) -> None:
    """Draw the edges, their scales, and the name of each outcome at the corner where it is certain."""
    ax.add_patch(Polygon(_CORNERS, fill=False, edgecolor=MUTED, linewidth=1.0))
    places = ((0, -12, "center", "top"), (0, -12, "center", "top"), (0, 8, "center", "bottom"))
    for name, corner, (dx, dy, ha, va) in zip(outcomes, _CORNERS, places, strict=True):
        text = f"{short(name, 20)} certain"
        ax.annotate(text, corner, (dx, dy), textcoords="offset points", ha=ha, va=va, weight="bold", color=INK)
    # On each edge the probability of the outcome that it leads to; the third outcome is impossible there.
    outward = ((0, -9, "center"), (5, 4, "left"), (-5, 4, "right"))
    for (start, end), (dx, dy, aligned) in zip(((0, 1), (1, 2), (2, 0)), outward, strict=True):
        for tick in _TICKS:
            place = (1 - tick) * _CORNERS[start] + tick * _CORNERS[end]
            ax.plot(*place, marker="o", markersize=2.5, color=MUTED)
            look: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": SMALL, "color": MUTED}
            # The first tick says whose probability it is.
            text = f"{100 * tick:.0f} %" + (f" {short(outcomes[end], 10)}" if tick == _TICKS[0] else "")
            ax.annotate(text, place, (1.6 * dx, 1.2 * dy), ha=aligned, **look)
