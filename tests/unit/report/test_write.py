"""Pages are written whole or not at all, where the user said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskdec._base.table import Table
from riskdec.errors import InputError, PageSizeWarning
from riskdec.report import Page, Section, render_page, write_page, write_report

PAGE = Page(title="Größe ≤ 5 %", question="q", answer="a")


@pytest.mark.parametrize("kind", [str, Path])
def test_write_page_gives_the_path_of_a_utf8_file(tmp_path: Path, kind: type) -> None:
    path = write_page(PAGE, kind(tmp_path / "page.html"))
    assert path == tmp_path / "page.html"
    assert path.read_bytes().decode("utf-8") == render_page(PAGE)


def test_write_page_replaces_an_older_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("old" * 10_000)
    write_page(PAGE, tmp_path / "page.html")
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == render_page(PAGE)


def test_write_page_refuses_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"path must lie in a folder that exists; got '.*missing.page.html'"):
        write_page(PAGE, tmp_path / "missing" / "page.html")


def test_write_page_refuses_a_folder_as_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="path must name a file; got the folder"):
        write_page(PAGE, tmp_path)


def test_write_page_refuses_what_has_no_page_and_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("old")
    with pytest.raises(InputError, match="result must be an answer that has a page; got a dict"):
        write_page({"n": 1}, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text() == "old"


def test_write_report_puts_answers_into_one_page_in_their_order(
    report: object, comparison: object, evaluation: object, tmp_path: Path
) -> None:
    path = write_report([report, comparison, evaluation], tmp_path / "study.html", title="Wards & beds")
    text = path.read_text(encoding="utf-8")
    assert "<h1>Wards &amp; beds</h1>" in text
    headings = ["Calibration report", "What reweighting did", "What the decisions cost"]
    assert re.findall(r'<a href="#part-\d">([^<]+)</a><br>', text) == headings
    assert re.findall(r"<h2[^>]*>([^<]+)</h2>", text)[:3] == headings
    assert text.count('<h2 id="method">') == 1
    assert '<p class="question"></p>' not in text
    assert '<p class="answer"></p>' not in text
    assert len(text) < 1_000_000
    told = write_report((report,), path, question="Why?", answer="So.").read_text(encoding="utf-8")
    assert '<p class="question">Why?</p>' in told
    assert '<p class="answer">So.</p>' in told


@pytest.mark.parametrize(("answers", "got"), [([], "none"), ("report", "a str"), ({1: 2}, "a dict")])
def test_write_report_refuses_anything_but_answers(answers: object, got: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"answers must be a list of answers; got {got}"):
        write_report(answers, tmp_path / "page.html")
    with pytest.raises(InputError, match="result must be an answer that has a page; got a int"):
        write_report([3], tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_a_heavy_page_is_written_with_a_warning(tmp_path: Path) -> None:
    heavy = Page(title="t", question="q", answer="x" * 1_000_000)
    with pytest.warns(PageSizeWarning, match=r"RD800 .*the page heavy\.html has 1\.0 MB"):
        path = write_page(heavy, tmp_path / "heavy.html")
    assert path.read_text(encoding="utf-8") == render_page(heavy)


def test_a_long_table_is_cut_and_says_where_the_rest_is() -> None:
    def shown(n_rows: int) -> str:
        table = Table(header=("", "b"), rows=tuple((f"line {k}", "1") for k in range(n_rows)))
        return render_page(Page(title="t", question="q", answer="a", sections=(Section(heading="h", tables=(table,)),)))

    assert shown(150).count("<tr><th") == 150
    assert "The first 150" not in shown(150)
    assert shown(151).count("<tr><th") == 150
    assert "The first 150 of 151 lines; all numbers are in the .frame() or .to_dict() of the answer." in shown(151)
