"""Drawing of a validation by resampling: the calibration curve as it looks, and as it is to be expected."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from riskdec._base.table import count
from riskdec.plot.axes import new_figure, probability_axis, set_probability_axis
from riskdec.plot.dispatch import draw
from riskdec.plot.reliability import LEGEND, draw_diagonal
from riskdec.plot.style import BLUE, MUTED, style
from riskdec.resampling import BootstrapValidation


@draw.register
def draw_validation(validation: BootstrapValidation, ax: Axes | None = None) -> Axes:
    """Draw the smoothed event rate against the risk: apparent, and corrected for optimism.

    Parameters
    ----------
    validation : BootstrapValidation
        The answer to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Where it was drawn.
    """
    rates = np.concatenate([validation.curve_apparent, validation.curve_corrected])
    share = validation.n_events / validation.n
    spec = probability_axis("probability" if 0.1 <= share <= 0.9 else "logit", validation.curve_risk)
    with style():
        ax = ax or new_figure(5.6, 5.8).add_subplot()
        set_probability_axis(ax, "x", spec)
        set_probability_axis(ax, "y", spec, rates)
        draw_diagonal(ax, spec)
        by = "bootstrap" if validation.method == "bootstrap" else "cross-validation"
        ax.plot(
            validation.curve_risk,
            validation.curve_corrected,
            color=BLUE,
            linewidth=3,
            label=f"to expect on new rows ({by}, {count(validation.n_resamples)} times)",
            zorder=3,
        )
        ax.plot(
            validation.curve_risk,
            validation.curve_apparent,
            color=MUTED,
            linewidth=1.2,
            label="apparent: on the rows fitted on",
            zorder=4,
        )
        ax.legend(**LEGEND)
        return ax
