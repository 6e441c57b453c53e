"""Drawing of regions of risk: what each action costs at each risk, and which one wins where."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.special import expit, logit

from riskdec._base.typing import FloatArray
from riskdec.decisions import Regions
from riskdec.decisions.costs.named_costs import NamedCosts
from riskdec.decisions.zones.envelope import line_costs
from riskdec.decisions.zones.regions import risk_text
from riskdec.plot.axes import ProbabilityAxis, axis_grid, axis_position, new_figure, set_probability_axis
from riskdec.plot.dispatch import draw
from riskdec.plot.style import BLUE, GREEN, MUTED, ORANGE, PURPLE, SKY, SMALL, VERMILION, YELLOW, short, style, text_on

# Deferring is orange (a second way of it yellow) in every drawing; other actions take the other colours in their order.
_DEFERRING = (ORANGE, YELLOW)
_ACTIONS = (BLUE, VERMILION, GREEN, PURPLE, SKY)

# Cuts closer to 0 or 1 than this are drawn on the logit scale.
_NEAR_EDGE = 0.1
# Space beside the outermost cuts, on the logit scale.
_ROOM = 1.8
# Height of the coloured strip, as a share of the axes.
_STRIP = 0.13
# About as many letters fit across the axes.
_LETTERS = 38


@draw.register
def draw_regions(regions: Regions, ax: Axes | None = None) -> Axes:
    """Draw the expected cost of each action over the risk, and a strip coloured by the cheapest one.

    Each action is a dashed line, thick where it is the cheapest.

    Parameters
    ----------
    regions : Regions
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    with style():
        ax = ax or new_figure(6.6, 4.4).add_subplot()
        colors = action_colors(regions.costs)
        spec = _axis(regions)
        set_probability_axis(ax, "x", spec)
        ax.set_xlabel(f"risk of {short(regions.costs.outcomes[1])}")
        ax.set_ylabel("expected cost per row")
        _draw_costs(regions, ax, spec, colors)
        _draw_strip(regions, ax, spec, colors)
        return ax


def action_colors(costs: NamedCosts) -> dict[str, str]:
    """Give each action its colour."""
    others = [action for action in costs.actions if action not in costs.deferring]
    colors = {action: _ACTIONS[i % len(_ACTIONS)] for i, action in enumerate(others)}
    return colors | {action: _DEFERRING[i % len(_DEFERRING)] for i, action in enumerate(costs.deferring)}


def _axis(regions: Regions) -> ProbabilityAxis:
    cuts = np.clip(regions.thresholds, 1e-7, 1 - 1e-7)
    if not cuts.size or (cuts[0] >= _NEAR_EDGE and cuts[-1] <= 1 - _NEAR_EDGE):
        return ProbabilityAxis("probability")
    return ProbabilityAxis("logit", float(expit(logit(cuts[0]) - _ROOM)), float(expit(logit(cuts[-1]) + _ROOM)))


def _draw_costs(regions: Regions, ax: Axes, spec: ProbabilityAxis, colors: dict[str, str]) -> None:
    # The corners are among the points, so that lines of two actions meet where the answer says they do.
    risk = np.union1d(axis_grid(spec), regions.thresholds)
    lines = line_costs(regions.costs.costs, risk)
    best = lines.min(axis=0)
    bottom = min(0.0, float(best.min()))
    height = 1.5 * (float(best.max()) - bottom or 1.0)
    ax.set_ylim(bottom - _STRIP / (1 - _STRIP) * height, bottom + height)
    ax.set_yticks([tick for tick in ax.get_yticks() if bottom <= tick <= bottom + height])
    for action, cost in zip(regions.costs.actions, lines, strict=True):
        ax.plot(risk, cost, color=colors[action], linewidth=1.2, linestyle=(0, (4, 2)), label=f"_cost of {action}")
    for region in regions:
        inside = (risk >= region.low) & (risk <= region.high)
        ax.plot(risk[inside], best[inside], color=colors[region.action], linewidth=3.5, solid_capstyle="butt")
    _name_lines(regions.costs.actions, risk, lines, ax)


def _name_lines(actions: tuple[str, ...], risk: FloatArray, lines: FloatArray, ax: Axes) -> None:
    # A name stands where its line leaves the axes: to the right, or above where the line is too steep.
    bottom, top = ax.get_ylim()
    look: dict[str, Any] = {"textcoords": "offset points", "weight": "bold", "annotation_clip": False}
    lowest_free = bottom
    for j in np.argsort(lines[:, -1]):
        name = short(actions[j], 14)
        if lines[j, -1] <= top:
            # Lines that end close together have names above each other.
            place = max(float(lines[j, -1]), lowest_free)
            lowest_free = place + 0.05 * (top - bottom)
            ax.annotate(name, (risk[-1], place), (5, 0), ha="left", va="center", **look)
        else:
            leaves = int(np.flatnonzero(lines[j] <= top)[-1])
            ax.annotate(name, (risk[leaves], top), (0, 4), ha="center", va="bottom", **look)


def _draw_strip(regions: Regions, ax: Axes, spec: ProbabilityAxis, colors: dict[str, str]) -> None:
    across = ax.get_xaxis_transform()
    ends = axis_position(np.array([spec.low, spec.high]), spec)
    for region in regions:
        low, high = max(region.low, spec.low), min(region.high, spec.high)
        ax.fill_between([low, high], 0, _STRIP, color=colors[region.action], linewidth=0, transform=across)
        left, right = (axis_position(np.array([low, high]), spec) - ends[0]) / (ends[1] - ends[0])
        room = int(_LETTERS * (right - left))
        if room >= min(len(region.action), 6):
            look: dict[str, Any] = {"weight": "bold", "color": text_on(colors[region.action])}
            look |= {"transform": ax.transAxes, "ha": "center", "va": "center"}
            ax.text((left + right) / 2, _STRIP / 2, short(region.action, room), **look)
    for cut in regions.thresholds.tolist():
        ax.plot([cut, cut], [0, 1], color=MUTED, linewidth=0.8, transform=across, linestyle=(0, (1, 2)))
        box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": MUTED, "linewidth": 0.8}
        ax.text(cut, _STRIP, risk_text(cut), transform=across, ha="center", va="center", fontsize=SMALL, bbox=box)
