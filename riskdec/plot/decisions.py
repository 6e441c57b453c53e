"""Drawing of decisions: the regions of risk above, and how many rows each action got below."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec._base.table import count, percent
from riskdec.decisions import Decisions
from riskdec.plot.axes import new_figure
from riskdec.plot.dispatch import draw
from riskdec.plot.regions import action_colors, draw_regions
from riskdec.plot.style import short, style

# Inches per bar.
_BAR = 0.42


@draw.register
def draw_decisions(decisions: Decisions, ax: Axes | None = None) -> Axes | Figure:
    """Draw decisions: what each action costs at each risk, which one wins where, and how many rows it got.

    Parameters
    ----------
    decisions : Decisions
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw the regions; the counts where there are no regions (three or more outcomes).

    Returns
    -------
    Axes or Figure
        `ax`; the new Figure of two panels; or the new Axes of the counts where there are no regions or given costs.
    """
    bars = _BAR * len(decisions.actions)
    with style():
        # Lines of costs that nobody gave would say what nobody knows; the regions stand beside the counts.
        if decisions.regions is None or not decisions.costs_given:
            ax = ax or new_figure(6.6, 0.9 + bars).add_subplot()
            _draw_counts(decisions, ax)
            return ax
        if ax is not None:
            return draw_regions(decisions.regions, ax)
        figure = new_figure(6.6, 5.0 + bars)
        upper, lower = figure.subplots(2, 1, height_ratios=(4.0, bars))
        draw_regions(decisions.regions, upper)
        _draw_counts(decisions, lower)
        return figure


def _draw_counts(decisions: Decisions, ax: Axes) -> None:
    where = {region.action: f", risk {region}" for region in decisions.regions or ()}
    # In the order of the risk; actions that no risk calls for come last.
    order = [decisions.actions.index(action) for action in dict.fromkeys((*where, *decisions.actions))]
    colors = action_colors(decisions.costs)
    names = [decisions.actions[a] for a in order]
    counts = decisions.counts[order]
    bars = ax.barh(range(len(names)), counts, height=0.7, color=[colors[name] for name in names])
    shares = [f"{count(rows)} ({percent(rows / max(decisions.n, 1))})" for rows in counts]
    ax.bar_label(
        bars, labels=[share + where.get(name, "") for share, name in zip(shares, names, strict=True)], padding=4
    )
    ax.set_yticks(range(len(names)), labels=[short(name, 20) for name in names])
    ax.invert_yaxis()
    ax.margins(x=0.75)
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    ax.spines["bottom"].set_visible(False)
    ax.set_title(f"what is done with the {count(decisions.n)} rows")
