"""Certified expected cost: an upper limit of what decisions cost per case, whatever the truth is."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_groups, check_level, check_number, refuse
from riskdec._base.kept import Kept, flag, maybe, real, whole
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.certificates.answer import ASSUMPTION
from riskdec.decisions.certificates.betting import upper_mean
from riskdec.decisions.certificates.cases import check_whole_weights, one_of_each
from riskdec.decisions.choosing.answer import Decisions
from riskdec.decisions.costs.cost_matrix import CostMatrix
from riskdec.decisions.judging.outcome_labels import index_outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.kept import Rule
    from riskdec._base.typing import ArrayLike, RngLike, WeightKind


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CostCertificate(Kept, Result):
    """An upper limit of the expected cost of a policy that was fixed beforehand.

    Attributes
    ----------
    mean_cost : float
        Mean realised cost of these cases.
    upper : float
        With probability `confidence_level`, at least the expected cost of a new case. It is also the lowest
        `max_cost` that these cases could have certified.
    max_cost : float or None
        The level asked for.
    certified : bool or None
        Whether `upper <= max_cost`; None where no level was asked for.
    hoeffding : float
        The limit that the range of the costs alone would give.
    confidence_level : float
        Level of the limit.
    n : int
        Independent cases.
    lowest, highest : float
        Range of the costs of the matrix.
    n_groups : int or None
        Number of groups, if one row of each was used.
    """

    mean_cost: float
    upper: float
    max_cost: float | None
    certified: bool | None
    hoeffding: float
    confidence_level: float
    n: int
    lowest: float
    highest: float
    n_groups: int | None

    @classmethod
    def rules_of_fields(cls) -> Mapping[str, Rule]:
        """Give what a model file may hold in each field."""
        return {
            **dict.fromkeys(("mean_cost", "upper", "hoeffding", "lowest", "highest"), real()),
            "max_cost": maybe(real()),
            "certified": maybe(flag()),
            "confidence_level": real(0, 1),
            "n": whole(1),
            "n_groups": maybe(whole(1)),
        }

    def check_agreement(self) -> None:
        """Refuse a verdict that the limit does not give."""
        verdict = None if self.max_cost is None else self.upper <= self.max_cost
        if self.certified != verdict:
            raise refuse("certified", "follow from upper and max_cost", repr(self.certified))
        if self.mean_cost > self.upper + 1e-9 * abs(self.upper):
            raise refuse("upper", f"be at least the mean ({self.mean_cost:g})", self.upper)

    def summary(self) -> Table:
        """Give the limit, the level asked for, and what the range of the costs alone would have given."""
        level = percent(self.confidence_level)
        rows = [
            ("mean realised cost", number(self.mean_cost)),
            (f"upper limit of the expected cost ({level})", number(self.upper)),
            ("by the range of the costs alone (Hoeffding)", number(self.hoeffding)),
            ("cases", count(self.n)),
        ]
        notes = [f"The lowest level that these cases can certify is {number(self.upper)}.", ASSUMPTION]
        if self.max_cost is not None:
            verdict = "is" if self.certified else "is not"
            notes.insert(0, f"An expected cost of at most {number(self.max_cost)} {verdict} certified.")
        return Table(title="Certificate of expected cost", rows=tuple(rows), notes=tuple(notes))

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as a plain number, ready for JSON."""
        return {field.name: jsonable(getattr(self, field.name)) for field in fields(self)}

    def _headline(self) -> str:
        level = percent(self.confidence_level)
        return f"expected cost at most {number(self.upper)} ({level} confidence), mean {number(self.mean_cost)}"


def certify_cost(
    y_true: ArrayLike,
    decisions: Decisions,
    *,
    max_cost: float | None = None,
    confidence_level: float = 0.95,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    rng: RngLike = 0,
) -> CostCertificate:
    """Give an upper limit of the expected cost of decisions that holds at any sample size.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Outcomes of cases that had no part in the risks, or in choosing the costs.
    decisions : Decisions
        What `decide` gave for the same rows.
    max_cost : float, optional
        The expected cost per case to be certified.
    confidence_level : float
        Probability, over the draw of these cases, with which the limit holds.
    sample_weight, weight_kind, groups, event, rng
        As in `certify_deferral`; importance weights are refused.

    Returns
    -------
    CostCertificate
        The limit, whether it meets `max_cost`, and the mean.

    Notes
    -----
    Costs are bounded by the matrix, and dear errors are rare: a limit has to allow for errors not seen yet. With
    misses 20 times as dear as the rest, a thousand cases leave a slack that is often larger than the mean
    cost itself. The promise is about the mean over all cases, deferred ones included.

    References
    ----------
    I. Waudby-Smith and A. Ramdas, Estimating means of bounded random variables by betting, JRSS B 86, 2024.

    Examples
    --------
    >>> from riskdec.decisions import decide
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.beta(0.4, 0.8, 2000)
    >>> y = rng.random(2000) < risk
    >>> decisions = decide(risk, {"false_positive": 1, "false_negative": 4, "defer": 0.3})
    >>> certify_cost(y, decisions, max_cost=0.3)
    <CostCertificate: expected cost at most 0.2099 (95.0 % confidence), mean 0.1856>
    """
    if not isinstance(decisions, Decisions):
        cure = "Pass what decide(...) gave for these rows."
        raise refuse("decisions", "be Decisions", f"a {type(decisions).__name__}", cure)
    if not isinstance(decisions.costs, CostMatrix):
        cure = "A limit of the mean needs limits of the costs that are known beforehand."
        raise refuse("costs", "be the same for all rows to certify their mean", "costs by row", cure)
    if not decisions.costs_given:
        cure = "Price them: certificate.apply(y_proba, costs=...)."
        raise refuse("costs", "be given to certify their mean", "decisions by the zone of a certificate", cure)
    if decisions.capacity is not None and decisions.capacity.binds:
        cure = "Decide these rows with the policy that other rows gave: riskdec.decide(...).policy().decide(...)."
        raise refuse("decisions", "be made row by row", "rows that shared a capacity", cure)
    level = check_level(confidence_level)
    wanted = None if max_cost is None else check_number(max_cost, name="max_cost")
    outcome = index_outcomes(y_true, decisions.costs, event=event, n=decisions.n)
    weight = check_whole_weights(sample_weight, weight_kind, decisions.n)
    members = check_groups(groups, decisions.n)
    if members is not None:
        rows = one_of_each(members, weight, rng)
        weight = np.zeros(decisions.n)
        weight[rows] = 1.0
    table = decisions.costs.costs
    cells = np.zeros(table.shape)
    np.add.at(cells, (outcome, decisions.action_index), weight)
    n, lowest, highest = float(weight.sum()), float(table.min()), float(table.max())
    mean = float((cells * table).sum() / n)
    upper = upper_mean(table.ravel(), cells.ravel(), lowest, highest, 1 - level)
    return CostCertificate(
        mean_cost=mean,
        upper=upper,
        max_cost=wanted,
        certified=None if wanted is None else upper <= wanted,
        hoeffding=min(mean + (highest - lowest) * float(np.sqrt(-np.log(1 - level) / (2 * n))), highest),
        confidence_level=level,
        n=int(n),
        lowest=lowest,
        highest=highest,
        n_groups=None if members is None else int(n),
    )
