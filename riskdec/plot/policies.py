"""Drawings of what may change: zones of risk when costs are ranges, and the cost of a policy at other prevalences."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from riskdec.decisions import CostZones, PolicyCheck
from riskdec.decisions.zones.regions import risk_text
from riskdec.plot.axes import new_figure
from riskdec.plot.dispatch import draw
from riskdec.plot.style import BLUE, FAINT, GREEN, INK, MUTED, ORANGE, PURPLE, SMALL, VERMILION, short, style, text_on

_COLORS = (BLUE, VERMILION, GREEN, PURPLE)
# About as many letters fit across the axes.
_LETTERS = 70
_CLOSE = 0.09


@draw.register
def draw_zones(zones: CostZones, ax: Axes | None = None) -> Axes:
    """Draw the zones of risk as one strip: coloured where one action is robust, gray where it depends on the costs.

    Parameters
    ----------
    zones : CostZones
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    with style():
        ax = ax or new_figure(6.6, 1.5).add_subplot()
        names = [zone.action for zone in zones if zone.action != "ambiguous"]
        # The first and the last robust action keep the colours that they have in other drawings; defer is orange.
        colors = {name: _COLORS[i % len(_COLORS)] for i, name in enumerate(n for n in names if n != "defer")}
        colors |= {"defer": ORANGE, "ambiguous": FAINT}
        for zone in zones:
            ax.axvspan(zone.low, zone.high, color=colors[zone.action], linewidth=0)
            room = int(_LETTERS * (zone.high - zone.low))
            if room >= min(len(zone.action), 6):
                look: dict[str, Any] = {"ha": "center", "va": "center", "weight": "bold"}
                text = short(zone.action, room)
                ax.text((zone.low + zone.high) / 2, 0.5, text, color=text_on(colors[zone.action]), **look)
        cuts = [zone.low for zone in zones][1:]
        lifted = False
        for cut, before in zip(cuts, [-1.0, *cuts], strict=False):
            # Cuts next to each other are written at two heights.
            lifted = cut - before < _CLOSE and not lifted
            place = (0, 14 if lifted else 3)
            ax.axvline(cut, color="white", linewidth=1.0)
            ax.annotate(risk_text(cut), (cut, 1), place, textcoords="offset points", ha="center", fontsize=SMALL)
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        ax.set_yticks([])
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        ax.set_xlabel(f"risk of {short(zones.outcome)}")
        return ax


@draw.register
def draw_policy_check(check: PolicyCheck, ax: Axes | None = None) -> Axes:
    """Draw the mean cost of a policy at every prevalence, what it promised, and what it cost.

    Parameters
    ----------
    check : PolicyCheck
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    with style():
        ax = ax or new_figure(6.6, 4.0).add_subplot()
        confusion = check.evaluation.confusion
        share = float(confusion[-1].sum() / confusion.sum())
        if check.prevalence.size:
            ax.plot(check.prevalence, check.cost_at_prevalence, color=BLUE, linewidth=2, label="if prevalence changed")
        low, high = (check.realised_cost + sign * 1.96 * check.standard_error for sign in (-1, 1))
        ax.plot([share, share], [low, high], color=INK, linewidth=2)
        ax.plot([share], [check.realised_cost], "o", color=INK, label="realised, with 95 % interval")
        ax.axhline(check.promised_cost, color=VERMILION, linewidth=1.2, linestyle=(0, (4, 2)), label="promised")
        ax.set_xlim(0, 1)
        top = float(np.nanmax([high, check.promised_cost, *check.cost_at_prevalence]))
        ax.set_ylim(min(0.0, float(np.nanmin([low, check.promised_cost, *check.cost_at_prevalence]))), 1.1 * top or 1.0)
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        ax.set_xlabel(f"share of {short(check.evaluation.outcomes[-1])}")
        ax.set_ylabel("mean cost per row")
        ax.axvline(share, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)))
        ax.legend(loc="best")
        return ax
