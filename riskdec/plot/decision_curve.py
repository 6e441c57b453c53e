"""Drawing of decision curves and cost curves: one line per strategy over the threshold, bands behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from riskdec._base.checks import refuse
from riskdec._base.table import percent
from riskdec.decisions import CostCurve, DecisionCurve
from riskdec.plot.axes import new_figure, percent_label
from riskdec.plot.dispatch import draw
from riskdec.plot.overlay import answers_on, line_color, line_look, remember
from riskdec.plot.reliability import LEGEND
from riskdec.plot.style import INK, MUTED, short, style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec._base.typing import FloatArray

# More bands than these hide each other.
_MOST_BANDS = 3
_DASHES = (0, (4, 2))


@draw.register(DecisionCurve)
def draw_decision_curve(
    curve: DecisionCurve,
    ax: Axes | None = None,
    *,
    name: str | None = None,
    curve_kwargs: Mapping[str, Any] | None = None,
) -> Axes:
    """Draw net benefit over the threshold, beside treating all and treating none.

    Bands are drawn where they hold together; beyond them a line is thin and dashed. On axes that show decision curves
    already the next colours are taken, and treating all is drawn again only where the prevalence differs.

    Parameters
    ----------
    curve : DecisionCurve
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    name : str, optional
        Of the one strategy, for the legend, in place of the name that the curve was made with.
    curve_kwargs : mapping, optional
        Properties of its line, as matplotlib's ``plot`` takes them.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    with style():
        ax = ax or new_figure(6.6, 4.4).add_subplot()
        before = answers_on(ax, DecisionCurve)
        if curve in before:
            return ax
        if curve.prevalence not in [other.prevalence for other in before]:
            words = f" ({percent(curve.prevalence)} events)" if before else ""
            ax.plot(curve.threshold, curve.treat_all, color=INK, linewidth=1.2, label=f"treat all{words}")
        if not before:
            ax.axhline(0, color=MUTED, linewidth=1.2, linestyle=_DASHES, label="treat none")
        taken = sum(len(other.names) for other in before)
        for s, shown in enumerate(_names(curve, name)):
            look = line_look({"color": line_color(taken + s), "linewidth": 2.2, "label": short(shown)}, curve_kwargs)
            _draw_strategy(curve, s, ax, look, has_band=taken + len(curve.names) <= _MOST_BANDS)
        curves = [*before, curve]
        top = max(1e-3, *(float(max(each.net_benefit.max(), each.treat_all.max())) for each in curves))
        ax.set_ylim(-0.25 * top, 1.12 * top)
        _label_thresholds(ax, [each.threshold for each in curves])
        ax.set_ylabel("net benefit, true positives per case")
        ax.legend(**LEGEND, ncols=2)
        return ax


@draw.register(CostCurve)
def draw_cost_curve(
    curve: CostCurve,
    ax: Axes | None = None,
    *,
    name: str | None = None,
    curve_kwargs: Mapping[str, Any] | None = None,
) -> Axes:
    """Draw mean cost over the threshold (a Murphy diagram), beside acting on all and on none.

    On axes that show cost curves already the next colours are taken, and acting on all and on none are drawn again only
    where the prevalence differs.

    Parameters
    ----------
    curve : CostCurve
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    name : str, optional
        Of the one strategy, for the legend, in place of the name that the curve was made with.
    curve_kwargs : mapping, optional
        Properties of its line, as matplotlib's ``plot`` takes them.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    with style():
        ax = ax or new_figure(6.6, 4.4).add_subplot()
        before = answers_on(ax, CostCurve)
        if curve in before:
            return ax
        if curve.prevalence not in [other.prevalence for other in before]:
            words = f" ({percent(curve.prevalence)} events)" if before else ""
            ax.plot(curve.threshold, curve.act_on_all, color=INK, linewidth=1.2, label=f"act on all{words}")
            nobody: dict[str, Any] = {"color": MUTED, "linewidth": 1.2, "linestyle": _DASHES}
            ax.plot(curve.threshold, curve.act_on_none, label=f"act on none{words}", **nobody)
        taken = sum(len(other.names) for other in before)
        for s, shown in enumerate(_names(curve, name)):
            label = f"{short(shown)}, average {curve.average[s]:.4f}"
            look = line_look({"color": line_color(taken + s), "linewidth": 2.2, "label": label}, curve_kwargs)
            remember(ax.plot(curve.threshold, curve.cost[s], **look), curve)
        curves = [*before, curve]
        ax.set_ylim(0, 1.25 * max(_highest(each) for each in curves))
        _label_thresholds(ax, [each.threshold for each in curves])
        ax.set_ylabel("mean cost: false alarm 2t, miss 2(1 - t)")
        ax.legend(**LEGEND, ncols=2)
        return ax


def _highest(curve: CostCurve) -> float:
    return float(max(curve.cost.max(), np.minimum(curve.act_on_all, curve.act_on_none).max()))


def _names(curve: DecisionCurve | CostCurve, name: str | None) -> tuple[str, ...]:
    if name is not None and len(curve.names) > 1:
        cure = "Name them where the curve is made."
        raise refuse("name", "be left out where there are several curves", repr(name), cure)
    return curve.names if name is None else (name,)


def _draw_strategy(curve: DecisionCurve, s: int, ax: Axes, look: Mapping[str, Any], *, has_band: bool) -> None:
    inside = curve.in_band[s]
    thin = {"color": look["color"], "linewidth": 1, "linestyle": (0, (3, 2)), "label": "_beyond"}
    remember(ax.plot(curve.threshold, curve.net_benefit[s], **thin), curve)
    solid = np.where(inside, curve.net_benefit[s], np.nan) if inside.any() else curve.net_benefit[s]
    remember(ax.plot(curve.threshold, solid, **look), curve)
    if has_band and inside.any():
        low, high = (np.where(inside, limit[s], np.nan) for limit in (curve.low, curve.high))
        label = f"its {percent(curve.confidence_level, 0)} band, for the whole curve"
        ax.fill_between(curve.threshold, low, high, color=look["color"], alpha=0.15, linewidth=0, label=label)


def _label_thresholds(ax: Axes, thresholds: Sequence[FloatArray]) -> None:
    low, high = min(float(each[0]) for each in thresholds), max(float(each[-1]) for each in thresholds)
    ax.set_xlim(low, high if high > low else 1.0)
    ax.xaxis.set_major_formatter(lambda risk, _: percent_label(risk))
    ax.set_xlabel("threshold: the risk from which acting pays")
