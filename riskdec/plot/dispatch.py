"""The one entry: `draw` finds the drawing that belongs to the class of an answer."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@singledispatch
def draw(result: object, ax: Axes | None = None) -> Axes | Figure:
    """Draw an answer from the numbers it holds.

    Nothing is computed, shown or saved, and the session's settings stay as they are.

    Parameters
    ----------
    result : Result
        An answer of riskdec, such as a `ReliabilityCurve` or `Decisions`.
    ax : matplotlib Axes, optional
        Where to draw the main panel. Without it a new figure is made, with the panels beside it.

    Returns
    -------
    Axes or Figure
        The Axes, or the Figure where there are several panels. `.figure` works on both.

    Raises
    ------
    InputError
        If the class of the answer has no drawing.

    Examples
    --------
    >>> from riskdec.diagnostics import reliability_curve
    >>> from riskdec.plot import draw
    >>> curve = reliability_curve([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.9], band=None)
    >>> draw(curve).figure.axes[0].get_ylabel()
    'observed event rate'
    """
    raise refuse("result", "be an answer that has a drawing", f"a {type(result).__name__}", "Use its .summary().")
