"""Selective evaluation: what deciding only the surest cases costs, with the others counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_counts, check_option, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.result import Framed
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.choosing.probabilities import distributions
from riskdec.decisions.costs.cost_input import as_cost_matrix
from riskdec.decisions.judging.outcome_labels import index_outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, FloatArray, FrameKind, WeightKind
    from riskdec.decisions.costs.cost_matrix import CostMatrix

# Lines of a printed table.
_MOST_LINES = 10


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class RiskCoverage(Framed):
    """Cost over coverage: the surest cases are decided first.

    `frame` gives one line per coverage.

    Attributes
    ----------
    coverage : ndarray of shape (g,)
        Share of cases decided, ascending to 1; one point per group of equally sure cases.
    accepted_cost : ndarray of shape (g,)
        Mean cost of the cases decided.
    total_cost : ndarray of shape (g,)
        Mean cost of all cases, deferred ones at the price of deferring; nan where deferring has no price.
    generalised_cost : ndarray of shape (g,)
        Cost of the cases decided over the number of all cases: with errors that cost 1, the probability of being
        decided and wrong.
    aurc, augrc : float
        Areas under `accepted_cost` and under `generalised_cost`: their means over accepting 1, 2, ..., n cases, ties in
        random order. The first forgives errors that stand among many; the second counts each one.
    best_coverage, best_cost : float
        Coverage at which `total_cost` is smallest, and that cost; nan where deferring has no price.
    forced_cost : float
        Mean cost if every case is decided.
    n : int
        Cases.
    """

    coverage: FloatArray
    accepted_cost: FloatArray
    total_cost: FloatArray
    generalised_cost: FloatArray
    aurc: float
    augrc: float
    best_coverage: float
    best_cost: float
    forced_cost: float
    n: int

    def summary(self) -> Table:
        """Give costs at about ten coverages, and the areas."""
        wanted = np.searchsorted(self.coverage, np.linspace(0, 1, _MOST_LINES + 1)[1:] - 1e-12)
        rows = [
            (
                percent(self.coverage[j]),
                number(self.accepted_cost[j]),
                number(self.generalised_cost[j]),
                "" if np.isnan(self.total_cost[j]) else number(self.total_cost[j]),
            )
            for j in np.unique(np.minimum(wanted, self.coverage.size - 1)).tolist()
        ]
        areas = f"Area under the first curve {number(self.aurc)}, under the second {number(self.augrc)}."
        warning = "The cost of accepted cases alone rewards deferring whatever is hard; the other columns do not."
        best = (
            f"All cases counted, {percent(self.best_coverage)} coverage is cheapest: {number(self.best_cost)} per case."
        )
        notes = (areas, warning) if np.isnan(self.best_cost) else (areas, warning, best)
        header = ("coverage", "cost per accepted case", "accepted cost over all cases", "cost of all cases")
        return Table(title=f"Cost and coverage on {count(self.n)} cases", header=header, rows=tuple(rows), notes=notes)

    def _columns(self) -> dict[str, Any]:
        names = ("coverage", "accepted_cost", "generalised_cost", "total_cost")
        return {name: getattr(self, name) for name in names}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and lists, ready for JSON."""
        return self._plain_fields()

    def _headline(self) -> str:
        return f"{count(self.n)} cases, AURC {number(self.aurc)}, AUGRC {number(self.augrc)}"


def risk_coverage(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    costs: CostMatrix | Mapping[str, object] | None = None,
    *,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    event: object = None,
) -> RiskCoverage:
    """Trace what deciding only the surest cases costs, without hiding the deferred ones.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        What happened, as in `evaluate_decisions`.
    y_proba : array-like of shape (n,) or (n, K)
        Probabilities, as for `decide`.
    costs : CostMatrix or dict, optional
        Costs; by default each error of a binary outcome costs 1. With an action that defers, cases are ranked by what
        deciding is expected to save against it, otherwise by the expected cost of deciding.
    sample_weight : array-like of shape (n,), optional
        Whole numbers that say how often a row counts.
    weight_kind : {"frequency", "importance"}
        Importance weights are refused: areas are means over numbers of cases.
    event : object, optional
        The label that means the second of two outcomes; 1 and True need not be named.

    Returns
    -------
    RiskCoverage
        Cost of the accepted and of all cases at every coverage, AURC and AUGRC.

    Raises
    ------
    InputError
        As `evaluate_decisions`.

    Notes
    -----
    Equally sure cases have a random order: each then has the mean cost of its group in expectation, which gives
    expected areas in closed form.

    References
    ----------
    Y. Geifman and R. El-Yaniv, Selective classification for deep neural networks, NeurIPS 2017.
    J. Traub et al., Overcoming common flaws in the evaluation of selective classification systems, NeurIPS 2024.

    Examples
    --------
    >>> risk_coverage([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.9])
    <RiskCoverage: 4 cases, AURC 0.1458, AUGRC 0.125>
    """
    check_option(weight_kind, ("frequency", "importance"), name="weight_kind")
    if sample_weight is not None and weight_kind == "importance":
        raise refuse("sample_weight", "count rows here", "importance weights", "Areas are means over numbers of cases.")
    matrix = as_cost_matrix({"false_positive": 1, "false_negative": 1} if costs is None else costs)
    proba = distributions(y_proba, matrix)
    outcome = index_outcomes(y_true, matrix, event=event, n=proba.shape[0])
    weight = check_counts(sample_weight, proba.shape[0])
    repeated = slice(None) if weight is None else np.repeat(np.arange(weight.size), weight.astype(np.intp))
    proba, outcome = proba[repeated], outcome[repeated]
    table = matrix.costs[:, matrix.deciding]
    expected = proba @ table
    # At exact indifference the later action is taken, as `decide` does with two outcomes in the usual order.
    action = expected.shape[1] - 1 - expected[:, ::-1].argmin(axis=1)
    realised = table[outcome, action]
    defer = matrix.defer_index
    price = np.full(outcome.shape, np.nan) if defer is None else matrix.costs[outcome, defer]
    regret = expected.min(axis=1) - (0.0 if defer is None else proba @ matrix.costs[:, defer])
    # Risks of 0.1 and 0.9 are equally sure, though one minus 0.9 is not 0.1 to the last bit.
    unit = float(np.abs(matrix.costs).max())
    return _trace(np.round(regret / unit, 12), realised, price, frame_kind(y_true, y_proba))


def _trace(doubt: FloatArray, realised: FloatArray, price: FloatArray, kind: FrameKind) -> RiskCoverage:
    n = doubt.size
    order = np.argsort(doubt, kind="stable")
    ranked, cost = doubt[order], realised[order]
    last = np.append(ranked[1:] != ranked[:-1], [True])
    ends = np.flatnonzero(last) + 1
    sums = np.cumsum(cost)[last]
    sizes = np.diff(ends, prepend=0)
    # Within a group of equally sure cases each has the mean cost of the group.
    smooth = np.cumsum(np.repeat(np.diff(sums, prepend=0.0) / sizes, sizes))
    accepted = np.arange(1, n + 1)
    left = price.sum() - np.cumsum(price[order])[last]
    total = (sums + left) / n
    best = int(np.argmin(total)) if not np.isnan(total[0]) else 0
    nobody = float(price.mean())
    decides = not nobody < total[best]
    return RiskCoverage(
        coverage=ends / n,
        accepted_cost=sums / ends,
        total_cost=total,
        generalised_cost=sums / n,
        aurc=float(np.mean(smooth / accepted)),
        augrc=float(np.mean(smooth) / n),
        best_coverage=np.nan if np.isnan(nobody) else float(ends[best] / n) if decides else 0.0,
        best_cost=np.nan if np.isnan(nobody) else float(total[best]) if decides else nobody,
        forced_cost=float(realised.mean()),
        n=n,
        frame_kind=kind,
    )
