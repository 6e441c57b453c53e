"""Pictures for pages: the same bytes each time, no traces, and nothing left behind in the session."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import matplotlib
import matplotlib.style
import numpy as np
import pytest

from riskdec.decisions import CostMatrix, decide
from riskdec.errors import InputError
from riskdec.plot import draw, to_svg

if TYPE_CHECKING:
    from collections.abc import Callable

COSTS = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)


def test_same_answer_gives_same_bytes_whatever_the_session_looks_like() -> None:
    plain = to_svg(COSTS.regions())
    with matplotlib.style.context("dark_background"), matplotlib.rc_context({"svg.fonttype": "none", "font.size": 30}):
        assert to_svg(COSTS.regions()) == plain


def test_picture_holds_neither_date_nor_program_nor_anything_to_fetch() -> None:
    svg = to_svg(COSTS.regions()).decode("utf-8")
    ET.fromstring(svg)
    assert "date" not in svg.lower().replace("<dc:date/>", "")
    assert "Matplotlib" not in svg
    assert not re.search(r"<(script|image|foreignObject|a)\b", svg)
    assert all(link.startswith("#") for link in re.findall(r'xlink:href="([^"]*)"', svg))


def test_picture_is_small() -> None:
    assert len(to_svg(decide(np.linspace(0, 1, 50_000), COSTS))) < 200_000


@pytest.mark.parametrize(
    "name", ["$\\frac$", "a$b$c$", "<script>", "年齢", "\u202eexe", "\x00", "x" * 500, "\\", "{}%s"]
)
def test_any_name_can_be_drawn_without_a_warning(name: str) -> None:
    costs = CostMatrix([[0, 1], [5, 0]], outcomes=("no", name), actions=(name, "act"))
    svg = to_svg(decide([0.1, 0.9], costs))
    ET.fromstring(svg)
    assert b"<script" not in svg


def test_letters_that_the_font_lacks_are_told_below_the_picture() -> None:
    def picture(name: str) -> str:
        costs = CostMatrix([[0, 1], [5, 0]], outcomes=("no", name), actions=(name, "act"))
        return to_svg(decide([0.1, 0.9], costs)).decode("utf-8")

    assert "Boxes stand for letters" in picture("年齢")
    assert "Boxes stand for letters" not in picture("Größe in µm, возраст")


def test_drawing_changes_no_setting(make_curve: Callable[..., object]) -> None:
    before = dict(matplotlib.rcParams)
    for answer in (make_curve(), COSTS.regions(), decide([0.1], COSTS)):
        draw(answer)
        to_svg(answer)
    assert dict(matplotlib.rcParams) == before


def test_drawing_opens_no_window_and_needs_no_pyplot() -> None:
    code = (
        "import sys; from riskdec.decisions import CostMatrix; from riskdec.plot import to_svg;"
        "to_svg(CostMatrix.binary(false_positive=1, false_negative=2).regions());"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_figure_of_axes_and_of_figure_can_be_saved(make_curve: Callable[..., object], tmp_path: object) -> None:
    for i, answer in enumerate((make_curve(), COSTS.regions())):
        path = f"{tmp_path}/{i}.png"
        draw(answer).figure.savefig(path)
        with open(path, "rb") as stream:
            assert stream.read(4) == b"\x89PNG"


def test_an_answer_without_a_drawing_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"result must be an answer that has a drawing; got a dict\. Use its \.summary"
    ):
        draw({"risk": 0.1})


def test_coordinates_have_two_decimals_and_scales_all_theirs() -> None:
    svg = to_svg(COSTS.regions()).decode("utf-8")
    assert not re.search(r' (?:d|x|y)="[^"]*\.\d{3}', svg)
    assert re.search(r'transform="[^"]*scale\(0\.0\d{3,}\)', svg)
