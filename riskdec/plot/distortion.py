"""Drawing of a distortion: weighted risks beside what happened and what their weights predict, then the same undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec._base.table import number
from riskdec.plot.axes import ProbabilityAxis, Scale, new_figure, probability_axis, set_probability_axis
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND, draw_diagonal
from riskdec.plot.style import BLUE, GREEN, MUTED, VERMILION, style
from riskdec.weighting import Distortion

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# From this rate on, small risks are told apart on a plain axis.
_COMMON = 0.1


@draw.register
def draw_distortion(distortion: Distortion, ax: Axes | None = None) -> Axes | Figure:
    """Draw the event rate over the risks as given, the curve that the weights predict, and the same after undoing.

    Parameters
    ----------
    distortion : Distortion
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the risks as given alone.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure of two panels.
    """
    with style():
        spec = _axis(distortion)
        if ax is not None:
            _draw_given(distortion, ax, spec)
            return ax
        figure = new_figure(8.8, 4.9)
        left, right = figure.subplots(1, 2)
        _draw_given(distortion, left, spec)
        _draw_undone(distortion, right, spec)
        return figure


def _axis(distortion: Distortion) -> ProbabilityAxis:
    curves = [distortion.curve_risk, distortion.curve_predicted, distortion.curve_observed]
    scale: Scale = "probability" if distortion.observed_rate >= _COMMON else "logit"
    return probability_axis(scale, np.concatenate(curves))


def _draw_given(distortion: Distortion, ax: Axes, spec: ProbabilityAxis) -> None:
    _prepare(distortion, ax, spec)
    _draw_observed(distortion, distortion.curve_risk, ax, color=VERMILION, label="observed event rate")
    words = f"predicted by weights of ratio {number(distortion.weight_ratio, 3)}"
    predicted = distortion.curve_predicted
    ax.plot(distortion.curve_risk, predicted, color=BLUE, linewidth=1.7, linestyle=(0, (4, 2)), label=words)
    ax.set_xlabel("risk as the weighted model gives it")
    ax.set_ylabel("event rate")
    ax.legend(**LEGEND)


def _draw_undone(distortion: Distortion, ax: Axes, spec: ProbabilityAxis) -> None:
    _prepare(distortion, ax, spec)
    shift = distortion.unexplained_shift.estimate
    label = f"undone: shift left {number(shift, 2)}, slope {number(distortion.slope.estimate, 3)}"
    _draw_observed(distortion, distortion.curve_predicted, ax, color=GREEN, label=label)
    ax.set_xlabel("risk after undoing the weights")
    ax.legend(**LEGEND)


def _draw_observed(distortion: Distortion, risk: FloatArray, ax: Axes, *, color: str, label: str) -> None:
    ax.fill_between(risk, distortion.curve_low, distortion.curve_high, color=color, alpha=0.2, linewidth=0)
    ax.plot(risk, distortion.curve_observed, color=color, linewidth=2.2, label=label)


def _prepare(distortion: Distortion, ax: Axes, spec: ProbabilityAxis) -> None:
    set_probability_axis(ax, "x", spec, n_ticks=9)
    set_probability_axis(ax, "y", spec)
    draw_diagonal(ax, spec)
    if not len(distortion.curve_risk):
        middle: dict[str, Any] = {"transform": ax.transAxes, "ha": "center", "va": "center", "color": MUTED}
        ax.text(0.5, 0.5, "no curve for these rows:\nthe findings say why", **middle)
