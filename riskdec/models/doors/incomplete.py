"""Rows that lack a value: compared with the others where a model is fitted, deferred where a decision is due."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.findings import Finding, sort_findings
from riskdec._base.table import count, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray
    from riskdec.decisions import CostMatrix, Decisions

_SHOWN = 3


def left_out_of_diagnosis(known: BoolArray) -> tuple[Finding, ...]:
    """Give the finding that counts the rows without a risk in a diagnosis, if any."""
    if known.all():
        return ()
    sentence = f"{int((~known).sum())} of {len(known)} rows lack a value and have no risk; they are left out."
    return (Finding(code="RD111", severity="caution", sentence=sentence, todo="Look at who they are."),)


def compare_by_outcome(outcomes: AnyArray, keep: BoolArray) -> str:
    """Say how often each outcome occurred in the rows left out and in those kept.

    Parameters
    ----------
    outcomes : ndarray of shape (n,)
        Labels of all rows, with None or NaN where the label itself is missing.
    keep : ndarray of bool, shape (n,)
        The rows kept.

    Returns
    -------
    str
        A sentence; with two outcomes it is about the second one.
    """
    known = np.array([label is not None and label == label for label in outcomes.tolist()], dtype=bool)
    dropped, kept = outcomes[~keep & known], outcomes[keep]
    if not len(dropped):
        return "None of them has a known outcome."
    labels = np.unique(np.array(kept.tolist()))
    told = labels[1:] if len(labels) == 2 else labels[:_SHOWN]
    # Zeros and ones with a gap among them are read as floats.
    named = [int(label) if isinstance(label, float) and label.is_integer() else label for label in told.tolist()]
    parts = [
        f"{label} was the outcome of {percent(float(np.mean(dropped == label)))} of {count(len(dropped))} of them, "
        f"and of {percent(float(np.mean(kept == label)))} of those kept"
        for label in named
    ]
    return f"{'; '.join(parts)}."


def defer_lacking(decisions: Decisions, costs: CostMatrix, proba: FloatArray, lacking: BoolArray) -> Decisions:
    """Put rows without a risk among decisions for the others: they are deferred.

    Parameters
    ----------
    decisions : Decisions
        For the rows that have one.
    costs : CostMatrix
        Those of the decisions, with an action that defers.
    proba : ndarray of shape (n,) or (n, K)
        Probabilities of all rows; NaN where there are none.
    lacking : ndarray of bool, shape (n,)
        Which rows have no risk.

    Returns
    -------
    Decisions
        For all rows in their order. The cost of deferring a row is known where it is the same under every outcome, and
        NaN otherwise; such rows are then left out of the mean. Where deferring is not allowed they count with the
        action whose largest cost is the least; so they do among several that defer.
    """
    not_deciding = [a for a in range(len(costs.actions)) if a not in costs.deciding]
    defer, careful = _most_careful(costs, not_deciding), _most_careful(costs, costs.deciding)
    n, m = len(lacking), int(lacking.sum())
    price = costs.costs[:, defer]
    cost = float(price[0]) if (price == price[0]).all() else np.nan
    counts = decisions.counts.copy()
    counts[defer] += m
    deferred = int(counts[not_deciding].sum())
    mean = cost if decisions.n == 0 else decisions.mean_expected_cost
    if decisions.n and np.isfinite(cost):
        mean = (decisions.mean_expected_cost * decisions.n + cost * m) / n
    priced = "" if np.isfinite(cost) else " What that costs depends on the outcome and is not counted."
    finding = Finding(
        code="RD111",
        severity="caution",
        sentence=f"{count(m)} of {count(n)} rows lack a value, have no risk, and are deferred.{priced}",
        todo="Complete them, or use a model that works without the value (TabularRiskModel).",
    )
    per_row, kept = decisions.expected_cost, decisions.y_proba
    forced, majority = decisions.forced_index, decisions.majority_index
    return replace(
        decisions,
        action_index=_spread(decisions.action_index, lacking, defer),
        n=n,
        counts=counts,
        deferral_rate=deferred / n,
        mean_expected_cost=mean,
        expected_cost=None if per_row is None else _spread(per_row, lacking, cost),
        y_proba=None if kept is None else proba.copy(),
        forced_index=None if forced is None else _spread(forced, lacking, careful),
        majority_index=None if majority is None else _spread(majority, lacking, careful),
        findings=sort_findings((*decisions.findings, finding)),
    )


def require_deferral(costs: CostMatrix, lacking: BoolArray) -> None:
    """Refuse rows without a risk where the costs have no action for them."""
    if len(costs.deciding) == len(costs.actions):
        cure = "Give the costs an action that defers (defer=..., with_defer), which such rows get, or complete them."
        got = f"{int(lacking.sum())} of {len(lacking)} rows that lack a value and have no risk"
        raise refuse("X", "be complete where the costs have no action that defers", got, cure)


def _most_careful(costs: CostMatrix, among: Sequence[int]) -> int:
    """Give the action whose largest cost is the least."""
    return among[int(costs.costs[:, list(among)].max(axis=0).argmin())]


def _spread(values: AnyArray, lacking: BoolArray, value: float) -> AnyArray:
    full = np.full(len(lacking), value, dtype=values.dtype)
    full[~lacking] = values
    return full
