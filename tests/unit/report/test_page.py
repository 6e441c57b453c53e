"""Pages join into a study without losing or repeating anything."""

from __future__ import annotations

import dataclasses

from riskdec._base.findings import Finding
from riskdec.report import Page, Reference, Section, join_pages, page_of
from riskdec.report.page import has_explorer, sections_with_findings

FINDING = Finding(code="RD201", severity="issue", sentence="off")
PART = Page(
    title="Part",
    question="Why?",
    answer="Because.",
    sections=(Section(heading="Inside"),),
    findings=(FINDING,),
    method=("How.",),
    references=(Reference(text="Book"),),
)


def test_join_pages_keeps_question_answer_findings_and_sections_of_each() -> None:
    story = Section(heading="Story")
    whole = join_pages(title="Study", question="What?", answer="That.", pages=(story, PART))
    assert (whole.title, whole.question, whole.answer) == ("Study", "What?", "That.")
    assert whole.sections[0] is story
    part = whole.sections[1]
    assert (part.heading, part.question, part.answer) == ("Part", "Why?", "Because.")
    assert part.sections == (*PART.sections, Section(heading="Findings", findings=(FINDING,)))


def test_join_pages_says_methods_and_references_once_in_order() -> None:
    other = Page(title="B", question="q", answer="a", method=("First.", "How."), references=(Reference(text="A"),))
    whole = join_pages(title="S", question="q", answer="a", pages=(PART, other, PART))
    assert whole.method == ("How.", "First.")
    assert [reference.text for reference in whole.references] == ["Book", "A"]


def test_findings_stand_after_the_figure_and_before_the_numbers() -> None:
    page = Page(title="t", question="q", answer="a", findings=(FINDING,))
    assert [part.heading for part in sections_with_findings(page)] == ["Findings"]
    page = dataclasses.replace(page, sections=(Section(heading="Figure"), Section(heading="Numbers")))
    assert [part.heading for part in sections_with_findings(page)] == ["Figure", "Findings", "Numbers"]
    assert sections_with_findings(dataclasses.replace(page, findings=())) == page.sections


def test_parts_without_outcomes_leave_the_costs_to_one_that_knows_them(report: object, decisions: object) -> None:
    alone = join_pages(title="S", question="q", answer="a", pages=(page_of(decisions),))
    assert has_explorer(alone.sections)
    both = join_pages(title="S", question="q", answer="a", pages=(page_of(report), page_of(decisions)))
    assert has_explorer(both.sections[:1])
    assert not has_explorer(both.sections[1:])
    assert [part.heading for part in both.sections[1].sections] == ["Which action at which risk", "The costs in words"]
