"""Drawing of a training history: loss of the training part and of the held-out part, epoch by epoch."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from riskdec.nn.training.history import TrainingHistory
from riskdec.plot.axes import new_figure
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND
from riskdec.plot.style import BLUE, INK, MUTED, ORANGE, style


@draw.register
def draw_training(history: TrainingHistory, ax: Axes | None = None) -> Axes:
    """Draw the losses over the epochs, and mark the epoch that was kept.

    Parameters
    ----------
    history : TrainingHistory
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    epochs = [row.epoch for row in history.rows]
    best = history.best
    with style():
        ax = ax or new_figure(6.6, 4.0).add_subplot()
        ax.plot(epochs, [row.train_loss for row in history.rows], color=MUTED, linewidth=1.4, label="training loss")
        ax.plot(epochs, [row.log_loss for row in history.rows], color=ORANGE, linewidth=1.8, label="held out, as it is")
        ax.plot(
            epochs,
            [row.refinement for row in history.rows],
            color=BLUE,
            linewidth=2.2,
            label="held out, after a temperature",
        )
        ax.plot(best.epoch, best.refinement, "o", color=INK, markersize=5)
        ax.annotate(
            f"kept: epoch {best.epoch}",
            (best.epoch, best.refinement),
            (0, -14),
            textcoords="offset points",
            ha="center",
            va="top",
            weight="bold",
        )
        ax.set_ylim(bottom=0)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlabel("epoch")
        ax.set_ylabel("log loss in nats")
        ax.legend(**LEGEND)
        return ax
