"""`decide`: forms of probabilities, ties, findings, what is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec.decisions import CostMatrix, decide
from riskdec.decisions.choosing import policy
from riskdec.errors import CostMatrixWarning, InputError

COSTS = {"false_positive": 1, "false_negative": 15, "defer": 0.6}
THREE = CostMatrix(
    [[0, 3, 40, 6], [8, 0, 15, 6], [200, 60, 0, 6]],
    outcomes=("healthy", "mild", "severe"),
    actions=("send home", "observe", "operate", "defer"),
)
RISK = [0.01, 0.04, 0.2, 0.4, 0.9]
ACTIONS = ["negative", "defer", "defer", "positive", "positive"]


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda p: p, id="list"),
        pytest.param(np.array, id="array"),
        pytest.param(lambda p: np.array(p)[:, None], id="one column"),
        pytest.param(lambda p: np.column_stack([1 - np.array(p), p]), id="two columns"),
        pytest.param(lambda p: np.asfortranarray(np.column_stack([1 - np.array(p), p])), id="columns in memory"),
        pytest.param(lambda p: np.repeat(p, 3)[::3], id="strided"),
        pytest.param(lambda p: np.array(p, dtype=object), id="objects"),
        pytest.param(pd.Series, id="pandas series"),
        pytest.param(pl.Series, id="polars series"),
        pytest.param(lambda p: pd.DataFrame({0: 1 - np.array(p), 1: p}), id="pandas frame"),
        pytest.param(lambda p: pl.DataFrame({"0": 1 - np.array(p), "1": p}), id="polars frame"),
    ],
)
def test_every_form_of_risk_gives_the_same_actions(form: Any) -> None:
    assert decide(form(RISK), COSTS).action.tolist() == ACTIONS


def test_float32_risk_is_compared_in_double_precision() -> None:
    # 0.7 in single precision lies below 0.7 in double precision; in single precision the two would be equal.
    costs = CostMatrix([[0, 0.7], [0.3, 0]], outcomes=("a", "b"), actions=("wait", "act"))
    assert costs.regions().thresholds.tolist() == [0.7]
    assert float(np.float32(0.7)) < 0.7
    assert decide(np.array([0.7], dtype=np.float32), costs).action.tolist() == ["wait"]


def test_frame_columns_with_names_of_outcomes_are_found_by_name() -> None:
    costs = CostMatrix.binary(false_positive=1, false_negative=15, outcomes=("pays", "defaults"))
    frame = pd.DataFrame({"defaults": [0.9, 0.01], "pays": [0.1, 0.99]})
    assert decide(frame, costs).action.tolist() == ["positive", "negative"]


def test_ties_go_to_the_action_of_the_higher_risk() -> None:
    # Cuts of 1/2 and, with deferring, 1/4 and 3/4 are exact in binary.
    assert decide([0.5], {"false_positive": 1, "false_negative": 1}).action.tolist() == ["positive"]
    chow = {"false_positive": 1, "false_negative": 1, "defer": 0.25}
    decisions = decide([0.25, 0.75], chow)
    assert decisions.action.tolist() == ["defer", "positive"]
    assert decisions.counts.tolist() == [0, 1, 1]


def test_ties_go_to_the_first_action_with_three_outcomes() -> None:
    costs = CostMatrix(1 - np.eye(3), outcomes=("a", "b", "c"), actions=("x", "y", "z"))
    assert decide([[0.5, 0.5, 0], [0, 0.5, 0.5]], costs).action.tolist() == ["x", "y"]


def test_no_row_gives_empty_decisions_with_a_finding() -> None:
    for empty, costs in ((np.empty(0), COSTS), (np.empty((0, 2)), COSTS), (np.empty((0, 3)), THREE)):
        decisions = decide(empty, costs)
        assert (decisions.n, decisions.action.shape) == (0, (0,))
        assert np.isnan(decisions.mean_expected_cost)
        assert "RD305" in [finding.code for finding in decisions.findings]


def test_one_row_is_enough() -> None:
    assert decide([0.2], COSTS).deferral_rate == 1.0
    assert decide([[0.9, 0.05, 0.05]], THREE).n == 1


@pytest.mark.parametrize(
    ("y_proba", "costs", "message"),
    [
        ([0.2, 1.2], COSTS, r"y_proba must lie in \[0, 1\]; got 1.2 at position 1 \(1 of 2\). Pass probabilities"),
        ([0.2, np.nan], COSTS, r"y_proba must be finite \(no NaN, no inf\); got nan at position 1"),
        ([[0.5, 0.6]], COSTS, r"rows of y_proba must sum to 1 \(within 1e-6\); got 1.1 at position 0"),
        (
            [[0.2, 0.3, 0.5]],
            COSTS,
            r"one column per outcome \('no event', 'event'\), or hold the risk of 'event' alone",
        ),
        ([0.2, 0.3, 0.5], THREE, r"one column per outcome \('healthy', 'mild', 'severe'\); got shape \(3,\)"),
        ([[0.2, 0.8]], THREE, r"got shape \(1, 2\)"),
        (["a", "b"], COSTS, "y_proba must hold numbers"),
        (0.3, COSTS, r"got shape \(\)"),
    ],
)
def test_bad_probabilities_are_refused_with_place(y_proba: Any, costs: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decide(y_proba, costs)


def test_unknown_option_is_a_type_error_and_odd_value_an_input_error() -> None:
    with pytest.raises(TypeError, match="limit"):
        decide([0.2], COSTS, limit=3)  # type: ignore[call-arg]
    with pytest.raises(InputError, match="keep_cost must be one of None, True, False; got 'yes'"):
        decide([0.2], COSTS, keep_cost="yes")  # type: ignore[arg-type]


def test_costs_are_kept_below_the_limit_or_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "KEEP_BELOW", 3)
    assert decide([0.1, 0.2], COSTS).expected_cost is not None
    assert decide([0.1, 0.2, 0.3], COSTS).expected_cost is None
    assert decide([0.1, 0.2, 0.3], COSTS, keep_cost=True).expected_cost is not None
    assert decide([0.1], COSTS, keep_cost=False).y_proba is None


def test_keeping_costs_changes_no_figure(rng: np.random.Generator) -> None:
    proba = rng.dirichlet([6, 3, 1], 500)
    for risks, costs in ((proba[:, 2], COSTS), (proba, THREE)):
        kept, lean = decide(risks, costs, keep_cost=True), decide(risks, costs, keep_cost=False)
        assert kept.mean_expected_cost == lean.mean_expected_cost
        assert np.array_equal(kept.action_index, lean.action_index)


def test_input_is_neither_changed_nor_shared() -> None:
    risk = np.array(RISK)
    decisions = decide(risk, COSTS)
    risk[:] = 0.5
    assert decisions.y_proba.tolist() == RISK
    frozen = np.array(RISK)
    frozen.flags.writeable = False
    assert decide(frozen, COSTS).action.tolist() == ACTIONS


def test_majority_rule_cuts_at_one_half_and_never_defers() -> None:
    decisions = decide([0.3, np.nextafter(0.5, 0), 0.5, 0.9], COSTS)
    assert decisions.majority_index.tolist() == [0, 0, 1, 1]


def test_forced_choice_uses_the_costs_without_defer() -> None:
    # 1/16 = 0.0625 without deferring.
    decisions = decide([0.05, 0.0625, 0.2], COSTS)
    assert decisions.action_index.tolist() == [2, 2, 2]
    assert decisions.forced_index.tolist() == [0, 1, 1]


def test_missing_gray_zone_is_a_finding_with_break_even_price() -> None:
    with pytest.warns(CostMatrixWarning):
        costs = CostMatrix.binary(false_positive=1, false_negative=15, defer=1)
    (finding,) = decide([0.01, 0.9], costs).findings
    assert finding.code == "RD303"
    assert "below 0.9375" in finding.todo


def test_one_action_for_everyone_is_a_finding_with_its_region() -> None:
    (finding,) = decide([0.01, 0.02], COSTS).findings
    assert finding.code == "RD304"
    assert finding.sentence == "All 2 rows get the action 'negative' (risk below 4 %)."
    (finding,) = decide([0.1, 0.2], COSTS).findings
    assert "with a fee per case of 0.9375 or more it would never pay" in finding.todo


def test_three_outcomes_have_no_regions_and_say_so() -> None:
    decisions = decide([[1, 0, 0], [0, 1, 0], [0, 0, 1]], THREE)
    assert decisions.regions is None
    assert [(f.code, f.severity) for f in decisions.findings] == [("RD306", "not applicable")]
    assert decisions.action.tolist() == ["send home", "observe", "operate"]
