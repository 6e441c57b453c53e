"""`Decisions` as an answer: names, tables, frames, JSON, pickles."""

from __future__ import annotations

import json
import pickle

import numpy as np
import polars as pl
import pytest

from riskdec.decisions import CostMatrix, decide
from riskdec.errors import InputError

COSTS = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
DECISIONS = decide([0.01, 0.2, 0.9, 0.02], COSTS)


def test_headline_counts_actions() -> None:
    # (15 * 0.01 + 0.6 + 0.1 + 15 * 0.02) / 4
    assert repr(DECISIONS) == ("<Decisions: 4 rows: 2 negative, 1 positive, 1 defer; mean expected cost 0.2875>")


def test_names_counts_and_rates_agree() -> None:
    assert DECISIONS.actions == ("negative", "positive", "defer")
    assert DECISIONS.action.tolist() == ["negative", "defer", "positive", "negative"]
    assert DECISIONS.counts.tolist() == [2, 1, 1]
    assert DECISIONS.deferral_rate == 0.25
    assert DECISIONS.expected_cost == pytest.approx([0.15, 0.6, 0.1, 0.3])


def test_summary_lists_actions_by_risk() -> None:
    rows = DECISIONS.summary().rows
    assert [row[:3] for row in rows] == [
        ("negative", "below 4 %", "2"),
        ("defer", "4 % to 40 %", "1"),
        ("positive", "from 40 %", "1"),
    ]
    assert "Mean expected cost per row: 0.2875." in str(DECISIONS)


def test_frame_has_risk_action_and_cost_where_kept() -> None:
    frame = DECISIONS.frame()
    assert list(frame.columns) == ["risk", "action", "expected_cost"]
    assert frame["risk"].tolist() == [0.01, 0.2, 0.9, 0.02]
    lean = decide(pl.Series([0.01, 0.2]), COSTS, keep_cost=False).frame()
    assert isinstance(lean, pl.DataFrame)
    assert lean.columns == ["action"]


def test_dict_is_json_and_holds_what_the_contract_names() -> None:
    state = json.loads(json.dumps(DECISIONS.to_dict()))
    assert {"action_index", "actions", "action", "mean_expected_cost", "expected_cost", "regions", "costs"} <= set(
        state
    )
    assert state["action"] == DECISIONS.action.tolist()
    assert CostMatrix.from_dict(state["costs"]) == COSTS


def test_empty_decisions_are_json_without_nan() -> None:
    state = decide([], COSTS).to_dict()
    assert state["mean_expected_cost"] is None
    json.dumps(state, allow_nan=False)


def test_pickle_keeps_arrays_locked() -> None:
    again = pickle.loads(pickle.dumps(DECISIONS))
    for name in ("action_index", "counts", "expected_cost", "y_proba", "forced_index", "majority_index"):
        array = getattr(again, name)
        assert np.array_equal(array, getattr(DECISIONS, name))
        assert not array.flags.writeable
    assert not again.costs.costs.flags.writeable
    assert not again.regions.thresholds.flags.writeable


@pytest.mark.parametrize("i", [4, -5])
def test_explain_refuses_positions_outside(i: int) -> None:
    with pytest.raises(InputError, match=f"i must be the position of one of 4 rows; got {i}"):
        DECISIONS.explain(i)


def test_explain_needs_the_risks() -> None:
    with pytest.raises(InputError, match="Decide with keep_cost=True"):
        decide([0.1], COSTS, keep_cost=False).explain(0)


def test_explain_counts_from_the_end() -> None:
    assert str(DECISIONS.explain(-1)) == str(DECISIONS.explain(3))
