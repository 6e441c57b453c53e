"""Text in drawings hides nothing, and drawing leaves the session's settings alone."""

from __future__ import annotations

import contextlib

import matplotlib
import pytest

from riskdec.plot.style import BLUE, ORANGE, VERMILION, short, style, text_on, visible


def test_visible_leaves_ordinary_text_alone() -> None:
    text = "Größe <cm> $x$ 年齢 نام — 5 %"
    assert visible(text) == text


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\x00", "\x1b", "\n", "\u2028", "\ud800"])
def test_visible_spells_out_what_would_be_hidden(hidden: str) -> None:
    assert visible(f"a{hidden}b") == f"a\\u{ord(hidden):04x}b"


def test_short_cuts_after_spelling_out() -> None:
    assert short("\u202e" * 10, 8) == "\\u202e\\…"
    assert short("abc", 3) == "abc"


def test_style_gives_settings_back_after_an_error() -> None:
    before = dict(matplotlib.rcParams)
    with contextlib.suppress(ZeroDivisionError), style():
        assert matplotlib.rcParams["text.parse_math"] is False
        raise ZeroDivisionError
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("background", "text"), [("#000000", "white"), (BLUE, "white"), (ORANGE, "#1f2328"), (VERMILION, "#1f2328")]
)
def test_text_on_chooses_the_colour_that_stands_out(background: str, text: str) -> None:
    # Contrast ratios by the WCAG formula: white on BLUE 5.2 against ink 3.1; white on ORANGE 2.2 against ink 7.
    assert text_on(background) == text
