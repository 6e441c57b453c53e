"""From labels in the data to outcomes of the cost matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskdec.decisions import CostMatrix
from riskdec.decisions.judging.outcome_labels import index_outcomes
from riskdec.errors import InputError

TWO = CostMatrix([[0, 1], [15, 0]], outcomes=("healthy", "ill"), actions=("wait", "treat"))
TURNED = CostMatrix([[15, 0], [0, 1]], outcomes=("ill", "healthy"), actions=("wait", "treat"))
THREE = CostMatrix(1 - np.eye(3), outcomes=("a", "b", "c"), actions=("x", "y", "z"))
NUMBERED = CostMatrix(1 - np.eye(3), outcomes=("10", "20", "30"), actions=("x", "y", "z"))


@pytest.mark.parametrize(
    ("y_true", "costs", "event", "expected"),
    [
        (["healthy", "ill"], TWO, None, [0, 1]),
        (["healthy", "ill"], TURNED, None, [1, 0]),
        (["healthy", "ill"], TWO, "ill", [0, 1]),
        (["healthy", "healthy"], TWO, None, [0, 0]),
        ([0, 1], TWO, None, [0, 1]),
        ([0, 1], TURNED, None, [0, 1]),
        ([False, True], TWO, None, [0, 1]),
        ([0.0, 1.0], TWO, None, [0, 1]),
        (["no", "yes"], TWO, "yes", [0, 1]),
        (["no", "yes"], TWO, "no", [1, 0]),
        ([1, 2], TWO, 2, [0, 1]),
        (["c", "a"], THREE, None, [2, 0]),
        ([2, 0], THREE, None, [2, 0]),
        ([2.0, 0.0], THREE, None, [2, 0]),
        ([30, 10], NUMBERED, None, [2, 0]),
        (["30", "10"], NUMBERED, None, [2, 0]),
        (pd.Series(["c", "a"], dtype="category"), THREE, None, [2, 0]),
    ],
)
def test_labels_find_their_outcomes(y_true: Any, costs: CostMatrix, event: Any, expected: list[int]) -> None:
    assert index_outcomes(y_true, costs, event=event, n=2).tolist() == expected


@pytest.mark.parametrize(
    ("y_true", "costs", "event", "message"),
    [
        (["no", "yes"], TWO, None, "event must be given .* got the labels 'no' and 'yes'"),
        (["healthy", "other"], THREE, None, r"y_true must hold the outcomes 'a', 'b', 'c', .* 0 to 2 .*'healthy'"),
        (["a", "d"], THREE, None, r"at position 1 \(1 of 2\). Rename the labels"),
        ([0, 3], THREE, None, "or the whole numbers 0 to 2"),
        ([0, 1.5], THREE, None, "or the whole numbers 0 to 2"),
        (["a", "b"], THREE, "b", "event must be left out with 3 outcomes; got 'b'"),
        (["healthy", "ill"], TWO, "healthy", r"event must be the second outcome \('ill'\) .*; got 'healthy'"),
        ([0, np.nan], TWO, None, "y_true must not be missing"),
        ([0, 1, 1], TWO, None, r"y_true must have one entry per row \(2\); got 3 entries"),
    ],
)
def test_other_labels_are_refused(y_true: Any, costs: CostMatrix, event: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        index_outcomes(y_true, costs, event=event, n=2)


def test_no_rows_are_refused() -> None:
    with pytest.raises(InputError, match="y_true must have at least one row; got 0 rows"):
        index_outcomes([], TWO, event=None, n=0)
