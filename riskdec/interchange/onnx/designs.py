"""The design of a formula: splines, powers, functions, levels and their products, as columns of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from riskdec._base.checks import refuse
from riskdec.interchange.onnx.formulas import (
    absolute,
    any_in_row,
    beside,
    exp,
    is_infinite,
    is_nan,
    log,
    log1p,
    spline_columns,
    sqrt,
)
from riskdec.interchange.onnx.inputs import one_hot
from riskdec.models.formula.blocks import LevelBlock, PowerBlock, SplineBlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec.interchange.onnx.graph import Value
    from riskdec.interchange.onnx.inputs import Inputs
    from riskdec.models.formula import FormulaDesign
    from riskdec.models.formula.blocks import Block
    from riskdec.models.formula.coding import Piece
    from riskdec.models.formula.factors import Quantity

# Each function of a formula, and where it is defined, as `riskdec.models.formula.factors.FUNCTIONS` has it.
_FUNCTIONS: dict[str, tuple[Callable[[Value], Value], Callable[[Value], Value]]] = {
    "log": (log, lambda x: x > 0.0),
    "log2": (lambda x: log(x) / float(np.log(2.0)), lambda x: x > 0.0),
    "log10": (lambda x: log(x) / float(np.log(10.0)), lambda x: x > 0.0),
    "log1p": (log1p, lambda x: x > -1.0),
    "sqrt": (sqrt, lambda x: x >= 0.0),
    "exp": (exp, lambda x: x <= 700.0),
    "abs": (absolute, lambda x: ~is_infinite(x)),
}


def design_columns(inputs: Inputs, design: FormulaDesign, *, unseen: Literal["error", "reference"]) -> Value:
    """Give the columns of a design, without intercept: shape (n, p); rows that lack a value are refused."""
    if not design.blocks:
        raise refuse("model", "have a column", "an intercept alone", "Its probabilities are the same for every row.")
    blocks = [_open_block(inputs, block, unseen) for block in design.blocks]
    pieces = [_multiply(design.blocks, blocks, piece) for term in design.pieces for piece in term]
    columns = beside(pieces)
    inputs.graph.refuse(any_in_row(is_infinite(columns)))
    return columns


def _open_block(inputs: Inputs, block: Block, unseen: Literal["error", "reference"]) -> Value:
    """Give the columns of a number, or the codes of levels."""
    if not isinstance(block, LevelBlock):
        numbers = _evaluate(inputs, block.quantity)
        if isinstance(block, SplineBlock):
            return spline_columns(numbers, np.array([block.knots]))
        if isinstance(block, PowerBlock):
            powers = inputs.graph.constant(np.arange(1.0, block.degree + 1)[np.newaxis])
            return inputs.graph.add("Pow", numbers, powers)
        return numbers
    levels = block.column.levels
    places, unknown, missing = {level: i for i, level in enumerate(levels)}, len(levels), len(levels) + 1
    other = unknown if unseen == "error" else 0
    codes = inputs.codes(block.variable, places, missing=missing, other=other)
    inputs.graph.refuse(codes >= unknown)
    return codes


def _evaluate(inputs: Inputs, quantity: Quantity) -> Value:
    """Apply functions from inside to outside; what is not defined is refused, and so is what is missing."""
    numbers = inputs.numbers([quantity.variable])
    if not quantity.functions:
        inputs.graph.refuse(is_nan(numbers))
    for function in quantity.functions:
        apply, allows = _FUNCTIONS[function]
        inputs.graph.refuse(~allows(numbers))
        numbers = apply(numbers)
    return numbers


def _multiply(blocks: tuple[Block, ...], opened: list[Value], piece: Piece) -> Value:
    """Give all products of one column from each block; the first block moves fastest."""
    product, width = None, 1
    for i, full in piece:
        block, columns = blocks[i], opened[i]
        n_columns = len(block.names)
        if isinstance(block, LevelBlock):
            places = range(int(not full), n_columns)
            columns, n_columns = one_hot(columns, places), len(places)
        if product is None:
            product = columns
        else:
            graph = columns.graph
            slow = graph.add("Unsqueeze", columns, graph.constant(np.array([2])))
            fast = graph.add("Unsqueeze", product, graph.constant(np.array([1])))
            # 0 keeps the number of rows, none included.
            product = graph.add("Reshape", slow * fast, graph.constant(np.array([0, n_columns * width])))
        width *= n_columns
    assert product is not None
    return product
