"""Pages open in a real browser from a file: no complaint, all pictures, nothing wider than the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import riskdec as rd
from riskdec.report import join_pages, page_of, write_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

HOSTILE = "<script>document.title = 'broken'</script>"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page with every kind of part, and a name that would break it if it were more than text."""
    rng = np.random.default_rng(7)
    risk = rng.beta(1, 15, 4000)
    y = rng.random(4000) < risk
    costs = rd.CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6, actions=("leave", "treat", HOSTILE))
    decisions = rd.decide(risk, costs)
    answers = (rd.diagnose(y, risk, n_resamples=99, rng=1), decisions, rd.evaluate_decisions(y, decisions))
    page = join_pages(
        title=f"Study of {HOSTILE}",
        question="Does it open?",
        answer="It does.",
        pages=tuple(page_of(answer) for answer in answers),
    )
    return write_page(page, tmp_path_factory.mktemp("pages") / "study.html")


@pytest.fixture(params=[(1200, "light"), (1200, "dark"), (390, "light"), (360, "dark")], ids=str)
def opened(request: pytest.FixtureRequest, browser: Browser, study: Path) -> Iterator[tuple[Page, list[str]]]:
    """The page on a screen of some width and colour scheme, and the complaints it made while loading."""
    width, scheme = request.param
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
    tab.goto(study.as_uri())
    yield tab, complaints
    tab.close()


def test_page_opens_without_complaint_and_without_asking_the_network(opened: tuple[Page, list[str]]) -> None:
    assert opened[1] == []


def test_title_and_headings_are_there_and_hostile_names_are_text(opened: tuple[Page, list[str]]) -> None:
    tab, _ = opened
    assert tab.title() == f"Study of {HOSTILE}"
    assert tab.locator("h1").inner_text() == f"Study of {HOSTILE}"
    assert tab.locator("h2").all_inner_texts()[:3] == ["Calibration report", "Decisions", "What the decisions cost"]
    # Four of our own, and the numbers of the cost explorer.
    assert tab.locator("script").count() == 5


def test_pictures_are_decoded(opened: tuple[Page, list[str]]) -> None:
    tab, _ = opened
    widths = tab.evaluate("Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))")
    assert len(widths) == 3
    assert min(widths) > 300


def test_page_is_no_wider_than_the_screen(opened: tuple[Page, list[str]]) -> None:
    tab, _ = opened
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def test_answer_can_be_reached_by_keyboard(opened: tuple[Page, list[str]]) -> None:
    tab, _ = opened
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    box = tab.locator(".skip").bounding_box()
    assert box is not None
    assert box["x"] >= 0
