"""Drawing of an evaluation of decisions: what they cost, beside what simpler rules would have cost."""

from __future__ import annotations

from matplotlib.axes import Axes

from riskdec._base.table import count, number
from riskdec.decisions import DecisionEvaluation
from riskdec.plot.axes import new_figure
from riskdec.plot.dispatch import draw
from riskdec.plot.style import BLUE, FAINT, short, style

_POLICY = "these decisions"


@draw.register
def draw_evaluation(evaluation: DecisionEvaluation, ax: Axes | None = None) -> Axes:
    """Draw the mean realised cost of decisions and of their baselines, the cheapest first.

    Parameters
    ----------
    evaluation : DecisionEvaluation
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    costs = [(_POLICY, evaluation.mean_realised_cost)]
    costs += [(short(baseline.name), baseline.mean_realised_cost) for baseline in evaluation.baselines]
    costs.sort(key=lambda pair: pair[1])
    with style():
        ax = ax or new_figure(6.6, 1.0 + 0.4 * len(costs)).add_subplot()
        names, values = zip(*costs, strict=True)
        rows = range(len(costs))
        bars = ax.barh(rows, values, height=0.7, color=[BLUE if name == _POLICY else FAINT for name in names])
        ax.bar_label(bars, labels=[number(value) for value in values], padding=4)
        ax.set_yticks(rows, labels=names)
        ax.get_yticklabels()[names.index(_POLICY)].set_fontweight("bold")
        ax.invert_yaxis()
        ax.margins(x=0.15)
        ax.axvline(0, color=FAINT, linewidth=0.8)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(f"mean realised cost per row ({count(evaluation.n)} rows)")
        return ax
