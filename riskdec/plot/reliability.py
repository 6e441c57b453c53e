"""Drawing of a reliability curve: observed event rate against predicted risk, with its band and histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec._base.table import count
from riskdec.diagnostics import ReliabilityCurve
from riskdec.plot.axes import (
    ProbabilityAxis,
    axis_position,
    new_figure,
    probability_axis,
    set_probability_axis,
    thin,
)
from riskdec.plot.dispatch import draw
from riskdec.plot.overlay import answers_on, line_color, line_look, remember
from riskdec.plot.style import BLUE, FAINT, MUTED, SKY, SMALL, VERMILION, short, style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.gridspec import GridSpecBase, SubplotSpec

    from riskdec._base.typing import BoolArray, FloatArray

# Above the axes, where no data are.
LEGEND: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.3, "handlelength": 1.4}

_BANDS = {
    "consistency": "consistency band: where the curve would lie if the risks were right",
    "simultaneous": "simultaneous band: covers the whole true curve at once",
    "pointwise": "pointwise intervals: each covers the true rate at its own risk",
}
_BANDS_OF_BINS = {
    "consistency": "consistency intervals: where the rates would lie if the risks were right",
    "simultaneous": "simultaneous intervals: cover the mean true rates of all bins at once",
    "pointwise": "intervals: each covers the mean true rate of its bin",
}
_SPLINE_INTERVALS = "pointwise intervals: without allowance for smoothing bias"
_PALE = "pale: wider than risk and rate, says little"

_DIAGONAL = "_diagonal"

# Keeps what runs behind a text from crossing it out.
CLEAR = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8}


@draw.register(ReliabilityCurve)
def draw_reliability(
    curve: ReliabilityCurve,
    ax: Axes | None = None,
    *,
    name: str | None = None,
    curve_kwargs: Mapping[str, Any] | None = None,
) -> Axes | Figure:
    """Draw a reliability curve; on a new figure with the histogram of the risks below.

    The thin line joins the distinct forecasts. It is thick where neighbouring forecasts were pooled to one rate, and a
    dot where a forecast stands alone: there are the data. Rates of 0 and 1 lie on the edge of a logit axis.

    Parameters
    ----------
    curve : ReliabilityCurve
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the curve, without the histogram. Where it shows other reliability curves, the line of this one is
        added, without a band: bands would hide each other.
    name : str, optional
        Of the model, for the legend.
    curve_kwargs : mapping, optional
        Properties of the line, as matplotlib's ``plot`` takes them.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure of three panels: curve, risks of events, risks of non-events.
    """
    with style():
        if ax is not None and answers_on(ax, ReliabilityCurve):
            _add_curve(curve, ax, name=name, curve_kwargs=curve_kwargs)
            return ax
        if ax is not None:
            draw_curve(curve, ax, name=name, curve_kwargs=curve_kwargs)
            ax.legend(**LEGEND)
            return ax
        figure = new_figure(5.6, 6.6)
        draw_curve_with_histogram(curve, figure, figure.add_gridspec(1, 1)[0], name=name, curve_kwargs=curve_kwargs)
        return figure


def draw_curve_with_histogram(
    curve: ReliabilityCurve,
    figure: Figure,
    where: SubplotSpec,
    *,
    name: str | None = None,
    curve_kwargs: Mapping[str, Any] | None = None,
) -> None:
    """Draw the curve and, below it on the same risk axis, the histograms of events and non-events."""
    grid = where.subgridspec(3, 1, height_ratios=(8, 1, 1), hspace=0.03)
    main = figure.add_subplot(grid[0])
    spec = draw_curve(curve, main, name=name, curve_kwargs=curve_kwargs)
    figure.legend(loc="outside upper left", handlelength=1.4)
    main.set_xlabel("")
    main.tick_params(axis="x", labelbottom=False)
    _draw_histogram(curve, figure, grid, spec)


def draw_curve(
    curve: ReliabilityCurve,
    ax: Axes,
    *,
    name: str | None = None,
    curve_kwargs: Mapping[str, Any] | None = None,
) -> ProbabilityAxis:
    """Draw band, diagonal and curve into one axes, and say which axis they were drawn on."""
    spec = _set_axes_for([curve], ax)
    draw_diagonal(ax, spec)
    draw_band(curve, ax, spec, words=_words(curve, name))
    draw_line(curve, ax, spec, color=BLUE, label=_label(curve, name), curve_kwargs=curve_kwargs)
    return spec


def _add_curve(curve: ReliabilityCurve, ax: Axes, *, name: str | None, curve_kwargs: Mapping[str, Any] | None) -> None:
    """Draw one more curve, on axes that now reach as far as all of them do."""
    before = answers_on(ax, ReliabilityCurve)
    if curve in before:
        return
    spec = _set_axes_for([*before, curve], ax)
    for line in ax.get_lines():
        if line.get_label() == _DIAGONAL:
            line.set_data([spec.low, spec.high], [spec.low, spec.high])
    color = line_color(len(before))
    draw_line(curve, ax, spec, color=color, label=_label(curve, name), curve_kwargs=curve_kwargs)
    ax.legend(**LEGEND)


def _set_axes_for(curves: list[ReliabilityCurve], ax: Axes) -> ProbabilityAxis:
    """Give both axes the same scale and ends, so that all of the curves are inside."""
    # Bins stand at their means; the risks in them reach further.
    reach = [curve.bin_edges if curve.method == "binned" else curve.risk for curve in curves]
    rates = [curve.event_rate for curve in curves]
    spec = probability_axis(curves[0].scale, np.concatenate([*reach, *rates]))
    set_probability_axis(ax, "x", spec, np.concatenate([curve.risk for curve in curves]))
    set_probability_axis(ax, "y", spec, np.concatenate(rates))
    return spec


def _label(curve: ReliabilityCurve, name: str | None) -> str:
    return f"{'observed rate' if name is None else short(name)} ({curve.description})"


def draw_diagonal(ax: Axes, spec: ProbabilityAxis) -> None:
    """Draw where right risks lie, and say what the two sides of it mean."""
    ends = [spec.low, spec.high]
    ax.plot(ends, ends, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), label=_DIAGONAL)
    look: dict[str, Any] = {"transform": ax.transAxes, "fontsize": SMALL, "color": MUTED, "bbox": CLEAR}
    ax.text(0.02, 0.98, "risks too low", va="top", **look)
    ax.text(0.98, 0.02, "risks too high", ha="right", **look)
    ax.set_xlabel("predicted risk")
    ax.set_ylabel("observed event rate")


def draw_band(curve: ReliabilityCurve, ax: Axes, spec: ProbabilityAxis, *, words: str) -> None:
    """Draw the band of a curve, if it has one, pale where it says little; `words` say what it is."""
    if curve.low is None or curve.high is None:
        return
    label = f"{100 * curve.confidence_level:g} % {words}"
    if curve.method == "binned":
        width = 9 if curve.band == "consistency" else 1.5
        color, alpha = (SKY, 0.35) if curve.band == "consistency" else (BLUE, 1)
        ax.vlines(curve.risk, curve.low, curve.high, color=color, alpha=alpha, linewidth=width, label=label)
        return
    kept = thin(curve.risk, spec)
    risk, low, high = curve.risk[kept], curve.low[kept], curve.high[kept]
    pale = curve.is_uninformative
    if pale is None or not pale[kept].any():
        ax.fill_between(risk, low, high, color=SKY, alpha=0.3, linewidth=0, label=label)
        return
    # Both parts take in the points next to each other, so that no gap is left between them.
    says = ~pale[kept]
    ax.fill_between(risk, low, high, where=says, color=SKY, alpha=0.4, linewidth=0, label=label)
    ax.fill_between(risk, low, high, where=_with_neighbours(~says), color=FAINT, alpha=0.4, linewidth=0, label=_PALE)


def draw_line(
    curve: ReliabilityCurve,
    ax: Axes,
    spec: ProbabilityAxis,
    *,
    color: str,
    label: str,
    width: float = 3.0,
    curve_kwargs: Mapping[str, Any] | None = None,
) -> None:
    """Draw the line of one curve; that of an isotonic one is thin where it only joins the data."""
    kept = thin(curve.risk, spec)
    risk, rate = curve.risk[kept], curve.event_rate[kept]
    look: dict[str, Any] = {"color": color, "label": label, "linewidth": width, "zorder": 4}
    if curve.method == "binned":
        look |= {"linestyle": "", "marker": "o", "markersize": 2 * width}
    if curve.method == "isotonic":
        look |= {"marker": "o", "markersize": width, "clip_on": False}
    look = line_look(look, curve_kwargs)
    if curve.method == "isotonic":
        joining = {"color": look["color"], "linewidth": 1, "clip_on": False, "zorder": 3, "label": "_curve"}
        remember(ax.plot(risk, rate, **joining), curve)
        risk, rate = _pooled(risk, rate)
    # A smooth curve may leave [0, 1] by a little; what is drawn ends at the axes.
    remember(ax.plot(risk, rate, **look), curve)


def _words(curve: ReliabilityCurve, name: str | None) -> str:
    words = (_BANDS_OF_BINS if curve.method == "binned" else _BANDS).get(curve.band or "", "")
    if curve.method == "spline" and curve.band == "pointwise":
        words = _SPLINE_INTERVALS
    if name is None:
        return words
    kind, _, meaning = words.partition(": ")
    return f"{kind} of {short(name)}:\n{meaning}"


def _with_neighbours(inside: BoolArray) -> BoolArray:
    wider = inside.copy()
    wider[1:] |= inside[:-1]
    wider[:-1] |= inside[1:]
    return wider


def _pooled(risk: FloatArray, rate: FloatArray) -> tuple[FloatArray, FloatArray]:
    # Runs of equal rates (but for rounding) become pieces of line, parted by nan; markers show a run of one.
    starts = np.flatnonzero(np.r_[True, np.abs(np.diff(rate)) > 1e-9])
    ends = np.r_[starts[1:], rate.shape[0]] - 1
    gap = np.full(starts.shape, np.nan)
    x = np.column_stack([risk[starts], risk[ends], gap]).ravel()
    y = np.column_stack([rate[starts], rate[ends], gap]).ravel()
    return x, y


def _within(counts: FloatArray, edges: FloatArray, spec: ProbabilityAxis) -> tuple[FloatArray, FloatArray]:
    """Count what lies beyond the ends of the axis in its outermost bins, where the curve draws it too."""
    inner = edges[1:-1][(edges[1:-1] > spec.low) & (edges[1:-1] < spec.high)]
    if len(inner) == len(edges) - 2:
        return counts, edges
    place = axis_position(np.concatenate([[spec.low], inner, [spec.high]]), spec)
    # A sliver at the end would hide what it holds.
    wide = float(np.median(np.diff(place))) / 2
    inner = inner[(place[1:-1] - place[0] > wide) & (place[-1] - place[1:-1] > wide)]
    place_of_bin = np.searchsorted(inner, edges[:-1], side="right")
    drawn = np.bincount(place_of_bin, weights=counts, minlength=len(inner) + 1).astype(np.float64, copy=False)
    return drawn, np.concatenate([[max(edges[0], spec.low)], inner, [min(edges[-1], spec.high)]])


def _draw_histogram(curve: ReliabilityCurve, figure: Figure, grid: GridSpecBase, spec: ProbabilityAxis) -> None:
    sides = (
        (curve.bin_events, curve.n_events, "event" if curve.n_events == 1 else "events", VERMILION),
        (curve.bin_nonevents, curve.n - curve.n_events, "non-events", MUTED),
    )
    for row, (counts, total, name, color) in enumerate(sides, start=1):
        ax = figure.add_subplot(grid[row])
        drawn, edges = _within(counts, curve.bin_edges, spec)
        ax.stairs(drawn, edges, fill=True, color=color)
        set_probability_axis(ax, "x", spec, curve.risk)
        ax.set_ylim(0, max(float(drawn.max()), 1.0) * 1.05)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_ylabel(f"{count(total)}\n{name}", rotation=0, ha="right", va="center", fontsize=SMALL, color=color)
        if row == 1:
            ax.tick_params(axis="x", labelbottom=False, length=0)
            ax.spines["bottom"].set_color(FAINT)
        else:
            ax.invert_yaxis()
            ax.spines["top"].set_visible(False)
            ax.set_xlabel("predicted risk (each histogram on its own count scale)")
