"""Drawing of a balance of recalls: bars with limits for each class and way, their spread, and what it costs."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec._base.table import percent
from riskdec.plot.axes import new_figure
from riskdec.plot.dispatch import draw
from riskdec.plot.style import BLUE, FAINT, GREEN, INK, MUTED, SMALL, VERMILION, short, style
from riskdec.weighting import RecallBalance

_COLORS = {"plain": MUTED, "weights": VERMILION, "offsets": BLUE, "least cost": GREEN}
_LABELS = {
    "plain": "plain fit, likeliest class",
    "weights": "fit with recall-driven weights",
    "offsets": "plain fit, offsets after calibration",
    "least cost": "plain fit, least expected cost",
}
# More classes than this are not told apart; those found least and those found most are drawn.
_MOST = 16
_WIDTH = 0.84


@draw.register
def draw_recall_balance(balance: RecallBalance, ax: Axes | None = None) -> Axes | Figure:
    """Draw recalls by class for each way of deciding, the classes found least on the left.

    Parameters
    ----------
    balance : RecallBalance
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the bars alone.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure, with the spread of recalls and the accuracy of each way beside the bars.
    """
    with style():
        if ax is not None:
            _draw_bars(balance, ax)
            ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, borderaxespad=0.2)
            return ax
        figure = new_figure(10.4, 4.4)
        left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(2.6, 1)).ravel()
        bars = left.subplots()
        _draw_bars(balance, bars)
        left.legend(loc="outside upper left", ncols=2)
        top, bottom = right.subplots(2, 1)
        _draw_spread(balance, top)
        _draw_price(balance, bottom)
        return figure


def _draw_bars(balance: RecallBalance, ax: Axes) -> None:
    order = np.argsort(balance.arms[0].recall, kind="stable")
    if len(order) > _MOST:
        order = np.concatenate([order[: _MOST // 2], order[-(_MOST // 2) :]])
        ax.axvline(_MOST // 2 - 0.5, color=INK, linewidth=1, linestyle=(0, (2, 2)))
    width = _WIDTH / len(balance.arms)
    for place, arm in enumerate(balance.arms):
        at = np.arange(len(order)) + (place + 0.5) * width - _WIDTH / 2
        recall = arm.recall[order]
        reach = [recall - arm.low[order], arm.high[order] - recall]
        look: dict[str, Any] = {"ecolor": INK, "elinewidth": 0.9, "capsize": 0}
        ax.bar(at, recall, 0.94 * width, color=_COLORS[arm.way], label=_LABELS[arm.way], yerr=reach, error_kw=look)
    names = [short(balance.classes[k], 14) for k in order]
    long = sum(map(len, names)) > 75
    ax.set_xticks(range(len(order)), names, rotation=35 if long else 0, ha="right" if long else "center")
    ax.tick_params(axis="x", length=0, labelsize=SMALL + 0.5)
    ax.set_xlim(-0.6, len(order) - 0.4)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(lambda share, _: percent(share, 0))
    ax.set_ylabel("recall")


def _draw_spread(balance: RecallBalance, ax: Axes) -> None:
    ends = []
    for place, arm in enumerate(balance.arms):
        ranges = [repeat.arms[place].range for repeat in balance.repeats]
        ends.append(max(arm.range_by_chance, *ranges, arm.range))
        ax.barh(place, arm.range, 0.62, color=_COLORS[arm.way])
        if len(ranges) > 1:
            ax.plot(ranges, [place] * len(ranges), "o", color="white", markeredgecolor=INK, markersize=3.5)
        # Up to here chance alone would reach.
        ax.plot([arm.range_by_chance] * 2, [place - 0.4, place + 0.4], color=INK, linewidth=1.4)
        text: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": SMALL}
        ax.annotate(f"{arm.range:.2f}", (ends[-1], place), (6, 0), **text)
    ax.set_xlim(0, 1.25 * max(ends) or 1.0)
    ax.set_title("range of recalls")
    points = "; points: repeats" if len(balance.repeats) > 1 else ""
    ax.set_xlabel(f"line: by chance alone{points}", fontsize=SMALL)
    _name_ways(balance, ax)


def _draw_price(balance: RecallBalance, ax: Axes) -> None:
    with_costs = balance.costs is not None
    for place, arm in enumerate(balance.arms):
        shown = arm.mean_cost if with_costs and arm.mean_cost is not None else arm.accuracy
        ax.plot([shown.low, shown.high], [place, place], color=_COLORS[arm.way], linewidth=2)
        ax.plot(shown.estimate, place, "o", color=_COLORS[arm.way], markersize=6)
    ax.margins(x=0.12)
    if with_costs:
        ax.set_title("cost per row")
    else:
        ax.set_title("accuracy")
        ax.xaxis.set_major_formatter(lambda share, _: percent(share, 0))
    ax.grid(axis="x", color=FAINT, linewidth=0.6)
    _name_ways(balance, ax)


def _name_ways(balance: RecallBalance, ax: Axes) -> None:
    ax.set_yticks(range(len(balance.arms)), [arm.way for arm in balance.arms])
    ax.set_ylim(len(balance.arms) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
