"""Drawing of a sweep of weight ratios: precision and recall, beside them the risks, their slope and the costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from riskdec._base.table import number, percent
from riskdec.plot.axes import new_figure, percent_label
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND
from riskdec.plot.style import BLUE, FAINT, GREEN, INK, MUTED, PURPLE, SMALL, VERMILION, style
from riskdec.weighting import WeightSweep

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# The moving threshold is a broad pale line, the weights a narrow one on top: where they agree both are seen.
_THRESHOLD: dict[str, Any] = {"linewidth": 6.5, "alpha": 0.3, "solid_capstyle": "round"}
_WEIGHTS: dict[str, Any] = {"linewidth": 1.7}
# Letters that cross a line stand on paper.
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
_ROUND = (1.0, 2.0, 5.0)
_MOST_TICKS = 9


@draw.register
def draw_sweep(sweep: WeightSweep, ax: Axes | None = None) -> Axes | Figure:
    """Draw precision and recall against the log of the weight ratio, with the moving threshold behind them.

    Parameters
    ----------
    sweep : WeightSweep
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw precision and recall alone.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure, with the risks, their slope and, with costs, the costs beside them.
    """
    with style():
        if ax is not None:
            _draw_trade_off(sweep, ax)
            ax.legend(**LEGEND, ncols=2)
            return ax
        figure = new_figure(9.6, 5.4)
        left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.55, 1)).ravel()
        main = left.subplots()
        _draw_trade_off(sweep, main)
        left.legend(loc="outside upper left", ncols=2, handlelength=2.2)
        others = [_draw_mean_risk, _draw_slope] + ([] if sweep.cost is None else [_draw_costs])
        panels = right.subplots(len(others), 1, sharex=True, squeeze=False)[:, 0]
        for panel, drawing in zip(panels, others, strict=True):
            drawing(sweep, panel)
            _mark_natural(sweep, panel)
            _set_ratio_axis(sweep, panel)
        panels[-1].set_xlabel("weight ratio, event : non-event")
        return figure


def _draw_trade_off(sweep: WeightSweep, ax: Axes) -> None:
    pairs = (
        ("precision", BLUE, sweep.precision, sweep.threshold_precision),
        ("recall", VERMILION, sweep.recall, sweep.threshold_recall),
    )
    for name, color, _, by_threshold in pairs:
        label = f"{name}, no weights cut at 1 / (1 + ratio)"
        ax.plot(sweep.weight_ratio, by_threshold, color=color, label=label, **_THRESHOLD)
    for name, color, weighted, _ in pairs:
        ax.plot(sweep.weight_ratio, weighted, color=color, label=f"{name}, weights cut at 0.5", **_WEIGHTS)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(lambda share, _: percent(share, 0))
    ax.set_ylabel("precision, recall")
    ax.set_xlabel("weight ratio, event : non-event")
    _set_ratio_axis(sweep, ax)
    _mark_natural(sweep, ax)
    # Above the axes, where no line is crossed out; side by side where the two ratios are close.
    above: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "va": "bottom", "fontsize": SMALL}
    natural = f"natural {number(sweep.natural_ratio, 3)}"
    if np.isnan(sweep.crossing_ratio):
        ax.text(sweep.natural_ratio, 1.005, natural, ha="center", **above)
        return
    is_before = sweep.crossing_ratio < sweep.natural_ratio
    words = f"both {percent(sweep.crossing_value, 0)} at ratio {number(sweep.crossing_ratio, 2)}"
    ax.plot(sweep.crossing_ratio, sweep.crossing_value, "o", color=INK, markersize=6)
    ax.vlines(sweep.crossing_ratio, sweep.crossing_value, 1, color=INK, linewidth=0.6)
    ax.text(sweep.crossing_ratio, 1.005, words, ha="right" if is_before else "left", **above)
    ax.text(sweep.natural_ratio, 1.005, natural, ha="left" if is_before else "right", **above)


def _draw_mean_risk(sweep: WeightSweep, ax: Axes) -> None:
    ax.plot(sweep.weight_ratio, sweep.mean_risk, color=GREEN, **_WEIGHTS)
    ax.axhline(sweep.observed_rate, color=INK, linewidth=1)
    ax.annotate(
        f"observed {percent(sweep.observed_rate)}",
        (1, sweep.observed_rate),
        (-2, 3),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL,
        bbox=_PAPER,
    )
    ax.set_ylim(0, 1.12 * float(sweep.mean_risk.max()))
    ax.yaxis.set_major_formatter(lambda share, _: percent_label(share))
    ax.set_title("mean predicted risk")


def _draw_slope(sweep: WeightSweep, ax: Axes) -> None:
    band: dict[str, Any] = {"color": PURPLE, "alpha": 0.2, "linewidth": 0}
    ax.fill_between(sweep.weight_ratio, sweep.slope_low, sweep.slope_high, **band)
    ax.plot(sweep.weight_ratio, sweep.slope, color=PURPLE, **_WEIGHTS)
    ax.axhline(1, color=INK, linewidth=1)
    known = np.concatenate([sweep.slope_low, sweep.slope_high, [1.0]])
    known = known[np.isfinite(known)]
    room = max(0.08 * float(np.ptp(known)), 0.02)
    ax.set_ylim(float(known.min()) - room, float(known.max()) + room)
    ax.set_title(f"calibration slope, {percent(sweep.confidence_level, 0)} interval")


def _draw_costs(sweep: WeightSweep, ax: Axes) -> None:
    lines: tuple[tuple[FloatArray | None, str, str, dict[str, Any]], ...] = (
        (sweep.threshold_cost, MUTED, "by threshold", _THRESHOLD),
        (sweep.cost, INK, "weights at 0.5", _WEIGHTS),
        (sweep.believed_cost, VERMILION, "weights believed", {"linewidth": 1.4, "linestyle": (0, (4, 2))}),
    )
    for values, color, label, look in lines:
        if values is not None:
            ax.plot(sweep.weight_ratio, values, color=color, label=label, **look)
    if sweep.decided_cost is not None:
        ax.axhline(sweep.decided_cost, color=GREEN, linewidth=1.2, label="decide(), no weights")
    ax.set_title("cost per row", pad=28)
    ax.legend(**{**LEGEND, "fontsize": SMALL - 1}, ncols=2)


def _mark_natural(sweep: WeightSweep, ax: Axes) -> None:
    ax.axvline(sweep.natural_ratio, color=MUTED, linewidth=1, linestyle=(0, (2, 2)), zorder=0)
    ax.axvline(1, color=FAINT, linewidth=1, zorder=0)


def _set_ratio_axis(sweep: WeightSweep, ax: Axes) -> None:
    low, high = float(sweep.weight_ratio[0]), float(sweep.weight_ratio[-1])
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ticks = _choose_ticks(low, high)
    ax.set_xticks(ticks, labels=[number(tick, 3) for tick in ticks])
    ax.xaxis.set_minor_locator(NullLocator())


def _choose_ticks(low: float, high: float) -> list[float]:
    """Give round ratios within the axis: 1, 2, 5, 10, or powers of ten where these would be too many."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    fine = [step * 10.0**power for power in powers for step in _ROUND]
    inside = [tick for tick in fine if low <= tick <= high]
    if len(inside) <= _MOST_TICKS:
        return inside
    return [10.0**power for power in powers if low <= 10.0**power <= high]
