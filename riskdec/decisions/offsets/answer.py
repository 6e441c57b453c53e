"""The answer of recall offsets: one number per class, the recalls they give, and what equality costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_distributions, check_option, check_rng
from riskdec._base.findings import Finding, findings_table
from riskdec._base.frames import frame_kind
from riskdec._base.kept import Kept, counts, each, estimate, findings, is_a, label, numbers, one_of, real, whole
from riskdec._base.result import Estimate, Framed, jsonable
from riskdec._base.table import Table, count, interval, number
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.offsets.applying import check_rule, class_decisions
from riskdec.decisions.offsets.largest import largest_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.kept import Rule
    from riskdec._base.typing import ArrayLike, FloatArray, IntArray, RngLike
    from riskdec.decisions.choosing.answer import Decisions

# The exponential of an offset is finite.
_LARGEST = 700.0


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class DecisionOffsets(Kept, Framed):
    """Offsets of log probabilities that give every class its share of recall; the probabilities stay as they are.

    `frame` gives one line per class: offset, recall with its limits, and the recalls to be beaten.

    Attributes
    ----------
    classes : tuple
        The K classes, in the order of the columns of the probabilities.
    offsets : ndarray of shape (K,)
        Decide for the class with the largest `log p_k + offset_k`; their mean is 0.
    rules, shares : ndarray of shape (J, K) and (J,)
        Offsets that, drawn with these shares case by case, make recalls equal where ties keep one rule from it.
    recall, low, high : ndarray of shape (K,)
        Recall of each class on these cases with `offsets`, and exact limits of each by itself.
    randomised_recall : ndarray of shape (K,)
        Recall of each class with the mixture of rules.
    plain_recall, balanced_recall : ndarray of shape (K,)
        Recall of the most likely class, and of the offsets `-log prevalence`: what is to be beaten.
    target : ndarray of shape (K,)
        Relative sizes of the recalls wanted; ones for equal recalls.
    method : {"labels", "probabilities"}
        What recalls were computed from.
    price : Estimate
        Mean cost of deciding with these offsets minus that of the cheapest decisions, per case, with limits from
        paired rows; wrong decisions count 1 where no costs were given.
    sampling_floor : float
        Range of K recalls to be expected on as many new cases even if the true ones were equal.
    n, n_per_class : int, ndarray of shape (K,)
        Rows, and rows of each class.
    costs : CostMatrix
        Costs of deciding for each class.
    findings : tuple of Finding
        What limits these figures.
    """

    classes: tuple[Any, ...]
    offsets: FloatArray
    rules: FloatArray
    shares: FloatArray
    recall: FloatArray
    low: FloatArray
    high: FloatArray
    randomised_recall: FloatArray
    plain_recall: FloatArray
    balanced_recall: FloatArray
    target: FloatArray
    method: str
    price: Estimate
    sampling_floor: float
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
            "offsets": numbers("K", low=-_LARGEST, high=_LARGEST),
            "rules": numbers("J", "K", low=-_LARGEST, high=_LARGEST),
            "shares": numbers("J", low=0, high=1),
            **dict.fromkeys(("recall", "low", "high", "randomised_recall", "plain_recall", "balanced_recall"), share),
            "target": numbers("K", low=0),
            "method": one_of("labels", "probabilities"),
            "price": estimate(),
            "sampling_floor": real(0, may_lack=True),
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
            Whether to draw one of the mixed rules for each case, instead of the best single one.
        rng : int, Generator or None
            What draws.

        Returns
        -------
        Decisions
            Actions are the classes, costs those that were given, or 1 for every wrong decision.
        """
        check_option(randomised, (True, False), name="randomised")
        proba = check_distributions(y_proba, n_outcomes=len(self.classes))
        factor = np.exp(self.offsets)[None, :]
        if randomised:
            drawn = check_rng(rng).choice(self.shares.size, size=proba.shape[0], p=self.shares)
            factor = np.exp(self.rules)[drawn]
        return class_decisions(proba, largest_class(proba, factor), self.costs, frame_kind(y_proba))

    def summary(self) -> Table:
        """Give offset and recall of each class, beside those of the most likely class and of balanced offsets."""
        header = ("class", "rows", "offset", "recall", "limits", "most likely class", "-log prevalence")
        rows = [
            (
                str(name),
                count(self.n_per_class[k]),
                number(self.offsets[k]),
                number(self.recall[k], 3),
                interval(self.low[k], self.high[k], 3),
                number(self.plain_recall[k], 3),
                number(self.balanced_recall[k], 3),
            )
            for k, name in enumerate(self.classes)
        ]
        ranges = [np.ptp(r / self.target) for r in (self.recall, self.plain_recall, self.balanced_recall)]
        own, plain, balanced = (number(value, 3) for value in ranges)
        rows.append(("range", "", "", own, "", plain, balanced))
        notes = (
            f"On as many new cases equal recalls would range over {number(self.sampling_floor, 3)} by chance.",
            f"Equality costs {number(self.price.estimate, 3)} per case more than the cheapest decisions "
            f"({interval(self.price.low, self.price.high, 3)}).",
        )
        sections = (findings_table(self.findings),) if self.findings else ()
        kind = "equal recall" if (self.target == self.target[0]).all() else "recalls in proportion"
        title = f"Offsets for {kind}, from {self.method}"
        return Table(title=title, header=header, rows=tuple(rows), notes=notes, sections=sections)

    def _columns(self) -> dict[str, Any]:
        names = ("offsets", "recall", "low", "high", "randomised_recall", "plain_recall", "balanced_recall")
        return {"class": list(map(str, self.classes)), **{name: getattr(self, name) for name in names}}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and lists, ready for JSON."""
        plain = self._plain_fields()
        plain["price"] = self.price.to_dict()
        plain["costs"] = jsonable(self.costs.to_dict())
        plain["findings"] = [finding.to_dict() for finding in self.findings]
        return plain

    def _headline(self) -> str:
        low, high = number(self.recall.min(), 3), number(self.recall.max(), 3)
        return f"{len(self.classes)} classes, recalls {low} to {high}, price {number(self.price.estimate, 3)} per case"
