"""Flagging a batch of cases with a limit on the expected share of false flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_level, check_risks
from riskdec._base.frames import frame_kind
from riskdec._base.result import Framed
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.certificates.cases import independent_cases

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, BoolArray, FloatArray, RngLike, WeightKind


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class FlaggedBatch(Framed):
    """Cases of a batch flagged as events.

    `frame` gives one line per case of the batch: flagged, p_value.

    Attributes
    ----------
    flagged : ndarray of bool, shape (m,)
        The cases flagged.
    p_value : ndarray of shape (m,)
        Conformal p-value of "this case has no event".
    max_fdr : float
        Limit of the expected share of flagged cases without the event.
    expected_share : float
        That share by the risks themselves, right if they are calibrated; nan if nothing is flagged.
    n : int
        Calibration cases.
    """

    flagged: BoolArray
    p_value: FloatArray
    max_fdr: float
    expected_share: float
    n: int

    def summary(self) -> Table:
        """Give how many are flagged, and what is promised about them."""
        rows = (
            ("flagged", f"{count(int(self.flagged.sum()))} of {count(self.flagged.size)}"),
            ("false flags among them by the risks", number(self.expected_share)),
        )
        notes = (
            f"On average over batches and calibrations, at most {percent(self.max_fdr)} of the flagged have no event.",
            "It is a promise about batches, not about each case, nor about this batch for certain.",
            "It holds if calibration cases and batch are exchangeable and had no part in the model.",
        )
        return Table(title=f"Flags from {count(self.n)} calibration cases", rows=rows, notes=notes)

    def _columns(self) -> dict[str, Any]:
        return {"flagged": self.flagged, "p_value": self.p_value}

    def to_dict(self) -> dict[str, Any]:
        """Give flags and p-values as plain lists, ready for JSON."""
        return self._plain_fields()

    def _headline(self) -> str:
        share = f"{count(int(self.flagged.sum()))} of {count(self.flagged.size)}"
        return f"{share} flagged, FDR at most {percent(self.max_fdr)}"


def flag_batch(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    new_proba: ArrayLike,
    *,
    max_fdr: float,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    rng: RngLike = 0,
) -> FlaggedBatch:
    """Flag the cases of a batch as events, few of them falsely on average.

    Parameters
    ----------
    y_true, y_proba
        Calibration cases, as in `certify_deferral`.
    new_proba : array-like of shape (m,) or (m, 2)
        Risks of the batch, from the same model.
    max_fdr : float
        Limit of the expected share of flagged cases that have no event (false-discovery rate).
    sample_weight, weight_kind, groups, event, rng
        As in `certify_deferral`; importance weights are refused.

    Returns
    -------
    FlaggedBatch
        Flags, p-values, and what is promised.

    Notes
    -----
    `p_j = (1 + #{i: no event, risk_i >= risk_j}) / (n + 1)` over all n calibration cases, then the procedure of
    Benjamini and Hochberg over the batch: its false-discovery rate is at most `max_fdr`.

    References
    ----------
    Y. Jin and E. J. Candes, Selection by prediction with conformal p-values, JMLR 24, 2023.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> risk = rng.beta(0.4, 0.8, 1000)
    >>> y = rng.random(1000) < risk
    >>> flag_batch(y, risk, rng.beta(0.4, 0.8, 200), max_fdr=0.1)
    <FlaggedBatch: 20 of 200 flagged, FDR at most 10.0 %>
    """
    limit = check_level(max_fdr, name="max_fdr")
    cases = independent_cases(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event, rng=rng
    )
    risk = check_risks(new_proba, event_column=cases.event_column, name="new_proba")
    others = ~cases.is_event
    order = np.argsort(cases.risk[others], kind="stable")
    ranked, weight = cases.risk[others][order], cases.weight[others][order]
    above = np.append(np.cumsum(weight[::-1])[::-1], 0.0)[np.searchsorted(ranked, risk)]
    n = float(cases.weight.sum())
    p_value = (1 + above) / (n + 1)
    flagged = p_value <= _benjamini_hochberg(p_value, limit)
    share = float((1 - risk[flagged]).mean()) if flagged.any() else float("nan")
    return FlaggedBatch(
        flagged=flagged,
        p_value=p_value,
        max_fdr=limit,
        expected_share=share,
        n=int(n),
        frame_kind=frame_kind(y_true, y_proba, new_proba),
    )


def _benjamini_hochberg(p_value: FloatArray, limit: float) -> float:
    """Give the largest p-value that is rejected; 0 if none is."""
    ranked = np.sort(p_value)
    kept = ranked <= limit * np.arange(1, ranked.size + 1) / ranked.size
    return float(ranked[kept][-1]) if kept.any() else 0.0
