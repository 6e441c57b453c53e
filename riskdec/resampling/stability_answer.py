"""What repeated fits say of the stability of single risks and actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import findings_table
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, number, percent

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.decisions import CostMatrix

# A row whose action is another one in more than this share of refits is called undecided.
OFTEN = 0.1


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ActionStability:
    """How the action of least expected cost changes over refits.

    Attributes
    ----------
    names : tuple of str
        Names of the actions.
    action_index : ndarray of int, shape (m,)
        Action of each row on the risks of the fit.
    share_changed : ndarray of shape (m,)
        Share of refits that choose another action for the row.
    refit_share_changed : ndarray of shape (B,)
        Share of rows for which the refit chooses another action.
    expected_cost : float
        Per row, of the actions chosen on the risks of the fit, if these are right.
    refit_expected_cost : ndarray of shape (B,)
        The same of the actions chosen on the risks of each refit; never less.
    transitions : ndarray of shape (actions, actions)
        Share of pairs of row and refit by action of the fit (row) and of the refit (column).
    costs : CostMatrix
        The costs.
    """

    names: tuple[str, ...]
    action_index: AnyArray
    share_changed: FloatArray
    refit_share_changed: FloatArray
    expected_cost: float
    refit_expected_cost: FloatArray
    transitions: FloatArray
    costs: CostMatrix

    @property
    def mean_share_changed(self) -> float:
        """Share of pairs of row and refit with another action: the classification instability of the procedure."""
        return float(self.share_changed.mean())

    @property
    def share_often_changed(self) -> float:
        """Share of rows whose action is another one in more than a tenth of the refits."""
        return float((self.share_changed > OFTEN).mean())

    def to_dict(self) -> dict[str, Any]:
        """Give what does not grow with the rows, ready for JSON."""
        answer = {
            "actions": self.names,
            "mean_share_changed": self.mean_share_changed,
            "share_often_changed": self.share_often_changed,
            "expected_cost": self.expected_cost,
            "refit_expected_cost": _spread(self.refit_expected_cost),
            "transitions": self.transitions,
            "costs": self.costs.to_dict(),
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class DecisionStability(Framed):
    """How single risks, and with costs the actions, move when the whole procedure is repeated on resampled rows.

    `frame` gives one line for each row: risk, low, high, mape, and with costs action and share_changed.

    Attributes
    ----------
    risk : ndarray of shape (m,)
        Risk of each row by the fit on all training rows.
    low, high : ndarray of shape (m,)
        2.5 % and 97.5 % points of its risks over refits.
    mape : ndarray of shape (m,)
        Mean distance of its risks over refits from its risk: the mean absolute prediction error of Riley and Collins.
    shown : ndarray of int, shape (s,)
        Rows, at most 300 and evenly over the risks, whose single refits are kept.
    shown_risks : ndarray of shape (B, s)
        Their risks by each refit.
    refit_mape : ndarray of shape (B,)
        Mean distance of the risks of each refit from those of the fit.
    actions : ActionStability or None
        The same of actions; None without costs.
    n_resamples, n_failed, n_firth : int
        Refits asked for; those that gave nothing; those on separated rows that Firth's likelihood answered.
    n_groups : int or None
        Groups that were drawn whole; None for independent rows.
    rows_are_new : bool
        Whether the rows looked at are others than those fitted on.
    estimator, event : str
        Name of its class, and of the outcome whose risk it gives.
    findings : tuple of Finding
        What the figures mean.
    """

    risk: FloatArray
    low: FloatArray
    high: FloatArray
    mape: FloatArray
    shown: IntArray
    shown_risks: FloatArray
    refit_mape: FloatArray
    actions: ActionStability | None
    n_resamples: int
    n_failed: int
    n_firth: int
    n_groups: int | None
    rows_are_new: bool
    estimator: str
    event: str
    findings: tuple[Finding, ...]

    @property
    def mean_mape(self) -> float:
        """Mean over rows of `mape`."""
        return float(self.mape.mean())

    def _headline(self) -> str:
        text = f"risks of {count(len(self.risk))} rows move by {number(self.mean_mape, 3)} on average over refits"
        if self.actions is None:
            return text
        return f"{text}, {percent(self.actions.mean_share_changed)} of actions change"

    def summary(self) -> Table:
        """Give how far risks move, and with costs how often actions change and what that costs."""
        width = self.high - self.low
        header = ("", "mean", "median", "90 % of rows below", "largest")
        rows = [
            ("distance of a refit's risk", *_quantiles(self.mape)),
            ("width of the 95 % range of risks", *_quantiles(width)),
        ]
        if self.actions is not None:
            rows.append(("share of refits with another action", *_quantiles(self.actions.share_changed)))
        sections = [] if self.actions is None else [_action_table(self.actions)]
        which = "new rows" if self.rows_are_new else "the rows fitted on"
        return Table(
            title=f"Stability of {self.estimator} over {count(self.n_resamples)} refits on resampled rows",
            header=header,
            rows=tuple(rows),
            notes=(f"Risks of {self.event} for {count(len(self.risk))} rows ({which}).",),
            sections=(*sections, findings_table(self.findings)),
        )

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {"risk": self.risk, "low": self.low, "high": self.high, "mape": self.mape}
        if self.actions is not None:
            columns["action"] = [self.actions.names[i] for i in self.actions.action_index.tolist()]
            columns["share_changed"] = self.actions.share_changed
        return columns

    def to_dict(self) -> dict[str, Any]:
        """Give what does not grow with the rows, ready for JSON; `frame` has the rows."""
        answer = {
            "n": len(self.risk),
            "mape": _spread(self.mape),
            "range_width": _spread(self.high - self.low),
            "refit_mape": _spread(self.refit_mape),
            "actions": None if self.actions is None else self.actions.to_dict(),
            "n_resamples": self.n_resamples,
            "n_failed": self.n_failed,
            "n_firth": self.n_firth,
            "n_groups": self.n_groups,
            "rows_are_new": self.rows_are_new,
            "estimator": self.estimator,
            "event": self.event,
            "findings": [finding.to_dict() for finding in self.findings],
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def _action_table(actions: ActionStability) -> Table:
    """Give how often each action of the fit becomes which other, and what refits would cost."""
    low, high = np.quantile(actions.refit_expected_cost, (0.05, 0.95))
    totals = actions.transitions.sum(axis=1)
    rows = tuple(
        (name, percent(float(total)), *(percent(float(share / total)) if total else "" for share in line))
        for name, total, line in zip(actions.names, totals, actions.transitions, strict=True)
    )
    return Table(
        title="Actions: of the fit (lines), and of the refits for the same rows (columns)",
        header=("", "of all rows", *actions.names),
        rows=rows,
        notes=(
            f"Expected cost per row {number(actions.expected_cost)}; with the actions of a refit "
            f"{number(float(actions.refit_expected_cost.mean()))} on average ({number(float(low))} to "
            f"{number(float(high))} in 9 of 10), if the risks of the fit are right.",
        ),
    )


def _quantiles(values: FloatArray) -> tuple[str, ...]:
    return tuple(number(value, 3) for value in _spread(values).values())


def _spread(values: FloatArray) -> dict[str, float]:
    middle, high = np.quantile(values, (0.5, 0.9))
    return {"mean": float(values.mean()), "median": float(middle), "q90": float(high), "largest": float(values.max())}
