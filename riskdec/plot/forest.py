"""Forest plots: one line for each group, its estimates and intervals side by side on common axes."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.figure import Figure

from riskdec._base.table import number
from riskdec.plot.axes import new_figure
from riskdec.plot.style import BLUE, FAINT, INK, MUTED, SMALL, VERMILION, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from riskdec._base.result import Estimate

# With more lines names would overlap; the intervals alone still show the spread.
MOST_NAMES = 45
# Intervals that reach farther are cut off with an arrow: one small group must not squeeze all the others.
_FARTHEST = 3.0


@dataclass(frozen=True, kw_only=True)
class ForestLine:
    """One line of the plot.

    Attributes
    ----------
    name : str
        At its left.
    sizes : str
        Between name and estimates, for example the number of events.
    estimates : tuple of Estimate or None
        One for each panel; None or nan is written as a word.
    look : {"group", "whole", "range"}
        A point with its interval; a diamond; a thick bar without a point.
    off : bool
        Whether it is drawn in the colour of what is wrong.
    missing : str
        The word where there is no estimate.
    """

    name: str
    sizes: str
    estimates: tuple[Estimate | None, ...]
    look: Literal["group", "whole", "range"] = "group"
    off: bool = False
    missing: str = ""


def draw_forest(lines: Sequence[ForestLine], panels: Sequence[tuple[str, float]], *, title: str) -> Figure:
    """Draw lines from top to bottom, and in each panel a vertical line where the right value lies.

    Parameters
    ----------
    lines : sequence of ForestLine
        From top to bottom.
    panels : sequence of (label, right value)
        What the estimates are.
    title : str
        Above the whole.
    """
    tall = len(lines) > MOST_NAMES
    figure = new_figure(9.4, 1.5 + (0.09 if tall else 0.27) * len(lines))
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for j, (ax, (label, right)) in enumerate(zip(axes, panels, strict=True)):
        draw_panel(ax, lines, j, label=label, right=right, is_first=j == 0)
    figure.suptitle(title, x=0.01, ha="left", fontsize=SMALL + 2, weight="bold")
    return figure


def draw_panel(ax: Axes, lines: Sequence[ForestLine], j: int, *, label: str, right: float, is_first: bool) -> None:
    """Draw one panel of a forest plot."""
    low, high = _limits(lines, j, right)
    ax.axvline(right, color=INK, linewidth=1, zorder=1)
    _draw_intervals(ax, lines, j, low, high)
    _draw_points(ax, lines, j, low, high)
    ax.set_xlim(low, high)
    ax.set_ylim(len(lines) - 0.5, -0.5)
    ax.set_xlabel(f"{label} ({number(right)} is right)")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    if len(lines) > MOST_NAMES:
        ax.set_yticks([])
        return
    for place in range(1, len(lines), 2):
        ax.axhspan(place - 0.5, place + 0.5, color=FAINT, alpha=0.25, linewidth=0, zorder=0)
    if is_first:
        ax.set_yticks(range(len(lines)), labels=[f"{short(line.name, 34)}   {line.sizes}" for line in lines])
        for tick, line in zip(ax.get_yticklabels(), lines, strict=True):
            tick.set_color(VERMILION if line.off else INK)
            tick.set_fontweight("bold" if line.look == "whole" else "normal")
    for place, line in enumerate(lines):
        text = _words(line, line.estimates[j])
        look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "fontsize": SMALL - 0.5}
        ax.text(1.02, place, text, color=VERMILION if line.off else INK, **look)


def _draw_intervals(ax: Axes, lines: Sequence[ForestLine], j: int, low: float, high: float) -> None:
    """Draw the intervals of one look as one broken line: hundreds of groups would make a heavy picture."""
    ends: dict[tuple[str, float], list[tuple[float, float]]] = {}
    arrows: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for place, line in enumerate(lines):
        estimate = line.estimates[j]
        if estimate is None or isnan(estimate.estimate) or isnan(estimate.low):
            continue
        look = (MUTED, 5.0) if line.look == "range" else (_color(line), 1.8)
        start, stop = max(estimate.low, low), min(estimate.high, high)
        ends.setdefault(look, []).extend([(start, place), (stop, place), (nan, nan)])
        for end, is_beyond, marker in ((low, estimate.low < low, "<"), (high, estimate.high > high, ">")):
            if is_beyond:
                arrows.setdefault((_color(line), marker), []).append((end, place))
    for (color, width), points in ends.items():
        ax.plot(*zip(*points, strict=True), color=color, linewidth=width, zorder=2)
    for (color, marker), points in arrows.items():
        look_of_arrow: dict[str, Any] = {"markersize": 5, "clip_on": False, "zorder": 3}
        ax.plot(*zip(*points, strict=True), marker, color=color, **look_of_arrow)


def _draw_points(ax: Axes, lines: Sequence[ForestLine], j: int, low: float, high: float) -> None:
    """Draw the estimates of one look as the marks of one line."""
    marks: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for place, line in enumerate(lines):
        estimate = line.estimates[j]
        if estimate is not None and line.look != "range" and low <= estimate.estimate <= high:
            look = (_color(line), "D" if line.look == "whole" else "o")
            marks.setdefault(look, []).append((estimate.estimate, place))
    for (color, marker), points in marks.items():
        ax.plot(*zip(*points, strict=True), marker, color=color, markersize=6, zorder=3)


def _color(line: ForestLine) -> str:
    return VERMILION if line.off else INK if line.look == "whole" else BLUE


def _words(line: ForestLine, estimate: Estimate | None) -> str:
    if estimate is None or isnan(estimate.estimate):
        return line.missing
    if isnan(estimate.low):
        return f"{_short(estimate.estimate)}, no interval"
    limits = f"{_short(estimate.low)} to {_short(estimate.high)}"
    return limits if line.look == "range" else f"{_short(estimate.estimate)} ({limits})"


def _short(value: float) -> str:
    # Adding 0 turns the -0.00 of a small negative number into 0.00.
    return f"{round(value, 2) + 0.0:.2f}"


def _limits(lines: Sequence[ForestLine], j: int, right: float) -> tuple[float, float]:
    """Choose ends that show every estimate, and no more than the tails of a few wide intervals cost."""
    known = [e for line in lines if (e := line.estimates[j]) is not None and not isnan(e.estimate)]
    points = np.array([right, *(e.estimate for e in known)])
    ends = np.array([end for e in known for end in (e.low, e.high) if not isnan(end)] or [right])
    spread = max(float(np.abs(points - right).max()), 0.15)
    reach = min(float(np.abs(ends - right).max()), _FARTHEST * spread)
    reach = 1.08 * max(reach, spread)
    return right - reach, right + reach
