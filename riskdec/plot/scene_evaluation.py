"""Drawing of a detector on scenes: recall against false alarms, and the calibration of windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec.detection.evaluation.answer import SceneEvaluation
from riskdec.plot.axes import new_figure, percent_label
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND
from riskdec.plot.style import BLUE, INK, MUTED, ORANGE, style

if TYPE_CHECKING:
    from riskdec.detection.evaluation.froc import Froc
    from riskdec.detection.evaluation.window_calibration import WindowCalibration

# Groups with fewer windows and no object say nothing that could be seen.
_LEAST_WINDOWS = 20


@draw.register
def draw_scene_evaluation(evaluation: SceneEvaluation, ax: Axes | None = None) -> Axes | Figure:
    """Draw recall against false alarms per scene, and beside it the calibration of window risks.

    Parameters
    ----------
    evaluation : SceneEvaluation
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the first panel alone; a new figure with both by default.

    Returns
    -------
    Axes or Figure
        Where it was drawn.
    """
    with style():
        if ax is not None:
            draw_froc(ax, evaluation.froc, color=BLUE, label="recall")
            return ax
        figure = new_figure(9.6, 4.2)
        left, right = figure.subplots(1, 2)
        draw_froc(left, evaluation.froc, color=BLUE, label="recall")
        draw_window_calibration(right, evaluation.calibration, color=BLUE, label="windows")
        return figure


def draw_froc(ax: Axes, froc: Froc, *, color: str, label: str) -> None:
    """Draw one curve with its limits."""
    ax.fill_between(froc.grid, froc.low, froc.high, color=color, alpha=0.15, linewidth=0)
    # A step needs the points where it rises.
    rises = np.diff(froc.recall, prepend=0.0) > 0
    ax.step(froc.false_alarms[rises], froc.recall[rises], where="post", color=color, linewidth=2.0, label=label)
    ax.axvline(1.0, color=MUTED, linewidth=0.8, linestyle=":")
    ax.set_xscale("log")
    ax.set_xlim(float(froc.grid[0]), float(froc.grid[-1]))
    ax.set_ylim(0, 1)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_major_formatter(lambda share, _: percent_label(share))
    ax.set_xlabel("false alarms per scene")
    ax.set_ylabel("recall")


def draw_window_calibration(ax: Axes, found: WindowCalibration, *, color: str, label: str) -> None:
    """Draw the share of windows with an object against their risk, both on logarithmic axes."""
    shown = (found.objects > 0) | (found.windows >= _LEAST_WINDOWS)
    risk, rate = found.risk[shown], found.rate[shown]
    low, high = found.low[shown], found.high[shown]
    some = found.objects[shown] > 0
    ends = np.array([1e-7, 1.0])
    ax.plot(ends, ends, color=INK, linewidth=0.9)
    ax.vlines(risk, np.maximum(low, ends[0]), high, color=color, linewidth=1.2, alpha=0.7)
    ax.plot(risk[some], rate[some], "o", color=color, markersize=4.5, label=label)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(*ends)
    ax.set_ylim(*ends)
    ax.set_xlabel("risk of a window")
    ax.set_ylabel("share of windows with an object")


def draw_before_after(before: SceneEvaluation, after: SceneEvaluation, *, names: tuple[str, str]) -> Figure:
    """Draw two evaluations of the same scenes in one figure.

    Parameters
    ----------
    before, after : SceneEvaluation
        The answers.
    names : (str, str)
        What they are called in the legend.
    """
    with style():
        figure = new_figure(9.6, 4.4)
        left, right = figure.subplots(1, 2)
        for one, color, name in ((before, ORANGE, names[0]), (after, BLUE, names[1])):
            draw_froc(left, one.froc, color=color, label=name)
            draw_window_calibration(right, one.calibration, color=color, label=name)
        left.legend(**LEGEND)
        return figure
