"""A formula that was read but not yet worked out: plain data, and no name in it is ever run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from riskdec.models.formula.factors import Factor


@dataclass(frozen=True, slots=True)
class Leaf:
    """One factor."""

    factor: Factor


@dataclass(frozen=True, slots=True)
class Everything:
    """The dot: all other columns."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sum: added, or taken away again."""

    added: bool
    node: Node
    at: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Parts joined by ``+`` and ``-``."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Nodes joined by ``:`` (each with each) or ``*`` (themselves, and each with each)."""

    sign: Literal[":", "*"]
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """``base ^ exponent``: all interactions of up to so many of its terms."""

    base: Node
    exponent: int


Node = Leaf | Everything | Sum | Product | Power


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it was read.

    Attributes
    ----------
    text : str
        What was read.
    outcome : str or None
        Name of the column on the left side; None for a one-sided formula.
    intercept : bool
        Whether it asks for an intercept.
    terms : Sum
        The right side, without the intercept.
    """

    text: str
    outcome: str | None
    intercept: bool
    terms: Sum
