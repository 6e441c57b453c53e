"""The answer of recall floors: what a found case has to be worth, the recalls that this gives, and its price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_distributions, check_option, check_rng
from riskdec._base.findings import Finding, findings_table
from riskdec._base.frames import frame_kind
from riskdec._base.kept import Kept, counts, each, estimate, findings, flag, is_a, label, numbers, one_of, real, whole
from riskdec._base.result import Estimate, Framed, jsonable
from riskdec._base.table import Table, count, interval, number
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.offsets.applying import check_rule, class_decisions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.kept import Rule
    from riskdec._base.typing import ArrayLike, FloatArray, IntArray, RngLike
    from riskdec.decisions.choosing.answer import Decisions


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class RecallFloors(Kept, Framed):
    """The cheapest decisions found that keep a floor of recall for some classes.

    `frame` gives one line per class: floor, worth, recall with its limits, and the recalls of other rules.

    Attributes
    ----------
    classes : tuple
        The K classes, in the order of the columns of the probabilities.
    floors : ndarray of shape (K,)
        Smallest recall wanted; 0 where there is none.
    worth : ndarray of shape (K,)
        What a found case of each class is worth beyond the costs, in their unit: decide for the class with the
        smallest `expected cost_k - worth_k p_k`.
    rules, shares : ndarray of shape (J, K) and (J,)
        Worths that, drawn with these shares case by case, keep the floors more cheaply than one rule.
    recall, low, high : ndarray of shape (K,)
        Recall of each class on these cases with `worth`, and exact limits of each by itself.
    randomised_recall, plain_recall : ndarray of shape (K,)
        Recall with the mixture of rules, and with the cheapest decisions.
    price : Estimate
        Mean realised cost of these decisions minus that of the cheapest ones, per case, with limits from paired rows.
    least_price : float
        The same for the mixture of rules, by `method`; computed from probabilities, no decisions keep the floors for
        less.
    attained : bool
        Whether `worth` alone keeps all floors, by `method`.
    method : {"labels", "probabilities"}
        What recalls and costs were computed from.
    n, n_per_class : int, ndarray of shape (K,)
        Rows, and rows of each class.
    costs : CostMatrix
        Costs of deciding for each class.
    findings : tuple of Finding
        What limits these figures.
    """

    classes: tuple[Any, ...]
    floors: FloatArray
    worth: FloatArray
    rules: FloatArray
    shares: FloatArray
    recall: FloatArray
    low: FloatArray
    high: FloatArray
    randomised_recall: FloatArray
    plain_recall: FloatArray
    price: Estimate
    least_price: float
    attained: bool
    method: str
    n: int
    n_per_class: IntArray
    costs: CostMatrix
    findings: tuple[Finding, ...]

    @classmethod
    def rules_of_fields(cls) -> Mapping[str, Rule]:
        """Give what a model file may hold in each field."""
        share = numbers("K", low=0, high=1, may_lack=True)
        return {
            "classes": each(label(), "K"),
            "floors": numbers("K", low=0, high=1),
            "worth": numbers("K"),
            "rules": numbers("J", "K"),
            "shares": numbers("J", low=0, high=1),
            **dict.fromkeys(("recall", "low", "high", "randomised_recall", "plain_recall"), share),
            "price": estimate(),
            "least_price": real(may_lack=True),
            "attained": flag(),
            "method": one_of("labels", "probabilities"),
            "n": whole(),
            "n_per_class": counts("K"),
            "costs": is_a(CostMatrix),
            "findings": findings(),
        }

    def check_agreement(self) -> None:
        """Refuse shares that are no probabilities, and costs of other classes."""
        check_rule(self.classes, self.shares, self.costs)

    def apply(self, y_proba: ArrayLike, *, randomised: bool = False, rng: RngLike = None) -> Decisions:
        """Decide new cases.

        Parameters
        ----------
        y_proba : array-like of shape (n, K)
            Probabilities from the same model, one column per class.
        randomised : bool
            Whether to draw one of the mixed rules for each case, instead of the single one.
        rng : int, Generator or None
            What draws.
        """
        check_option(randomised, (True, False), name="randomised")
        proba = check_distributions(y_proba, n_outcomes=len(self.classes))
        worth = self.worth[None, :]
        if randomised:
            worth = self.rules[check_rng(rng).choice(self.shares.size, size=proba.shape[0], p=self.shares)]
        chosen = (proba @ self.costs.costs - worth * proba).argmin(axis=1)
        return class_decisions(proba, chosen, self.costs, frame_kind(y_proba))

    def summary(self) -> Table:
        """Give floor, worth and recall of each class, beside the recall of the cheapest decisions."""
        header = ("class", "rows", "floor", "worth of a found case", "recall", "limits", "cheapest decisions")
        rows = [
            (
                str(name),
                count(self.n_per_class[k]),
                number(self.floors[k], 3) if self.floors[k] else "",
                number(self.worth[k]),
                number(self.recall[k], 3),
                interval(self.low[k], self.high[k], 3),
                number(self.plain_recall[k], 3),
            )
            for k, name in enumerate(self.classes)
        ]
        notes = (
            f"The floors cost {number(self.price.estimate, 3)} per case more than the cheapest decisions "
            f"({interval(self.price.low, self.price.high, 3)}); mixing rules, {number(self.least_price, 3)}.",
            "These cases chose the rule: on new ones a recall falls below its floor about half of the time.",
        )
        sections = (findings_table(self.findings),) if self.findings else ()
        title = f"Floors of recall, from {self.method}"
        return Table(title=title, header=header, rows=tuple(rows), notes=notes, sections=sections)

    def _columns(self) -> dict[str, Any]:
        names = ("floors", "worth", "recall", "low", "high", "randomised_recall", "plain_recall")
        return {"class": list(map(str, self.classes)), **{name: getattr(self, name) for name in names}}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and lists, ready for JSON."""
        plain = self._plain_fields()
        plain["price"] = self.price.to_dict()
        plain["costs"] = jsonable(self.costs.to_dict())
        plain["findings"] = [finding.to_dict() for finding in self.findings]
        return plain

    def _headline(self) -> str:
        named = np.flatnonzero(self.floors)
        parts = [f"{self.classes[k]} {number(self.recall[k], 3)} of {number(self.floors[k], 3)}" for k in named]
        return f"recall {', '.join(parts)}; price {number(self.price.estimate, 3)} per case"
