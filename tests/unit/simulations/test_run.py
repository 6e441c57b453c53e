"""What a simulation prints goes between the marks of its page, and nothing else of the page changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulations import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "PAGES", tmp_path)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    return tmp_path


def test_new_page_has_the_description_of_its_module(pages: Path) -> None:
    run.keep("size_of_calibration_tests", "| a |")
    text = (pages / "size_of_calibration_tests.md").read_text(encoding="utf-8")
    assert text.startswith("# Size of calibration tests\n\nHow often tests of calibration reject risks that are right")
    assert f"{run.BEGIN}\n\n| a |\n\n{run.END}" in text


def test_text_around_the_marks_stays(pages: Path) -> None:
    page = pages / "some.md"
    page.write_text(f"before\n{run.BEGIN}\nold\n{run.END}\nafter\n", encoding="utf-8")
    run.keep("some", "new")
    run.keep("some", "newer")
    assert page.read_text(encoding="utf-8") == f"before\n{run.BEGIN}\n\nnewer\n\n{run.END}\nafter\n"


def test_page_without_marks_is_left_alone(pages: Path) -> None:
    page = pages / "some.md"
    page.write_text("written by hand\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"some.md must hold the marks"):
        run.keep("some", "new")
    assert page.read_text(encoding="utf-8") == "written by hand\n"


def test_every_simulation_is_found_and_can_be_run_by_name() -> None:
    names = run.simulations()
    assert {"size_of_calibration_tests", "coverage_of_reliability_bands"} <= set(names)
    assert not {"run", "markdown"} & set(names)


def test_what_main_prints_is_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from simulations import size_of_calibration_tests

    monkeypatch.setattr(size_of_calibration_tests, "main", lambda: print("  | a |  "))  # noqa: T201
    assert run.run("size_of_calibration_tests") == "| a |"
