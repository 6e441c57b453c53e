"""The actions chosen for a set of rows, what they are expected to cost, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.findings import Finding, findings_table
from riskdec._base.result import Framed, Report, jsonable
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.choosing.explanation import RowRule, explain_row, explain_zone
from riskdec.decisions.costs.cost_matrix import CostMatrix

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.decisions.choosing.capacity import Capacity
    from riskdec.decisions.costs.case_costs import CaseCosts
    from riskdec.decisions.judging.policy_record import Policy
    from riskdec.decisions.zones.regions import Regions


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Decisions(Framed, Report):
    """The action of least expected cost for each row.

    `frame` gives one line per row: risk (two outcomes), action, expected cost; the last only where kept.

    Attributes
    ----------
    action_index : ndarray of the smallest unsigned integers, shape (n,)
        Column of the cost matrix chosen for each row.
    costs : CostMatrix or CaseCosts
        The costs that were used; of ranges, their means. Where none were given, those that express a certified zone.
    n : int
        Number of rows.
    counts : ndarray of int, shape (A,)
        Rows per action, in the order of `actions`.
    deferral_rate : float
        Share of rows for which not deciding is chosen; zero where no action defers.
    mean_expected_cost : float
        Expected cost per row of the chosen actions, in the unit of the costs; nan without rows or given costs.
    expected_cost : ndarray of shape (n,) or None
        The same for each row; kept below a million rows, or with ``keep_cost=True``. None without given costs.
    y_proba : ndarray of shape (n,) or (n, K), or None
        What was decided on, kept with the costs: the risk of the second of two outcomes, or the
        probabilities of more.
    regions : Regions or None
        The cheapest action at every risk; None for three or more outcomes.
    forced_index : ndarray, shape (n,), or None
        What would be chosen if deferring were not allowed; not kept with ``keep_cost=False``.
    majority_index : ndarray, shape (n,), or None
        What would be chosen if the most likely outcome were taken for certain: with two outcomes, a cut at
        0.5 whatever the costs are; not kept with ``keep_cost=False``.
    findings : tuple of Finding
        What is noteworthy about these decisions.
    capacity : Capacity or None
        Limits that were kept, and the price of each.
    rule : {"expected", "minimax_regret", "robust", "certified", "recall"}
        How the actions were chosen; by a certificate or for the sake of recalls, costs only price them.
    costs_given : bool
        Whether somebody gave the costs. A certificate holds a zone alone: `costs` then only express it, and nothing
        is priced in them.
    """

    action_index: AnyArray
    costs: CostMatrix | CaseCosts
    n: int
    counts: IntArray
    deferral_rate: float
    mean_expected_cost: float
    expected_cost: FloatArray | None
    y_proba: FloatArray | None
    regions: Regions | None
    forced_index: AnyArray | None
    majority_index: AnyArray | None
    findings: tuple[Finding, ...]
    capacity: Capacity | None = None
    rule: str = "expected"
    costs_given: bool = True

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions, in the order of the indices."""
        return self.costs.actions

    @property
    def action(self) -> AnyArray:
        """Name of the chosen action for each row, made anew at each call."""
        return np.asarray(self.actions)[self.action_index]

    def explain(self, i: int) -> Table:
        """Say why row i got its action: all expected costs, the margin, and what would change the choice.

        Parameters
        ----------
        i : int
            Position of the row; negative positions count from the end.

        Returns
        -------
        Table
            One line per action, cheapest first, with sentences below.
        """
        if self.y_proba is None:
            cure = "Decide with keep_cost=True to keep them."
            raise refuse("the risks", "be kept to explain a row", f"{count(self.n)} rows without them", cure)
        if not -self.n <= i < self.n:
            raise refuse("i", f"be the position of one of {count(self.n)} rows", str(i))
        if not self.costs_given and self.regions is not None:
            chosen = self.actions[self.action_index[i]]
            return explain_zone(self.regions, float(self.y_proba[i]), chosen, position=i % self.n)
        costs = self.costs if isinstance(self.costs, CostMatrix) else self.costs.at(i % self.n)
        price = np.zeros(len(self.actions)) if self.capacity is None else self.capacity.prices(self.actions)
        proba = np.atleast_1d(self.y_proba[i])
        rule = RowRule(price=price, name=self.rule)
        return explain_row(costs, proba, int(self.action_index[i]), position=i % self.n, rule=rule)

    def policy(self, *, margin: float | None = None) -> Policy:
        """Give the rule behind these decisions, to be kept, sent and checked: see `Policy`.

        Parameters
        ----------
        margin : float, optional
            With limits: the confidence with which as many new rows, decided one by one, stay within them. Without
            it the limits hold on average.
        """
        from riskdec.decisions.judging.policy_record import policy_of

        return policy_of(self, margin=margin)

    def summary(self) -> Table:
        """Give rows and share per action, the regions of risk, the expected cost and the findings."""
        spans = {} if self.regions is None else {region.action: str(region) for region in self.regions}
        order = [*spans, *(name for name in self.actions if name not in spans)]
        header = ("action", "rows", "share") if self.regions is None else ("action", "risk", "rows", "share")
        rows = []
        for name in order:
            n_rows = int(self.counts[self.actions.index(name)])
            share = percent(n_rows / self.n) if self.n else ""
            span = () if self.regions is None else (spans.get(name, "never"),)
            rows.append((name, *span, count(n_rows), share))
        notes = [
            f"Mean expected cost per row: {number(self.mean_expected_cost)}."
            if self.costs_given
            else "No costs were given, so none is expected: a certificate chose the actions, by its zone."
        ]
        if self.regions is not None:
            notes.append(f"Risk: the probability of {self.costs.outcomes[1]!r}.")
        if self.capacity is not None and not self.capacity.binds:
            notes += self.capacity.sentences()
        return Table(
            title=f"Decisions for {count(self.n)} rows",
            header=header,
            rows=tuple(rows),
            notes=tuple(notes),
            sections=(findings_table(self.findings),) if self.findings else (),
        )

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, AnyArray] = {"action": self.action}
        if self.y_proba is not None and self.y_proba.ndim == 1:
            columns = {"risk": self.y_proba, **columns}
        if self.expected_cost is not None:
            columns["expected_cost"] = self.expected_cost
        return columns

    def to_dict(self) -> dict[str, Any]:
        """Give the decisions, their costs and the findings as plain lists and numbers, ready for JSON."""
        return {
            "n": self.n,
            "actions": list(self.actions),
            "counts": jsonable(self.counts),
            "deferral_rate": jsonable(self.deferral_rate),
            "mean_expected_cost": jsonable(self.mean_expected_cost),
            "regions": None if self.regions is None else self.regions.to_dict(),
            "costs": self.costs.to_dict(),
            "costs_given": self.costs_given,
            "findings": [finding.to_dict() for finding in self.findings],
            "action_index": jsonable(self.action_index),
            "action": jsonable(self.action),
            "expected_cost": jsonable(self.expected_cost),
            "rule": self.rule,
            "capacity": None if self.capacity is None else self.capacity.to_dict(),
        }

    def _headline(self) -> str:
        parts = [f"{count(k)} {name}" for name, k in zip(self.actions, self.counts.tolist(), strict=True)]
        cost = f"; mean expected cost {number(self.mean_expected_cost)}" if self.costs_given else ""
        return f"{count(self.n)} rows: {', '.join(parts)}{cost}"
