"""Drawing of the stability of risks and actions over refits."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec._base.table import count
from riskdec.plot.axes import ProbabilityAxis, new_figure, probability_axis, set_probability_axis
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND
from riskdec.plot.style import BLUE, MUTED, SKY, SMALL, VERMILION, style
from riskdec.resampling import ActionStability, DecisionStability

# Single refits that are drawn as dots: more would hide the ranges.
_DOTS = 20


@draw.register
def draw_stability(stability: DecisionStability, ax: Axes | None = None) -> Axes | Figure:
    """Draw the instability plot of Riley and Collins, with costs above the share of refits with another action.

    Parameters
    ----------
    stability : DecisionStability
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the instability plot by itself.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure; with costs it has two panels.
    """
    with style():
        if ax is not None:
            _draw_risks(stability, ax)
            return ax
        if stability.actions is None:
            ax = new_figure(5.6, 5.8).add_subplot()
            _draw_risks(stability, ax)
            return ax
        figure = new_figure(5.6, 7.6)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        spec = _draw_risks(stability, above)
        above.set_xlabel("")
        _draw_actions(stability, stability.actions, below, spec)
        return figure


def _draw_risks(stability: DecisionStability, ax: Axes) -> ProbabilityAxis:
    shown = stability.shown
    risk, low, high = stability.risk[shown], stability.low[shown], stability.high[shown]
    ends = np.concatenate([risk, low, high])
    spec = probability_axis("probability" if 0.1 <= stability.risk.mean() <= 0.9 else "logit", ends)
    set_probability_axis(ax, "x", spec, risk)
    set_probability_axis(ax, "y", spec, ends)
    diagonal = [spec.low, spec.high]
    ax.plot(diagonal, diagonal, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), label="_diagonal")
    refits = stability.shown_risks[:_DOTS]
    label = f"95 % range over {count(len(stability.refit_mape))} refits on resampled rows"
    ax.vlines(risk, low, high, color=SKY, linewidth=1.2, alpha=0.7, label=label)
    dots = np.broadcast_to(risk, refits.shape)
    # Thousands of dots are one picture, not thousands of shapes.
    ax.plot(
        dots.ravel(), refits.ravel(), ".", color=BLUE, markersize=2, alpha=0.5, rasterized=True, label="single refits"
    )
    ax.set_xlabel(f"risk of {stability.event} by the fit on all rows")
    ax.set_ylabel("risk by the refits")
    ax.legend(**LEGEND)
    return spec


def _draw_actions(stability: DecisionStability, actions: ActionStability, ax: Axes, spec: ProbabilityAxis) -> None:
    shown = stability.shown
    ax.plot(
        stability.risk[shown],
        actions.share_changed[shown],
        ".",
        color=VERMILION,
        markersize=4,
        clip_on=False,
        rasterized=True,
    )
    set_probability_axis(ax, "x", spec)
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.5, 1], labels=["0 %", "50 %", "100 %"])
    ax.set_ylabel("refits with\nanother action", fontsize=SMALL)
    ax.set_xlabel(f"risk of {stability.event} by the fit on all rows")
