"""Drawings as SVG bytes: the same numbers give the same bytes."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, cast

import matplotlib
import matplotlib.style

from riskdec.plot.dispatch import draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def to_svg(result: object) -> bytes:
    """Draw an answer as a stand-alone SVG picture.

    Letters are stored as outlines, so that the picture looks the same on every machine. It holds neither date nor
    names of programs, and its ids are made from its content.

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
        # A name in letters that the font lacks is drawn as boxes; the tables beside the picture hold it in full.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = cast("Figure", draw(result).figure)
        matplotlib.rcParams.update({"svg.fonttype": "path", "svg.hashsalt": "riskdec"})
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
