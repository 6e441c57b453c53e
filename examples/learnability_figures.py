"""The two figures of `learnability_imbalance.py`, drawn from figures that are computed already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from learnability_analysis import MARGINS

from riskdec._base.table import percent
from riskdec.plot.axes import new_figure
from riskdec.plot.style import BLUE, FAINT, INK, MUTED, VERMILION, style

if TYPE_CHECKING:
    from pathlib import Path

    from learnability_analysis import BalanceFigures, Mean
    from matplotlib.axes import Axes

TITLES = {
    "plain": "Interpolating: no regularisation",
    "regularised": "Regularised: augmentation, dropout, weight decay",
}


def draw_effects(path: Path, epochs: np.ndarray, effects: dict[str, dict[str, list[Mean]]]) -> None:
    """Draw what weights and shifts of the logits did to recalls, epoch by epoch, one panel for each arm."""
    with style():
        figure = new_figure(9.6, 3.9)
        for ax, (arm, found) in zip(figure.subplots(1, len(effects), sharey=True), effects.items(), strict=True):
            ax.axhspan(-MARGINS["slope"], MARGINS["slope"], color=FAINT, alpha=0.6, linewidth=0)
            _line(ax, epochs, found["calibrated shift"], MUTED, "the weights as a shift of calibrated logits")
            _line(ax, epochs, found["shift"], BLUE, "the weights as a shift of the plain logits")
            _line(ax, epochs, found["slope"], VERMILION, "the weights in training")
            ax.set_title(TITLES[arm])
            ax.set_xlabel("epoch")
            ax.set_xlim(0, epochs[-1] + 0.5)
        figure.axes[0].set_ylabel("change of recall per unit of log weight")
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles[::-1], labels[::-1], loc="outside lower center", ncols=3)
        save(figure, path)


def draw_recalls(
    path: Path,
    names: list[str],
    recalls: dict[str, tuple[np.ndarray, np.ndarray]],
    offsets: dict[str, BalanceFigures],
) -> None:
    """Draw the recalls of the classes before and after, at the last epoch, one panel for each arm."""
    with style():
        figure = new_figure(9.6, 5.6)
        order = np.argsort(recalls["plain"][0])
        for ax, (arm, (plain, weighted)) in zip(figure.subplots(2, 1, sharex=True), recalls.items(), strict=True):
            bars = {
                "plain": (plain, MUTED),
                "recall-driven weights": (weighted, VERMILION),
                "plain, offsets after calibration": (offsets[arm].offset, BLUE),
            }
            for place, (label, (values, color)) in enumerate(bars.items()):
                ax.bar(np.arange(len(order)) + 0.28 * (place - 1), values[order], 0.26, color=color, label=label)
            ax.set_title(TITLES[arm])
            ax.set_ylim(0, 1)
            ax.yaxis.set_major_formatter(lambda share, _: percent(share, 0))
            ax.set_ylabel("recall on test images")
            ax.tick_params(axis="x", length=0)
        ax.set_xticks(range(len(order)), [names[k] for k in order])
        figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        save(figure, path)


def save(figure: object, path: Path) -> None:
    """Write a figure as SVG without a date; letters are outlines."""
    with mpl.rc_context({"svg.hashsalt": "riskdec", "svg.fonttype": "path"}):
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _line(ax: Axes, epochs: np.ndarray, means: list[Mean], color: str, label: str) -> None:
    estimate, low, high = np.array(means).T
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.fill_between(epochs, low, high, color=color, alpha=0.15, linewidth=0)
    ax.plot(epochs, estimate, "o-", color=color, markersize=3.5, linewidth=1.6, label=label)
