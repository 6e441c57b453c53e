"""The cost explorer before the browser: where it starts, what it embeds, and when there is none."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import riskdec as rd
from riskdec.report import page_of, write_page
from riskdec.report.explorer import Explorer, explore_report

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
    assert min(payload["bins"]["weight"]) >= 5
    assert sum(payload["bins"]["weight"]) == 2000
    assert len(json.dumps(payload)) < 60_000


def test_there_is_none_where_nothing_can_be_asked() -> None:
    assert explore_report(rd.diagnose(np.zeros(50, int), np.full(50, 0.1), n_resamples=99, rng=0)) is None


def test_names_cannot_leave_the_data(tmp_path: object) -> None:
    hostile = "</script><script>alert(1)</script>"
    costs = rd.CostMatrix.binary(false_positive=1, false_negative=9, defer=0.5, actions=("go", hostile, "wait"))
    report = rd.diagnose(Y, RISK, costs=costs, n_resamples=99, rng=0)
    text = write_page(page_of(report), f"{tmp_path}/page.html").read_text("utf-8")
    assert hostile not in text
    assert len(re.findall(r"<script", text)) == 3
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert policy.group(1).count("sha256-") == 2
    assert "unsafe-eval" not in policy.group(1)
