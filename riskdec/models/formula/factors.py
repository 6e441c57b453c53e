"""What a formula may name: a column, one of a closed table of functions of it, and how that is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import refuse, refuse_rows
from riskdec.models.formula.tokens import quote_name
from riskdec.models.tables.columns import is_category, numbers_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import narwhals.stable.v2 as nw

    from riskdec._base.typing import BoolArray, FloatArray

MAX_KNOTS = 20
MAX_DEGREE = 9


class Function(NamedTuple):
    """A function of one number.

    Attributes
    ----------
    apply : callable
        Array in, array out.
    allows : callable
        Which values it is defined and finite for.
    rule : str
        The same in words.
    """

    apply: Callable[[FloatArray], FloatArray]
    allows: Callable[[FloatArray], BoolArray]
    rule: str


FUNCTIONS = {
    "log": Function(np.log, lambda x: x > 0, "be above 0"),
    "log2": Function(np.log2, lambda x: x > 0, "be above 0"),
    "log10": Function(np.log10, lambda x: x > 0, "be above 0"),
    "log1p": Function(np.log1p, lambda x: x > -1, "be above -1"),
    "sqrt": Function(np.sqrt, lambda x: x >= 0, "not be negative"),
    "exp": Function(np.exp, lambda x: x <= 700, "be at most 700"),
    "abs": Function(np.abs, np.isfinite, "be finite"),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column, or functions of it applied one after the other.

    Attributes
    ----------
    variable : str
        Name of the column.
    functions : tuple of str
        Keys of `FUNCTIONS`, the innermost first.

    Examples
    --------
    >>> Quantity("body mass", ("sqrt", "log")).text
    'log(sqrt(`body mass`))'
    """

    variable: str
    functions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As a formula has it."""
        return _wrap(quote_name(self.variable), self.functions)

    @property
    def name(self) -> str:
        """As a table of coefficients has it."""
        return _wrap(self.variable, self.functions)

    def evaluate(self, values: nw.Series[Any]) -> FloatArray:
        """Give the numbers, nan where the column has none.

        Raises
        ------
        InputError
            For a column of text, and for values outside the domain of a function.
        """
        numbers = numbers_of(values)
        for depth, function in enumerate(self.functions):
            rule = FUNCTIONS[function]
            bad = ~(rule.allows(numbers) | np.isnan(numbers))
            if bad.any():
                inner = f"column {self.variable!r}" if not depth else _wrap(self.variable, self.functions[:depth])
                raise refuse_rows(inner, f"{rule.rule} for {self.name}", numbers, bad)
            numbers = rule.apply(numbers)
        return numbers


@dataclass(frozen=True, slots=True)
class Spline:
    """``rcs(x, 4)`` or ``rcs(x, [1, 2, 3])``: a restricted cubic spline.

    Attributes
    ----------
    quantity : Quantity
        What is bent.
    knots : int or tuple of float
        How many knots, or where.
    """

    quantity: Quantity
    knots: int | tuple[float, ...]

    @property
    def variable(self) -> str:
        """Name of the column."""
        return self.quantity.variable

    @property
    def text(self) -> str:
        """As a formula has it."""
        places = self.knots if isinstance(self.knots, int) else f"[{', '.join(map(_number, self.knots))}]"
        return f"rcs({self.quantity.text}, {places})"


@dataclass(frozen=True, slots=True)
class Polynomial:
    """``pol(x, 2)``: raw powers, as rms has them.

    Attributes
    ----------
    quantity : Quantity
        What is raised.
    degree : int
        Highest power.
    """

    quantity: Quantity
    degree: int

    @property
    def variable(self) -> str:
        """Name of the column."""
        return self.quantity.variable

    @property
    def text(self) -> str:
        """As a formula has it."""
        return f"pol({self.quantity.text}, {self.degree})"


@dataclass(frozen=True, slots=True)
class Category:
    """``C(x)`` or ``C(x, ref="level")``: levels, even where the column holds numbers.

    Attributes
    ----------
    variable : str
        Name of the column.
    reference : str or None
        The level that the others are compared with; the first one where None.
    """

    variable: str
    reference: str | None

    @property
    def text(self) -> str:
        """As a formula has it."""
        name = quote_name(self.variable)
        if self.reference is None:
            return f"C({name})"
        return f'C({name}, ref="{self.reference.replace(chr(34), chr(34) * 2)}")'


Factor = Quantity | Spline | Polynomial | Category


def require_numbers(factor: Quantity | Spline | Polynomial, values: nw.Series[Any]) -> None:
    """Refuse text and categories where a formula asks for numbers."""
    if is_category(values):
        name = f"column {factor.variable!r}"
        cure = "Use the column as it stands: it enters by its levels."
        raise refuse(name, f"hold numbers for {factor.text}", f"text or categories ({values.dtype})", cure)


def _wrap(name: str, functions: tuple[str, ...]) -> str:
    for function in functions:
        name = f"{function}({name})"
    return name


def _number(value: float) -> str:
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
