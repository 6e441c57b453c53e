"""Costs by row: forms, equality with loops and with one matrix, what is refused."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec.decisions import CaseCosts, CostMatrix, decide, evaluate_decisions
from riskdec.errors import InputError

N = 400
RNG = np.random.default_rng(0)
RISK = RNG.beta(1, 4, N)
LIMIT = RNG.uniform(1_000, 90_000, N)
NAMES: dict[str, Any] = {"outcomes": ("pays", "defaults"), "actions": ("grant", "refuse", "review")}


def by_loops(risk: np.ndarray, loss: np.ndarray) -> list[str]:
    """Decide row by row: refusing a payer costs 2,000, a review 400, granting to a defaulter the loss."""
    chosen = []
    for p, amount in zip(risk, loss, strict=True):
        costs = {"grant": p * amount, "refuse": (1 - p) * 2_000, "review": 400.0}
        chosen.append(min(costs, key=lambda name: costs[name]))
    return chosen


@pytest.mark.parametrize(
    ("amount", "rows"),
    [
        (0.6 * LIMIT, None),
        (pd.Series(0.6 * LIMIT), None),
        (lambda rows: 0.6 * rows["limit"], pd.DataFrame({"limit": LIMIT})),
        (lambda rows: 0.6 * rows["limit"], pl.DataFrame({"limit": LIMIT})),
        (lambda rows: 0.6 * rows[:, 1], np.column_stack([np.ones(N), LIMIT])),
        ("loss", pd.DataFrame({"loss": 0.6 * LIMIT})),
        ("loss", pl.DataFrame({"loss": 0.6 * LIMIT})),
    ],
    ids=["array", "series", "function", "function of polars", "function of an array", "column", "column of polars"],
)
def test_every_form_of_amounts_decides_like_a_loop(amount: Any, rows: Any) -> None:
    costs = CostMatrix.binary(false_positive=2_000, false_negative=amount, defer=400, **NAMES)
    assert isinstance(costs, CaseCosts)
    assert decide(RISK, costs, rows=rows).action.tolist() == by_loops(RISK, 0.6 * LIMIT)


def test_one_table_for_each_row_decides_like_einsum() -> None:
    tables, proba = RNG.normal(size=(N, 3, 4)), RNG.dirichlet([1, 1, 1], N)
    costs = CaseCosts(tables, outcomes=("a", "b", "c"), actions=("w", "x", "y", "defer"))
    decisions = decide(proba, costs)
    expected = np.einsum("nk,nka->na", proba, tables)
    assert (decisions.action_index == expected.argmin(axis=1)).all()
    assert (decisions.forced_index == expected[:, :3].argmin(axis=1)).all()
    assert decisions.expected_cost == pytest.approx(expected.min(axis=1))
    certain = tables[np.arange(N), proba.argmax(axis=1), :3]
    assert (decisions.majority_index == certain.argmin(axis=1)).all()


def test_equal_tables_decide_like_one_matrix_ties_included() -> None:
    matrix = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
    risk = np.concatenate([RISK, [0.04, 0.4, 0.0, 1.0, 0.5]])
    costs = CaseCosts(
        np.broadcast_to(matrix.costs, (len(risk), 2, 3)), outcomes=matrix.outcomes, actions=matrix.actions
    )
    one, each = decide(risk, matrix), decide(risk, costs)
    for name in ("action_index", "forced_index", "majority_index", "counts"):
        assert (getattr(one, name) == getattr(each, name)).all()
    assert each.expected_cost == pytest.approx(one.expected_cost)
    outcome = RNG.random(len(risk)) < risk
    first, second = (evaluate_decisions(outcome, answer) for answer in (one, each))
    assert second.normalised_cost == pytest.approx(first.normalised_cost)
    assert second.standard_error == pytest.approx(first.standard_error)


def test_realised_cost_is_that_of_each_row() -> None:
    costs = CostMatrix.binary(false_positive=2_000, false_negative=0.6 * LIMIT, defer=400, **NAMES)
    decisions = decide(RISK, costs)
    outcome = RNG.random(N) < RISK
    table = {
        "grant": np.where(outcome, 0.6 * LIMIT, 0),
        "refuse": np.where(outcome, 0, 2_000),
        "review": np.full(N, 400),
    }
    cost = [table[name][i] for i, name in enumerate(decisions.action)]
    weight = RNG.integers(0, 3, N)
    evaluation = evaluate_decisions(np.where(outcome, "defaults", "pays"), decisions, sample_weight=weight)
    assert evaluation.mean_realised_cost == pytest.approx(np.average(cost, weights=weight))
    always = {b.name: b.mean_realised_cost for b in evaluation.baselines}
    assert always["always grant"] == pytest.approx(np.average(table["grant"], weights=weight))


def test_explanation_uses_the_costs_of_the_row() -> None:
    costs = CostMatrix.binary(
        false_positive=2_000, false_negative=np.array([1_000.0, 90_000.0]), **NAMES | {"actions": ("grant", "refuse")}
    )
    lines = {name: cost for name, cost, _ in decide([0.1, 0.1], costs).explain(1).rows}
    assert lines == {"refuse": "1800", "grant": "9000"}


def test_amounts_travel_and_print() -> None:
    costs = CostMatrix.binary(false_positive=2_000, false_negative=LIMIT, defer="fee", **NAMES)
    assert isinstance(costs, CaseCosts)
    again = pickle.loads(pickle.dumps(costs))
    assert (again.entries[1][0] == LIMIT).all()
    assert not again.entries[1][0].flags.writeable
    assert "what its column 'fee' says" in str(costs)
    assert costs.to_dict()["costs"][0] == [0, 2_000, "fee"]
    resolved = costs.resolve({"fee": 0} and pd.DataFrame({"fee": np.full(N, 300.0)}), N)
    assert resolved.average().costs == pytest.approx(np.array([[0, 2_000, 300], [LIMIT.mean(), 0, 300]]))
    assert resolved.take(slice(3, 5)).n == 2


def test_length_of_outcomes_and_of_rows_cannot_be_confused() -> None:
    # With two rows and two outcomes a list prices deferring by outcome, an array by row.
    by_outcome = CostMatrix.binary(false_positive=1, false_negative=9, defer=[0.1, 0.5])
    by_row = CostMatrix.binary(false_positive=1, false_negative=9, defer=np.array([0.1, 0.5]))
    assert isinstance(by_outcome, CostMatrix)
    assert isinstance(by_row, CaseCosts)
    assert by_row.at(0).costs[:, 2].tolist() == [0.1, 0.1]
    assert by_row.at(1).costs[:, 2].tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("amount", "rows", "message"),
    [
        (lambda rows: rows["limit"], None, "rows must be given where costs are computed from them; got None"),
        ("loss", pd.DataFrame({"limit": [1, 2]}), "be found in the column 'loss' of the rows; got the columns limit"),
        ("loss", np.ones((2, 1)), "got rows without column names"),
        (lambda rows: [1, 2, 3], np.ones(2), "one for each of the 2 rows; got 3 amounts"),
        (lambda rows: np.array([1, np.nan]), np.ones(2), "'grant' when the outcome is 'defaults' must be finite.*nan"),
        (lambda rows: "much", np.ones(2), "must be a number"),
        (np.ones(3), None, "one for each of the 2 rows; got 3 amounts"),
    ],
)
def test_amounts_are_refused_with_place_and_cure(amount: Any, rows: Any, message: str) -> None:
    costs = CostMatrix.binary(false_positive=2_000, false_negative=amount, defer=400, **NAMES)
    with pytest.raises(InputError, match=message):
        decide([0.1, 0.2], costs, rows=rows)


def test_wrong_shapes_and_unwritable_functions_are_refused() -> None:
    names: dict[str, Any] = {"outcomes": ("a", "b"), "actions": ("x", "y")}
    with pytest.raises(InputError, match=r"axes row, outcome \(2\), action \(2\); got shape \(5, 2, 3\)"):
        CaseCosts(np.ones((5, 2, 3)), **names)
    with pytest.raises(InputError, match="as many amounts in each entry as there are rows; got 2 and 3 amounts"):
        CaseCosts([[np.ones(2), 1], [np.ones(3), 2]], **names)
    with pytest.raises(InputError, match="names for its rows and columns"):
        CaseCosts([[1, 2], [3, 4]])
    with pytest.raises(InputError, match="be written down; got a function"):
        CaseCosts([[0, 1], [len, 0]], **names).to_dict()
