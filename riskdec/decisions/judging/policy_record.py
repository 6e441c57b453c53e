"""A rule of decision that can be kept, sent, explained and checked against what happened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_level, check_numbers, refuse
from riskdec._base.findings import sort_findings
from riskdec._base.frames import frame_kind
from riskdec._base.modelfile import write_model
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.choosing.allocation import allocate
from riskdec.decisions.choosing.answer import Decisions
from riskdec.decisions.choosing.bayes_rule import index_array
from riskdec.decisions.choosing.decision_findings import find_noteworthy
from riskdec.decisions.choosing.expected_cost import expected_table
from riskdec.decisions.choosing.policy import decide
from riskdec.decisions.choosing.probabilities import as_probabilities
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.judging.policy_check import PolicyCheck, check_policy

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.typing import ArrayLike, FloatArray

SCHEMA = 1


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Policy(Result):
    """What to do with a probability: costs and prices, and what they promised when they were set.

    Attributes
    ----------
    costs : CostMatrix
        Named costs.
    price : ndarray of shape (A,)
        What scarcity adds to the cost of limited actions; zeros without limits.
    promised_cost : float
        Mean expected cost per row of the decisions the policy was made from.
    promised_share : ndarray of shape (A,)
        Share of their rows per action.
    mean_risk : ndarray of shape (K,)
        Mean probability of each outcome in those rows: the prevalence that the policy assumes.
    n : int
        Number of those rows.
    """

    costs: CostMatrix
    price: FloatArray
    promised_cost: float
    promised_share: FloatArray
    mean_risk: FloatArray
    n: int

    def decide(self, y_proba: ArrayLike) -> Decisions:
        """Decide new rows, one at a time or many: ``argmin_a (sum_k p_k C_ka + price_a)``.

        Parameters
        ----------
        y_proba : array-like of shape (n,) or (n, K)
            As in `riskdec.decide`.

        Returns
        -------
        Decisions
            Expected costs without the prices. Limits hold on average, or with the margin the policy was made with.
        """
        if not self.price.any():
            return decide(y_proba, self.costs)
        proba = as_probabilities(y_proba, self.costs)
        expected = expected_table(proba, self.costs)
        n, deciding = len(expected), np.array(self.costs.deciding)
        action = index_array(n, len(self.costs.actions))
        action[:] = (expected + self.price).argmin(axis=1)
        counts = np.bincount(action, minlength=len(self.costs.actions))
        cost = expected[np.arange(n), action]
        shares = np.column_stack([1 - proba, proba]) if proba.ndim == 1 else proba
        known = deciding[self.costs.costs[:, deciding].argmin(axis=1)]
        # A risk of one half counts as the event, as everywhere.
        likeliest = shares.argmax(axis=1) if shares.shape[1] > 2 else (shares[:, 1] >= 0.5).astype(np.intp)
        return Decisions(
            action_index=action,
            costs=self.costs,
            n=n,
            counts=counts,
            deferral_rate=float(counts[list(self.costs.not_deciding)].sum() / n) if n else np.nan,
            mean_expected_cost=float(cost.mean()) if n else np.nan,
            expected_cost=cost,
            y_proba=np.array(proba[:, 1] if len(known) == 2 and proba.ndim == 2 else proba, dtype=np.float64),
            regions=None,
            forced_index=deciding[expected[:, deciding].argmin(axis=1)].astype(action.dtype),
            majority_index=known[likeliest].astype(action.dtype),
            findings=sort_findings(find_noteworthy(self.costs, counts)),
            frame_kind=frame_kind(y_proba),
        )

    def check(self, y_proba: ArrayLike, y_true: ArrayLike, *, event: object = None) -> PolicyCheck:
        """Compare what the policy promised with what it costs on new rows whose outcomes are known.

        Parameters
        ----------
        y_proba : array-like of shape (n,) or (n, K)
            Their probabilities.
        y_true : array-like of shape (n,)
            Their outcomes, as in `evaluate_decisions`.
        event : object, optional
            The label that means the second of two outcomes.

        Returns
        -------
        PolicyCheck
            Realised beside promised cost, shares of actions, and the cost at other prevalences.
        """
        return check_policy(self, self.decide(y_proba), y_true, event=event)

    def to_json(self) -> str:
        """Write the policy as JSON text, from which alone the same actions follow."""
        return json.dumps({"kind": "Policy", "schema": SCHEMA, **self.to_dict()}, allow_nan=False)

    def save(self, path: str | Path) -> Path:
        """Write it to one file, whole or not at all; `riskdec.load` reads it.

        Parameters
        ----------
        path : str or Path
            Where to write; an existing file is replaced.
        """
        return write_model(path, kind="Policy", header={"json": self.to_json()}, arrays={})

    @classmethod
    def from_json(cls, text: str) -> Policy:
        """Read what `to_json` wrote; every number is checked.

        Raises
        ------
        InputError
            For text that is no policy of this version.
        """
        try:
            state = json.loads(text)
        except (TypeError, ValueError) as err:
            raise refuse("text", "be JSON that Policy.to_json wrote", f"{str(text)[:40]!r}") from err
        if not isinstance(state, dict) or state.get("kind") != "Policy" or state.get("schema") != SCHEMA:
            raise refuse("text", f"hold a policy of schema {SCHEMA}", f"{str(text)[:40]!r}")
        costs = CostMatrix.from_dict(state["costs"])
        k, a = len(costs.outcomes), len(costs.actions)
        return cls(
            costs=costs,
            price=check_numbers(state["price"], name="price", n=a),
            promised_cost=float(state["promised_cost"]),
            promised_share=check_numbers(state["promised_share"], name="promised_share", n=a),
            mean_risk=check_numbers(state["mean_risk"], name="mean_risk", n=k),
            n=int(state["n"]),
        )

    def summary(self) -> Table:
        """Give costs, prices and promises."""
        header = ("action", "share promised", "price")
        rows = [
            (name, percent(share), number(price))
            for name, share, price in zip(
                self.costs.actions, self.promised_share.tolist(), self.price.tolist(), strict=True
            )
        ]
        assumed = zip(self.costs.outcomes, self.mean_risk.tolist(), strict=True)
        notes = (
            f"Mean expected cost per row: {number(self.promised_cost)}, on {count(self.n)} rows.",
            *(f"Assumed share of {outcome!r}: {percent(share)}." for outcome, share in assumed),
        )
        return Table(title="Policy", header=header, rows=tuple(rows), notes=notes, sections=(self.costs.summary(),))

    def to_dict(self) -> dict[str, Any]:
        """Give the policy as plain numbers and names, ready for JSON."""
        return {
            "costs": self.costs.to_dict(),
            "price": jsonable(self.price),
            "promised_cost": self.promised_cost,
            "promised_share": jsonable(self.promised_share),
            "mean_risk": jsonable(self.mean_risk),
            "n": self.n,
        }

    def _headline(self) -> str:
        actions = ", ".join(self.costs.actions)
        return f"{actions}; promised mean cost {number(self.promised_cost)}"


def policy_of(decisions: Decisions, *, margin: float | None) -> Policy:
    """Make the policy behind decisions.

    With a margin, prices are those of smaller limits: ``B - z sqrt(B (1 - B / n))``, so that the number of rows of
    the limited action among as many new ones, a binomial count, exceeds B with probability 1 - margin.
    """
    costs = decisions.costs
    if not isinstance(costs, CostMatrix):
        cure = "Decide new rows with riskdec.decide and their own costs."
        raise refuse("costs", "be the same for all rows to make a policy", "costs by row", cure)
    if not decisions.costs_given:
        cure = "Keep the certificate itself, by its save, and apply it to new rows."
        raise refuse("costs", "be given to make a policy, which promises a cost", "the zone of a certificate", cure)
    if decisions.rule != "expected":
        cure = "Call riskdec.decide with the same rule."
        raise refuse("rule", "be 'expected' to make a policy", repr(decisions.rule), cure)
    if decisions.y_proba is None or not decisions.n:
        raise refuse("the risks", "be kept to make a policy", "none", "Decide with keep_cost=True.")
    proba = decisions.y_proba
    price = np.zeros(len(costs.actions))
    if decisions.capacity is not None:
        price = decisions.capacity.prices(costs.actions)
        if margin is not None:
            price = _price_with_margin(decisions, costs, check_level(margin, name="margin"))
    elif margin is not None:
        raise refuse("margin", "come with decisions under limits", repr(margin), "Leave it out.")
    shares = np.column_stack([1 - proba, proba]) if proba.ndim == 1 else proba
    return Policy(
        costs=costs,
        price=price,
        promised_cost=decisions.mean_expected_cost,
        promised_share=decisions.counts / decisions.n,
        mean_risk=shares.mean(axis=0),
        n=decisions.n,
    )


def _price_with_margin(decisions: Decisions, costs: CostMatrix, margin: float) -> FloatArray:
    assert decisions.capacity is not None
    assert decisions.y_proba is not None
    z, n = NormalDist().inv_cdf(margin), decisions.n
    caps = {}
    for limit in decisions.capacity.limits:
        spread = np.sqrt(limit.capacity * max(1 - limit.capacity / n, 0.0))
        caps[costs.actions.index(limit.action)] = max(int(limit.capacity - z * spread), 0)
    return allocate(expected_table(decisions.y_proba, costs), caps, order=np.arange(n)).price
