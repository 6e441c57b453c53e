"""The functions of a formula and their arguments."""

from __future__ import annotations

import time

import pytest

from riskdec.errors import InputError
from riskdec.models.formula.factors import Category, Polynomial, Quantity, Spline
from riskdec.models.formula.grammar import parse_formula
from riskdec.models.formula.tree import Leaf


def only_factor(text: str) -> object:
    """Give the one factor of a formula."""
    (part,) = parse_formula(text).terms.parts
    assert isinstance(part.node, Leaf)
    return part.node.factor


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("~ age", Quantity("age")),
        ("~ `body mass`", Quantity("body mass")),
        ("~ rcs", Quantity("rcs")),
        ("~ log(x)", Quantity("x", ("log",))),
        ("~ log1p(sqrt(abs(x)))", Quantity("x", ("abs", "sqrt", "log1p"))),
        ("~ log2(x)", Quantity("x", ("log2",))),
        ("~ exp(log10(`a b`))", Quantity("a b", ("log10", "exp"))),
        ("~ rcs(x, 4)", Spline(Quantity("x"), 4)),
        ("~ rcs(log(x), 3)", Spline(Quantity("x", ("log",)), 3)),
        ("~ rcs(x, [-1, 2.5, 1e2])", Spline(Quantity("x"), (-1.0, 2.5, 100.0))),
        ("~ pol(x, 3)", Polynomial(Quantity("x"), 3)),
        ("~ pol(x)", Polynomial(Quantity("x"), 2)),
        ("~ C(x)", Category("x", None)),
        ("~ C(x, ref='low')", Category("x", "low")),
        ('~ C(`x y`, ref="a ""b""")', Category("x y", 'a "b"')),
        ("~ C(x, ref=3)", Category("x", "3")),
        ("~ C(x, ref=-1.5)", Category("x", "-1.5")),
        ("~ C(x, ref=2.0)", Category("x", "2")),
    ],
)
def test_factors_are_read(text: str, factor: object) -> None:
    assert only_factor(text) == factor


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y ~ rcs(x)", r"say how many knots a spline has; got '\)' at position 9. For example rcs\(x, 4\)"),
        ("y ~ rcs(x, 2)", "give rcs a whole number from 3 to 20; got '2' at position 11"),
        ("y ~ rcs(x, 21)", "give rcs a whole number from 3 to 20; got '21'"),
        ("y ~ rcs(x, 4.0)", "got '4.0'"),
        ("y ~ rcs(x, nk)", "give rcs a whole number from 3 to 20; got 'nk'"),
        ("y ~ rcs(x, [1, 2])", "give rcs 3 to 20 increasing knots; got 2 numbers at position 11"),
        ("y ~ rcs(x, [1, 3, 2])", r"increasing knots; got \[1.0, 3.0, 2.0\] at position 11"),
        ("y ~ rcs(x, [1, 1, 2])", "increasing knots"),
        ("y ~ rcs(x, [1, 2, 1e999])", "increasing knots"),
        ("y ~ rcs(x, [])", r"go on with a number; got '\]'"),
        ("y ~ rcs(x, [1, 2, 3)", r"go on with '\]'; got '\)'"),
        ("y ~ rcs(x, 4, 5)", r"go on with '\)'; got ','"),
        ("y ~ rcs(rcs(x, 3), 4)", "of a column, inside a function; got 'rcs' at position 8"),
        ("y ~ rcs(x + z, 4)", "say how many knots a spline has; got '.'"),
        ("y ~ log(x + 1)", r"go on with '\)'; got '\+'"),
        ("y ~ log(C(x))", "use one of log, .*, abs inside a function; got 'C' at position 8"),
        ("y ~ log()", r"name a column inside a function; got '\)'"),
        ("y ~ log(x", r"go on with '\)'; got the end"),
        ("y ~ pol(x, 1)", "give pol a whole number from 2 to 9; got '1'"),
        ("y ~ C(log(x))", r"go on with '\)'; got '\('"),
        ("y ~ C(x, 'a')", r"give C\(\) a column and, after a comma, ref=; got 'a'"),
        ("y ~ C(x, base='a')", "got 'base'"),
        ("y ~ C(x, ref=a)", "give ref= a level, as text in quotation marks or as a number; got 'a'"),
        ("y ~ I(x^2)", r"use the functions of its table \(rcs, pol, C, log,.* got 'I' at position 4. Arithmetic"),
        ("y ~ poly(x, 2)", r"got 'poly' at position 4. Write pol\(x, 2\)"),
        ("y ~ bs(x, 4)", r"got 'bs'.* Write rcs\(x, 4\)"),
        ("y ~ offset(x)", "Pass offset= to fit"),
        ("y ~ l\u043eg(x)", r"use the functions of its table.*got 'l\\u043eg' at position 4"),
        ("y ~ Log(x)", "use the functions of its table"),
    ],
)
def test_other_functions_and_arguments_are_refused_with_their_place(text: str, message: str) -> None:
    with pytest.raises(InputError, match=f"formula must .*{message}"):
        parse_formula(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~ " + "log(" * 2_000, "nest at most 5 functions; got 'log' at position 22"),
        ("~ rcs(" + "log(" * 2_000, "nest at most 5 functions"),
        ("~ rcs(x, [" + "1," * 4_000 + "1])", "give rcs 3 to 20 increasing knots"),
    ],
)
def test_bombs_of_calls_are_refused_at_once(text: str, message: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InputError, match=message):
        parse_formula(text)
    assert time.perf_counter() - start < 1


def test_the_deepest_allowed_nesting_of_functions_is_read() -> None:
    assert only_factor("~ log(log(log(log(log(x)))))") == Quantity("x", ("log",) * 5)
