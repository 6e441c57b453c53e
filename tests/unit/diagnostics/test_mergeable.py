from __future__ import annotations

import functools
import json
import operator
import pickle
from typing import TYPE_CHECKING

import pytest

import riskdec
from riskdec import CalibrationSums
from riskdec.errors import InputError

if TYPE_CHECKING:
    import numpy as np

COSTS = {"false_positive": 1, "false_negative": 4, "defer": 0.3}


@pytest.mark.parametrize("weights", [None, "frequency", "importance"])
@pytest.mark.parametrize("decimals", [1, 16])
def test_report_of_merged_sums_is_that_of_all_rows_bit_for_bit(
    weights: str | None, decimals: int, rng: np.random.Generator
) -> None:
    risk = rng.random(300).round(decimals)
    y = (rng.random(300) < risk**1.2).astype(int)
    options = {} if weights is None else {"sample_weight": rng.integers(1, 4, 300) / 1.0, "weight_kind": weights}
    if weights == "importance":
        options["sample_weight"] = options["sample_weight"] / 3
    parts = []
    for rows in (slice(0, 120), slice(120, 130), slice(130, 300)):
        mine = dict(options)
        if weights is not None:
            mine["sample_weight"] = options["sample_weight"][rows]
        parts.append(CalibrationSums.from_rows(y[rows], risk[rows], **mine))
    merged = functools.reduce(operator.add, parts).diagnose(costs=COSTS, n_resamples=30, rng=5)
    pooled = riskdec.diagnose(y, risk, costs=COSTS, n_resamples=30, rng=5, **options)
    assert merged.to_dict() == pooled.to_dict()


def test_order_of_addition_changes_nothing(rng: np.random.Generator) -> None:
    a, b, c = (CalibrationSums.from_rows(rng.integers(0, 2, 50), rng.random(50).round(2)) for _ in range(3))
    assert ((a + b) + c).to_dict() == (c + (b + a)).to_dict()


def test_sums_travel_by_pickle(rng: np.random.Generator) -> None:
    sums = CalibrationSums.from_rows(rng.integers(0, 2, 50), rng.random(50).round(2))
    again = pickle.loads(pickle.dumps(sums))
    assert again.to_dict() == sums.to_dict()
    assert json.loads(json.dumps(sums.to_dict()))["weight_kind"] == "frequency"
    assert not again.risk.flags.writeable
    assert "rows" in str(sums.summary())


def test_sums_of_different_kinds_are_not_added() -> None:
    counts = CalibrationSums.from_rows([0, 1], [0.2, 0.7])
    weights = CalibrationSums.from_rows([0, 1], [0.2, 0.7], sample_weight=[0.5, 2], weight_kind="importance")
    with pytest.raises(InputError, match="weight_kind of sums must be the same"):
        counts + weights
    named = CalibrationSums.from_rows(["a", "b"], [0.2, 0.7], event="b")
    with pytest.raises(InputError, match="event of sums must be the same"):
        counts + named
    with pytest.raises(TypeError):
        counts + 1  # type: ignore[operator]
