"""Drawing of a calibration report: the reliability curve beside the headline numbers."""

from __future__ import annotations

from math import isnan
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec._base.result import Estimate
from riskdec._base.table import count, interval, number, percent
from riskdec.decisions.zones.regions import risk_text
from riskdec.diagnostics import CalibrationReport
from riskdec.diagnostics.slopes.slope import apparent_text
from riskdec.plot.axes import new_figure
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND, draw_curve, draw_curve_with_histogram
from riskdec.plot.style import INK, MUTED, NORMAL, PURPLE, SMALL, VERMILION, style

_TOP: dict[str, Any] = {"y": 0.91, "va": "top"}
_BOTTOM: dict[str, Any] = {"y": 0.09, "va": "bottom"}
_VERDICTS = {"compatible": INK, "refuted": VERMILION, "not assessable": MUTED}


@draw.register
def draw_calibration(report: CalibrationReport, ax: Axes | None = None) -> Axes | Figure:
    """Draw a calibration report: its curve, its histograms and its headline numbers.

    Parameters
    ----------
    report : CalibrationReport
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the curve, without the histograms and the numbers.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure.
    """
    with style():
        if ax is not None:
            draw_curve(report.curve, ax)
            ax.legend(**LEGEND)
            return ax
        figure = new_figure(6.6, 5.6)
        grid = figure.add_gridspec(1, 2, width_ratios=(3.6, 1))
        draw_curve_with_histogram(report.curve, figure, grid[0])
        _draw_cuts(report, figure.axes[0])
        _write_numbers(report, figure.add_subplot(grid[1]))
        return figure


def _draw_cuts(report: CalibrationReport, ax: Axes) -> None:
    """Draw the cuts of the user's costs: there the curve has to be right."""
    for cut in () if report.decision is None else report.decision.cuts:
        low, high = ax.get_xlim()
        if low < cut.threshold < high:
            ax.axvline(cut.threshold, color=PURPLE, linewidth=1, zorder=1)
            place: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "rotation": 90, "ha": "right"}
            # The curve runs from the lower left to the upper right, so the other two corners are free.
            where = _TOP if _is_left(cut.threshold, ax) else _BOTTOM
            ax.text(
                cut.threshold, s=f"your cut {risk_text(cut.threshold)}", fontsize=SMALL, color=MUTED, **where, **place
            )


def _is_left(threshold: float, ax: Axes) -> bool:
    inside = ax.transAxes.inverted().transform(ax.transData.transform((threshold, threshold)))
    return bool(inside[0] < 0.5)


def _write_numbers(report: CalibrationReport, ax: Axes) -> None:
    ax.set_axis_off()
    lines = (0.0, -0.036, -0.075)
    looks: tuple[dict[str, Any], ...] = (
        {"color": MUTED},
        {"color": INK, "weight": "bold", "fontsize": NORMAL},
        {"color": INK},
    )
    for block, texts in enumerate(_headlines(report)):
        for text, down, look in zip(texts, lines, looks, strict=True):
            ax.text(0, 0.98 - 0.14 * block + down, text, **(_place(ax) | look))
    _write_levels(report, ax, 0.98 - 0.14 * len(_headlines(report)))


def _write_levels(report: CalibrationReport, ax: Axes, top: float) -> None:
    ax.text(0, top, "levels of calibration", **_place(ax), color=MUTED)
    for line, level in enumerate(report.levels[:-1], start=1):
        color = _VERDICTS[level.verdict]
        ax.text(0, top - 0.036 * line, f"{level.name}: {level.verdict}", **_place(ax), color=color)


def _place(ax: Axes) -> dict[str, Any]:
    return {"transform": ax.transAxes, "va": "top", "fontsize": SMALL}


def _headlines(report: CalibrationReport) -> tuple[tuple[str, str, str], ...]:
    risk, rate = percent(report.mean_risk, 2), percent(report.prevalence, 2)
    ici, chance = percent(report.ici.estimate, 2), percent(report.ici.null_mean, 2)
    return (
        ("mean predicted risk", risk, f"observed {rate}"),
        ("citl (0 is right)", *_phrase(report, report.citl, 0.0)),
        ("slope (1 is right)", *_phrase(report, report.slope, 1.0)),
        ("mean distance (ICI)", ici, f"by chance alone {chance}"),
        ("ranking (AUC)", number(report.auc, 3), "0.5 is chance"),
        ("rows", count(report.n), f"{count(report.n_events)} with the event"),
    )


def _phrase(report: CalibrationReport, value: Estimate, right: float) -> tuple[str, str]:
    if report.apparent:
        return apparent_text(value, right), "on training rows"
    if isnan(value.low):
        return number(value.estimate, 3), "no interval"
    return number(value.estimate, 3), interval(value.low, value.high, 3)
