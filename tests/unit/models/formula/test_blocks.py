"""What is learned about one factor, and the columns it gives."""

from __future__ import annotations

import json
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec.errors import InputError
from riskdec.likelihood.splines.basis import spline_basis
from riskdec.models.formula.blocks import (
    LevelBlock,
    NumberBlock,
    PowerBlock,
    learn_block,
    pack_block,
    pick_column,
    unpack_block,
)
from riskdec.models.formula.factors import Category, Factor, Polynomial, Quantity, Spline
from riskdec.models.tables.columns import CategoryColumn

X = Quantity("x")
LOG = Quantity("x", ("log",))


def column(values: object) -> nw.Series:
    native = values if isinstance(values, pd.Series | pl.Series) else pd.Series(values)
    return nw.from_native(native, series_only=True).alias("x")


def learned(factor: Factor, values: object, counts: np.ndarray | None = None) -> Any:
    return learn_block(factor, column(values), counts)


def test_numbers_stay_one_column() -> None:
    block = learned(LOG, [1.0, np.e])
    assert block == NumberBlock(LOG)
    assert (block.variable, block.subject, block.names, block.nonlinear) == ("x", "log(x)", ("log(x)",), (False,))
    np.testing.assert_array_equal(block.encode(column([np.e, 1.0])), [[1], [0]])


def test_splines_learn_knots_of_what_they_bend() -> None:
    values = np.exp(np.arange(101.0) / 100)
    block = learned(Spline(LOG, 5), values)
    np.testing.assert_allclose(block.knots, [0.05, 0.275, 0.5, 0.725, 0.95])
    assert block.names == ("log(x)", "log(x)'", "log(x)''", "log(x)'''")
    assert block.nonlinear == (False, True, True, True)
    np.testing.assert_array_equal(block.encode(column(values)), spline_basis(np.log(values), np.array(block.knots)))


def test_splines_take_given_knots_and_count_repeated_rows() -> None:
    assert learned(Spline(X, (1.0, 2.0, 4.0)), [9.0, 9.0]).knots == (1.0, 2.0, 4.0)
    values, counts = np.arange(10.0), np.arange(10) + 20
    assert learned(Spline(X, 3), values, counts.astype(float)) == learned(Spline(X, 3), np.repeat(values, counts))


def test_a_spline_without_knots_is_a_straight_line() -> None:
    block = learned(Spline(X, 3), [0.0, 1.0] * 20)
    assert (block.knots, block.names, block.nonlinear) == ((), ("x",), (False,))
    np.testing.assert_array_equal(block.encode(column([5.0])), [[5]])


def test_powers_are_raw() -> None:
    block = learned(Polynomial(X, 3), [1.0, 2.0])
    assert block == PowerBlock(X, 3)
    assert (block.names, block.nonlinear) == (("x", "x^2", "x^3"), (False, True, True))
    np.testing.assert_array_equal(block.encode(column([-2.0, 3.0])), [[-2, 4, -8], [3, 9, 27]])


@pytest.mark.parametrize(
    ("factor", "values", "levels"),
    [
        (X, ["m", "f", "m"], ("f", "m")),
        (X, pd.Series(["m", "f"], dtype=pd.CategoricalDtype(["m", "f", "z"])), ("m", "f")),
        (X, pl.Series(["m", "f"], dtype=pl.Enum(["m", "f", "z"])), ("m", "f")),
        (Category("x", None), [10, 9, 10], ("9", "10")),
        (Category("x", None), [True, False], ("False", "True")),
        (Category("x", "10"), [8, 9, 10], ("10", "8", "9")),
        (Category("x", "m"), ["m", "f", "d"], ("m", "d", "f")),
    ],
)
def test_levels_have_their_reference_first(factor: Factor, values: object, levels: tuple[str, ...]) -> None:
    block = learned(factor, values)
    assert block == LevelBlock(CategoryColumn(name="x", levels=levels, n_missing=0))
    assert block.names == tuple(f"x[{level}]" for level in levels)
    assert not any(block.nonlinear)
    assert block.subject == "x"


def test_levels_are_picked_as_zeros_and_ones() -> None:
    block = learned(X, ["b", "a", "c"])
    codes = block.column.codes(column(["c", "a", "c"]))
    assert [pick_column(block, codes, place).tolist() for place in range(3)] == [[0, 1, 0], [0, 0, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("factor", "values", "message"),
    [
        (X, ["a", "a"], "column 'x' must have at least two levels; got only 'a'. Leave it out of the formula"),
        (
            Category("x", "z"),
            ["a", "b"],
            r"ref of C\(x, ref=\"z\"\) must be a level of column 'x' \('a', 'b'\); got 'z'",
        ),
        (Category("x", None), list(range(1001)), "column 'x' must have at most 1000 levels; got 1001"),
        (LOG, ["a", "b"], r"column 'x' must hold numbers for log\(x\); got text"),
        (Spline(X, 3), ["a", "b"], r"must hold numbers for rcs\(x, 3\)"),
        (Polynomial(X, 2), pd.Series(["a"], dtype="category"), r"must hold numbers for pol\(x, 2\)"),
        (X, pd.Series(pd.to_datetime(["2020-01-01"])), "must hold numbers, booleans, text or categories; got dates"),
    ],
)
def test_columns_that_do_not_fit_are_refused(factor: Factor, values: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        learned(factor, values)


@pytest.mark.parametrize(
    ("factor", "values"),
    [
        (LOG, [1.0]),
        (Spline(LOG, 4), np.geomspace(1, 9, 70)),
        (Polynomial(X, 4), [1.0]),
        (Category("x", "ü"), ["ü", "a"]),
    ],
)
def test_state_goes_through_json(factor: Factor, values: object) -> None:
    block = learned(factor, values)
    assert unpack_block(json.loads(json.dumps(pack_block(block), allow_nan=False))) == block


@pytest.mark.parametrize(
    "state",
    [
        {"kind": "number", "name": "x", "functions": ["system"]},
        {"kind": "number", "name": "x", "functions": ["__class__"]},
        {"kind": "code", "name": "x", "functions": []},
        {"kind": "powers", "name": "x", "functions": [], "degree": 10**9},
        {"kind": "powers", "name": "x", "functions": [], "degree": 1},
    ],
)
def test_state_that_no_formula_has_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        unpack_block(state)
