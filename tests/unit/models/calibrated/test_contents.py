"""Keys of rows: the same for what is the same, in whatever table it stands; different for what differs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import coo_array, csr_array

from riskdec.models.calibrated.contents import content_keys

RNG = np.random.default_rng(0)
NUMBERS = np.where(RNG.random((50, 3)) < 0.3, 0.0, RNG.normal(size=(50, 3)).round(2))
TEXTS = RNG.choice(["a", "b", "c"], 50)


def keys(table: Any) -> Any:
    found = content_keys(table)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(NUMBERS),
        pl.DataFrame(NUMBERS),
        NUMBERS.tolist(),
        csr_array(NUMBERS),
        coo_array(NUMBERS),
        np.asfortranarray(NUMBERS),
    ],
    ids=["pandas", "polars", "lists", "csr", "coo", "by columns"],
)
def test_keys_are_those_of_what_rows_hold(table: Any) -> None:
    np.testing.assert_array_equal(keys(table), keys(NUMBERS))


@pytest.mark.parametrize(
    "table",
    [NUMBERS, pd.DataFrame({"x": NUMBERS[:, 0], "kind": TEXTS}), pd.DataFrame({"kind": pd.Categorical(TEXTS)})],
    ids=["numbers", "mixed", "categories"],
)
def test_keys_move_with_their_rows(table: Any) -> None:
    order = RNG.permutation(50)
    moved = table.iloc[order] if isinstance(table, pd.DataFrame) else table[order]
    np.testing.assert_array_equal(keys(moved), keys(table)[order])


def test_rows_that_differ_have_different_keys() -> None:
    assert len(np.unique(keys(np.arange(10_000.0)))) == 10_000
    swapped = NUMBERS[:, [1, 0, 2]]
    differs = NUMBERS[:, 0] != NUMBERS[:, 1]
    assert (keys(swapped) != keys(NUMBERS))[differs].all()
    assert len(np.unique(keys(TEXTS.tolist()))) == 3
    assert len(np.unique(keys(pd.DataFrame({"a": ["x", None, "y"], "b": [1.0, np.nan, 1.0]})))) == 3


def test_what_is_no_table_of_numbers_or_texts_has_no_keys() -> None:
    assert content_keys(np.zeros((4, 2, 2))) is None
    assert content_keys(np.array([[1 + 2j]])) is None
    assert content_keys(np.empty((3, 0))) is None
