"""What all costs share: names of outcomes and actions, and which actions do not decide."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from riskdec._base.table import unsteered

if TYPE_CHECKING:
    from riskdec._base.table import Table
    from riskdec._base.typing import AnyArray, FloatArray, IntArray


class NamedCosts(ABC):
    """Costs of actions under outcomes, one table for all rows or one for each.

    Attributes
    ----------
    outcomes, actions : tuple of str
        Names of the K states of the world and of the A things that can be done.
    deferring : tuple of str
        The actions that mean not deciding.
    """

    __slots__ = ()

    outcomes: tuple[str, ...]
    actions: tuple[str, ...]
    deferring: tuple[str, ...]

    @abstractmethod
    def summary(self) -> Table:
        """Give the costs as a table with named rows and columns."""

    @abstractmethod
    def sentences(self) -> tuple[str, ...]:
        """Say the costs back in words."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Give costs and names as plain lists, ready for JSON."""

    @abstractmethod
    def realised(self, outcome: IntArray, action: AnyArray) -> FloatArray:
        """Give what each row cost, from its outcome and action (numbers): shape (n,)."""

    @abstractmethod
    def under(self, outcome: IntArray) -> FloatArray:
        """Give what each action costs in each row, its outcome being known: shape (n, A)."""

    @abstractmethod
    def take(self, rows: AnyArray | slice) -> NamedCosts:
        """Give the costs of some rows."""

    def to_state(self) -> tuple[dict[str, Any], dict[str, AnyArray]]:
        """Give the costs for a model file; those of single rows belong to these rows, and are refused."""
        from riskdec.decisions.costs.stored import pack_costs

        return pack_costs(self), {}

    @classmethod
    def from_state(cls, header: dict[str, Any], arrays: dict[str, AnyArray]) -> NamedCosts:
        """Build the same costs again, every amount and name checked."""
        from riskdec.decisions.costs.stored import unpack_costs

        return unpack_costs(cls.__name__, header)

    @property
    def defer(self) -> str | None:
        """The action that defers, the first of several; None without one."""
        return self.deferring[0] if self.deferring else None

    @property
    def defer_index(self) -> int | None:
        """The column of the action that defers, the first of several; None without one."""
        return self.actions.index(self.deferring[0]) if self.deferring else None

    @property
    def deciding(self) -> tuple[int, ...]:
        """The columns of the actions that decide: all but those that defer."""
        return tuple(a for a, name in enumerate(self.actions) if name not in self.deferring)

    @property
    def not_deciding(self) -> tuple[int, ...]:
        """The columns of the actions that defer."""
        return tuple(a for a, name in enumerate(self.actions) if name in self.deferring)

    def __repr__(self) -> str:
        actions = unsteered(", ".join(self.actions))
        return f"<{type(self).__name__}: {len(self.outcomes)} outcomes x {len(self.actions)} actions ({actions})>"

    def __str__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary().to_html()
