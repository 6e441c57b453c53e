"""Cost matrices: making, refusing, comparing, storing them."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from riskdec.decisions import CostMatrix
from riskdec.errors import CostMatrixWarning, InputError

TABLE = [[0, 1], [15, 0]]
NAMES: dict[str, Any] = {"outcomes": ("healthy", "ill"), "actions": ("wait", "treat")}


def test_rows_are_outcomes_and_columns_are_actions() -> None:
    costs = CostMatrix(TABLE, **NAMES)
    assert costs.costs[costs.outcomes.index("ill"), costs.actions.index("wait")] == 15


def test_costs_are_copied_and_locked() -> None:
    table = np.array(TABLE, dtype=float)
    costs = CostMatrix(table, **NAMES)
    table[0, 0] = 99
    assert costs.costs[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        costs.costs[0, 0] = 1
    with pytest.raises(AttributeError):
        costs.actions = ("wait", "treat")  # type: ignore[misc]


def test_binary_puts_each_cost_in_its_cell() -> None:
    costs = CostMatrix.binary(false_positive=2, false_negative=30, true_positive=1, true_negative=0.5, defer=(0.7, 3))
    assert costs.outcomes == ("no event", "event")
    assert costs.actions == ("negative", "positive", "defer")
    assert costs.costs.tolist() == [[0.5, 2, 0.7], [30, 1, 3]]
    assert (costs.defer, costs.defer_index, costs.deciding) == ("defer", 2, (0, 1))


def test_binary_takes_a_name_for_deferring() -> None:
    costs = CostMatrix.binary(
        false_positive=2000,
        false_negative=9000,
        defer=400,
        outcomes=("pays", "defaults"),
        actions=("grant", "refuse", "review"),
    )
    assert costs.defer == "review"


def test_with_defer_appends_action() -> None:
    assert CostMatrix(TABLE, **NAMES).with_defer(0.6) == CostMatrix(
        [[0, 1, 0.6], [15, 0, 0.6]], outcomes=("healthy", "ill"), actions=("wait", "treat", "defer")
    )
    per_outcome = CostMatrix(TABLE, **NAMES).with_defer([0.6, 2], name="refer")
    assert per_outcome.costs[:, 2].tolist() == [0.6, 2]
    assert per_outcome.defer == "refer"


def test_several_actions_that_defer_stand_side_by_side() -> None:
    costs = CostMatrix(TABLE, **NAMES).with_defer(0.6).with_defer((0.9, 0.1), name="ward")
    assert costs.deferring == ("defer", "ward")
    assert (costs.defer, costs.defer_index, costs.deciding, costs.not_deciding) == ("defer", 2, (0, 1), (2, 3))
    assert str(costs.regions().gray_zone) == "4 % to 50 %"
    assert CostMatrix.from_dict(costs.to_dict()) == costs


def test_action_of_the_same_name_is_refused() -> None:
    with pytest.raises(InputError, match="actions must differ from each other; got 'defer'"):
        CostMatrix(TABLE, **NAMES).with_defer(0.6).with_defer(0.5)


def test_utilities_are_costs_with_the_other_sign() -> None:
    assert CostMatrix.from_utilities([[0, -1], [-15, 0]], **NAMES) == CostMatrix(TABLE, **NAMES)


def test_minus_zero_is_zero() -> None:
    assert CostMatrix([[-0.0, 1], [15, 0.0]], **NAMES) == CostMatrix(TABLE, **NAMES)


@pytest.mark.parametrize("library", ["pandas", "pandas index", "polars", "pyarrow"])
def test_frame_names_outcomes_by_first_column_or_index(library: str) -> None:
    columns = {"outcome": ["healthy", "ill"], "wait": [0.0, 15.0], "treat": [1.0, 0.0]}
    makers = {
        "pandas": pd.DataFrame,
        "pandas index": lambda c: pd.DataFrame(c).set_index("outcome"),
        "polars": pl.DataFrame,
        "pyarrow": pa.table,
    }
    assert CostMatrix.from_frame(makers[library](columns)) == CostMatrix(TABLE, **NAMES)


def test_frame_without_names_of_outcomes_is_refused() -> None:
    frame = pd.DataFrame({"wait": [0.0, 15.0], "treat": [1.0, 0.0]})
    with pytest.raises(InputError, match="frame must name its outcomes; got the columns wait, treat alone"):
        CostMatrix.from_frame(frame)
    with pytest.raises(InputError, match="frame must be a data frame"):
        CostMatrix.from_frame(TABLE)


def test_equal_matrices_are_equal_and_hash_alike() -> None:
    first, second = CostMatrix(TABLE, **NAMES), CostMatrix(np.array(TABLE, dtype=np.int8), **NAMES)
    assert first == second
    assert hash(first) == hash(second)
    assert first != first.with_defer(0.6)
    assert first != TABLE


@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))])
def test_copies_stay_equal_and_locked_and_do_not_warn_again(travel: Any) -> None:
    with pytest.warns(CostMatrixWarning):
        costs = CostMatrix.binary(false_positive=1, false_negative=1, defer=5)
    again = travel(costs)
    assert again == costs
    assert not again.costs.flags.writeable


def test_dict_round_trip_through_json_does_not_warn_again() -> None:
    with pytest.warns(CostMatrixWarning):
        costs = CostMatrix.binary(false_positive=0.1, false_negative=1 / 3, defer=5)
    assert CostMatrix.from_dict(json.loads(json.dumps(costs.to_dict()))) == costs


def test_from_dict_refuses_other_keys() -> None:
    with pytest.raises(InputError, match="have the keys costs, outcomes, actions, defer; got costs"):
        CostMatrix.from_dict({"costs": TABLE})


def test_table_shows_names_and_numbers() -> None:
    lines = str(CostMatrix(TABLE, **NAMES)).splitlines()
    assert lines[1].split() == ["wait", "treat"]
    assert lines[3].split() == ["ill", "15", "0"]
    assert repr(CostMatrix(TABLE, **NAMES)) == "<CostMatrix: 2 outcomes x 2 actions (wait, treat)>"


def test_html_escapes_names() -> None:
    costs = CostMatrix(TABLE, outcomes=("<b>", "ill"), actions=("wait", "treat"))
    assert "<b>" not in costs._repr_html_()


def test_action_called_defer_speaks_for_itself() -> None:
    costs = CostMatrix([[0, 1, 0.5], [9, 0, 0.5]], outcomes=("a", "b"), actions=("x", "y", "defer"))
    assert costs.defer == "defer"


def test_regions_refuse_four_outcomes() -> None:
    costs = CostMatrix(1 - np.eye(4), outcomes=("a", "b", "c", "d"), actions=("w", "x", "y", "z"))
    with pytest.raises(InputError, match="be two or three for regions; got 4 outcomes"):
        costs.regions()


def test_break_even_price_leaves_deferring_out() -> None:
    assert CostMatrix.binary(false_positive=1, false_negative=9, defer=0.2).break_even_price() == pytest.approx(0.9)
