"""The design of a formula: learned once from training rows, then applied to any rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from riskdec._base.checks import check_option, refuse, refuse_rows
from riskdec.models.formula.blocks import LevelBlock, SplineBlock, learn_block, pack_block, pick_column, unpack_block
from riskdec.models.formula.coding import code_terms
from riskdec.models.formula.factors import Spline
from riskdec.models.formula.layout import check_size, lay_out, refuse_twins
from riskdec.models.formula.missing import complete_rows, find_complete_rows
from riskdec.models.formula.terms import expand
from riskdec.models.tables.columns import absent_rows, open_columns, require_columns
from riskdec.models.tables.encoding import refuse_unknown, warn_unknown
from riskdec.models.tables.knots import note_fewer_knots, warn_fewer_knots

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals.stable.v2 as nw

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray
    from riskdec.models.formula.blocks import Block
    from riskdec.models.formula.coding import Piece
    from riskdec.models.formula.layout import DesignColumn
    from riskdec.models.formula.missing import CompleteRows
    from riskdec.models.formula.terms import Expansion
    from riskdec.models.formula.tree import Formula


class DesignRows(NamedTuple):
    """Rows as numbers.

    Attributes
    ----------
    matrix : ndarray of shape (n, k)
        One row per row of the frame; nan throughout where a value is missing.
    rows : CompleteRows
        Which rows are complete, and what the others lack.
    """

    matrix: FloatArray
    rows: CompleteRows


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaDesign:
    """Knots, levels and terms of a formula: what was learned, as plain data, never rows.

    Attributes
    ----------
    outcome : str or None
        Name of the outcome's column.
    intercept : bool
        Whether the model has an intercept; it is not among the columns.
    blocks : tuple of Block
        The factors, learned.
    labels : tuple of str
        The terms, for example ``rcs(age, 4):sex``.
    pieces : tuple of tuple of Piece
        For each term the products of blocks that make its columns.
    """

    outcome: str | None
    intercept: bool
    blocks: tuple[Block, ...]
    labels: tuple[str, ...]
    pieces: tuple[tuple[Piece, ...], ...]

    @classmethod
    def learn(cls, formula: Formula, frame: object, *, counts: FloatArray | None = None) -> FormulaDesign:
        """Learn knots and levels.

        Parameters
        ----------
        formula : Formula
            From `parse_formula`.
        frame : DataFrame of pandas, polars or pyarrow, or array of numbers (columns x0, x1, ...)
            Training rows, complete in the columns of the formula (see `find_complete_rows`).
        counts : ndarray of shape (n,), optional
            How often each row occurs: knots are those of the repeated rows.

        Returns
        -------
        FormulaDesign
            What `encode` applies.

        Raises
        ------
        InputError
            For columns that the frame has not, of the wrong type, of one level or more than 1000; for missing
            values; for two columns of one name; for more than 5000 columns.

        Warns
        -----
        RiskdecWarning
            RD107, where a spline gets fewer knots than the formula asks for.

        Notes
        -----
        Text and categories enter by treatment coding: the reference is the first level, in declared order for a
        pandas Categorical or a polars Enum, sorted otherwise. Numbers that are codes need ``C(x)``. Knots are
        those of the rows given, so a row left out for a missing value in another column plays no part.

        Examples
        --------
        >>> import pandas as pd
        >>> from riskdec.models.formula import parse_formula
        >>> frame = pd.DataFrame({"dose": [1.0, 2.0, 4.0], "sex": ["m", "f", "m"]})
        >>> design = FormulaDesign.learn(parse_formula("~ log2(dose) * sex"), frame)
        >>> design.names
        ('log2(dose)', 'sex[m]', 'log2(dose):sex[m]')
        >>> design.encode(frame).matrix
        array([[0., 1., 0.],
               [1., 0., 0.],
               [2., 1., 2.]])
        """
        series = open_columns(frame)
        expansion = expand(formula, tuple(series))
        if not len(next(iter(series.values()))):
            raise refuse("the data", "have at least one row", "0 rows")
        find_complete_rows(frame, expansion.variables)
        factors = expansion.factors
        blocks = tuple(learn_block(factor, series[factor.variable], counts) for factor in factors)
        _warn_of_knots(expansion, blocks)
        is_category = [isinstance(block, LevelBlock) for block in blocks]
        design = cls(
            outcome=expansion.outcome,
            intercept=expansion.intercept,
            blocks=blocks,
            labels=expansion.labels,
            pieces=code_terms(expansion.terms, is_category, intercept=expansion.intercept),
        )
        check_size(design.blocks, design.pieces, design.labels)
        refuse_twins(design.names)
        return design

    @property
    def columns(self) -> tuple[DesignColumn, ...]:
        """The columns of the design, term by term; within a term the first factor moves fastest, as in R."""
        return lay_out(self.blocks, self.pieces)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def assign(self) -> IntArray:
        """Term of each column: shape (k,)."""
        return np.array([column.term for column in self.columns], dtype=np.intp)

    @property
    def variables(self) -> tuple[str, ...]:
        """Columns of the frame that `encode` needs."""
        return tuple(dict.fromkeys(block.variable for block in self.blocks))

    def encode(self, frame: object, *, unseen: Literal["error", "reference"] = "error") -> DesignRows:
        """Give the rows as numbers.

        Columns are found by name; further columns, such as the outcome, are ignored.

        Parameters
        ----------
        frame : DataFrame of pandas, polars or pyarrow, or array of numbers
            Rows, which may lack values.
        unseen : {"error", "reference"}
            What to do about a level that training did not have: refuse, or read it as the reference with a
            warning.

        Returns
        -------
        DesignRows
            The matrix, without intercept, and which of its rows are complete.

        Raises
        ------
        InputError
            For columns that are absent or of another type, infinite numbers, values outside the domain of a
            function, and what ``unseen`` refuses.
        """
        check_option(unseen, ("error", "reference"), name="unseen")
        series = open_columns(frame)
        wanted = self.variables
        require_columns(series, wanted, f"have the {len(wanted)} columns of training")
        rows = complete_rows(series, wanted)
        encoded = _encode_blocks(self.blocks, series, unseen)
        columns = self.columns
        matrix = np.empty((len(rows.keep), len(columns)))
        for j, column in enumerate(columns):
            matrix[:, j] = _multiply(self.blocks, encoded, column)
        if rows.n_missing:
            matrix[~rows.keep] = np.nan
        return DesignRows(matrix, rows)

    def to_state(self) -> dict[str, Any]:
        """Give what was learned, ready for JSON."""
        return {
            "outcome": self.outcome,
            "intercept": self.intercept,
            "blocks": [pack_block(block) for block in self.blocks],
            "labels": list(self.labels),
            "pieces": [[[list(part) for part in piece] for piece in term] for term in self.pieces],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> FormulaDesign:
        """Rebuild from `to_state`; nothing in it is parsed or run."""
        blocks = tuple(unpack_block(entry) for entry in state["blocks"])
        pieces = tuple(
            tuple(tuple((range(len(blocks))[i], bool(full)) for i, full in piece) for piece in term)
            for term in state["pieces"]
        )
        outcome = state["outcome"]
        design = cls(
            outcome=None if outcome is None else str(outcome),
            intercept=bool(state["intercept"]),
            blocks=blocks,
            labels=tuple(str(label) for label in state["labels"]),
            pieces=pieces,
        )
        if len(design.labels) != len(pieces):
            raise refuse("a design", "have one label per term", f"{len(design.labels)} for {len(pieces)}")
        check_size(design.blocks, design.pieces, design.labels)
        return design


def _warn_of_knots(expansion: Expansion, blocks: tuple[Block, ...]) -> None:
    notes = []
    for factor, block in zip(expansion.factors, blocks, strict=True):
        if isinstance(factor, Spline) and isinstance(block, SplineBlock) and isinstance(factor.knots, int):
            placed = len(block.knots)
            if placed < factor.knots:
                notes.append(note_fewer_knots(factor.text, factor.knots, placed))
    if notes:
        warn_fewer_knots(notes)


def _encode_blocks(
    blocks: tuple[Block, ...], series: Mapping[str, nw.Series[Any]], unseen: Literal["error", "reference"]
) -> list[AnyArray]:
    """Give each block's columns, or its levels as places; missing values are nan, or -1."""
    encoded: list[AnyArray] = []
    notes = []
    for block in blocks:
        values = series[block.variable]
        if not isinstance(block, LevelBlock):
            encoded.append(block.encode(values))
            continue
        places = block.column.codes(values)
        unknown: BoolArray = (places < 0) & ~absent_rows(values)
        if unknown.any() and unseen == "error":
            raise refuse_unknown(block.column, values, unknown)
        if unknown.any():
            notes.append(f"{int(unknown.sum())} of {len(places)} rows in column {block.variable!r}")
        encoded.append(np.where(unknown, 0, places))
    if notes:
        warn_unknown(notes)
    return encoded


def _multiply(blocks: tuple[Block, ...], encoded: list[AnyArray], column: DesignColumn) -> FloatArray:
    (first, place), *others = column.parts
    result = pick_column(blocks[first], encoded[first], place)
    with np.errstate(over="ignore", invalid="ignore"):
        for i, place in others:
            result = result * pick_column(blocks[i], encoded[i], place)
    if np.isinf(result).any():
        raise refuse_rows(f"column {column.name!r} of the design", "be finite", result, np.isinf(result), "Rescale it.")
    return result
