"""What training taught about one factor of a formula, and how its rows become columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec.likelihood.splines.basis import spline_basis
from riskdec.likelihood.splines.knots import place_knots
from riskdec.models.formula.factors import FUNCTIONS, MAX_DEGREE, Category, Polynomial, Quantity, require_numbers
from riskdec.models.tables.columns import CategoryColumn, is_category, learn_category
from riskdec.models.tables.splines import spline_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals.stable.v2 as nw

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.models.formula.factors import Factor


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """A number as it is: one column."""

    quantity: Quantity

    @property
    def variable(self) -> str:
        """Name of the column of the frame."""
        return self.quantity.variable

    @property
    def subject(self) -> str:
        """What a table of tests calls it."""
        return self.quantity.name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it gives."""
        return (self.quantity.name,)

    @property
    def nonlinear(self) -> tuple[bool, ...]:
        """Which of its columns bend the line."""
        return (False,)

    def encode(self, values: nw.Series[Any]) -> FloatArray:
        """Give its columns: shape (n, 1)."""
        return self.quantity.evaluate(values)[:, np.newaxis]


@dataclass(frozen=True, slots=True)
class SplineBlock:
    """A restricted cubic spline with its knots; without knots a straight line."""

    quantity: Quantity
    knots: tuple[float, ...]

    @property
    def variable(self) -> str:
        """Name of the column of the frame."""
        return self.quantity.variable

    @property
    def subject(self) -> str:
        """What a table of tests calls it."""
        return self.quantity.name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it gives: ``x, x', x''``."""
        return spline_names(self.quantity.name, self.knots)

    @property
    def nonlinear(self) -> tuple[bool, ...]:
        """Which of its columns bend the line: all but the first."""
        return (False, *[True] * (len(self.names) - 1))

    def encode(self, values: nw.Series[Any]) -> FloatArray:
        """Give its columns: shape (n, number of knots - 1)."""
        return spline_basis(self.quantity.evaluate(values), np.array(self.knots))


@dataclass(frozen=True, slots=True)
class PowerBlock:
    """A number and its powers."""

    quantity: Quantity
    degree: int

    @property
    def variable(self) -> str:
        """Name of the column of the frame."""
        return self.quantity.variable

    @property
    def subject(self) -> str:
        """What a table of tests calls it."""
        return self.quantity.name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it gives: ``x, x^2, x^3``."""
        return (self.quantity.name, *(f"{self.quantity.name}^{power}" for power in range(2, self.degree + 1)))

    @property
    def nonlinear(self) -> tuple[bool, ...]:
        """Which of its columns bend the line: all but the first."""
        return (False, *[True] * (self.degree - 1))

    def encode(self, values: nw.Series[Any]) -> FloatArray:
        """Give its columns: shape (n, degree)."""
        numbers = self.quantity.evaluate(values)
        with np.errstate(over="ignore"):
            return np.column_stack([numbers**power for power in range(1, self.degree + 1)])


@dataclass(frozen=True, slots=True)
class LevelBlock:
    """Levels, the first of which is the reference; a term takes all of their columns, or all but the first."""

    column: CategoryColumn

    @property
    def variable(self) -> str:
        """Name of the column of the frame."""
        return self.column.name

    @property
    def subject(self) -> str:
        """What a table of tests calls it."""
        return self.column.name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of all levels: ``sex[female], sex[male]``."""
        return tuple(f"{self.column.name}[{level}]" for level in self.column.levels)

    @property
    def nonlinear(self) -> tuple[bool, ...]:
        """Levels have no line that could bend."""
        return (False,) * len(self.column.levels)


Block = NumberBlock | SplineBlock | PowerBlock | LevelBlock


def learn_block(factor: Factor, values: nw.Series[Any], counts: FloatArray | None) -> Block:
    """Learn a factor from training rows, none of which is missing.

    Parameters
    ----------
    factor : Factor
        What the formula names.
    values : Series
        Its column.
    counts : ndarray of shape (n,), optional
        How often each row occurs, for the knots.

    Raises
    ------
    InputError
        For text where numbers are asked for, a reference that is no level, or a single level.
    """
    if isinstance(factor, Category) or (isinstance(factor, Quantity) and not factor.functions and is_category(values)):
        return LevelBlock(_learn_levels(factor, values))
    require_numbers(factor, values)
    if isinstance(factor, Quantity):
        return NumberBlock(factor)
    if isinstance(factor, Polynomial):
        return PowerBlock(factor.quantity, factor.degree)
    if isinstance(factor.knots, tuple):
        return SplineBlock(factor.quantity, factor.knots)
    knots = place_knots(factor.quantity.evaluate(values), factor.knots, counts=counts)
    return SplineBlock(factor.quantity, tuple(knots.tolist()))


def pick_column(block: Block, encoded: AnyArray, place: int) -> FloatArray:
    """Give one of the columns of a block as numbers."""
    column: FloatArray = (encoded == place).astype(np.float64) if isinstance(block, LevelBlock) else encoded[:, place]
    return column


def pack_block(block: Block) -> dict[str, Any]:
    """Give a block as a JSON-ready dict."""
    if isinstance(block, LevelBlock):
        return block.column.to_state()
    state = {"name": block.quantity.variable, "functions": list(block.quantity.functions)}
    if isinstance(block, NumberBlock):
        return {"kind": "number", **state}
    if isinstance(block, SplineBlock):
        return {"kind": "spline", **state, "knots": list(block.knots)}
    return {"kind": "powers", **state, "degree": block.degree}


def unpack_block(state: Mapping[str, Any]) -> Block:
    """Build a block from what `pack_block` gave; refuse kinds, functions and sizes that no formula has."""
    if state["kind"] == "category":
        return LevelBlock(CategoryColumn.from_state(dict(state)))
    functions = tuple(str(name) for name in state["functions"])
    unknown = [name for name in functions if name not in FUNCTIONS]
    if unknown:
        raise refuse("a function", f"be one of {', '.join(FUNCTIONS)}", f"{unknown[0]!r:.60}")
    quantity = Quantity(str(state["name"]), functions)
    if state["kind"] == "number":
        return NumberBlock(quantity)
    if state["kind"] == "spline":
        return SplineBlock(quantity, tuple(float(knot) for knot in state["knots"]))
    if state["kind"] != "powers" or not 2 <= int(state["degree"]) <= MAX_DEGREE:
        raise refuse("a block", "be a number, a spline, powers or a category", f"{state['kind']!r:.60}")
    return PowerBlock(quantity, int(state["degree"]))


def _learn_levels(factor: Category | Quantity, values: nw.Series[Any]) -> CategoryColumn:
    column = learn_category(values)
    name = f"column {column.name!r}"
    if len(column.levels) < 2:
        cure = "Leave it out of the formula: it tells nothing apart."
        raise refuse(name, "have at least two levels", f"only {column.levels[0]!r}", cure)
    if isinstance(factor, Quantity) or factor.reference is None:
        return column
    if factor.reference not in column.levels:
        shown = ", ".join(map(repr, column.levels[:5]))
        raise refuse(f"ref of {factor.text}", f"be a level of {name} ({shown})", repr(factor.reference))
    others = [level for level in column.levels if level != factor.reference]
    return CategoryColumn(name=column.name, levels=(factor.reference, *others), n_missing=0)
