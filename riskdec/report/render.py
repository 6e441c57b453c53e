"""A page as HTML: one file that needs nothing else, in which every name is text and nothing but text."""

from __future__ import annotations

import base64
import re
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from riskdec._base.findings import sort_findings
from riskdec._base.version import VERSION
from riskdec.plot import visible
from riskdec.report.page import has_explorer, sections_with_findings

if TYPE_CHECKING:
    from riskdec.report.page import Page

# Nothing is fetched: style is in the page, pictures are in the page. Nothing runs but our own scripts, by their hash.
CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
# Signs that mean nothing in an attribute between double quotation marks, nor in the data of an address.
_PLAIN = " !$'()*+,-./:;=?@_~"
# Longer tables are read in a program, and a page of them would be too heavy to send.
_MOST_ROWS = 150
_SCRIPTS = ("explorer_logic.js", "explorer_words.js", "explorer_drawing.js", "explorer_page.js")


def render_page(page: Page) -> str:
    """Render a page as an HTML document.

    The same page gives the same document: there is no date in it.

    Parameters
    ----------
    page : Page
        What to say.

    Returns
    -------
    str
        A complete document without anything to fetch; it has scripts only where costs can be changed.

    Examples
    --------
    >>> from riskdec.report import Page
    >>> html = render_page(Page(title="<b>", question="Is it safe?", answer="Yes."))
    >>> "<h1>&lt;b&gt;</h1>" in html
    True
    """
    template = _environment().get_template("page.html")
    sections = sections_with_findings(page)
    scripts = _scripts() if has_explorer(sections) else ()
    policy = CONTENT_POLICY + (f"; script-src {' '.join(map(_hash, scripts))}" if scripts else "")
    return template.render(page=page, sections=sections, scripts=scripts, policy=policy, version=VERSION)


@cache
def _scripts() -> tuple[Markup, ...]:
    """Give our own scripts as they stand in the package."""
    folder = files("riskdec.report").joinpath("templates")
    return tuple(Markup(folder.joinpath(name).read_text(encoding="utf-8")) for name in _SCRIPTS)


def _hash(script: str) -> str:
    digest = sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("riskdec.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["data_uri"] = _data_uri
    environment.filters["natural_width"] = _natural_width
    environment.filters["json_text"] = partial(htmlsafe_json_dumps, separators=(",", ":"))
    environment.filters["paragraphs"] = _paragraphs
    environment.filters["by_severity"] = sort_findings
    environment.filters["unbroken"] = _unbroken
    environment.globals["most_rows"] = _MOST_ROWS
    return environment


def _shown(value: object) -> object:
    # Markup comes from the template's own macros; all other text may hold names that came from anywhere.
    return value if isinstance(value, Markup) else visible(str(value).replace("\n", " "))


def _data_uri(svg: bytes) -> Markup:
    # What means something in HTML or in an address is written as its number; base64 would be a quarter longer.
    # XML takes single quotation marks too, which need no number; a picture that has some in its texts keeps its own.
    bare = re.sub(rb"\s*\n\s*", b" ", re.sub(rb"<!--.*?-->", b"", svg, flags=re.DOTALL).strip())
    return Markup("data:image/svg+xml," + quote(bare if b"'" in bare else bare.replace(b'"', b"'"), safe=_PLAIN))


def _natural_width(svg: bytes) -> str:
    """Give the width for which the letters of a picture were set; that of the text if it does not tell."""
    found = re.search(rb'<svg[^>]*?\swidth="([\d.]+)pt"', svg[:2000])
    return f"{float(found.group(1)):.0f}pt" if found else "44rem"


def _unbroken(text: str) -> str:
    # No line ends between a number and its percent sign.
    return re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", text)


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part.strip()]
