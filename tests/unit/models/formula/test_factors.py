"""The closed table of functions, and how factors are written."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec.errors import InputError
from riskdec.models.formula.factors import FUNCTIONS, Category, Polynomial, Quantity, Spline, require_numbers


def column(values: object) -> nw.Series:
    native = values if isinstance(values, pd.Series | pl.Series) else pd.Series(values)
    return nw.from_native(native, series_only=True).alias("x")


@pytest.mark.parametrize(
    ("function", "value", "wanted"),
    [("log", np.e, 1), ("log2", 8, 3), ("log10", 0.01, -2), ("log1p", np.e - 1, 1), ("sqrt", 2.25, 1.5), ("exp", 0, 1),
     ("abs", -3, 3)],
)  # fmt: skip
def test_functions_are_what_their_names_say(function: str, value: float, wanted: float) -> None:
    found = Quantity("x", (function,)).evaluate(column([value, None]))
    assert found[0] == pytest.approx(wanted, rel=1e-15)
    assert np.isnan(found[1])


def test_the_table_of_functions_is_closed() -> None:
    assert set(FUNCTIONS) == {"log", "log2", "log10", "log1p", "sqrt", "exp", "abs"}


def test_functions_are_applied_from_inside_to_outside() -> None:
    found = Quantity("x", ("sqrt", "log2")).evaluate(column([256.0, 16.0]))
    np.testing.assert_array_equal(found, [4, 2])


@pytest.mark.parametrize(
    ("functions", "value", "message"),
    [
        (("log",), 0.0, r"column 'x' must be above 0 for log\(x\); got 0.0 at position 1 \(1 of 3\)"),
        (("log2",), -1.0, "must be above 0"),
        (("log10",), -1.0, "must be above 0"),
        (("log1p",), -1.0, "must be above -1"),
        (("sqrt",), -0.5, r"must not be negative for sqrt\(x\); got -0.5"),
        (("exp",), 701.0, "must be at most 700"),
        (("log", "log"), 0.5, r"log\(x\) must be above 0 for log\(log\(x\)\); got -0.69"),
        (("log",), np.inf, "column 'x' must be finite"),
    ],
)
def test_values_outside_the_domain_are_refused(functions: tuple[str, ...], value: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Quantity("x", functions).evaluate(column([3.0, value, None]))


def test_booleans_and_whole_numbers_are_numbers() -> None:
    for values in ([True, False], pl.Series([1, 0]), pd.Series([1, 0], dtype="Int8")):
        np.testing.assert_array_equal(Quantity("x").evaluate(column(values)), [1, 0])


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (Quantity("x"), "x"),
        (Quantity("a b", ("abs", "log")), "log(abs(`a b`))"),
        (Spline(Quantity("x", ("log",)), 5), "rcs(log(x), 5)"),
        (Spline(Quantity("x"), (-1.0, 0.5, 1e20)), "rcs(x, [-1, 0.5, 1e+20])"),
        (Polynomial(Quantity("x"), 3), "pol(x, 3)"),
        (Category("x", None), "C(x)"),
        (Category("a`b", 'say "x"'), 'C(`a``b`, ref="say ""x""")'),
    ],
)
def test_factors_are_written_as_formulas_have_them(
    factor: Quantity | Spline | Polynomial | Category, text: str
) -> None:
    assert factor.text == text


def test_names_in_tables_are_as_they_are() -> None:
    assert Quantity("a b", ("log",)).name == "log(a b)"


def test_text_is_refused_where_numbers_are_asked_for() -> None:
    message = r"column 'x' must hold numbers for rcs\(x, 3\); got text or categories .*Use the column as it stands"
    with pytest.raises(InputError, match=message):
        require_numbers(Spline(Quantity("x"), 3), column(["a", "b"]))
    require_numbers(Spline(Quantity("x"), 3), column([1.0, 2.0]))
