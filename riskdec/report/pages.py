"""The page of each answer: `page_of` finds the one that belongs to its class."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from riskdec._base.table import Table
    from riskdec.report.page import Page


@singledispatch
def page_of(result: object) -> Page:
    """Put an answer together as a page: question, answer, figure, numbers, findings, method.

    Parameters
    ----------
    result : Result
        An answer of riskdec, such as a `CalibrationReport` or `Decisions`.

    Returns
    -------
    Page
        Made from the numbers that the answer holds.

    Raises
    ------
    InputError
        If the class of the answer has no page.
    """
    raise refuse("result", "be an answer that has a page", f"a {type(result).__name__}", "Use its .summary().")


def without_findings(table: Table) -> Table:
    """Give a summary without its section of findings: on a page these have a place of their own."""
    return replace(table, sections=tuple(part for part in table.sections if part.title != "Findings"))
