"""What each action costs under each outcome: named rows, named columns, no way to mix them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from riskdec._base.checks import check_numbers, refuse
from riskdec._base.table import Table, number
from riskdec.decisions.costs.cost_checks import (
    NAMES_CURE,
    check_amount,
    check_costs,
    check_defer,
    check_fees,
    check_names,
    read_frame,
)
from riskdec.decisions.costs.deferrals import expert_column, result_confusion
from riskdec.decisions.costs.dominance import break_even_price
from riskdec.decisions.costs.named_costs import NamedCosts
from riskdec.decisions.costs.plausibility import warn_if_implausible
from riskdec.decisions.costs.wording import describe
from riskdec.decisions.zones.regions import Regions, find_regions
from riskdec.decisions.zones.risk_rule import RiskRule, make_rule
from riskdec.decisions.zones.simplex import SimplexRegions, find_simplex_regions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, IntArray
    from riskdec.decisions.costs.case_costs import CaseCosts, CostEntry


@dataclass(frozen=True, eq=False, repr=False, init=False, slots=True)
class CostMatrix(NamedCosts):
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
    defer : str or sequence of str, optional
        The actions that mean not deciding; by default the action named ``"defer"``, if there is one.

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
    deferring: tuple[str, ...]
    by_risk: RiskRule | None

    def __init__(
        self,
        costs: ArrayLike,
        *,
        outcomes: Sequence[str] | None = None,
        actions: Sequence[str] | None = None,
        defer: str | Sequence[str] | None = None,
    ) -> None:
        self._fill(costs, outcomes, actions, defer)
        warn_if_implausible(self)

    @overload
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
    ) -> CostMatrix: ...
    @overload
    @classmethod
    def binary(
        cls,
        *,
        false_positive: CostEntry,
        false_negative: CostEntry,
        true_positive: CostEntry = 0,
        true_negative: CostEntry = 0,
        defer: CostEntry | Sequence[float] | None = None,
        outcomes: Sequence[str] = ("no event", "event"),
        actions: Sequence[str] = ("negative", "positive"),
    ) -> CostMatrix | CaseCosts: ...
    @classmethod
    def binary(
        cls,
        *,
        false_positive: CostEntry,
        false_negative: CostEntry,
        true_positive: CostEntry = 0,
        true_negative: CostEntry = 0,
        defer: CostEntry | Sequence[float] | None = None,
        outcomes: Sequence[str] = ("no event", "event"),
        actions: Sequence[str] = ("negative", "positive"),
    ) -> CostMatrix | CaseCosts:
        """Make the costs of a yes-or-no decision, with deferring as an optional third action.

        Parameters
        ----------
        false_positive, false_negative : float
            Cost of acting where there is no event, and of not acting where there is one. Here and below a function
            of the rows, the name of one of their columns, or an array with one amount per row may stand instead.
        true_positive, true_negative : float
            Cost of acting where there is an event, and of not acting where there is none.
        defer : float or two floats, optional
            Cost of not deciding, the errors of whoever decides then included: one fee, or a list of two, without
            and with the event.
        outcomes : two str
            Names of "no event" and "event".
        actions : two or three str
            Names of not acting and acting; where there is a cost `defer`, a third one may name deferring.

        Returns
        -------
        CostMatrix or CaseCosts
            Rows `outcomes`, columns `actions`; deferring comes last. `CaseCosts` where an amount varies by row.

        Examples
        --------
        >>> print(CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6))
        Costs (rows: outcomes, columns: actions)
                    negative  positive  defer
        no event           0         1    0.6
        event             15         0    0.6
        """
        from riskdec.decisions.costs.binary_costs import binary_costs

        corners = (true_negative, false_positive, false_negative, true_positive)
        return binary_costs(corners, defer, outcomes=outcomes, actions=actions)

    @classmethod
    def from_utilities(
        cls,
        utilities: ArrayLike,
        *,
        outcomes: Sequence[str] | None = None,
        actions: Sequence[str] | None = None,
        defer: str | Sequence[str] | None = None,
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
    def from_frame(cls, frame: Any, *, defer: str | Sequence[str] | None = None) -> CostMatrix:
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
        return cls.quietly(state["costs"], state["outcomes"], state["actions"], state["defer"])

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
            With the new action last; several may stand side by side.
        """
        return self._with_deferring(name, check_fees(cost, len(self.outcomes), name="cost"))

    def with_expert(self, name: str = "expert", *, fee: float, confusion: ArrayLike) -> CostMatrix:
        """Give the same costs with asking an expert who errs as one more action that defers.

        Parameters
        ----------
        name : str
            Name of the action.
        fee : float
            What asking costs, errors not included.
        confusion : array-like of shape (K, D)
            Probability that the expert takes each of the D actions that decide, under each outcome.

        Returns
        -------
        CostMatrix
            Asking costs ``fee + sum_j q_kj C_kj`` under outcome k.

        Examples
        --------
        >>> CostMatrix.binary(false_positive=1, false_negative=4).with_expert(
        ...     fee=0.05, confusion=[[0.95, 0.05], [0.1, 0.9]]
        ... ).regions()
        <Regions: negative below 2.74 %, expert 2.74 % to 66.67 %, positive from 66.67 %>
        """
        return self._with_deferring(name, expert_column(self, fee=fee, confusion=confusion))

    def with_test(
        self, name: str, *, price: float, sensitivity: float, specificity: float, then: tuple[str, str] | None = None
    ) -> CostMatrix:
        """Give the same costs with a test that can be bought as one more action; for two outcomes.

        Parameters
        ----------
        name : str
            Name of the test.
        price : float
            What the test costs.
        sensitivity, specificity : float
            Probability of a positive result with the event, and of a negative one without it.
        then : two str, optional
            What is done after a positive and after a negative result; by default the actions that are cheapest
            with and without the event.

        Returns
        -------
        CostMatrix
            The test costs its price and what its result leads to.
        """
        confusion = result_confusion(self, sensitivity=sensitivity, specificity=specificity, then=then)
        fee = check_amount(price, name="price")
        return self._with_deferring(name, expert_column(self, fee=fee, confusion=confusion))

    def regions(self) -> Regions | SimplexRegions:
        """Give the cheapest action at every risk, in closed form; for two outcomes or three.

        Returns
        -------
        Regions or SimplexRegions
            Intervals of the risk of the second outcome. At a boundary itself, where two actions cost the
            same, the one that costs more without the event is taken: `>=` goes to the higher region. For three
            outcomes polygons in the triangle of their probabilities.

        Raises
        ------
        InputError
            For four or more outcomes, whose regions cannot be drawn.
        """
        if len(self.outcomes) == 3:
            return find_simplex_regions(self)
        if len(self.outcomes) != 2:
            cure = "Decide on whole rows of probabilities, with one column per outcome."
            raise refuse("outcomes", "be two or three for regions", f"{len(self.outcomes)} outcomes", cure)
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

    def realised(self, outcome: IntArray, action: AnyArray) -> FloatArray:
        """Give what each row cost, from its outcome and action (numbers): shape (n,)."""
        return self.costs[outcome, action]

    def under(self, outcome: IntArray) -> FloatArray:
        """Give what each action costs in each row, its outcome being known: shape (n, A)."""
        return self.costs.take(outcome, axis=0)

    def take(self, rows: AnyArray | slice) -> CostMatrix:
        """Give the costs of some rows: these costs."""
        return self

    def to_dict(self) -> dict[str, Any]:
        """Give costs and names as plain lists, ready for JSON."""
        return {
            "costs": self.costs.tolist(),
            "outcomes": list(self.outcomes),
            "actions": list(self.actions),
            "defer": self.defer if len(self.deferring) < 2 else list(self.deferring),
        }

    @classmethod
    def quietly(
        cls, costs: object, outcomes: object, actions: object, defer: object, *, may_be_equal: bool = False
    ) -> CostMatrix:
        """Make a matrix without its warnings; for numbers that riskdec computed or was warned of before."""
        matrix = object.__new__(cls)
        matrix._fill(costs, outcomes, actions, defer, may_be_equal=may_be_equal)
        return matrix

    def _with_deferring(self, name: str, column: FloatArray) -> CostMatrix:
        costs = np.column_stack([self.costs, column])
        return CostMatrix(costs, outcomes=self.outcomes, actions=(*self.actions, name), defer=(*self.deferring, name))

    def _fill(
        self, costs: object, outcomes: object, actions: object, defer: object, *, may_be_equal: bool = False
    ) -> None:
        if outcomes is None or actions is None:
            raise refuse("costs", "come with names for its rows and columns", "none", NAMES_CURE)
        rows, columns = check_names(outcomes, name="outcomes"), check_names(actions, name="actions")
        table = check_costs(costs, outcomes=rows, actions=columns, may_be_equal=may_be_equal)
        table.flags.writeable = False
        deferring = check_defer(defer, columns)
        rule = make_rule(table, columns, deferring) if len(rows) == 2 else None
        values = {"costs": table, "outcomes": rows, "actions": columns, "deferring": deferring, "by_risk": rule}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickling drops the write lock of an array; what was warned of once is not warned of again.
        return CostMatrix.quietly, (self.costs, self.outcomes, self.actions, self.deferring)

    def __eq__(self, other: object) -> bool:
        return self._identity() == other._identity() if isinstance(other, CostMatrix) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[object, ...]:
        return self.outcomes, self.actions, self.deferring, self.costs.tobytes()
