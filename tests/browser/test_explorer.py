"""The cost explorer in a real browser: what its controls show is what Python computes."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import riskdec as rd
from riskdec.decisions.judging.what_if import Setting, what_if
from riskdec.plot import visible
from riskdec.report.explorer import explore_report
from riskdec.scores.risk_bins import RiskBins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

LOGIC = Path(rd.__file__).parent / "report" / "templates" / "explorer_logic.js"
RNG = np.random.default_rng(12)
RISK = RNG.beta(1, 9, 6000)
Y = RNG.random(6000) < RISK
COSTS = {"false_positive": 1, "false_negative": 15, "defer": 0.6}

SETTINGS = [
    Setting(fp, fn, fee, se, sp, prevalence)
    for fp, fn, fee, (se, sp), prevalence in product(
        (1.0, 3.7), (0.4, 15.0, 900.0), (None, 0.02, 0.6), ((1.0, 1.0), (0.83, 0.91)), (0.0007, 0.1, 0.6)
    )
]


@pytest.fixture(scope="module")
def report() -> rd.CalibrationReport:
    return rd.diagnose(Y, RISK, costs=COSTS, n_resamples=99, rng=0)


@pytest.fixture
def tab(browser: Browser, report: rd.CalibrationReport, tmp_path: Path) -> Iterator[tuple[Page, list[str]]]:
    page = browser.new_page(viewport={"width": 900, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(report.to_html(tmp_path / "report.html").as_uri())
    yield page, complaints
    page.close()


def bins_and_start(report: rd.CalibrationReport) -> tuple[RiskBins, Setting]:
    explorer = explore_report(report)
    assert explorer is not None
    columns = {name: np.array(values) for name, values in explorer.payload["fits"][0]["bins"].items()}
    return RiskBins(**columns), Setting(**explorer.payload["setting"])


def flat(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in flat(item)]
    if isinstance(value, list):
        return [number for item in value for number in flat(item)]
    if isinstance(value, str):
        return [float(sum(map(ord, value)))]
    return [np.nan if value is None else float(value)]


def assert_same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    for name, value in ours.items():
        np.testing.assert_allclose(flat(theirs[name]), flat(value), rtol=1e-9, atol=1e-12, err_msg=name)


def test_the_module_computes_what_python_computes(tab: tuple[Page, list[str]], report: rd.CalibrationReport) -> None:
    bins, _ = bins_and_start(report)
    asked = [setting._asdict() for setting in SETTINGS]
    call = "([bins, settings]) => settings.map((setting) => riskdecWhatIf.whatIf(bins, setting))"
    found = tab[0].evaluate(call, [bins.to_dict(), asked])
    for setting, theirs in zip(SETTINGS, found, strict=True):
        assert_same(what_if(bins, setting).to_dict(), theirs)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_module_computes_the_same_without_a_page(report: rd.CalibrationReport) -> None:
    bins, start = bins_and_start(report)
    program = (
        f"{LOGIC.read_text('utf-8')}\nconst [bins, setting] = {json.dumps([bins.to_dict(), start._asdict()])};\n"
        "console.log(JSON.stringify(riskdecWhatIf.whatIf(bins, setting)));"
    )
    done = subprocess.run(["node", "-"], input=program, capture_output=True, text=True, check=True)
    assert_same(what_if(bins, start).to_dict(), json.loads(done.stdout))


def test_it_opens_at_the_costs_of_the_report_without_complaint(
    tab: tuple[Page, list[str]], report: rd.CalibrationReport
) -> None:
    page, complaints = tab
    bins, start = bins_and_start(report)
    assert_same(what_if(bins, start).to_dict(), page.evaluate("riskdecExplorers[0].result"))
    assert page.locator("[data-show=answer]").inner_text().startswith("negative below 4\u00a0%, defer from 4")
    assert complaints == []


def test_fields_and_sliders_move_the_results_to_what_python_computes(
    tab: tuple[Page, list[str]], report: rd.CalibrationReport
) -> None:
    page, complaints = tab
    bins, start = bins_and_start(report)
    page.locator("[id$=-false_negative]").fill("40")
    page.locator("[id$=-sensitivity]").fill("0.9")
    wanted = start._replace(false_negative=40.0, sensitivity=0.9)
    # The prevalence shows four digits, and all of them count as long as nobody changes it.
    assert page.locator("[id$=-prevalence]").input_value() == f"{start.prevalence:.4g}"
    assert_same(what_if(bins, wanted).to_dict(), page.evaluate("riskdecExplorers[0].result"))
    slider = page.locator("[data-name=fee] input[type=range]")
    slider.evaluate("(slider) => { slider.value = 300; slider.dispatchEvent(new Event('input')); }")
    fee = float(page.locator("[id$=-fee]").input_value())
    assert fee == pytest.approx(0.6 / 1000 * 10 ** (6 * 0.3), rel=0.005)
    wanted = wanted._replace(fee=fee)
    assert_same(what_if(bins, wanted).to_dict(), page.evaluate("riskdecExplorers[0].result"))
    page.locator("[data-name=may_defer]").uncheck()
    assert_same(what_if(bins, wanted._replace(fee=None)).to_dict(), page.evaluate("riskdecExplorers[0].result"))
    assert page.locator("[data-show=rows] tbody tr").count() == 2
    page.locator("[data-do=reset]").click()
    assert_same(what_if(bins, start).to_dict(), page.evaluate("riskdecExplorers[0].result"))
    assert complaints == []


def test_what_cannot_be_asked_is_marked_and_changes_nothing(tab: tuple[Page, list[str]]) -> None:
    page, complaints = tab
    before = page.evaluate("JSON.stringify(riskdecExplorers[0].result)")
    for text in ("-3", "", "1e99"):
        page.locator("[id$=-false_positive]").fill(text)
        assert page.locator("[id$=-false_positive]").get_attribute("aria-invalid") == "true"
        said = page.locator("[data-show=answer]").inner_text()
        assert said == "A marked field lies outside what can be asked: cost of a false alarm, from 0.001 to 1000."
        assert page.evaluate("JSON.stringify(riskdecExplorers[0].result)") == before
    assert complaints == []


def test_a_link_shows_what_its_sender_saw(tab: tuple[Page, list[str]], browser: Browser) -> None:
    page, complaints = tab
    page.locator("[id$=-false_negative]").fill("33")
    page.locator("[data-name=may_defer]").uncheck()
    sent, seen = page.evaluate("location.href"), page.locator("[data-show=answer]").inner_text()
    assert "false_negative=33" in sent
    other = browser.new_page()
    other.goto(sent)
    assert other.locator("[data-show=answer]").inner_text() == seen
    other.goto(sent.replace("false_negative=33", "false_negative=<b>"))
    other.reload()
    assert other.locator("[data-show=answer]").inner_text().startswith("negative below 4\u00a0%")
    other.close()
    assert complaints == []


def test_the_python_line_makes_the_same_decisions(tab: tuple[Page, list[str]]) -> None:
    page, _ = tab
    line = page.locator("[data-show=python]").inner_text()
    decisions = eval(line, {"rd": rd, "risk": RISK})
    assert decisions.counts.tolist() == rd.decide(RISK, COSTS).counts.tolist()
    page.locator("[id$=-sensitivity]").fill("0.95")
    line = page.locator("[data-show=python]").inner_text()
    assert line.endswith('.with_test("expert", price=0.6, sensitivity=0.95, specificity=1))')
    assert eval(line, {"rd": rd, "risk": RISK}).n == 6000
    page.locator("[data-do=copy]").click()
    page.wait_for_function("document.querySelector('.copied').textContent !== ''")


def test_hostile_names_are_text(browser: Browser, hostile: tuple[str, ...], tmp_path: Path) -> None:
    for k, name in enumerate(hostile):
        costs = rd.CostMatrix.binary(**COSTS, actions=("leave", name, "wait"), outcomes=("no", name + "!"))
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message, seen=complaints: seen.append(message.text))
        page.on("pageerror", lambda error, seen=complaints: seen.append(str(error)))
        path = rd.diagnose(Y, RISK, costs=costs, n_resamples=99, rng=0).to_html(tmp_path / f"{k}.html")
        page.goto(path.as_uri())
        assert page.title() == "Calibration report"
        cells = page.locator("[data-show=rows] tbody th").all_inner_texts()
        # Control and direction characters are spelled out.
        assert name in cells or visible(name) in cells
        assert complaints == []
        page.close()


def test_without_scripts_the_start_is_readable(browser: Browser, report: rd.CalibrationReport, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.to_html(tmp_path / "report.html").as_uri())
    assert page.locator("noscript").first.inner_text().startswith("The controls need scripts")
    assert page.locator("[data-show=rows] tbody tr").count() == 3
    assert not page.locator(".explorer form").is_visible()
    context.close()
