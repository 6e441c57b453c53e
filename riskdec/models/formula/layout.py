"""Which columns the terms of a design give, in which order, and what they are called."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from riskdec._base.checks import refuse
from riskdec.models.formula.blocks import LevelBlock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.models.formula.blocks import Block
    from riskdec.models.formula.coding import Piece

MAX_COLUMNS = 5000


class DesignColumn(NamedTuple):
    """One column of the design.

    Attributes
    ----------
    name : str
        For example ``age':sex[male]``.
    term : int
        Which term it belongs to.
    parts : tuple of (int, int)
        The columns of blocks that it multiplies: block, and place in the block.
    """

    name: str
    term: int
    parts: tuple[tuple[int, int], ...]


def lay_out(blocks: Sequence[Block], pieces: Sequence[Sequence[Piece]]) -> tuple[DesignColumn, ...]:
    """Give the columns term by term; within a term the first factor moves fastest, as in R."""
    names = [block.names for block in blocks]
    columns = []
    for term, products in enumerate(pieces):
        for piece in products:
            members = [i for i, _ in piece]
            for places in product(*reversed(_ranges(blocks, piece))):
                parts = tuple(zip(members, reversed(places), strict=True))
                columns.append(DesignColumn(":".join(names[i][place] for i, place in parts), term, parts))
    return tuple(columns)


def check_size(blocks: Sequence[Block], pieces: Sequence[Sequence[Piece]], labels: Sequence[str]) -> None:
    """Refuse a design of very many columns before any is made."""
    sizes = [sum(prod(map(len, _ranges(blocks, piece))) for piece in products) for products in pieces]
    if sum(sizes) > MAX_COLUMNS:
        largest = labels[sizes.index(max(sizes))]
        cure = "Join rare levels, or leave out interactions of categories with many levels."
        got = f"{sum(sizes)}, of which {max(sizes)} from {largest:.60}"
        raise refuse("formula", f"give at most {MAX_COLUMNS} columns", got, cure)


def refuse_twins(names: Sequence[str]) -> None:
    """Refuse two columns of one name."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            cure = "Two terms use it, or a column bears the name of what a term makes: drop or rename one."
            raise refuse("formula", "give columns of different names", f"{name!r} twice", cure)
        seen.add(name)


def _ranges(blocks: Sequence[Block], piece: Piece) -> list[range]:
    """Give the places that a piece takes of each of its blocks."""
    return [range(int(isinstance(blocks[i], LevelBlock) and not full), len(blocks[i].names)) for i, full in piece]
