"""Every page says what was asked, the answer, the figure, the numbers, the findings and the method."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import numpy as np
import pytest

from riskdec import LogisticRiskModel
from riskdec._base.findings import Finding
from riskdec.decisions import CostMatrix, decide, evaluate_decisions
from riskdec.diagnostics import CalibrationReport, diagnose
from riskdec.errors import InputError
from riskdec.report import page_of, render_page, write_page
from riskdec.weighting import compare_weighting

ANSWERS = ("report", "decisions", "evaluation", "comparison")


@pytest.fixture(params=ANSWERS)
def answer(request: pytest.FixtureRequest) -> object:
    return request.getfixturevalue(request.param)


def test_page_is_complete(answer: object) -> None:
    page = page_of(answer)
    assert page.question.endswith((".", "?"))
    assert page.answer.endswith(".")
    assert page.method
    assert page.references
    first = page.sections[0]
    assert first.figure is not None
    assert first.figure.startswith(b"<?xml")
    assert len(first.alt) > 60
    assert first.caption
    assert any(part.tables for part in page.sections)


def test_page_is_small_and_the_same_each_time(answer: object) -> None:
    html = render_page(page_of(answer))
    assert len(html.encode()) < 300_000
    assert html == render_page(page_of(answer))


def test_numbers_of_the_summary_are_on_the_page(answer: object) -> None:
    html = render_page(page_of(answer))
    for table in (answer.summary(), *answer.summary().sections):
        for row in table.rows:
            assert all(escape(cell.strip()) in html for cell in row[1:])


def test_findings_are_said_once_each(answer: object) -> None:
    page = page_of(answer)
    assert page.findings == answer.findings
    html = render_page(page)
    codes = [finding.code for finding in page.findings]
    assert all(html.count(f'<span class="code">{code}</span>') == codes.count(code) for code in codes)
    assert not any(table.title == "Findings" for part in page.sections for t in part.tables for table in t.sections)


def test_right_risks_are_answered_with_yes(report: CalibrationReport) -> None:
    assert page_of(report).answer.startswith("Yes, as far as these rows can tell. The mean predicted risk is ")


def test_wrong_risks_are_answered_with_their_worst_finding(risk_and_outcome: tuple[np.ndarray, np.ndarray]) -> None:
    risk, y = risk_and_outcome
    page = page_of(diagnose(y, np.minimum(3 * risk, 1), n_resamples=50, rng=0))
    worst = next(finding for finding in page.findings if finding.severity == "issue")
    assert page.answer.startswith("Not as they stand. ")
    assert worst.sentence.split(":")[0] in page.answer


def test_rows_of_the_fit_are_not_answered_with_yes(rng: np.random.Generator) -> None:
    X = rng.normal(size=(2000, 2))
    y = (rng.random(2000) < 1 / (1 + np.exp(2 - X[:, 0]))).astype(int)
    report = LogisticRiskModel().fit(X, y).diagnose(X, y, n_resamples=20, rng=0)
    codes = {finding.code for finding in report.findings}
    assert "RD211" in codes
    assert "RD208" not in codes
    assert page_of(report).answer.startswith("These rows cannot tell. These are rows that the model was fitted on")


def test_cautions_are_mentioned_in_the_answer(report: CalibrationReport) -> None:
    caution = Finding(code="RD210", severity="caution", sentence="The rows come in groups.")
    page = page_of(replace(report, findings=(*report.findings, caution)))
    assert page.answer.startswith("Yes, as far as these rows can tell.")
    assert page.answer.endswith("Mind the cautions below.")


def test_small_shifts_are_answered_with_care(report: CalibrationReport) -> None:
    caution = Finding(code="RD201", severity="caution", sentence="On average the risks are too high.")
    page = page_of(replace(report, findings=(caution,)))
    assert page.answer == "With care. On average the risks are too high."


def test_too_few_rows_are_not_answered_with_yes() -> None:
    page = page_of(diagnose([0, 0, 1], [0.1, 0.2, 0.4], n_resamples=20, rng=0))
    assert not page.answer.startswith("Yes")


def test_decisions_are_counted_in_the_answer_in_the_order_of_the_risk(decisions: object) -> None:
    answer = page_of(decisions).answer
    places = [answer.index(name) for name in ("negative:", "defer:", "positive:")]
    assert places == sorted(places)
    for count in decisions.counts:
        assert f": {count:,} row" in answer


def test_costs_that_count_twice_stand_in_the_answer(rng: np.random.Generator) -> None:
    X = rng.normal(size=(400, 2))
    y = (rng.random(400) < 1 / (1 + np.exp(2 - X[:, 0]))).astype(int)
    model = LogisticRiskModel(class_weight="natural").fit(X, y)
    answer = page_of(model.decide(X, {"false_positive": 1, "false_negative": 5})).answer
    assert "The model was fitted with class weights" in answer
    assert "count a second time" in answer


def test_costs_are_said_back_in_words(decisions: object) -> None:
    html = render_page(page_of(decisions))
    assert "At some risks" in html
    assert "below 0.9375; you said 0.6." in html


def test_evaluation_says_what_was_saved_against_the_best_simpler_rule(evaluation: object) -> None:
    best = min(evaluation.baselines, key=lambda rule: rule.mean_realised_cost)
    assert best.name == "forced choice"
    assert "The best simpler rule, forced choice, cost" in page_of(evaluation).answer
    assert f"(standard error {best.standard_error:.2g})" in page_of(evaluation).answer


def test_evaluation_says_when_a_simpler_rule_was_cheaper() -> None:
    # Everyone is healthy: never acting is free, and the gray zone was paid for nothing.
    decisions = decide(np.full(10, 0.2), {"false_positive": 1, "false_negative": 15, "defer": 0.6})
    answer = page_of(evaluate_decisions(np.zeros(10, int), decisions)).answer
    assert "A simpler rule was cheaper on these rows: always negative cost 0, that is 0.6 less" in answer


def test_weighting_is_answered_by_the_verdicts(comparison: object) -> None:
    verdicts = [finding.sentence for finding in comparison.findings if finding.code == "RD411"]
    assert len(verdicts) == 1
    answer = page_of(comparison).answer
    assert answer.startswith(verdicts[0])
    assert "Mean predicted risk against" in answer
    assert page_of(replace(comparison, findings=())).answer.startswith("Mean predicted risk against")


def test_verdicts_of_several_schemes_stand_in_one_line_each() -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(3000, 2))
    y = rng.random(3000) < 1 / (1 + np.exp(2.5 - X @ [1.0, 0.5]))
    schemes = ["natural", 1.001, ("mine", {False: 1, True: 40})]
    many = compare_weighting(
        LogisticRiskModel(), X, y, schemes=schemes, costs={"false_positive": 1, "false_negative": 12}, rng=0
    )
    answer = page_of(many).answer
    assert answer.startswith("Harm: 'natural', 'mine'. Neither harm nor help that these rows tell from chance: ")
    assert "Decisions cost per row, as fitted: none 0." in answer
    assert "Verdict on" not in answer


def test_weighting_page_shows_the_overview_before_the_schemes(comparison: object) -> None:
    first, numbers, explored, details = page_of(comparison).sections
    assert first.figure is not None
    assert [table.title for table in numbers.tables] == [
        "All fits in all states",
        "Differences from 'none'",
        "Brier score lost to the weights",
    ]
    assert explored.explorer is not None
    titles = [table.title for table in details.tables]
    assert titles == ["Scheme 'natural' beside 'none'", "'natural' minus 'none'", "Coefficients under 'natural'"]


def test_hostile_names_do_not_leave_their_place(tmp_path: object) -> None:
    name = "</td><script>alert(1)</script>$\\frac{"
    costs = CostMatrix([[0, 1], [15, 0]], outcomes=("no", name), actions=(name, "act"))
    decisions = decide([0.01, 0.3], costs)
    for answer in (decisions, evaluate_decisions([0, 1], decisions)):
        html = write_page(answer, f"{tmp_path}/page.html").read_text(encoding="utf-8")
        assert "<script" not in html
        assert "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;$\\frac{" in html


def test_three_outcomes_make_a_page_without_regions() -> None:
    costs = CostMatrix([[0, 3], [8, 0], [9, 1]], outcomes=("a", "b", "c"), actions=("x", "y"))
    page = page_of(decide([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1]], costs))
    assert "Cheapest" not in page.sections[0].alt
    assert "x: 1 row (50.0 %); y: 1 row (50.0 %)" in page.answer


def test_what_has_no_page_is_refused() -> None:
    with pytest.raises(InputError, match="result must be an answer that has a page; got a list"):
        page_of([1])


def test_to_html_of_a_report_writes_its_page(report: CalibrationReport, tmp_path: object) -> None:
    path = report.to_html(f"{tmp_path}/report.html")
    assert path.read_text(encoding="utf-8") == render_page(page_of(report))
