"""Drawing of a weighting comparison: what weights did to the risks, and what they did to the coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from riskdec._base.table import percent
from riskdec.plot.axes import new_figure, probability_axis, set_probability_axis
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND, draw_band, draw_diagonal, draw_line
from riskdec.plot.style import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    SMALL,
    VERMILION,
    short,
    style,
)
from riskdec.weighting import WeightingComparison

if TYPE_CHECKING:
    from riskdec.weighting import CoefficientShift

# The first fit is the one without weights.
_COLORS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, INK, SKY)
# 97.5 % point of the normal distribution.
_Z = 1.959964
# Letters that cross a line stand on paper.
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
# More coefficients than this are not told apart; those that moved most are drawn.
_MOST = 12


@draw.register
def draw_weighting(comparison: WeightingComparison, ax: Axes | None = None) -> Axes | Figure:
    """Draw what weights did: reliability curves, mean predicted risk, coefficients with their intervals.

    Parameters
    ----------
    comparison : WeightingComparison
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the reliability curves alone.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure of two or three panels.
    """
    with style():
        if ax is not None:
            _draw_curves(comparison, ax)
            ax.legend(**LEGEND)
            return ax
        slopes = _slopes(comparison)
        heights = [4.3, 1.1 + 0.36 * min(len(slopes), _MOST)] if slopes else [4.3]
        figure = new_figure(7.0, sum(heights))
        upper, *lower = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights).ravel()
        left, right = upper.subplots(1, 2, width_ratios=(1.5, 1))
        _draw_curves(comparison, left)
        upper.legend(loc="outside upper left", ncols=3, handlelength=1.6)
        _draw_means(comparison, right)
        for panel in lower:
            _draw_slopes(slopes, panel.subplots())
        return figure


def _draw_curves(comparison: WeightingComparison, ax: Axes) -> None:
    curves = [curve for _, curve in comparison.curves]
    risks = np.concatenate([curve.risk for curve in curves])
    rates = np.concatenate([curve.event_rate for curve in curves])
    spec = probability_axis(curves[0].scale, np.concatenate([risks, rates]))
    set_probability_axis(ax, "x", spec, risks, n_ticks=9)
    set_probability_axis(ax, "y", spec, rates)
    draw_diagonal(ax, spec)
    for i, (name, curve) in enumerate(comparison.curves):
        # Where weights are undone the curves coincide: the first one stays visible as a border of the others.
        width = 5.0 if i == 0 else 2.2
        draw_line(curve, ax, spec, color=_COLORS[i % len(_COLORS)], label=short(name), width=width)
    draw_band(curves[0], ax, spec, words=f"{curves[0].band} band of {short(comparison.curves[0][0])}")


def _draw_means(comparison: WeightingComparison, ax: Axes) -> None:
    observed = comparison.rows[0].observed_rate
    ax.axvline(observed, color=INK, linewidth=1)
    above: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "bottom"}
    ax.text(observed, 1.01, f"observed {percent(observed)}", **above)
    for i, row in enumerate(comparison.rows):
        color = _COLORS[i % len(_COLORS)]
        ax.plot([observed, row.mean_risk], [i, i], color=color, linewidth=2.5, alpha=0.5)
        ax.plot(row.mean_risk, i, "o", color=color, markersize=9)
        beside: dict[str, Any] = {"textcoords": "offset points", "va": "center", "weight": "bold", "bbox": _PAPER}
        ax.annotate(percent(row.mean_risk), (row.mean_risk, i), (9, 0), **beside)
        name = short(row.name, 24)
        ax.annotate(name, (0, i), (3, 13), textcoords="offset points", fontsize=SMALL, bbox=_PAPER)
    ax.set_yticks([])
    ax.set_ylim(len(comparison.rows) - 0.4, -0.6)
    ax.set_xlim(0, 1.35 * max(row.mean_risk for row in comparison.rows))
    ax.xaxis.set_major_formatter(lambda share, _: percent(share, 0))
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_xlabel("mean predicted risk")


def _slopes(comparison: WeightingComparison) -> list[CoefficientShift]:
    # Those of the first weighted scheme. The intercept moves by the log of the weight ratio, far off this scale.
    first = next((shift.scheme for shift in comparison.coefficients), None)
    ours = [shift for shift in comparison.coefficients if shift.scheme == first]
    return [shift for shift in ours if shift.name != "Intercept" and shift.unweighted_se > 0]


def _draw_slopes(every: list[CoefficientShift], ax: Axes) -> None:
    most = sorted(every, key=lambda shift: -abs(shift.shift / shift.unweighted_se))[:_MOST]
    slopes = [shift for shift in every if shift in most]
    unit = np.array([row.unweighted_se for row in slopes])
    moved = np.array([row.shift for row in slopes]) / unit
    naive = _Z * np.array([row.naive_se for row in slopes]) / unit
    robust = _Z * np.array([row.robust_se for row in slopes]) / unit
    place = np.arange(len(slopes))
    weighted: dict[str, Any] = {"fmt": "none", "ecolor": VERMILION}
    ax.errorbar(0 * place, place - 0.18, xerr=_Z, fmt="o", color=BLUE, markersize=5, label="no weights, 95 % interval")
    ax.errorbar(moved, place + 0.18, xerr=robust, **weighted, elinewidth=1.5, label="weights: robust")
    ax.errorbar(moved, place + 0.18, xerr=naive, **weighted, elinewidth=6, alpha=0.35, label="naive")
    ax.plot(moved, place + 0.18, "o", color=VERMILION, markersize=5)
    ax.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(slopes)), labels=[short(row.name) for row in slopes])
    ax.set_ylim(len(slopes) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("distance from the coefficient without weights, in its standard errors")
    cut = f": the {len(slopes)} of {len(every)} that moved most" if len(slopes) < len(every) else ""
    ax.set_title(f"coefficients, {short(slopes[0].scheme)}{cut}", pad=24)
    ax.legend(**LEGEND, ncols=3)
