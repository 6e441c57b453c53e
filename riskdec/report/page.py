"""What a page says, before it is rendered: frozen parts made of text, tables and pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.findings import Finding
    from riskdec._base.table import Table
    from riskdec.report.explorer import Explorer


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Where a method comes from.

    Attributes
    ----------
    text : str
        Authors, year, title, journal.
    url : str
        Where to read it; empty for a book.
    """

    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    heading : str
        One line.
    question, answer : str
        What the part asks and its answer in a sentence; both may be empty.
    text : str
        Further paragraphs, parted by empty lines.
    figure : bytes or None
        An SVG picture.
    alt : str
        What the picture shows, in words; a picture has one.
    caption : str
        How to read the picture.
    tables : tuple of Table
        The numbers.
    findings : tuple of Finding
        What was found.
    explorer : Explorer or None
        Costs that a reader may change.
    sections : tuple of Section
        Parts of this part.
    """

    heading: str
    question: str = ""
    answer: str = ""
    text: str = ""
    figure: bytes | None = None
    alt: str = ""
    caption: str = ""
    tables: tuple[Table, ...] = ()
    findings: tuple[Finding, ...] = ()
    explorer: Explorer | None = None
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """A whole page.

    Attributes
    ----------
    title : str
        One line.
    question, answer : str
        What was asked, and the answer in a sentence; empty only where the parts ask and answer.
    sections : tuple of Section
        Figures and numbers.
    findings : tuple of Finding
        What was found; the most serious first.
    method : tuple of str
        How it was done, a paragraph each.
    references : tuple of Reference
        Where the method comes from.
    """

    title: str
    question: str
    answer: str
    sections: tuple[Section, ...] = ()
    findings: tuple[Finding, ...] = ()
    method: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()


def join_pages(*, title: str, question: str, answer: str, pages: tuple[Page | Section, ...]) -> Page:
    """Make one page of several: each becomes a part with its own question, answer and findings.

    Parameters
    ----------
    title, question, answer : str
        Those of the whole; question and answer may be empty.
    pages : tuple of Page or Section
        The parts, in the order of the story.

    Returns
    -------
    Page
        Method and references of all parts stand once, at the end. Where one part explores costs by the outcomes, parts
        that know none leave it to that one.

    Examples
    --------
    >>> first = Page(title="Calibration", question="Are they right?", answer="Yes.", method=("Isotonic.",))
    >>> whole = join_pages(title="Study", question="What to do?", answer="Treat.", pages=(first, first))
    >>> [part.heading for part in whole.sections], whole.method
    (['Calibration', 'Calibration'], ('Isotonic.',))
    """
    whole = [page for page in pages if isinstance(page, Page)]
    sections = tuple(page if isinstance(page, Section) else _as_section(page) for page in pages)
    if any(explorer.outcomes for explorer in _explorers(sections)):
        sections = _without_promises(sections)
    return Page(
        title=title,
        question=question,
        answer=answer,
        sections=sections,
        method=tuple(dict.fromkeys(text for page in whole for text in page.method)),
        references=tuple(dict.fromkeys(reference for page in whole for reference in page.references)),
    )


def sections_with_findings(page: Page) -> tuple[Section, ...]:
    """Give the sections of a page, its findings among them: after the first one, which holds the figure."""
    if not page.findings:
        return page.sections
    findings = Section(heading="Findings", findings=page.findings)
    return (*page.sections[:1], findings, *page.sections[1:])


def has_explorer(sections: tuple[Section, ...]) -> bool:
    """Tell whether a reader may change costs in any of the parts, or in parts of them."""
    return next(_explorers(sections), None) is not None


def _explorers(sections: tuple[Section, ...]) -> Iterator[Explorer]:
    for part in sections:
        if part.explorer is not None:
            yield part.explorer
        yield from _explorers(part.sections)


def _without_promises(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Leave out the parts that explore costs without outcomes."""
    return tuple(
        replace(part, sections=_without_promises(part.sections))
        for part in sections
        if part.explorer is None or part.explorer.outcomes
    )


def _as_section(page: Page) -> Section:
    inside = sections_with_findings(page)
    return Section(heading=page.title, question=page.question, answer=page.answer, sections=inside)
