"""What each action costs under each outcome: named rows, named columns, no way to mix them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_numbers, refuse
from riskdec._base.table import Table, number
from riskdec.decisions.cost_checks import (
    NAMES_CURE,
    check_amount,
    check_costs,
    check_defer,
    check_fees,
    check_keywords,
    check_names,
    read_frame,
)
from riskdec.decisions.dominance import break_even_price
from riskdec.decisions.plausibility import warn_if_implausible
from riskdec.decisions.regions import Regions, find_regions
from riskdec.decisions.wording import describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec._base.typing import ArrayLike, FloatArray


@dataclass(frozen=True, eq=False, repr=False, init=False, slots=True)
class CostMatrix:
    """What each action costs under each outcome.

    Parameters
    ----------
    costs : array-like of shape (K, A)
        Rows are outcomes, columns are actions; lower is better, a gain is a negative cost. One unit, such as
        money or "one false alarm", throughout.
    outcomes : sequence of str
        Names of the K states of the world. With two of them, the second one is the event: a risk is its
        probability.
    actions : sequence of str
        Names of the A things that can be done.
    defer : str, optional
        The action that means not deciding; by default the action named ``"defer"``, if there is one.

    Raises
    ------
    InputError
        For names that are missing, doubled or do not fit the shape, costs that are not finite, and costs
        under which all actions are equal.

    Warns
    -----
    CostMatrixWarning
        RD301 if an action is never the cheapest, RD302 if the matrix looks transposed or of the wrong sign.

    Notes
    -----
    Adding a constant to a row, or multiplying all costs by a positive number, changes no decision; adding
    a constant to a column does.

    References
    ----------
    C. Elkan, The foundations of cost-sensitive learning, IJCAI 2001.

    Examples
    --------
    >>> costs = CostMatrix([[0, 1], [15, 0]], outcomes=("healthy", "ill"), actions=("wait", "treat"))
    >>> costs.with_defer(0.6).regions()
    <Regions: wait below 4 %, defer 4 % to 40 %, treat from 40 %>
    """

    costs: FloatArray
    outcomes: tuple[str, ...]
    actions: tuple[str, ...]
    defer: str | None

    def __init__(
        self,
        costs: ArrayLike,
        *,
        outcomes: Sequence[str] | None = None,
        actions: Sequence[str] | None = None,
        defer: str | None = None,
    ) -> None:
        self._fill(costs, outcomes, actions, defer)
        warn_if_implausible(self)

    @classmethod
    def binary(
        cls,
        *,
        false_positive: float,
        false_negative: float,
        true_positive: float = 0,
        true_negative: float = 0,
        defer: float | Sequence[float] | None = None,
        outcomes: Sequence[str] = ("no event", "event"),
        actions: Sequence[str] = ("negative", "positive"),
    ) -> CostMatrix:
        """Make the costs of a yes-or-no decision, with deferring as an optional third action.

        Parameters
        ----------
        false_positive, false_negative : float
            Cost of acting where there is no event, and of not acting where there is one.
        true_positive, true_negative : float
            Cost of acting where there is an event, and of not acting where there is none.
        defer : float or two floats, optional
            Cost of not deciding, the errors of whoever decides then included: one fee, or one without and
            one with the event.
        outcomes : two str
            Names of "no event" and "event".
        actions : two or three str
            Names of not acting and acting; where there is a cost `defer`, a third one may name deferring.

        Returns
        -------
        CostMatrix
            Rows `outcomes`, columns `actions`; deferring comes last.

        Examples
        --------
        >>> print(CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6))
        Costs (rows: outcomes, columns: actions)
                    negative  positive  defer
        no event           0         1    0.6
        event             15         0    0.6
        """
        corners = {
            "true_negative": true_negative,
            "false_positive": false_positive,
            "false_negative": false_negative,
            "true_positive": true_positive,
        }
        table = np.reshape([check_amount(cost, name=name) for name, cost in corners.items()], (2, 2))
        events = check_names(outcomes, name="outcomes", lengths=(2,))
        names = check_names(actions, name="actions", lengths=(2,) if defer is None else (2, 3))
        if defer is not None:
            table = np.column_stack([table, check_fees(defer, 2, name="defer")])
            names = names if len(names) == 3 else (*names, "defer")
        matrix = cls._quietly(table, events, names, names[2] if defer is not None else None)
        warn_if_implausible(matrix, aligned=True)
        return matrix

    @classmethod
    def from_keywords(cls, keywords: Mapping[str, Any]) -> CostMatrix:
        """Make the costs of a yes-or-no decision from a dict of the keywords of `CostMatrix.binary`.

        Parameters
        ----------
        keywords : mapping
            At least `false_positive` and `false_negative`; an unknown key is an error.

        Returns
        -------
        CostMatrix
            What `CostMatrix.binary(**keywords)` gives.
        """
        return cls.binary(**check_keywords(keywords))

    @classmethod
    def from_utilities(
        cls,
        utilities: ArrayLike,
        *,
        outcomes: Sequence[str] | None = None,
        actions: Sequence[str] | None = None,
        defer: str | None = None,
    ) -> CostMatrix:
        """Make costs from what each action is worth: costs are utilities with the sign changed.

        Parameters
        ----------
        utilities : array-like of shape (K, A)
            Rows are outcomes, columns are actions; higher is better.
        outcomes, actions, defer
            As in `CostMatrix`.

        Returns
        -------
        CostMatrix
            With `costs = -utilities`.
        """
        return cls(-check_numbers(utilities, name="utilities", ndim=2), outcomes=outcomes, actions=actions, defer=defer)

    @classmethod
    def from_frame(cls, frame: Any, *, defer: str | None = None) -> CostMatrix:
        """Make costs from a data frame with one row per outcome and one column per action.

        Parameters
        ----------
        frame : data frame of pandas, polars or pyarrow
            Its columns name the actions. Its first column names the outcomes if it holds text; otherwise
            the index of a pandas frame does.
        defer : str, optional
            As in `CostMatrix`.

        Returns
        -------
        CostMatrix
            The same names and numbers.
        """
        outcomes, actions, costs = read_frame(frame)
        return cls(costs, outcomes=outcomes, actions=actions, defer=defer)

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> CostMatrix:
        """Give back the matrix that `to_dict` wrote, checked again but without its warnings."""
        keys = ("costs", "outcomes", "actions", "defer")
        if set(state) != set(keys):
            raise refuse("state", f"have the keys {', '.join(keys)}", f"{', '.join(map(str, state)) or 'none'}")
        return cls._quietly(state["costs"], state["outcomes"], state["actions"], state["defer"])

    def with_defer(self, cost: float | Sequence[float], *, name: str = "defer") -> CostMatrix:
        """Give the same costs with deferring as one more action.

        Parameters
        ----------
        cost : float or sequence of K floats
            Cost of not deciding, the errors of whoever decides then included: one fee, or one per outcome.
        name : str
            Name of the action.

        Returns
        -------
        CostMatrix
            With the new action last.
        """
        if self.defer is not None:
            cure = "Make the matrix anew to change its price."
            raise refuse("the matrix", "have no action that defers yet", repr(self.defer), cure)
        fees = check_fees(cost, len(self.outcomes), name="cost")
        costs = np.column_stack([self.costs, fees])
        return CostMatrix(costs, outcomes=self.outcomes, actions=(*self.actions, name), defer=name)

    @property
    def defer_index(self) -> int | None:
        """The column of the action that defers, None without one."""
        return None if self.defer is None else self.actions.index(self.defer)

    @property
    def deciding(self) -> tuple[int, ...]:
        """The columns of the actions that decide: all but the one that defers."""
        return tuple(a for a, name in enumerate(self.actions) if name != self.defer)

    def regions(self) -> Regions:
        """Give the cheapest action at every risk, in closed form; for two outcomes.

        Returns
        -------
        Regions
            Intervals of the risk of the second outcome. At a boundary itself, where two actions cost the
            same, the one that costs more without the event is taken: `>=` goes to the higher region.

        Raises
        ------
        InputError
            For three or more outcomes, whose regions are not intervals.
        """
        if len(self.outcomes) != 2:
            cure = "Decide on whole rows of probabilities, with one column per outcome."
            raise refuse("outcomes", "be two for regions of risk", f"{len(self.outcomes)} outcomes", cure)
        return find_regions(self)

    def break_even_price(self) -> float:
        """Give the highest fee per case at which deferring would be worth it at some risk.

        Returns
        -------
        float
            `max_p min_a sum_k p_k C_ka` over the actions that decide; for two outcomes and free correct
            decisions `cfp cfn / (cfp + cfn)`. At or above this fee there is no gray zone.

        Examples
        --------
        >>> CostMatrix.binary(false_positive=1, false_negative=15).break_even_price()
        0.9375
        """
        return break_even_price(self.costs[:, self.deciding])

    def sentences(self) -> tuple[str, ...]:
        """Say the costs back in words: what was said, which action follows, what deferring may cost."""
        return describe(self)

    def summary(self) -> Table:
        """Give the costs as a table with named rows and columns."""
        rows = [(k, *map(number, row)) for k, row in zip(self.outcomes, self.costs.tolist(), strict=True)]
        title = "Costs (rows: outcomes, columns: actions)"
        return Table(title=title, header=("", *self.actions), rows=tuple(rows))

    def to_dict(self) -> dict[str, Any]:
        """Give costs and names as plain lists, ready for JSON."""
        return {
            "costs": self.costs.tolist(),
            "outcomes": list(self.outcomes),
            "actions": list(self.actions),
            "defer": self.defer,
        }

    @classmethod
    def _quietly(cls, costs: object, outcomes: object, actions: object, defer: object) -> CostMatrix:
        matrix = object.__new__(cls)
        matrix._fill(costs, outcomes, actions, defer)
        return matrix

    def _fill(self, costs: object, outcomes: object, actions: object, defer: object) -> None:
        if outcomes is None or actions is None:
            raise refuse("costs", "come with names for its rows and columns", "none", NAMES_CURE)
        rows, columns = check_names(outcomes, name="outcomes"), check_names(actions, name="actions")
        table = check_costs(costs, outcomes=rows, actions=columns)
        table.flags.writeable = False
        values = {"costs": table, "outcomes": rows, "actions": columns, "defer": check_defer(defer, columns)}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickling drops the write lock of an array; what was warned of once is not warned of again.
        return CostMatrix._quietly, (self.costs, self.outcomes, self.actions, self.defer)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CostMatrix):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[object, ...]:
        return self.outcomes, self.actions, self.defer, self.costs.tobytes()

    def __repr__(self) -> str:
        actions = ", ".join(self.actions)
        return f"<CostMatrix: {len(self.outcomes)} outcomes x {len(self.actions)} actions ({actions})>"

    def __str__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary().to_html()
