"""Drawing of decision curves and cost curves: one line per strategy over the threshold, bands behind."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from riskdec._base.table import percent
from riskdec.decisions import CostCurve, DecisionCurve
from riskdec.plot.axes import new_figure, percent_label
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND
from riskdec.plot.style import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILION, short, style

_COLORS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
# More bands than these hide each other.
_MOST_BANDS = 3


@draw.register
def draw_decision_curve(curve: DecisionCurve, ax: Axes | None = None) -> Axes:
    """Draw net benefit over the threshold, beside treating all and treating none.

    Bands are drawn where they hold together; beyond them a line is thin and dashed.

    Parameters
    ----------
    curve : DecisionCurve
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
        ax.plot(curve.threshold, curve.treat_all, color=INK, linewidth=1.2, label="treat all")
        ax.axhline(0, color=MUTED, linewidth=1.2, linestyle=(0, (4, 2)), label="treat none")
        for s, name in enumerate(curve.names):
            _draw_strategy(curve, s, short(name), ax)
        top = max(float(curve.net_benefit.max()), float(curve.treat_all.max()), 1e-3)
        ax.set_ylim(-0.25 * top, 1.12 * top)
        _label_thresholds(ax, curve.threshold)
        ax.set_ylabel("net benefit, true positives per case")
        ax.legend(**LEGEND, ncols=2)
        return ax


@draw.register
def draw_cost_curve(curve: CostCurve, ax: Axes | None = None) -> Axes:
    """Draw mean cost over the threshold (a Murphy diagram), beside acting on all and on none.

    Parameters
    ----------
    curve : CostCurve
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
        ax.plot(curve.threshold, curve.act_on_all, color=INK, linewidth=1.2, label="act on all")
        dashes = (0, (4, 2))
        ax.plot(curve.threshold, curve.act_on_none, color=MUTED, linewidth=1.2, linestyle=dashes, label="act on none")
        for s, name in enumerate(curve.names):
            label = f"{short(name)}, average {curve.average[s]:.4f}"
            ax.plot(curve.threshold, curve.cost[s], color=_COLORS[s % len(_COLORS)], linewidth=2.2, label=label)
        ax.set_ylim(0, 1.25 * float(max(curve.cost.max(), np.minimum(curve.act_on_all, curve.act_on_none).max())))
        _label_thresholds(ax, curve.threshold)
        ax.set_ylabel("mean cost: false alarm 2t, miss 2(1 - t)")
        ax.legend(**LEGEND, ncols=2)
        return ax


def _draw_strategy(curve: DecisionCurve, s: int, name: str, ax: Axes) -> None:
    color, inside = _COLORS[s % len(_COLORS)], curve.in_band[s]
    ax.plot(curve.threshold, curve.net_benefit[s], color=color, linewidth=1, linestyle=(0, (3, 2)))
    solid = np.where(inside, curve.net_benefit[s], np.nan) if inside.any() else curve.net_benefit[s]
    ax.plot(curve.threshold, solid, color=color, linewidth=2.2, label=name)
    if len(curve.names) <= _MOST_BANDS and inside.any():
        low, high = (np.where(inside, limit[s], np.nan) for limit in (curve.low, curve.high))
        label = f"its {percent(curve.confidence_level, 0)} band, for the whole curve"
        ax.fill_between(curve.threshold, low, high, color=color, alpha=0.15, linewidth=0, label=label)


def _label_thresholds(ax: Axes, threshold: np.ndarray) -> None:
    ax.set_xlim(float(threshold[0]), float(threshold[-1]) if threshold.size > 1 else 1.0)
    ax.xaxis.set_major_formatter(lambda risk, _: percent_label(risk))
    ax.set_xlabel("threshold: the risk from which acting pays")
