"""Drawing of a report of many outcomes: one small reliability curve for each, and one for the likeliest outcome."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec._base.table import count, number, p_value, percent
from riskdec.diagnostics import MulticlassCalibrationReport
from riskdec.plot.axes import ProbabilityAxis, new_figure, probability_axis, set_probability_axis
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND, draw_band, draw_line
from riskdec.plot.style import BLUE, FAINT, INK, MUTED, PURPLE, SMALL, VERMILION, short, style

if TYPE_CHECKING:
    from riskdec.diagnostics import CalibrationReport, OutcomeCalibration
    from riskdec.plot.axes import Scale

_COLUMNS = 4
# More curves are not told apart at a glance; those that are off most are drawn.
_MOST = 11
# Share of a panel's height that the histogram of its risks takes.
_HISTOGRAM = 0.16
_LEVEL = 0.05


@draw.register
def draw_multiclass(report: MulticlassCalibrationReport, ax: Axes | None = None) -> Axes | Figure:
    """Draw the reliability curve of each outcome beside that of the likeliest outcome.

    Parameters
    ----------
    report : MulticlassCalibrationReport
        The answer to draw. With more than 11 outcomes those with the largest mean distance from calibration are drawn.
    ax : matplotlib Axes, optional
        Where to draw the curves of these outcomes on top of each other, without bands.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure with a panel for each.
    """
    with style():
        shown = _choose(report)
        scale = _common_scale(shown)
        if ax is not None:
            _draw_together(shown, ax, scale)
            return ax
        rows = -(-(len(shown) + 1) // _COLUMNS)
        figure = new_figure(9.4, 1.0 + 2.5 * rows)
        panels = figure.subplots(rows, _COLUMNS, squeeze=False)
        flat = panels.ravel().tolist()
        for panel, outcome in zip(flat, shown, strict=False):
            _draw_panel(panel, outcome.report, scale, BLUE)
            _write_title(panel, short(outcome.name, 20), _outcome_line(outcome), off=outcome.p_adjusted < _LEVEL)
        top = flat[len(shown)]
        _draw_panel(top, report.top_label, "probability", PURPLE)
        _write_title(top, "likeliest outcome", _top_line(report), off=_is_off(report.top_label))
        for panel in flat[len(shown) + 1 :]:
            panel.set_axis_off()
        _label(panels, len(shown) + 1)
        figure.suptitle(_headline(report, len(shown)), x=0.01, ha="left", fontsize=SMALL + 2, weight="bold")
        handles, labels = flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower left", ncols=3, handlelength=1.6)
        return figure


def _choose(report: MulticlassCalibrationReport) -> list[OutcomeCalibration]:
    worst = sorted(report.outcomes, key=lambda outcome: -outcome.report.ici.estimate)[:_MOST]
    return [outcome for outcome in report.outcomes if outcome in worst]


def _common_scale(shown: list[OutcomeCalibration]) -> Scale:
    """Give the scale of most of the curves: panels are compared with each other."""
    scales = [outcome.report.curve.scale for outcome in shown]
    return "logit" if 2 * scales.count("logit") > len(scales) else "probability"


def _draw_panel(ax: Axes, report: CalibrationReport, scale: Scale, color: str) -> None:
    curve = report.curve
    spec = probability_axis(scale, np.concatenate([curve.risk, curve.event_rate]))
    _set_small_axes(ax, spec)
    _draw_histogram(ax, report, spec)
    ax.plot([spec.low, spec.high], [spec.low, spec.high], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    draw_band(curve, ax, spec, words="consistency band (if the probabilities were right)")
    draw_line(curve, ax, spec, color=color, label="observed rate (isotonic, CORP)", width=2.2)


def _set_small_axes(ax: Axes, spec: ProbabilityAxis) -> None:
    """Give a small square panel few labels, so that they do not touch."""
    for which in ("x", "y"):
        set_probability_axis(ax, which, spec, n_ticks=5)
    if spec.scale == "probability":
        ticks, labels = (0.0, 0.5, 1.0), ("0 %", "50 %", "100 %")
        ax.set_xticks(ticks, labels=labels)
        ax.set_yticks(ticks, labels=labels)
    ax.set_box_aspect(1)


def _draw_histogram(ax: Axes, report: CalibrationReport, spec: ProbabilityAxis) -> None:
    curve = report.curve
    counts = curve.bin_events + curve.bin_nonevents
    # Most probabilities of one outcome are near 0: on a linear scale of counts the others would not be seen.
    heights = np.log1p(counts) / max(float(np.log1p(counts).max()), 1.0)
    edges = np.clip(curve.bin_edges, spec.low, spec.high)
    place: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "zorder": 0}
    ax.stairs(_HISTOGRAM * heights, edges, fill=True, color=FAINT, label="number of rows (log scale)", **place)


def _write_title(ax: Axes, name: str, line: str, *, off: bool) -> None:
    color = VERMILION if off else INK
    ax.set_title(name, pad=15, color=color)
    ax.text(0, 1.02, line, transform=ax.transAxes, fontsize=SMALL - 0.5, color=color, va="bottom")


def _outcome_line(outcome: OutcomeCalibration) -> str:
    p = "" if isnan(outcome.p_adjusted) else f", p {p_value(outcome.p_adjusted)}"
    return f"{_slope(outcome.report)}{p}"


def _top_line(report: MulticlassCalibrationReport) -> str:
    return f"{percent(report.mean_confidence)} said, {percent(report.accuracy)} right"


def _slope(report: CalibrationReport) -> str:
    slope = report.slope.estimate
    return f"ICI {number(report.ici.estimate, 2)}" if isnan(slope) else f"slope {number(slope, 2)}"


def _is_off(report: CalibrationReport) -> bool:
    return any(level.verdict == "refuted" for level in report.levels)


def _headline(report: MulticlassCalibrationReport, n_shown: int) -> str:
    off = sum(outcome.p_adjusted < _LEVEL for outcome in report.outcomes)
    cut = f"; the {n_shown} that are off most" if n_shown < len(report.outcomes) else ""
    slope = number(report.recalibration.slope.estimate, 3)
    apparent = "training rows, apparent" if report.apparent else f"{off} of {len(report.outcomes)} outcomes off (red)"
    return f"{count(report.n)} rows, {apparent}{cut}; common slope {slope} (1 is right)"


def _label(panels: Any, n_panels: int) -> None:
    for j, column in enumerate(panels.T):
        drawn = [ax for i, ax in enumerate(column) if i * _COLUMNS + j < n_panels]
        if drawn:
            drawn[-1].set_xlabel("predicted")
    for line in panels:
        line[0].set_ylabel("observed")


def _draw_together(shown: list[OutcomeCalibration], ax: Axes, scale: Scale) -> None:
    values = np.concatenate([np.r_[o.report.curve.risk, o.report.curve.event_rate] for o in shown])
    spec = probability_axis(scale, values)
    for which in ("x", "y"):
        set_probability_axis(ax, which, spec)
    ax.plot([spec.low, spec.high], [spec.low, spec.high], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for outcome in shown:
        off = outcome.p_adjusted < _LEVEL
        label = short(outcome.name, 20)
        draw_line(outcome.report.curve, ax, spec, color=VERMILION if off else BLUE, label=label, width=1.2)
    ax.set_xlabel("predicted probability")
    ax.set_ylabel("observed rate")
    ax.legend(**LEGEND, ncols=4)
