"""Limits on how often an action can be taken, and what one more of it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_array, check_length, refuse
from riskdec._base.findings import Finding
from riskdec._base.table import count, number
from riskdec.decisions.choosing.allocation import Allocation, allocate
from riskdec.decisions.choosing.expected_cost import overruled

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.decisions.choosing.bayes_rule import Choice


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """One action that cannot be taken as often as one would like.

    Attributes
    ----------
    action : str
        Its name.
    capacity : int
        Most rows that may get it.
    wanted : int
        Rows that would get it without any limits.
    used : int
        Rows that got it.
    price : float
        What scarcity adds to its cost: the action is worth taking where it is cheaper than the others by more than
        this. Zero where the limit does not bind.
    """

    action: str
    capacity: int
    wanted: int
    used: int
    price: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Capacity:
    """Limits, the prices they make, and what they cost.

    Attributes
    ----------
    limits : tuple of Limit
        One for each limited action.
    cost_of_limits : float
        Expected cost that the limits add to the total over all rows.
    gap : float
        Most by which this assignment may cost more than the cheapest one; proof of optimality where it is zero to
        rounding.
    """

    limits: tuple[Limit, ...]
    cost_of_limits: float
    gap: float

    @property
    def binds(self) -> bool:
        """Whether some limit keeps rows from their cheapest action."""
        return any(limit.price > 0 for limit in self.limits)

    def prices(self, actions: tuple[str, ...]) -> FloatArray:
        """Give the price of every action, in their order: shape (A,)."""
        known = {limit.action: limit.price for limit in self.limits}
        return np.array([known.get(name, 0.0) for name in actions])

    def sentences(self) -> list[str]:
        """Say which limits bind and what one more would be worth."""
        said = []
        for limit in self.limits:
            if limit.price > 0:
                more = f"one more {limit.action!r} is worth {number(limit.price)}"
                said.append(f"{limit.action!r}: {count(limit.used)} of {count(limit.wanted)} wanted; {more}.")
            else:
                said.append(f"{limit.action!r}: {count(limit.used)} rows, below the limit of {count(limit.capacity)}.")
        return [*said, f"The limits add {number(self.cost_of_limits)} to the total expected cost."]

    def to_dict(self) -> dict[str, Any]:
        """Give limits and prices, ready for JSON."""
        return asdict(self)


def check_capacity(capacity: object, actions: tuple[str, ...], n: int) -> dict[int, int]:
    """Give the column and the largest number of rows of each limited action.

    Raises
    ------
    InputError
        For names that are no actions, and limits that are neither whole numbers nor shares below one.
    """
    if not isinstance(capacity, Mapping) or not capacity:
        cure = "For example capacity={'review': 500}, or a share: {'review': 0.05}."
        raise refuse("capacity", "map names of actions to limits", f"a {type(capacity).__name__}", cure)
    caps = {}
    for name, limit in capacity.items():
        if name not in actions:
            raise refuse("capacity", f"name actions ({', '.join(map(repr, actions))})", repr(name))
        whole = isinstance(limit, Integral) and not isinstance(limit, bool) and int(limit) >= 0
        share = isinstance(limit, Real) and not isinstance(limit, Integral) and 0 <= float(limit) < 1
        if not whole and not share:
            rule = "be a whole number of rows, or a share of them below 1"
            raise refuse(f"the capacity of {name!r}", rule, repr(limit))
        caps[actions.index(name)] = int(limit) if whole else int(np.floor(float(limit) * n))
    return caps


def tie_order(tie_break: object, n: int) -> IntArray:
    """Give the order in which equally dear rows are served: by a key of the user's, else as they stand."""
    if tie_break is None:
        return np.arange(n)
    key = check_array(tie_break, name="tie_break")
    check_length(key, n, name="tie_break")
    return np.argsort(key, kind="stable")


def limit_choice(
    choice: Choice, expected: FloatArray, caps: dict[int, int], actions: tuple[str, ...], tie_break: object
) -> tuple[Choice, Capacity, list[Finding]]:
    """Make the cheapest choice within limits from the expected cost of every action in every row."""
    wanted, order = choice.counts, tie_order(tie_break, len(expected))
    binds = any(wanted[a] > cap for a, cap in caps.items())
    # Where nothing binds, ties go as they do without limits.
    best = allocate(expected, caps, order=order) if binds else Allocation(choice.action, np.zeros(len(actions)), 0.0, 0)
    made = overruled(choice, best.action, expected) if binds else choice
    limits = tuple(
        Limit(
            action=actions[a],
            capacity=cap,
            wanted=int(wanted[a]),
            used=int(made.counts[a]),
            price=float(best.price[a]),
        )
        for a, cap in caps.items()
    )
    lost = max(made.total_cost - choice.total_cost, 0.0)
    used = Capacity(limits=limits, cost_of_limits=lost, gap=best.gap)
    return made, used, _findings(used, best.tied, by_key=tie_break is not None)


def _findings(used: Capacity, tied: int, *, by_key: bool) -> list[Finding]:
    findings = []
    if used.binds:
        todo = "A higher limit pays as long as one more costs less than its price here."
        findings.append(Finding(code="RD320", severity="caution", sentence=" ".join(used.sentences()), todo=todo))
    if tied and not by_key:
        sentence = f"{count(tied)} rows are equally dear at a limit; those that stand first were served."
        todo = "Pass tie_break=, a key that says who comes first, so that the order of the rows decides nothing."
        findings.append(Finding(code="RD321", severity="caution", sentence=sentence, todo=todo))
    return findings
