"""Drawing of selective evaluation: cost over coverage, accepted cases alone and all cases."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from riskdec.decisions import RiskCoverage
from riskdec.plot.axes import new_figure, percent_label
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND
from riskdec.plot.style import BLUE, INK, MUTED, ORANGE, style


@draw.register
def draw_risk_coverage(curve: RiskCoverage, ax: Axes | None = None) -> Axes:
    """Draw mean cost over the share of cases decided.

    Parameters
    ----------
    curve : RiskCoverage
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
        ax.plot(curve.coverage, curve.accepted_cost, color=MUTED, linewidth=1.4, label="per accepted case")
        ax.plot(
            curve.coverage, curve.generalised_cost, color=BLUE, linewidth=2.2, label="accepted cases, over all cases"
        )
        if not np.isnan(curve.best_cost):
            ax.plot(
                curve.coverage, curve.total_cost, color=ORANGE, linewidth=2.2, label="all cases, deferred ones priced"
            )
            ax.plot(curve.best_coverage, curve.best_cost, "o", color=INK, markersize=5)
            words = f"cheapest at {percent_label(round(curve.best_coverage, 3))}"
            place = (curve.best_coverage, curve.best_cost)
            ax.annotate(words, place, (0, -14), textcoords="offset points", ha="center", va="top", weight="bold")
        ax.set_xlim(0, 1)
        ax.set_ylim(bottom=min(0.0, float(curve.generalised_cost.min())))
        ax.xaxis.set_major_formatter(lambda share, _: percent_label(share))
        ax.set_xlabel("coverage: share of cases decided, the surest first")
        ax.set_ylabel("mean cost")
        ax.legend(**LEGEND, ncols=2)
        return ax
