"""Pages hold every name as text, nest well, fetch nothing, and say everything that the page says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote_to_bytes

import pytest

from riskdec._base.findings import Finding
from riskdec._base.table import Table
from riskdec.report import Page, Reference, Section, render_page

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></svg>'

# What a column, an outcome, an action or a file may be called by someone who means harm.
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    '" onmouseover="alert(1)',
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!-- --><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}",
    "{% raw %}",
    "${7*7}",
    "$\\frac{a}{0}$",
    "&lt;b&gt;&amp;",
    "]]><x>",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
)
VOID = {"img", "link", "meta", "br", "hr", "input"}


class Reader(HTMLParser):
    """Reads a document strictly: what is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def page_full_of(name: str) -> Page:
    """A page in which every text is the same name."""
    finding = Finding(code="RD201", severity="issue", sentence=name, todo=name)
    inner = Table(title=name, header=("", name), rows=((name, name),), notes=(name,))
    table = Table(title=name, header=(name, name), rows=((name, name),), notes=(name,), sections=(inner,))
    section = Section(
        heading=name,
        question=name,
        answer=name,
        text=f"{name}\n\n{name}",
        figure=SVG,
        alt=name,
        caption=name,
        tables=(table,),
        findings=(finding,),
        sections=(Section(heading=name),),
    )
    return Page(
        title=name,
        question=name,
        answer=name,
        sections=(section,) * 3,
        findings=(finding,),
        method=(name,),
        references=(Reference(text=name), Reference(text=name, url="https://doi.org/10.1/x")),
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_are_text_and_nothing_but_text(payload: str) -> None:
    harmless, hostile = read(render_page(page_full_of("name"))), read(render_page(page_full_of(payload)))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in harmless.tags]
    assert [attrs.keys() for _, attrs in hostile.tags] == [attrs.keys() for _, attrs in harmless.tags]
    n_texts = sum(text.strip() == "name" for text in harmless.text)
    assert n_texts > 40
    assert sum(text.strip() == payload for text in hostile.text) == n_texts


@pytest.mark.parametrize("payload", PAYLOADS)
def test_alt_text_is_whole(payload: str) -> None:
    images = [attrs for tag, attrs in read(render_page(page_full_of(payload))).tags if tag == "img"]
    assert [image["alt"] for image in images] == [payload] * 3


def test_direction_of_words_cannot_be_turned_round() -> None:
    html = render_page(page_full_of("risk\u202etxt.exe"))
    assert "\u202e" not in html
    assert "risk\\u202etxt.exe" in html


def test_page_fetches_nothing_and_runs_nothing() -> None:
    reader = read(render_page(page_full_of("name")))
    tags = {tag for tag, _ in reader.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form"}
    for tag, attrs in reader.tags:
        assert not any(name.startswith("on") for name in attrs)
        assert (attrs.get("src") or "data:").startswith("data:")
        assert "href" not in attrs or tag == "a"
    style = reader.text[[tag for tag, _ in reader.tags].index("style")]
    assert "url(" not in style
    assert "@import" not in style


def test_policy_forbids_everything_but_own_style_and_pictures() -> None:
    metas = [attrs for tag, attrs in read(render_page(page_full_of("x"))).tags if tag == "meta"]
    policy = next(m["content"] for m in metas if m.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in str(policy).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "script-src" not in rules
    assert metas.index({"charset": "utf-8"}) == 0


def test_tables_have_captions_and_scopes() -> None:
    table = Table(title="Costs", header=("", "no", "yes"), rows=(("ill", "20", "0"),), notes=("a note",))
    html = render_page(Page(title="t", question="q", answer="a", sections=(Section(heading="h", tables=(table,)),)))
    assert "<caption>Costs</caption>" in html
    assert html.count('scope="col"') == 2
    assert re.search(r'<th scope="row">ill</th>\s*<td>20</td>\s*<td>0</td>', html)
    assert '<p class="note">a note</p>' in html


def test_headings_descend_one_level_at_a_time_and_ids_are_unique() -> None:
    reader = read(render_page(page_full_of("name")))
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    labels = [attrs["aria-labelledby"] for _, attrs in reader.tags if "aria-labelledby" in attrs]
    targets = [str(attrs["href"])[1:] for _, attrs in reader.tags if str(attrs.get("href", "")).startswith("#")]
    assert set(labels + targets) <= set(ids)


def test_findings_come_most_serious_first_and_say_their_severity() -> None:
    severities = ("good", "issue", "not applicable", "caution")
    findings = tuple(Finding(code="RD201", severity=s, sentence=f"a {s} one") for s in severities)
    html = render_page(Page(title="t", question="q", answer="a", findings=findings))
    words = re.findall(r"<strong>(issue|caution|good|not applicable)</strong>", html)
    assert words == ["issue", "caution", "good", "not applicable"]
    assert 'class="not-applicable"' in html


def test_no_line_ends_between_a_number_and_its_percent_sign() -> None:
    html = render_page(Page(title="t", question="q", answer="It rose from 5 % to 7 %, a third."))
    assert "It rose from 5\N{NO-BREAK SPACE}% to 7\N{NO-BREAK SPACE}%, a third." in html


def test_same_page_gives_same_document() -> None:
    assert render_page(page_full_of("x")) == render_page(page_full_of("x"))


def test_optional_parts_leave_no_empty_shells() -> None:
    html = render_page(Page(title="t", question="q", answer="a", sections=(Section(heading="h"),)))
    for absent in ("<figure", "<table", "<ul", "<nav", "References", "Method", "Findings"):
        assert absent not in html


def test_printed_pages_have_margins() -> None:
    assert "@page { margin: 15mm; }" in render_page(Page(title="t", question="q", answer="a"))


def test_a_picture_comes_back_as_it_was_and_cannot_leave_its_attribute() -> None:
    text = b'  <text x="1">&lt;\'"># 100 % \xe2\x89\xa4 &amp;</text>'
    svg = b'<svg width="72pt" xmlns="http://www.w3.org/2000/svg">\n' + text + b"\n</svg>\n"
    html = render_page(Page(title="t", question="q", answer="a", sections=(Section(heading="h", figure=svg, alt="x"),)))
    (source,) = re.findall(r'<img src="data:image/svg\+xml,([^"]*)" alt="x" style="--natural: 72pt">', html)
    assert not set(source) & set('<>"&#\n')
    assert unquote_to_bytes(source) == b" ".join(line.strip() for line in svg.splitlines())
