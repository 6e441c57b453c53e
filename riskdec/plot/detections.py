"""Drawing of detections: a box for each region, coloured by what is to be done, on the scene where it is given."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke

from riskdec._base.table import number, percent
from riskdec.detection import Detections, SceneOverlay
from riskdec.plot.dispatch import draw
from riskdec.plot.regions import action_colors
from riskdec.plot.risk_map import frame_scene, scene_axes
from riskdec.plot.style import INK, SMALL, short, style

# With more regions than this, labels would hide each other and the scene; the legend counts them.
_LABELLED = 25
_QUIET = 0.9
# Boxes in this share of the height below the title have their label below them.
_NEAR_TOP = 0.05


@draw.register
def draw_detections(detections: Detections, ax: Axes | None = None) -> Axes:
    """Draw the regions of a scene.

    What is cleared has a thin dotted box; the other regions have a thick one with their risk.

    Parameters
    ----------
    detections : Detections
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    height, width = detections.image_shape
    with style():
        ax = ax or scene_axes(height, width)
        frame_scene(ax, height, width)
        _draw_boxes(detections, ax)
        ax.set_title(
            f"scene risk {percent(detections.scene_risk)}, {number(detections.expected_objects, 3)} objects expected"
        )
        return ax


@draw.register
def draw_overlay(overlay: SceneOverlay, ax: Axes | None = None) -> Axes:
    """Draw the regions of a scene on the scene.

    Parameters
    ----------
    overlay : SceneOverlay
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    height, width = overlay.detections.image_shape
    with style():
        ax = ax or scene_axes(height, width)
        ax.imshow(overlay.preview, extent=(0, width, height, 0), cmap="gray", vmin=0, vmax=255, aspect="equal")
        return draw_detections(overlay.detections, ax)


def _draw_boxes(detections: Detections, ax: Axes) -> None:
    decisions = detections.decisions
    colors = action_colors(decisions.costs)
    quiet = decisions.action == detections.clearing
    labelled = np.flatnonzero(~quiet)[:_LABELLED]
    for i in np.argsort(~quiet, kind="stable").tolist():
        top, left, bottom, right = detections.boxes[i]
        color = colors[decisions.actions[decisions.action_index[i]]]
        look = {"linewidth": _QUIET, "linestyle": (0, (1, 1.5))} if quiet[i] else {"linewidth": 2.2}
        box = Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=color, **look)
        if not quiet[i]:
            box.set_path_effects([withStroke(linewidth=4.0, foreground="white")])
        ax.add_patch(box)
        if i in labelled:
            _write_risk(detections, i, ax)
    counts = zip(decisions.actions, decisions.counts.tolist(), strict=True)
    handles = [
        Patch(facecolor="none", edgecolor=colors[name], linewidth=2.0, label=f"{short(name, 16)}: {n_regions}")
        for name, n_regions in counts
    ]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)


def _write_risk(detections: Detections, i: int, ax: Axes) -> None:
    top, left, bottom, _ = detections.boxes[i]
    is_near_top = bool(top < _NEAR_TOP * detections.image_shape[0])
    ax.annotate(
        percent(detections.risk[i], 0),
        (left, bottom if is_near_top else top),
        (0, -3 if is_near_top else 3),
        textcoords="offset points",
        va="top" if is_near_top else "bottom",
        fontsize=SMALL,
        weight="bold",
        color=INK,
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
        annotation_clip=True,
    )
