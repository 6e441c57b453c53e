"""The cost explorer before the browser: where it starts, what it embeds, and when there is none."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

import riskdec as rd
from riskdec.report import page_of, write_page
from riskdec.report.explorer import Explorer, explore_comparison, explore_decisions, explore_report

RNG = np.random.default_rng(2)
RISK = RNG.beta(1, 8, 2000)
Y = RNG.random(2000) < RISK


def explorer(costs: object = None) -> Explorer:
    made = explore_report(rd.diagnose(Y, RISK, costs=costs, n_resamples=99, rng=0))  # type: ignore[arg-type]
    assert made is not None
    return made


def test_it_starts_at_the_costs_of_the_report() -> None:
    setting = explorer({"false_positive": 2, "false_negative": 30, "defer": 0.8}).payload["setting"]
    assert setting["false_positive"] == pytest.approx(2)
    assert setting["false_negative"] == pytest.approx(30)
    assert setting["fee"] == pytest.approx(0.8)
    assert (setting["sensitivity"], setting["specificity"]) == (1, 1)
    assert setting["prevalence"] == pytest.approx(Y.mean())


def test_costs_of_right_actions_and_errors_of_whoever_decides_are_taken_apart() -> None:
    costs = rd.CostMatrix.binary(false_positive=3, false_negative=40, true_positive=2, true_negative=1)
    tested = costs.with_test("scan", price=0.5, sensitivity=0.9, specificity=0.95)
    setting = explorer(tested).payload["setting"]
    assert setting["false_positive"] == pytest.approx(2)
    assert setting["false_negative"] == pytest.approx(38)
    without = setting["fee"] + (1 - setting["specificity"]) * 2
    with_event = setting["fee"] + (1 - setting["sensitivity"]) * 38
    assert [without, with_event] == pytest.approx([0.5 + 0.05 * 2, 0.5 + 0.1 * 38])


def test_without_costs_the_cut_is_the_prevalence_and_nobody_defers() -> None:
    made = explorer()
    setting = made.payload["setting"]
    assert not made.may_defer
    assert setting["fee"] is None
    assert 1 / (1 + setting["false_negative"]) == pytest.approx(Y.mean(), rel=0.06)


def test_costs_that_decide_nothing_start_as_if_there_were_none() -> None:
    assert explorer({"false_positive": 1, "false_negative": 1e-300}).payload["setting"]["fee"] is None


def test_rows_are_embedded_as_sums_of_at_least_five() -> None:
    payload = explorer().payload
    assert min(payload["fits"][0]["bins"]["weight"]) >= 5
    assert sum(payload["fits"][0]["bins"]["weight"]) == 2000
    assert len(json.dumps(payload)) < 60_000


def test_there_is_none_where_nothing_can_be_asked() -> None:
    assert explore_report(rd.diagnose(np.zeros(50, int), np.full(50, 0.1), n_resamples=99, rng=0)) is None


def test_names_cannot_leave_the_data(tmp_path: object) -> None:
    hostile = "</script><script>alert(1)</script>"
    costs = rd.CostMatrix.binary(false_positive=1, false_negative=9, defer=0.5, actions=("go", hostile, "wait"))
    report = rd.diagnose(Y, RISK, costs=costs, n_resamples=99, rng=0)
    text = write_page(page_of(report), f"{tmp_path}/page.html").read_text("utf-8")
    assert hostile not in text
    assert len(re.findall(r"<script", text)) == 5
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert policy.group(1).count("sha256-") == 4
    assert "unsafe-eval" not in policy.group(1)


def test_at_the_costs_of_the_report_it_tells_what_the_rows_cost() -> None:
    costs = {"false_positive": 1, "false_negative": 15, "defer": 0.6}
    decisions = rd.decide(RISK, costs)
    told = rd.evaluate_decisions(Y, decisions)
    rows = dict(line[:2] for line in explorer(costs).rows)
    assert rows == {name: f"{k:,}" for name, k in zip(decisions.actions, decisions.counts.tolist(), strict=True)}
    assert explorer(costs).costs[0] == (
        "these decisions",
        f"{told.mean_realised_cost:.4g}",
        f"{decisions.mean_expected_cost:.4g}",
    )


def test_a_comparison_starts_at_the_first_weighted_fit_beside_the_one_without(
    comparison: rd.WeightingComparison,
) -> None:
    made = explore_comparison(comparison)
    assert made is not None
    fits = ("none", "none, recalibrated", "natural", "natural, undone", "natural, recalibrated")
    assert made.fits == fits == tuple(name for name, _ in comparison.bins)
    assert made.fits[made.chosen] == "natural"
    by_name = {row.name: row for row in comparison.rows}
    for name, bins in comparison.bins:
        assert bins.total == comparison.n_test
        assert bins.events.sum() == comparison.n_events_test
        assert bins.weight @ bins.risk == pytest.approx(by_name[name].mean_risk * comparison.n_test)
    for line in made.fit_rows:
        # Fewer than five rows beyond a cut are counted with their neighbours.
        assert float(line[1]) == pytest.approx(by_name[line[0]].mean_realised_cost, abs=5 * 15 / comparison.n_test)
    assert made.fit_answer.startswith("On the risks of 'natural' decisions cost")
    assert len(json.dumps(made.payload)) < 150_000


def test_no_more_fits_are_embedded_than_a_page_can_bear(comparison: rd.WeightingComparison) -> None:
    many = replace(
        comparison, bins=tuple((f"fit {k}", comparison.bins[0][1]) for k in range(100)), rows=comparison.rows[:1]
    )
    many = replace(many, bins=(comparison.bins[0], *many.bins))
    made = explore_comparison(many)
    assert made is not None
    assert len(made.fits) == 12
    assert "12 of 101 sets of risks" in made.notes[0]


def test_decisions_are_explored_where_expected_cost_alone_decided_and_risks_were_kept() -> None:
    costs = {"false_positive": 1, "false_negative": 15}
    made = explore_decisions(rd.decide(RISK, costs))
    assert made is not None
    assert not made.outcomes
    assert made.costs[0][0] == "these decisions"
    assert len(made.costs[0]) == 2
    three = rd.CostMatrix([[0, 3], [8, 0], [9, 1]], outcomes=("a", "b", "c"), actions=("x", "y"))
    for other in (
        rd.decide(RISK, costs, keep_cost=False),
        rd.decide(RISK, costs, capacity={"positive": 10}),
        rd.decide(RISK[:4], costs),
        rd.decide(np.zeros(50), costs),
        rd.decide(RISK[:0], costs),
        rd.decide(RNG.dirichlet([1, 1, 1], 50), three),
    ):
        assert explore_decisions(other) is None
