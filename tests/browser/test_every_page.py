"""Every answer that has a page, looked at as its readers do: on screen, in the dark, without scripts, printed, by key.

The pages hold the names of `conftest.HOSTILE`. Contrast is that of the Web Content Accessibility Guidelines 2.2, from
the colours that the browser computed.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from riskdec._base.result import Report
from riskdec.report import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

# Names of the classes, so that tests have names before any answer is computed.
NAMES = (
    "CalibrationHeterogeneity",
    "CalibrationReport",
    "DecisionCurve",
    "DecisionEvaluation",
    "Decisions",
    "DeferralCertificate",
    "Detections",
    "MulticlassCalibrationReport",
    "PolicyCheck",
    "SceneEvaluation",
    "SubgroupReport",
    "WeightSweep",
    "WeightingComparison",
)
# The worst contrast of any visible text, with the text: its colour against the nearest background that is painted.
CONTRAST = """() => {
  const numbers = (css) => css.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = numbers(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  let worst = [99, ""];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (!text || element.closest("script, noscript, svg, option") || !element.getClientRects().length) continue;
    const pair = [numbers(getComputedStyle(element).color).slice(0, 3), behind(element)].map(luminance);
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < worst[0]) worst = [ratio, text.slice(0, 60)];
  }
  return worst;
}"""
# What a row of Tab presses reaches, in order.
FOCUSED = """() => {
  const at = document.activeElement;
  const name = at.getAttribute("aria-label") || at.innerText || at.id || at.getAttribute("href");
  return [at.tagName, name, getComputedStyle(at).outlineStyle, at.getAttribute("data-seen")];
}"""
REACHABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']"


@pytest.fixture(scope="module", params=NAMES)
def written(
    request: pytest.FixtureRequest, answers: dict[str, Report], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return answers[request.param].to_html(tmp_path_factory.mktemp("pages") / "page.html")


@pytest.fixture(scope="module")
def tab(browser: Browser, written: Path) -> Iterator[tuple[Page, list[str]]]:
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url) if asked.url.startswith("http") else None)
    page.goto(written.as_uri())
    yield page, complaints
    page.close()


def test_every_report_is_looked_at_here() -> None:
    known = {cls for cls in Report.__subclasses__() if getattr(sys.modules[cls.__module__], cls.__name__, None) is cls}
    ours = {cls.__name__ for cls in known if cls.__module__.startswith("riskdec.")}
    assert ours == set(NAMES)
    assert all(page_of.dispatch(cls) is not page_of.dispatch(object) for cls in known if cls.__name__ in NAMES)


def test_it_is_small_and_starts_with_question_and_answer(written: Path, browser: Browser) -> None:
    assert written.stat().st_size < 1_000_000
    page = browser.new_page(java_script_enabled=False)
    page.goto(written.as_uri())
    for kind in ("h1", "header .question", "main > .answer", "main img", "main table", "#method"):
        assert page.locator(kind).first.is_visible(), kind
    first = page.locator("main > .answer").first.bounding_box()
    assert first is not None
    assert first["y"] < 400
    page.close()


def test_it_complains_about_nothing_and_names_are_text(tab: tuple[Page, list[str]]) -> None:
    page, complaints = tab
    assert complaints == []
    assert "broken" not in page.title()
    assert page.locator("img[onerror], a[href^=javascript]").count() == 0
    assert "\u202e" not in page.content()
    assert "\x1b" not in page.content()


def test_text_stands_out_from_what_is_behind_it(tab: tuple[Page, list[str]]) -> None:
    for scheme in ("dark", "light"):
        tab[0].emulate_media(color_scheme=scheme)
        ratio, text = tab[0].evaluate(CONTRAST)
        assert ratio >= 4.5, (scheme, text)


def test_pictures_say_in_words_what_they_show(tab: tuple[Page, list[str]]) -> None:
    alts = tab[0].locator("img").evaluate_all("images => images.map((image) => image.alt)")
    assert alts
    assert all(len(alt) > 60 for alt in alts)


def test_headings_go_down_one_step_at_a_time_and_parts_have_names(tab: tuple[Page, list[str]]) -> None:
    page = tab[0]
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map((one) => Number(one.tagName[1]))")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("html").get_attribute("lang") == "en"
    ids = page.locator("[id]").evaluate_all("all => all.map((one) => one.id)")
    assert len(ids) == len(set(ids))
    nameless = "all => all.filter((one) => !one.labels.length && !one.getAttribute('aria-label')).length"
    assert page.locator("input").evaluate_all(nameless) == 0
    pointers = "all => all.filter((one) => !document.getElementById(one.getAttribute('aria-labelledby'))).length"
    assert page.locator("[aria-labelledby]").evaluate_all(pointers) == 0
    assert page.locator("thead th:not([scope]), tbody th:not([scope])").count() == 0


def test_all_that_can_be_worked_is_reached_by_key_and_seen(tab: tuple[Page, list[str]]) -> None:
    page = tab[0]
    wanted: Any = page.locator(REACHABLE).evaluate_all("all => all.filter((one) => one.getClientRects().length).length")
    page.locator(REACHABLE).evaluate_all("all => all.forEach((one, k) => one.setAttribute('data-seen', k))")
    seen = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        tag, name, outline, number = page.evaluate(FOCUSED)
        assert outline != "none", (tag, name)
        seen.append(number)
    assert len(set(seen)) == wanted
    assert None not in seen


def test_it_fits_on_paper(tab: tuple[Page, list[str]]) -> None:
    page = tab[0]
    # A4 less margins of 15 mm is 680 pixels wide.
    page.set_viewport_size({"width": 680, "height": 950})
    page.emulate_media(media="print", color_scheme="dark")
    for kind in (".skip", "nav", ".explorer .settings"):
        assert not any(page.locator(kind).evaluate_all("all => all.map((one) => one.getClientRects().length > 0)"))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    ratio, text = page.evaluate(CONTRAST)
    assert ratio >= 4.5, text
    wide = "all => all.map((one) => [one.getBoundingClientRect().right, one.innerText.slice(0, 80)])"
    for right, text in page.locator("table, img, p, li").evaluate_all(wide):
        assert right <= 681, text
    page.emulate_media(media="screen", color_scheme="light")
