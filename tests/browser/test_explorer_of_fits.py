"""The cost explorer of several fits, and of decisions without outcomes: the choice of the risks, and its words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import riskdec as rd
from riskdec.decisions.judging.what_if import Setting, what_if
from riskdec.report import explorer_words as words
from riskdec.report.explorer import explore_comparison, explore_decisions
from riskdec.scores.risk_bins import RiskBins

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from riskdec.report.explorer import Explorer

NAME = "</script><script>document.title = 'broken'</script>"
RNG = np.random.default_rng(8)
X = RNG.normal(size=(3000, 2))
Y = RNG.random(3000) < 1 / (1 + np.exp(2.6 - X @ [1.0, 0.6]))
COSTS = {"false_positive": 1, "false_negative": 12, "defer": 0.5}
SETTINGS = [
    Setting(1.0, 12.0, 0.5, 1.0, 1.0, 0.1),
    Setting(0.00234, 1e5, None, 1.0, 1.0, 0.0007),
    Setting(3.7, 0.4, 0.31, 0.83, 0.91, 0.6),
    Setting(1e10, 2.5e9, 7e8, 0.5, 0.5, 0.987654),
    Setting(2.0, 30.0, 5.01, 0.995, 1.0, 0.253),
]


@pytest.fixture(scope="module")
def comparison() -> rd.WeightingComparison:
    schemes = ["none", "natural", (NAME, {0: 1, 1: 60})]
    return rd.compare_weighting(rd.LogisticRiskModel(), X, Y.astype(int), schemes=schemes, costs=COSTS, rng=0)


@pytest.fixture(scope="module")
def explorer(comparison: rd.WeightingComparison) -> Explorer:
    made = explore_comparison(comparison)
    assert made is not None
    return made


@pytest.fixture
def tab(browser: Browser, comparison: rd.WeightingComparison, tmp_path: Path) -> Iterator[tuple[Page, list[str]]]:
    page, complaints = browser.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(comparison.to_html(tmp_path / "weights.html").as_uri())
    yield page, complaints
    page.close()


def embedded(explorer: Explorer) -> list[RiskBins]:
    fits = [fit["bins"] for fit in explorer.payload["fits"]]
    return [RiskBins(**{name: np.array(values) for name, values in bins.items()}) for bins in fits]


def assert_same(page: Page, explorer: Explorer, setting: Setting) -> None:
    for theirs, bins in zip(page.evaluate("riskdecExplorers[0].results"), embedded(explorer), strict=True):
        ours = what_if(bins, setting).to_dict()
        for name in ("rows", "cost", "expected", "net_benefit", "curve", "flips"):
            wanted, got = (np.array(one, dtype=float) for one in (ours[name], theirs[name]))
            np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12, err_msg=name)


def shown(page: Page) -> dict[str, list[str]]:
    names = ["setting", "answer", "rows", "costs", "fits", "flips", "python"]
    there = [name for name in names if page.locator(f"[data-show={name}]").count()]
    cells = "one => [...one.querySelectorAll('th, td, li')].map((cell) => cell.textContent)"
    found = {name: page.locator(f"[data-show={name}]").evaluate(cells) for name in there}
    for name in {"setting", "answer", "python"}.intersection(there):
        found[name] = [page.locator(f"[data-show={name}]").text_content()]
    return {name: [(text or "").replace("\u00a0", " ") for text in texts] for name, texts in found.items()}


def test_every_fit_is_decided_by_its_own_risks_as_python_decides(
    tab: tuple[Page, list[str]], explorer: Explorer
) -> None:
    page, complaints = tab
    start = Setting(**explorer.payload["setting"])
    assert_same(page, explorer, start)
    page.locator("[id$=-false_negative]").fill("40")
    assert_same(page, explorer, start._replace(false_negative=40.0))
    page.locator("[id$=-prevalence]").fill("0.02")
    assert_same(page, explorer, start._replace(false_negative=40.0, prevalence=0.02))
    assert complaints == []


def test_the_choice_of_a_fit_moves_answer_tables_and_address(tab: tuple[Page, list[str]], explorer: Explorer) -> None:
    page, complaints = tab
    select, found = (
        page.locator("select"),
        [what_if(b, Setting(**explorer.payload["setting"])) for b in embedded(explorer)],
    )
    assert select.locator("option").all_inner_texts() == list(explorer.fits)
    assert NAME in explorer.fits
    assert page.get_by_label("decided by the risks of").count() == 1
    for k in range(len(explorer.fits)):
        select.select_option(str(k))
        assert shown(page)["answer"][0].endswith(words.fit_text(explorer.fits, found, k))
        assert page.locator("[aria-current=true] th").all_inner_texts() == [explorer.fits[k]]
        assert page.evaluate("location.href").endswith(f";fit={k}")
    select.focus()
    page.keyboard.press("Home")
    assert page.locator("[aria-current=true] th").inner_text() == "none"
    assert page.title() == "What reweighting did"
    assert complaints == []


def test_a_link_brings_the_fit_along_and_a_broken_one_the_start(
    tab: tuple[Page, list[str]], explorer: Explorer, browser: Browser
) -> None:
    page, complaints = tab
    at_start = shown(page)
    page.locator("select").select_option("0")
    page.locator("[id$=-false_positive]").fill("2")
    # The driver hears of a changed address a moment later than the page.
    sent, seen = page.evaluate("location.href"), shown(page)
    other = browser.new_page()
    other.on("pageerror", lambda error: complaints.append(str(error)))
    other.goto(sent)
    assert shown(other) == seen
    # The heading stands at the top of the window.
    top = other.get_by_role("heading", name="Weights or costs").evaluate("one => one.getBoundingClientRect().top")
    assert -1 < top < 60
    other.evaluate("address => { location.hash = address; }", sent.split("#")[1].replace("fit=0", "fit=1"))
    other.wait_for_function("riskdecExplorers[0].chosen() === 1")
    for broken in ("fit=99", "fit=1.5", "fit=-1", "fit=%E0%A4", "fit=<b>", "fit"):
        other.goto("about:blank")
        other.goto(sent.replace("fit=0", broken))
        assert shown(other) == at_start, broken
    other.close()
    assert complaints == []


@pytest.mark.parametrize("kind", ["diagnose", "compare", "decide"])
def test_without_scripts_the_page_says_what_it_says_with_them(
    kind: str, comparison: rd.WeightingComparison, browser: Browser, tmp_path: Path
) -> None:
    risk = 1 / (1 + np.exp(2.6 - X @ [1.0, 0.6]))
    made = {
        "diagnose": lambda: rd.diagnose(Y, risk, n_resamples=50, rng=0),
        "compare": lambda: comparison,
        "decide": lambda: rd.decide(
            risk,
            rd.CostMatrix.binary(false_positive=1, false_negative=7).with_test(
                "expert", price=0.05, sensitivity=0.9, specificity=0.97
            ),
        ),
    }[kind]()
    address = made.to_html(tmp_path / "page.html").as_uri()
    said: list[dict[str, Any]] = []
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(address)
        assert page.locator(".explorer form").is_visible() is scripts
        said.append(shown(page))
        context.close()
    assert said[0] == said[1]


def test_words_are_those_of_python_letter_by_letter(tab: tuple[Page, list[str]], explorer: Explorer) -> None:
    page, names, actions = tab[0], ["none", "<b>", "x"], ["leave", "treat", "ask"]
    call = """([fits, names, actions, setting]) => {
      const all = fits.map((bins) => riskdecWhatIf.whatIf(bins, setting)), found = all[1], may = setting.fee !== null;
      return { setting: riskdecWords.setting(setting), answer: riskdecWords.answer(found, actions, true),
        promise: riskdecWords.answer(found, actions, false), fit: riskdecWords.fitAnswer(names, all, 1),
        rows: riskdecWords.rows(found, actions, may), costs: riskdecWords.costs(found, true),
        promised: riskdecWords.costs(found, false), fits: riskdecWords.fits(names, all),
        flips: riskdecWords.flips(found, setting), python: riskdecWords.python(setting, setting.prevalence) };
    }"""
    fits = embedded(explorer)[:3]
    for setting in SETTINGS:
        all_found = [what_if(bins, setting) for bins in fits]
        found, may = all_found[1], setting.fee is not None
        wanted = {
            "setting": words.setting_text(setting),
            "answer": words.answer_text(found, actions, outcomes=True),
            "promise": words.answer_text(found, actions, outcomes=False),
            "fit": words.fit_text(names, all_found, 1),
            "rows": [list(line) for line in words.row_lines(found, actions, may_defer=may)],
            "costs": [list(line) for line in words.cost_lines(found, outcomes=True)],
            "promised": [list(line) for line in words.cost_lines(found, outcomes=False)],
            "fits": [list(line) for line in words.fit_lines(names, all_found)],
            "flips": list(words.flip_lines(found, setting)),
            "python": words.python_line(setting),
        }
        given = page.evaluate(call, [[bins.to_dict() for bins in fits], names, actions, setting._asdict()])
        assert plain(given) == wanted


def test_numbers_are_written_as_python_writes_them(tab: tuple[Page, list[str]]) -> None:
    values = [0.0, 1.0, -2.5, 0.123456, 9999.6, 12345.6, 99.996, 1e-5, -3.21e-7, 1e9, 123456789012.0, 0.0001, 100.0]
    given = tab[0].evaluate("all => all.map((v) => [riskdecWords.number(v), riskdecWords.number(v, 3)])", values)
    assert given == [[words.number(value), words.number(value, 3)] for value in values]
    shares = [0.0, 1.0, 0.0625, 0.1875, 0.0004, 0.9997, 1 / 3, 0.00125, 0.5]
    found = tab[0].evaluate("all => all.map((v) => [riskdecWords.percent(v), riskdecWords.riskText(v)])", shares)
    assert plain(found) == [[words.percent(share), words.risk_text(share)] for share in shares]


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value.replace("\u00a0", " ")


def test_sliders_tell_their_value_and_not_their_place(tab: tuple[Page, list[str]]) -> None:
    page, _ = tab
    told = "all => all.map((one) => one.getAttribute('aria-valuetext'))"
    assert page.locator("input[type=range]").evaluate_all(told)[:2] == ["12", "1"]
    page.locator("[data-name=false_negative] input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[type=range]").evaluate_all(told)[0] == "12.2"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_of_the_drawings_stand_out(
    scheme: Any, comparison: rd.WeightingComparison, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(comparison.to_html(tmp_path / "weights.html").as_uri())
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    zones = "all => all.map((one) => [getComputedStyle(one).fill, Number(getComputedStyle(one).opacity)])"
    behind = [paper] + [over(paper, fill, share) for fill, share in page.locator(".zone").evaluate_all(zones)]
    letters = "all => all.map((one) => [one.getAttribute('class'), getComputedStyle(one).fill])"
    for kind, fill in page.locator(".drawing text").evaluate_all(letters):
        for ground in behind if kind == "zone-name" else behind[:1]:
            assert contrast(fill, ground) >= 4.5, (kind, fill, ground)
    page.close()


def over(paper: str, fill: str, share: float) -> str:
    mixed = [share * top + (1 - share) * below for top, below in zip(channels(fill), channels(paper), strict=True)]
    return f"rgb({mixed[0]}, {mixed[1]}, {mixed[2]})"


def channels(color: str) -> list[float]:
    return [float(text) for text in re.findall(r"[\d.]+", color)[:3]]


def contrast(color: str, ground: str) -> float:
    def luminance(text: str) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in channels(text))
        ]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    high, low = sorted([luminance(color), luminance(ground)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_decisions_are_explored_by_what_their_risks_promise(browser: Browser, tmp_path: Path) -> None:
    risk = RNG.beta(1, 6, 2500)
    decisions = rd.decide(risk, COSTS)
    made = explore_decisions(decisions)
    assert made is not None
    page, complaints = browser.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(decisions.to_html(tmp_path / "decisions.html").as_uri())
    rows = page.locator("[data-show=rows] tbody td:nth-child(2)").all_inner_texts()
    order = [decisions.actions.index(name) for name in ("negative", "defer", "positive")]
    assert [int(text.replace(",", "")) for text in rows] == decisions.counts[order].tolist()
    assert page.locator("[data-show=costs] thead th").all_inner_texts() == ["if the risks are right"]
    cost = page.locator("[data-show=costs] tbody tr:first-child td").inner_text()
    assert cost == f"{decisions.mean_expected_cost:.4g}"
    assert page.locator("select").count() == 0
    assert complaints == []
    page.close()
