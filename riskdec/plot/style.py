"""Colours, sizes and text of all drawings; nothing here touches the session's own settings."""

from __future__ import annotations

import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.colors import to_rgb

if TYPE_CHECKING:
    from collections.abc import Iterator

INK = "#1f2328"
MUTED = "#59636e"
FAINT = "#c8d0d8"

# Okabe and Ito's palette (2008, jfly.uni-koeln.de/color): told apart with every common colour vision.
BLUE = "#0072b2"
VERMILION = "#d55e00"
GREEN = "#009e73"
ORANGE = "#e69f00"
SKY = "#56b4e9"
PURPLE = "#cc79a7"
YELLOW = "#f0e442"

# It comes with matplotlib, so that pictures look the same everywhere.
FONT = "DejaVu Sans"
SMALL = 8.5
NORMAL = 9.5

# Unicode's control characters, lone surrogates and line separators; embeddings, overrides and isolates of direction.
_CONTROL = frozenset(("Cc", "Cs", "Zl", "Zp"))
_DIRECTION = frozenset(("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"))

# Axes are looked at on paper and on screens, always on white. `$` and TeX mean nothing in a column name.
_SETTINGS: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "white",
    "axes.labelcolor": INK,
    "axes.labelsize": NORMAL,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": NORMAL + 1,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.family": [FONT],
    "font.size": NORMAL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": SMALL,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in our style for as long as the block lasts; the session's settings come back after it."""
    with matplotlib.rc_context(_SETTINGS):
        yield


def text_on(color: str) -> str:
    """Give the text colour that stands out more on a background: white or ink."""
    return max(("white", INK), key=lambda text: _contrast(text, color))


def visible(text: object) -> str:
    r"""Give text in which nothing is hidden: control and direction characters are spelled out.

    Names come from anywhere. A right-to-left override inside one would turn round the words after it.

    Examples
    --------
    >>> print(visible("age\u202egnp.exe"))
    age\u202egnp.exe
    """
    return "".join(_spell(character) for character in str(text))


def short(text: object, length: int = 28) -> str:
    """Give visible text of at most `length` characters, its end cut off with an ellipsis.

    Examples
    --------
    >>> short("blood_pressure_at_first_visit", 15)
    'blood_pressure…'
    """
    shown = visible(text)
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def _spell(character: str) -> str:
    hidden = unicodedata.category(character) in _CONTROL or unicodedata.bidirectional(character) in _DIRECTION
    return f"\\u{ord(character):04x}" if hidden else character


def _contrast(one: str, other: str) -> float:
    # Contrast ratio of the Web Content Accessibility Guidelines 2.1.
    dark, light = sorted(_luminance(color) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
