"""Read a formula by a closed grammar: names are columns, functions come from a table, nothing is ever run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.checks import refuse
from riskdec.models.formula.calls import FUNCTION_NAMES, read_call
from riskdec.models.formula.factors import Quantity
from riskdec.models.formula.reader import Reader
from riskdec.models.formula.tree import Everything, Formula, Leaf, Part, Power, Product, Sum

if TYPE_CHECKING:
    from riskdec.models.formula.tree import Node

MAX_DEPTH = 20
MAX_POWER = 9


def parse_formula(text: str) -> Formula:
    """Read ``outcome ~ terms`` or ``~ terms``.

    Parameters
    ----------
    text : str
        The formula::

            formula:  [name] "~" sum
            sum:      ["+" | "-"] product {("+" | "-") product}
            product:  interaction {"*" interaction}
            interaction:  power {":" power}
            power:    atom ["^" number]
            atom:     name | "." | call | "(" sum ")" | "0" | "1"
            call:     "rcs(" quantity "," (number | "[" numbers "]") ")"  |  "pol(" quantity ["," number] ")"
                      "C(" name ["," "ref" "=" (text | number)] ")"  |  function "(" quantity ")"
            quantity: name | function "(" quantity ")"
            function: "log" | "log2" | "log10" | "log1p" | "sqrt" | "exp" | "abs"

        A name is an identifier, or any text in backticks. 0 and 1 stand for the intercept, in the outermost sum
        alone. ``.`` stands for all columns but the outcome and those that enter inside a function.

    Returns
    -------
    Formula
        Data. Names are looked up when the formula meets a frame.

    Raises
    ------
    InputError
        With the position of what cannot be read.

    Notes
    -----
    As in R: ``a * b`` is ``a + b + a:b``, ``(a + b + c)^2`` has all interactions of two, ``-`` takes terms away.
    There is no arithmetic inside functions, no ``I()`` and no ``%in%``: make a column, and name it. The
    interaction of two splines has all products of their columns; the restricted one of rms (``%ia%``) is absent.

    Examples
    --------
    >>> formula = parse_formula("died ~ rcs(age, 4) * sex + log(crea)")
    >>> formula.outcome, formula.intercept
    ('died', True)
    >>> parse_formula("died ~ age + __import__('os').system('ls')")
    Traceback (most recent call last):
    ...
    riskdec.errors.InputError: formula must use the functions of its table (rcs, pol, C, log, ...)...
    """
    if not isinstance(text, str):
        raise refuse("formula", "be text such as 'outcome ~ age + sex'", type(text).__name__)
    if text.lstrip().startswith("Surv("):
        cure = (
            "Survival is out of scope: make the outcome 'the event within a horizon', and see lifelines for the rest."
        )
        raise refuse("formula", "have one column as its outcome", "Surv(...)", cure)
    reader = Reader(text)
    outcome = None
    if not reader.sees("~"):
        outcome = reader.take_name("start with the name of the outcome, or with ~").value
    reader.expect("~", "The outcome is a column as it stands; which of its labels is the event, event= says.")
    terms, intercept = _read_sum(reader, 0)
    if reader.next.kind != "end":
        raise reader.refuse_next("go on with one of + - * : ^, or end", "Other signs belong into backticks: `a.b`.")
    return Formula(text, outcome, intercept, terms)


def _read_sum(reader: Reader, depth: int) -> tuple[Sum, bool]:
    """Read a sum, and whether an intercept is left in it; the last of 0, 1, -0 and -1 decides."""
    parts: list[Part] = []
    intercept = True
    sign = reader.take() if reader.sees("+", "-") else None
    while True:
        added = sign is None or sign.value == "+"
        token = reader.next
        if token.kind == "number":
            if depth or token.value not in ("0", "1"):
                rule = "use numbers only inside functions, and 0 or 1 for the intercept in the outermost sum"
                raise reader.refuse_next(rule)
            intercept = added == (reader.take().value == "1")
        else:
            parts.append(Part(added, _read_product(reader, depth), token.at))
        if not reader.sees("+", "-"):
            return Sum(tuple(parts)), intercept
        sign = reader.take()


def _read_product(reader: Reader, depth: int) -> Node:
    nodes = [_read_interaction(reader, depth)]
    while reader.sees("*"):
        reader.take()
        nodes.append(_read_interaction(reader, depth))
    return nodes[0] if len(nodes) == 1 else Product("*", tuple(nodes))


def _read_interaction(reader: Reader, depth: int) -> Node:
    nodes = [_read_power(reader, depth)]
    while reader.sees(":"):
        reader.take()
        nodes.append(_read_power(reader, depth))
    return nodes[0] if len(nodes) == 1 else Product(":", tuple(nodes))


def _read_power(reader: Reader, depth: int) -> Node:
    node = _read_atom(reader, depth)
    if not reader.sees("^"):
        return node
    reader.take()
    cure = "It counts how many terms may interact; for powers of a number write pol(x, 2)."
    return Power(node, reader.take_integer("follow ^ with", 2, MAX_POWER, cure))


def _read_atom(reader: Reader, depth: int) -> Node:
    token = reader.next
    if reader.sees("("):
        if depth >= MAX_DEPTH:
            raise reader.refuse_next(f"nest parentheses at most {MAX_DEPTH} deep")
        reader.take()
        inner, _ = _read_sum(reader, depth + 1)
        reader.expect(")")
        return inner
    if reader.sees("."):
        reader.take()
        return Everything()
    if token.kind == "quoted name":
        return Leaf(Quantity(reader.take().value))
    if token.kind == "name":
        reader.take()
        return Leaf(read_call(reader, token) if reader.sees("(") else Quantity(token.value))
    raise reader.refuse_next("go on with a term", f"A term is a column, ., (...), or one of {FUNCTION_NAMES}.")
