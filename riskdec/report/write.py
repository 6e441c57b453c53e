"""Writing a page to a file, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from riskdec._base.checks import refuse
from riskdec._base.codes import warn
from riskdec._base.files import replacing
from riskdec.errors import PageSizeWarning
from riskdec.report.page import Page, join_pages
from riskdec.report.pages import page_of
from riskdec.report.render import render_page

if TYPE_CHECKING:
    from riskdec._base.result import Result

# What mail and chat programs take without ado.
MOST_BYTES = 1_000_000


def write_report(
    answers: Sequence[Result], path: str | Path, *, title: str = "Study", question: str = "", answer: str = ""
) -> Path:
    """Write several answers as one offline HTML page, in the order of the story.

    Each answer is a part with its own question, sentence, figure, numbers and findings; above them stands the list of
    the parts with their sentences, and method and references come once, at the end.

    Parameters
    ----------
    answers : sequence of Result
        Answers that have a page, such as those of `diagnose`, `compare_weighting`, `decide` and `evaluate_decisions`.
    path : str or Path
        Where to write, in a folder that exists.
    title : str
        What the study is about, in a line.
    question, answer : str, optional
        What was asked of the whole, and the answer in a sentence.

    Returns
    -------
    Path
        The file written, in one step.

    Raises
    ------
    InputError
        If there is no answer, one of them has no page, the folder does not exist, or `path` is a folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np, riskdec as rd
    >>> risk = np.tile([0.02, 0.1, 0.5], 200)
    >>> y = np.random.default_rng(0).random(600) < risk
    >>> decisions = rd.decide(risk, {"false_positive": 1, "false_negative": 9})
    >>> answers = [decisions, rd.evaluate_decisions(y, decisions)]
    >>> with TemporaryDirectory() as folder:
    ...     print(rd.write_report(answers, f"{folder}/study.html", title="Fever").name)
    study.html
    """
    if isinstance(answers, str) or not isinstance(answers, Sequence) or not answers:
        got = f"a {type(answers).__name__}" if answers else "none"
        raise refuse("answers", "be a list of answers", got, "For example [report, comparison, decisions].")
    pages = tuple(page_of(one) for one in answers)
    return write_page(join_pages(title=title, question=question, answer=answer, pages=pages), path)


def write_page(result: object, path: str | Path) -> Path:
    """Write an answer as one offline HTML page.

    The page takes the place of an older file in one step: whoever has the old one open never sees half of the new.

    Parameters
    ----------
    result : Result or Page
        An answer that has a page, or a page.
    path : str or Path
        Where to write, in a folder that exists.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the answer has no page, the folder does not exist, or `path` is a folder.

    Warns
    -----
    PageSizeWarning
        RD800 if the page is larger than 1 MB; it is written all the same.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise refuse("path", "lie in a folder that exists", f"{str(target)!r}", "Make the folder first.")
    if target.is_dir():
        raise refuse("path", "name a file", f"the folder {str(target)!r}", "Add a file name such as report.html.")
    html = render_page(result if isinstance(result, Page) else page_of(result))
    content = html.encode("utf-8")
    with replacing(target) as stream:
        stream.write(content)
    if len(content) > MOST_BYTES:
        message = (
            f"the page {target.name} has {len(content) / 1e6:.1f} MB, more than the {MOST_BYTES / 1e6:g} MB that pages "
            "are kept below, and was written whole. Split the study, or compare fewer at a time, if it must be sent."
        )
        warn("RD800", message, PageSizeWarning)
    return target
