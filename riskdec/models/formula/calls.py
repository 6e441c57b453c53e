"""Read the functions of a formula: each name and each argument from a closed table."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

from riskdec.likelihood.splines.knots import MIN_KNOTS
from riskdec.models.formula.factors import FUNCTIONS, MAX_DEGREE, MAX_KNOTS, Category, Polynomial, Quantity, Spline
from riskdec.models.formula.tokens import refuse_at
from riskdec.models.tables.columns import text_of

if TYPE_CHECKING:
    from riskdec.models.formula.factors import Factor
    from riskdec.models.formula.reader import Reader
    from riskdec.models.formula.tokens import Token

FUNCTION_NAMES = ", ".join(("rcs", "pol", "C", *FUNCTIONS))
MAX_NESTED = 5

# What people bring along from other programs, and what to write instead.
_ELSEWHERE = {
    "I": "Arithmetic is not part of a formula: make a column and name it, or write pol(x, 2) for powers.",
    "poly": "Write pol(x, 2): raw powers.",
    "bs": "Write rcs(x, 4), a restricted cubic spline, or put scikit-learn's SplineTransformer before the model.",
    "ns": "Write rcs(x, 4), a restricted cubic spline.",
    "cr": "Write rcs(x, 4), a restricted cubic spline.",
    "s": "Write rcs(x, 4), a restricted cubic spline.",
    "factor": "Write C(x).",
    "offset": "Pass offset= to fit.",
}


def read_call(reader: Reader, name: Token) -> Factor:
    """Read the arguments of a function whose name is read, and the parentheses around them.

    Raises
    ------
    InputError
        For a function that is not in the table, and for arguments it does not have.
    """
    if name.value in FUNCTIONS:
        return _read_functions(reader, name)
    if name.value not in ("rcs", "pol", "C"):
        cure = _ELSEWHERE.get(name.value, "A column of that name needs no parentheses.")
        rule = f"use the functions of its table ({FUNCTION_NAMES})"
        # ascii() lays letters open that only look like the right ones.
        raise refuse_at(reader.text, name.at, rule, ascii(name.value[:40]), cure)
    reader.expect("(")
    factor: Factor
    if name.value == "C":
        factor = _read_category(reader)
    elif name.value == "rcs":
        factor = _read_spline(reader)
    else:
        factor = _read_polynomial(reader)
    reader.expect(")")
    return factor


def _read_spline(reader: Reader) -> Spline:
    quantity = _read_quantity(reader)
    if not reader.sees(","):
        raise reader.refuse_next("say how many knots a spline has", "For example rcs(x, 4), or rcs(x, [20, 40, 60]).")
    reader.take()
    if not reader.sees("["):
        return Spline(quantity, reader.take_integer("give rcs", MIN_KNOTS, MAX_KNOTS, "It counts the knots."))
    start = reader.take()
    knots = [reader.take_number()]
    while reader.sees(","):
        reader.take()
        knots.append(reader.take_number())
    reader.expect("]")
    increasing = all(a < b for a, b in pairwise(knots)) and isfinite(knots[-1] - knots[0])
    if not increasing or not MIN_KNOTS <= len(knots) <= MAX_KNOTS:
        rule = f"give rcs {MIN_KNOTS} to {MAX_KNOTS} increasing knots"
        raise refuse_at(reader.text, start.at, rule, f"{len(knots)} numbers" if increasing else str(knots[:MAX_KNOTS]))
    return Spline(quantity, tuple(knots))


def _read_polynomial(reader: Reader) -> Polynomial:
    quantity = _read_quantity(reader)
    if not reader.sees(","):
        return Polynomial(quantity, 2)
    reader.take()
    return Polynomial(quantity, reader.take_integer("give pol", 2, MAX_DEGREE, "It is the highest power."))


def _read_category(reader: Reader) -> Category:
    variable = reader.take_name("name a column in C()").value
    if not reader.sees(","):
        return Category(variable, None)
    reader.take()
    option = reader.next
    if option.kind != "name" or option.value != "ref":
        raise reader.refuse_next("give C() a column and, after a comma, ref=", 'For example C(x, ref="low").')
    reader.take()
    reader.expect("=")
    if reader.next.kind == "text":
        return Category(variable, reader.take().value)
    if reader.next.kind != "number" and not reader.sees("-"):
        raise reader.refuse_next("give ref= a level, as text in quotation marks or as a number")
    return Category(variable, text_of(reader.take_number()))


def _read_quantity(reader: Reader) -> Quantity:
    rule = f"name a column, or one of {', '.join(FUNCTIONS)} of a column,"
    name = reader.take_name(rule)
    if not reader.sees("(") or name.kind == "quoted name":
        return Quantity(name.value)
    if name.value not in FUNCTIONS:
        raise refuse_at(reader.text, name.at, f"{rule} inside a function", name.shown)
    return _read_functions(reader, name)


def _read_functions(reader: Reader, name: Token) -> Quantity:
    """Read ``log(sqrt(x))`` from outside to inside."""
    functions: list[str] = []
    while reader.sees("(") and name.kind == "name":
        if name.value not in FUNCTIONS:
            rule = f"use one of {', '.join(FUNCTIONS)} inside a function"
            raise refuse_at(reader.text, name.at, rule, name.shown)
        if len(functions) == MAX_NESTED:
            raise refuse_at(reader.text, name.at, f"nest at most {MAX_NESTED} functions", name.shown)
        functions.append(name.value)
        reader.take()
        name = reader.take_name("name a column inside a function")
    for _ in functions:
        reader.expect(")")
    return Quantity(name.value, tuple(reversed(functions)))
