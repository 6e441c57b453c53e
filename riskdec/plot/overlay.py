"""Several answers of one kind on the same axes: each drawing finds what is there already, and adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from matplotlib.cbook import normalize_kwargs
from matplotlib.lines import Line2D

from riskdec.plot.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

Answer = TypeVar("Answer")

# In the order in which lines take them.
COLORS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)

# Which answer a line stands for. It is asked about lines that stand on axes: what is wiped off them is forgotten.
_OF: WeakKeyDictionary[Line2D, object] = WeakKeyDictionary()


def remember(lines: list[Line2D], answer: object) -> None:
    """Keep in mind that these lines show this answer."""
    _OF.update(dict.fromkeys(lines, answer))


def answers_on(ax: Axes, kind: type[Answer]) -> list[Answer]:
    """Give the answers of a class that axes show, in the order in which they were drawn."""
    found = (_OF.get(line) for line in ax.get_lines())
    return list(dict.fromkeys(answer for answer in found if isinstance(answer, kind)))


def line_color(place: int) -> str:
    """Give the colour of the line at a place, counted from 0."""
    return COLORS[place % len(COLORS)]


def line_look(ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the properties of a line: ours where the caller names no others, by long or short names.

    >>> line_look({"color": "black", "linewidth": 2.0}, {"lw": 1.0})
    {'color': 'black', 'linewidth': 1.0}
    """
    return {**ours, **normalize_kwargs(dict(theirs or {}), Line2D)}
