"""Drawing of a weighting comparison: what reweighting did to the risks, the decisions and the coefficients."""

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
    MUTED,
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
    from riskdec.weighting import CoefficientShift, WeightingRow

# The first fit is the one without weights.
_COLORS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, INK, SKY)
# 97.5 % point of the normal distribution.
_Z = 1.959964
# Letters that cross a line stand on paper.
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
# More curves than this have no dots, which would hide the lines and make a heavy picture.
_DOTTED = 10
# More coefficients than this are not told apart; those that moved most are drawn.
_MOST = 12


@draw.register
def draw_weighting(comparison: WeightingComparison, ax: Axes | None = None) -> Axes | Figure:
    """Draw reliability curves, mean predicted risks, what each state costs, and coefficients with their intervals.

    Parameters
    ----------
    comparison : WeightingComparison
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the reliability curves alone.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure of three or four panels.
    """
    with style():
        if ax is not None:
            _draw_curves(comparison, ax)
            ax.legend(**LEGEND)
            return ax
        slopes, states = _slopes(comparison), [row for row in comparison.rows if row.scheme != "none"]
        means = [row for row in comparison.rows if row.repair == "undone" or row.name == row.scheme]
        heights = [max(4.3, 1.1 + 0.44 * len(means)), 1.0 + 0.24 * len(states)] + (
            [1.1 + 0.36 * min(len(slopes), _MOST)] if slopes else []
        )
        figure = new_figure(7.0, sum(heights))
        upper, middle, *lower = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights).ravel()
        left, right = upper.subplots(1, 2, width_ratios=(1.5, 1))
        _draw_curves(comparison, left)
        upper.legend(loc="outside upper left", ncols=3, handlelength=1.6)
        _draw_means(comparison, means, right)
        _draw_states(comparison, states, middle.subplots())
        for panel in lower:
            _draw_slopes(slopes, panel.subplots())
        return figure


def _colors(comparison: WeightingComparison) -> dict[str, str]:
    """Give each scheme a colour of its own."""
    schemes = dict.fromkeys(row.scheme for row in comparison.rows)
    return {scheme: _COLORS[i % len(_COLORS)] for i, scheme in enumerate(schemes)}


def _draw_curves(comparison: WeightingComparison, ax: Axes) -> None:
    curves, colors = [curve for _, curve in comparison.curves], _colors(comparison)
    rows = {row.name: row for row in comparison.rows}
    risks = np.concatenate([curve.risk for curve in curves])
    rates = np.concatenate([curve.event_rate for curve in curves])
    spec = probability_axis(curves[0].scale, np.concatenate([risks, rates]))
    set_probability_axis(ax, "x", spec, risks, n_ticks=9)
    set_probability_axis(ax, "y", spec, rates)
    draw_diagonal(ax, spec)
    look = {"marker": ""} if len(curves) > _DOTTED else None
    first_undone = next((i for i, (name, _) in enumerate(comparison.curves) if rows[name].repair == "undone"), None)
    for i, (name, curve) in enumerate(comparison.curves):
        # Where weights are undone the curves coincide: the first one stays visible as a border of the others, and a
        # scheme is thick as fitted and thin undone.
        width = 5.0 if i == 0 else 2.2 if rows[name].repair == "raw" else 1.0
        label = short(name)
        if rows[name].repair == "undone":
            # One entry of the legend tells of all thin lines; names that start with a line have none.
            label = "thin: undone" if i == first_undone else f"_{name}"
        draw_line(curve, ax, spec, color=colors[rows[name].scheme], label=label, width=width, curve_kwargs=look)
    draw_band(curves[0], ax, spec, words=f"{curves[0].band} band of {short(comparison.curves[0][0])}")


def _draw_means(comparison: WeightingComparison, rows: list[WeightingRow], ax: Axes) -> None:
    observed, colors = comparison.rows[0].observed_rate, _colors(comparison)
    ax.axvline(observed, color=INK, linewidth=1)
    above: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "bottom"}
    ax.text(observed, 1.01, f"observed {percent(observed)}", **above)
    for i, row in enumerate(rows):
        color = colors[row.scheme]
        ax.plot([observed, row.mean_risk], [i, i], color=color, linewidth=2.5, alpha=0.5)
        # As fitted a full dot, undone a ring.
        inside = "white" if row.repair == "undone" else color
        ax.plot(row.mean_risk, i, "o", color=color, markersize=8, markerfacecolor=inside, markeredgewidth=2)
        beside: dict[str, Any] = {"textcoords": "offset points", "va": "center", "weight": "bold", "bbox": _PAPER}
        ax.annotate(percent(row.mean_risk), (row.mean_risk, i), (9, 0), **beside)
        name = short(row.scheme, 24) if row.repair == "raw" else row.repair
        ax.annotate(name, (0, i), (3, 13), textcoords="offset points", fontsize=SMALL, bbox=_PAPER)
    ax.set_yticks([])
    ax.set_ylim(len(rows) - 0.4, -0.9)
    ax.set_xlim(0, 1.35 * max(row.mean_risk for row in rows))
    ax.xaxis.set_major_formatter(lambda share, _: percent(share, 0))
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_xlabel("mean predicted risk")


def _draw_states(comparison: WeightingComparison, rows: list[WeightingRow], ax: Axes) -> None:
    """Draw what each scheme loses against the unweighted fit in each state, with its paired interval."""
    colors = _colors(comparison)
    found = [(row, row.brier_difference if row.cost_difference is None else row.cost_difference) for row in rows]
    decimals = _decimals(max(abs(lost.estimate) for _, lost in found))
    for place, (row, lost) in enumerate(found):
        color = colors[row.scheme]
        ax.plot([lost.low, lost.high], [place, place], color=color, linewidth=2)
        ax.plot(lost.estimate, place, "o", color=color, markersize=6)
        beside: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": SMALL}
        # Without the minus sign of a rounded zero.
        words = f"{round(lost.estimate, decimals) + 0.0:.{decimals}f}"
        ax.annotate(words, (max(lost.high, lost.estimate), place), (6, 0), **beside)
    ax.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(rows)), labels=[_state(row) for row in rows])
    for label, row in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_color(colors[row.scheme] if row.repair == "raw" else MUTED)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.margins(x=0.12)
    ax.tick_params(axis="y", length=0)
    what = "Brier score" if comparison.costs is None else "realised cost per row"
    ax.set_xlabel(f"{what} minus that without weights, {percent(comparison.confidence_level, 0)} paired interval")
    ax.set_title("what is lost, and what a repair gives back")


def _state(row: WeightingRow) -> str:
    """Give the name of a scheme, and below it those of its states alone."""
    return short(row.scheme, 34) if row.repair == "raw" else row.repair


def _decimals(largest: float) -> int:
    """Give so many decimals that the largest number shows four digits, and small ones do not turn into powers."""
    return int(np.clip(3 - np.floor(np.log10(max(largest, 1e-9))), 0, 6))


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
