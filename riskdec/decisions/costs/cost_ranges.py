"""Costs that are not known to the unit: a range for each entry, or draws from what is believed about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_numbers, refuse
from riskdec._base.table import Table, count, number
from riskdec.decisions.choosing.probabilities import distributions
from riskdec.decisions.costs.binary_costs import CORNERS
from riskdec.decisions.costs.cost_checks import check_costs, check_defer, check_fees, check_names
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.costs.named_costs import NamedCosts
from riskdec.decisions.zones.zones import CostZones, find_zones

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray, IntArray

_Amount = float | tuple[float, float]


@dataclass(frozen=True, eq=False, repr=False, init=False, slots=True)
class CostRanges(NamedCosts):
    """What each action may cost under each outcome.

    Parameters
    ----------
    low, high : CostMatrix
        The smallest and the largest costs, with the same names; entries vary independently of each other.

    Attributes
    ----------
    low, high : ndarray of shape (K, A)
        Ends of the ranges.
    draws : ndarray of shape (S, K, A) or None
        Costs believed in, one table each; where entries move together, this says how.

    Notes
    -----
    If costs are random and independent of the outcome given what is known of a case, expected cost depends on their
    means alone. What does depend on the ranges is how sure an action can be: the largest regret of action a at
    probabilities p is ``R_a(p) = max(0, max_{b != a} sum_k p_k (high_ka - low_kb))`` over independent ranges, and
    ``max_s (EC_sa - min_b EC_sb)`` over draws. Where it is zero, a is the best action whatever the costs are.

    References
    ----------
    L. J. Savage, The theory of statistical decision, JASA 46, 1951.

    Examples
    --------
    >>> ranges = CostRanges.binary(false_positive=(1, 2), false_negative=(10, 20))
    >>> ranges.zones()
    <CostZones: negative below 4.762 %, ambiguous 4.762 % to 16.67 %, positive from 16.67 %>
    """

    low: FloatArray
    high: FloatArray
    draws: FloatArray | None
    outcomes: tuple[str, ...]
    actions: tuple[str, ...]
    deferring: tuple[str, ...]

    def __init__(self, low: CostMatrix, high: CostMatrix) -> None:
        for name, matrix in (("low", low), ("high", high)):
            if not isinstance(matrix, CostMatrix):
                raise refuse(name, "be a CostMatrix", f"a {type(matrix).__name__}")
        if (low.outcomes, low.actions, low.deferring) != (high.outcomes, high.actions, high.deferring):
            raise refuse("low and high", "have the same names", f"{low!r} and {high!r}")
        self._fill(low.costs, high.costs, None, low.outcomes, low.actions, low.deferring)

    @classmethod
    def binary(
        cls,
        *,
        false_positive: _Amount,
        false_negative: _Amount,
        true_positive: _Amount = 0,
        true_negative: _Amount = 0,
        defer: _Amount | None = None,
        outcomes: Sequence[str] = ("no event", "event"),
        actions: Sequence[str] = ("negative", "positive"),
    ) -> CostRanges:
        """Make ranges for a yes-or-no decision.

        Parameters
        ----------
        false_positive, false_negative, true_positive, true_negative, defer : float or two floats
            What `CostMatrix.binary` takes, each as one amount or as the ends of a range.
        outcomes, actions
            As in `CostMatrix.binary`.

        Returns
        -------
        CostRanges
            Entries vary independently of each other.
        """
        events = check_names(outcomes, name="outcomes", lengths=(2,))
        names = check_names(actions, name="actions", lengths=(2,) if defer is None else (2, 3))
        if defer is not None and len(names) == 2:
            names = (*names, "defer")
        amounts = (true_negative, false_positive, false_negative, true_positive)
        ends = np.stack([_ends(amount, name=name) for name, amount in zip(CORNERS, amounts, strict=True)])
        low, high = (ends[:, side].reshape(2, 2) for side in (0, 1))
        if defer is not None:
            least, most = _ends(defer, name="defer")
            low, high = np.column_stack([low, [least, least]]), np.column_stack([high, [most, most]])
        made = object.__new__(cls)
        made._fill(low, high, None, events, names, names[2:])
        return made

    @classmethod
    def from_draws(
        cls,
        draws: ArrayLike,
        *,
        outcomes: Sequence[str],
        actions: Sequence[str],
        defer: str | Sequence[str] | None = None,
    ) -> CostRanges:
        """Make costs from draws of what is believed about them.

        Parameters
        ----------
        draws : array-like of shape (S, K, A)
            One table of costs for each of S draws; the corners of a set of linked costs do as well.
        outcomes, actions, defer
            As in `CostMatrix`.

        Returns
        -------
        CostRanges
            Entries vary together as the draws do.
        """
        rows, columns = check_names(outcomes, name="outcomes"), check_names(actions, name="actions")
        tables = check_numbers(draws, name="draws", ndim=3)
        if not len(tables):
            raise refuse("draws", "hold at least one table", "none")
        for table in tables:
            check_costs(table, outcomes=rows, actions=columns, may_be_equal=True)
        made = object.__new__(cls)
        made._fill(tables.min(axis=0), tables.max(axis=0), tables.copy(), rows, columns, check_defer(defer, columns))
        return made

    def mean(self) -> CostMatrix:
        """Give the mean costs: the middle of each range, or the mean of the draws."""
        table = (self.low + self.high) / 2 if self.draws is None else self.draws.mean(axis=0)
        return CostMatrix.quietly(table, self.outcomes, self.actions, self.deferring)

    def zones(self) -> CostZones:
        """Give the risks at which one action is best whatever the costs are, and those at which it depends.

        Returns
        -------
        CostZones
            For two outcomes; what lies between robust zones is ambiguous.
        """
        if len(self.outcomes) != 2:
            raise refuse(
                "outcomes", "be two for zones of risk", f"{len(self.outcomes)} outcomes", "Use largest_regret."
            )
        return find_zones(self)

    def largest_regret(self, y_proba: ArrayLike) -> FloatArray:
        """Give the most that each action may cost above the best one, over all costs: shape (n, A).

        Parameters
        ----------
        y_proba : array-like of shape (n,) or (n, K)
            As in `riskdec.decide`.
        """
        return self.regret(distributions(y_proba, self))

    def regret(self, proba: FloatArray) -> FloatArray:
        """Give the largest regret for checked probabilities of shape (n, K)."""
        if self.draws is not None:
            worst = np.zeros((len(proba), len(self.actions)))
            for table in self.draws:
                expected = proba @ table
                np.maximum(worst, expected - expected.min(axis=1, keepdims=True), out=worst)
            return worst
        most, least = proba @ self.high, proba @ self.low
        order = np.argsort(least, axis=1)
        first, second = order[:, 0], order[:, 1]
        rows = np.arange(len(proba))
        # The cheapest rival of an action is the cheapest of all, unless that is the action itself.
        rival = np.repeat(least[rows, first][:, None], len(self.actions), axis=1)
        rival[rows, first] = least[rows, second]
        return np.maximum(most - rival, 0.0)

    def support(self, y_proba: ArrayLike, *, n_draws: int = 1000, rng: Any = None) -> FloatArray:
        """Give the share of the costs under which each action is best: shape (n, A).

        Parameters
        ----------
        y_proba : array-like of shape (n,) or (n, K)
            As in `riskdec.decide`.
        n_draws : int
            How many costs to draw, uniform and independent within the ranges; draws that were given are all used.
        rng : None, int or Generator
            Source of randomness.
        """
        from riskdec._base.checks import check_rng

        proba = distributions(y_proba, self)
        draws = self.draws
        if draws is None:
            share = check_rng(rng).random((n_draws, *self.low.shape))
            draws = self.low + share * (self.high - self.low)
        wins = np.zeros((len(proba), len(self.actions)))
        for table in draws:
            wins[np.arange(len(proba)), (proba @ table).argmin(axis=1)] += 1
        return wins / len(draws)

    def realised(self, outcome: IntArray, action: AnyArray) -> FloatArray:
        """Give what each row cost at mean costs."""
        return self.mean().realised(outcome, action)

    def under(self, outcome: IntArray) -> FloatArray:
        """Give what each action costs in each row at mean costs, its outcome being known."""
        return self.mean().under(outcome)

    def take(self, rows: AnyArray | slice) -> CostRanges:
        """Give the costs of some rows: these costs."""
        return self

    def sentences(self) -> tuple[str, ...]:
        """Say the costs back in words, and what does not depend on where in their ranges they lie."""
        said = [*self.mean().sentences(), "These are mean costs; the amounts are known as ranges only."]
        return (*said, str(self.zones().sentence())) if len(self.outcomes) == 2 else tuple(said)

    def summary(self) -> Table:
        """Give the ranges as a table with named rows and columns."""
        rows = []
        for k, outcome in enumerate(self.outcomes):
            pairs = zip(self.low[k].tolist(), self.high[k].tolist(), strict=True)
            cells = [number(a) if a == b else f"{number(a)} to {number(b)}" for a, b in pairs]
            rows.append((outcome, *cells))
        notes = () if self.draws is None else (f"Ends of {count(len(self.draws))} draws.",)
        title = "Costs (rows: outcomes, columns: actions)"
        return Table(title=title, header=("", *self.actions), rows=tuple(rows), notes=notes)

    def to_dict(self) -> dict[str, Any]:
        """Give ranges and names as plain lists, ready for JSON."""
        return {
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "draws": None if self.draws is None else self.draws.tolist(),
            "outcomes": list(self.outcomes),
            "actions": list(self.actions),
            "defer": list(self.deferring),
        }

    def _fill(
        self, low: FloatArray, high: FloatArray, draws: FloatArray | None, outcomes: Any, actions: Any, deferring: Any
    ) -> None:
        low, high = (check_costs(t, outcomes=outcomes, actions=actions, may_be_equal=True) for t in (low, high))
        if (low > high).any():
            k, a = np.argwhere(low > high)[0].tolist()
            got = f"{low[k, a]:g} and {high[k, a]:g} for {actions[a]!r} when the outcome is {outcomes[k]!r}"
            raise refuse("a range", "have its low end first", got)
        for array in (low, high, draws):
            if array is not None:
                array.flags.writeable = False
        names = ("low", "high", "draws", "outcomes", "actions", "deferring")
        for name, value in zip(names, (low, high, draws, outcomes, actions, deferring), strict=True):
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.low, self.high, self.draws, self.outcomes, self.actions, self.deferring)


def _rebuild(*state: Any) -> CostRanges:
    made = object.__new__(CostRanges)
    made._fill(*state)
    return made


def _ends(amount: object, *, name: str) -> FloatArray:
    """Give the two ends of a range; one amount is a range of no length."""
    return check_fees(amount, 2, name=name)
