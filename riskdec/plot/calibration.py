"""Drawing of a calibration report: the reliability curve beside the headline numbers."""

from __future__ import annotations

from math import isnan
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec._base.result import Estimate
from riskdec._base.table import count, interval, number, percent
from riskdec.diagnostics import CalibrationReport
from riskdec.plot.axes import new_figure
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND, draw_curve, draw_curve_with_histogram
from riskdec.plot.style import INK, MUTED, NORMAL, SMALL, style


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
        _write_numbers(report, figure.add_subplot(grid[1]))
        return figure


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
            place: dict[str, Any] = {"transform": ax.transAxes, "va": "top", "fontsize": SMALL}
            ax.text(0, 0.98 - 0.14 * block + down, text, **(place | look))


def _headlines(report: CalibrationReport) -> tuple[tuple[str, str, str], ...]:
    risk, rate = percent(report.mean_risk, 2), percent(report.prevalence, 2)
    ici, chance = percent(report.ici.estimate, 2), percent(report.ici.null_mean, 2)
    return (
        ("mean predicted risk", risk, f"observed {rate}"),
        ("citl (0 is right)", *_phrase(report.citl)),
        ("slope (1 is right)", *_phrase(report.slope)),
        ("mean distance (ICI)", ici, f"by chance alone {chance}"),
        ("ranking (AUC)", number(report.auc, 3), "0.5 is chance"),
        ("rows", count(report.n), f"{count(report.n_events)} with the event"),
    )


def _phrase(value: Estimate) -> tuple[str, str]:
    if isnan(value.low):
        return number(value.estimate, 3), "no interval"
    return number(value.estimate, 3), interval(value.low, value.high, 3)
