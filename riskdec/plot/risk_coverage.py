"""Drawing of selective evaluation: cost over coverage, accepted cases alone and all cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from riskdec.decisions import RiskCoverage
from riskdec.plot.axes import new_figure, percent_label
from riskdec.plot.dispatch import draw
from riskdec.plot.overlay import answers_on, line_look, remember
from riskdec.plot.reliability import CLEAR, LEGEND
from riskdec.plot.style import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILION, short, style

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of curves that are added; the first one has one colour for each of its costs.
_ADDED = (GREEN, PURPLE, VERMILION, SKY)
_ACCEPTED = "accepted cases, over all cases"
_ALL = "all cases, deferred ones priced"


@draw.register(RiskCoverage)
def draw_risk_coverage(
    curve: RiskCoverage,
    ax: Axes | None = None,
    *,
    name: str | None = None,
    curve_kwargs: Mapping[str, Any] | None = None,
) -> Axes:
    """Draw mean cost over the share of cases decided.

    Parameters
    ----------
    curve : RiskCoverage
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default. Where it shows other such curves, one line is added: the cost of all
        cases if deferring has a price, else that of the accepted ones over all cases.
    name : str, optional
        Of the model, for the legend.
    curve_kwargs : mapping, optional
        Properties of that line, as matplotlib's ``plot`` takes them.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    with style():
        ax = ax or new_figure(6.6, 4.0).add_subplot()
        before = answers_on(ax, RiskCoverage)
        if curve in before:
            return ax
        of = "" if name is None else f"{short(name)}: "
        is_priced = not np.isnan(curve.best_cost)
        color = ORANGE if is_priced else BLUE
        if before:
            color = _ADDED[(len(before) - 1) % len(_ADDED)]
        else:
            ax.plot(curve.coverage, curve.accepted_cost, color=MUTED, linewidth=1.4, label=f"{of}per accepted case")
        if is_priced and not before:
            ax.plot(curve.coverage, curve.generalised_cost, color=BLUE, linewidth=2.2, label=f"{of}{_ACCEPTED}")
        look = line_look(
            {"color": color, "linewidth": 2.2, "label": f"{of}{_ALL if is_priced else _ACCEPTED}"}, curve_kwargs
        )
        remember(ax.plot(curve.coverage, curve.total_cost if is_priced else curve.generalised_cost, **look), curve)
        _mark_cheapest(curve, ax, color=INK if not before else look["color"], with_words=not before)
        ax.set_xlim(0, 1)
        ax.set_ylim(bottom=min(0.0, *(float(each.generalised_cost.min()) for each in [*before, curve])))
        ax.xaxis.set_major_formatter(lambda share, _: percent_label(share))
        ax.set_xlabel("coverage: share of cases decided, the surest first")
        ax.set_ylabel("mean cost")
        # Names make labels too long to stand side by side.
        ax.legend(**LEGEND, ncols=1 if of else 2)
        return ax


def _mark_cheapest(curve: RiskCoverage, ax: Axes, *, color: str, with_words: bool) -> None:
    if np.isnan(curve.best_cost):
        return
    place = (curve.best_coverage, curve.best_cost)
    ax.plot(*place, "o", color=color, markersize=5)
    if with_words:
        words = f"cheapest at {percent_label(round(curve.best_coverage, 3))}"
        look: dict[str, Any] = {"ha": "center", "va": "top", "weight": "bold", "bbox": CLEAR}
        ax.annotate(words, place, (0, -14), textcoords="offset points", **look)
