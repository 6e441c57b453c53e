"""What may be passed as costs, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskdec.decisions import CostMatrix, as_cost_matrix, decide
from riskdec.errors import InputError


def test_matrix_passes_through() -> None:
    costs = CostMatrix.binary(false_positive=1, false_negative=15)
    assert as_cost_matrix(costs) is costs


def test_keywords_make_the_binary_matrix() -> None:
    keywords = {"false_positive": 1, "false_negative": 15, "defer": 0.6}
    expected = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
    assert as_cost_matrix(keywords) == expected


@pytest.mark.parametrize("costs", [[[0, 5], [1, 0]], ((0, 5), (1, 0)), np.array([[0, 5], [1, 0]])])
def test_bare_array_is_refused_and_told_how_to_name_rows_and_columns(costs: Any) -> None:
    with pytest.raises(InputError) as caught:
        decide([0.3], costs)
    for words in ("got rows and columns without names", "outcomes=('healthy', 'ill')", "actions=('wait', 'treat')"):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        ({"false_positive": 1, "fn": 15}, "costs must use only the keys false_positive, .*; got 'fn'"),
        ({"false_positive": 1}, "costs must say false_negative; got false_positive. An error that costs nothing"),
        ({}, "costs must say false_positive and false_negative; got nothing"),
        (lambda rows: rows, "got a function. Put it where an amount stands"),
        (pd.DataFrame({"wait": [0, 1]}), r"got a data frame. Use CostMatrix.from_frame\(costs\)"),
        (None, "costs must be a CostMatrix, or a dict .*; got a NoneType"),
        ("fp=1,fn=2", "got a str"),
    ],
)
def test_other_costs_are_refused_with_reason(costs: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        as_cost_matrix(costs)
