"""Answers of a command as one offline page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from riskdec._base.result import Report


def write_pages(found: Sequence[Report], path: Path, *, title: str) -> None:
    """Write one answer as its page, or several below each other as one page.

    Parameters
    ----------
    found : sequence of Report
        At least one answer.
    path : Path
        Where to write; an existing file is replaced, whole.
    title : str
        Of the page, where it holds several answers.
    """
    from riskdec.report import join_pages, page_of, write_page

    pages = tuple(page_of(one) for one in found)
    question = f"{pages[0].question} {pages[-1].question}" if len(pages) > 1 else pages[0].question
    # Each answer under its name: the second may not say yes to what the first denies.
    answer = " ".join(f"{page.title}: {page.answer}" for page in pages)
    whole = pages[0] if len(pages) == 1 else join_pages(title=title, question=question, answer=answer, pages=pages)
    write_page(whole, path)
