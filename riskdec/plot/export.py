"""Drawings as SVG bytes: the same numbers give the same bytes."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, cast

import matplotlib
import matplotlib.style
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text

from riskdec.plot.compact import compact_svg
from riskdec.plot.dispatch import draw
from riskdec.plot.style import FONT, MUTED, SMALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BOXES = "Boxes stand for letters that the font of this picture lacks; the tables hold the names in full."


def to_svg(result: object) -> bytes:
    """Draw an answer as a stand-alone SVG picture.

    Letters are stored as outlines, so that the picture looks the same on every machine; where the font lacks some, a
    line below says so. It holds neither date nor names of programs, and its ids are made from its content.

    Parameters
    ----------
    result : Result
        An answer that has a drawing.

    Returns
    -------
    bytes
        The SVG document, UTF-8.
    """
    with matplotlib.style.context("default"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = cast("Figure", draw(result).figure)
        matplotlib.rcParams.update({"svg.fonttype": "path", "svg.hashsalt": "riskdec"})
        shape = None
        if _lacks_letters(figure):
            figure.text(0.01, -0.01, _BOXES, family=FONT, fontsize=SMALL, color=MUTED, va="top", wrap=True)
            # The picture grows by the line.
            shape = "tight"
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches=shape)
    return compact_svg(buffer.getvalue())


def _lacks_letters(figure: Figure) -> bool:
    font = get_font(findfont(FONT))
    letters = {letter for text in figure.findobj(Text) for letter in text.get_text()}
    return any(not letter.isspace() and not font.get_char_index(ord(letter)) for letter in letters)
