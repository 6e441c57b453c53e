"""The door of prevalence estimation: rows without labels, rows with labels, and sums over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import (
    check_counts,
    check_groups,
    check_labels,
    check_option,
    check_outcome,
    check_weights,
    refuse,
    sorted_labels,
)
from riskdec.calibration.undoing.columns import open_columns
from riskdec.scores.forecasts import WEIGHT_KINDS, within_range

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray, WeightKind


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Probabilities with weights and groups; rows of weight 0 are gone.

    Attributes
    ----------
    proba : ndarray of shape (n, K)
        Probabilities of all outcomes.
    weight : ndarray of shape (n,)
        Positive weights.
    weight_kind : {"frequency", "importance"}
        What they mean.
    groups : ndarray of int, shape (n,) or None
        Group numbers of dependent rows.
    codes : ndarray of int, shape (n,)
        Column of the outcome that happened; empty for rows without labels.
    are_risks : bool
        Whether one risk per row was given.
    """

    proba: FloatArray
    weight: FloatArray
    weight_kind: WeightKind
    groups: IntArray | None
    codes: IntArray
    are_risks: bool

    @property
    def n(self) -> int:
        """Number of rows that are written out."""
        return len(self.proba)

    @property
    def n_outcomes(self) -> int:
        """Number of columns."""
        return int(self.proba.shape[1])

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(self.weight.sum())

    @property
    def n_groups(self) -> int | None:
        """Number of groups, None without groups."""
        return None if self.groups is None else int(self.groups.max()) + 1

    @property
    def is_likelihood(self) -> bool:
        """Whether the weighted log-likelihood is one: independent rows, weights that count them."""
        return self.groups is None and self.weight_kind == "frequency"

    def variance(self, influence: FloatArray) -> FloatArray:
        """Give the variance of ``sum w psi`` from what a row of weight 1 adds, shape (n, p) to (p, p)."""
        if self.groups is None:
            factor = self.weight if self.weight_kind == "frequency" else self.weight**2
            return np.asarray((influence * factor[:, None]).T @ influence, dtype=np.float64)
        sums = np.zeros((int(self.groups.max()) + 1, influence.shape[1]))
        np.add.at(sums, self.groups, influence * self.weight[:, None])
        return np.asarray(len(sums) / (len(sums) - 1) * (sums.T @ sums), dtype=np.float64)


def open_rows(y_proba: object, *, sample_weight: object, weight_kind: WeightKind, groups: object, suffix: str) -> Rows:
    """Check rows without labels."""
    columns = open_columns(y_proba, name=f"y_proba{suffix}")
    n = len(columns.proba)
    if n == 0:
        raise refuse(f"y_proba{suffix}", "have at least one row", "0 rows")
    check_option(weight_kind, WEIGHT_KINDS, name="weight_kind")
    check = check_counts if weight_kind == "frequency" else check_weights
    weight = check(sample_weight, n, name=f"sample_weight{suffix}")
    if weight_kind == "importance":
        weight = within_range(weight)
    codes = check_groups(groups, n, name=f"groups{suffix}")
    kind: WeightKind = "frequency" if weight is None else weight_kind
    weight = np.ones(n) if weight is None else weight
    kept = weight > 0
    if codes is not None:
        codes = np.unique(codes[kept], return_inverse=True)[1].astype(np.intp, copy=False)
        if codes.max() == 0:
            raise refuse(f"groups{suffix}", "hold at least two groups", "one group")
    return Rows(columns.proba[kept], weight[kept], kind, codes, np.empty(0, dtype=np.intp), columns.are_risks)


def open_labelled_rows(
    y_true: object, y_proba: object, target: Rows, *, sample_weight: object, groups: object, event: object
) -> Rows:
    """Check rows with labels, which must have the columns of the rows without."""
    name = "y_true_calibration"
    rows = open_rows(
        y_proba, sample_weight=sample_weight, weight_kind=target.weight_kind, groups=groups, suffix="_calibration"
    )
    if (rows.n_outcomes, rows.are_risks) != (target.n_outcomes, target.are_risks):
        raise refuse("y_proba_calibration", "have the shape of y_proba", f"{rows.n_outcomes} outcomes")
    weight = np.ones(1) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    n = len(np.asarray(y_proba))
    if rows.are_risks:
        codes = check_outcome(y_true, event=event, name=name, n=n).is_event.astype(np.intp)
    else:
        labels = check_labels(y_true, name=name, n=n)
        seen = sorted_labels(labels, name=name)
        if len(seen) != rows.n_outcomes:
            raise refuse(name, f"hold one label per column of y_proba ({rows.n_outcomes})", f"{len(seen)} labels")
        codes = np.searchsorted(seen, labels).astype(np.intp)
    codes = codes[np.broadcast_to(weight > 0, (n,))]
    absent = np.bincount(codes, minlength=rows.n_outcomes) == 0
    if absent.any():
        raise refuse(name, "hold every outcome", f"no row of outcome {int(absent.argmax())}")
    return Rows(rows.proba, rows.weight, rows.weight_kind, rows.groups, codes, rows.are_risks)


def class_shares(rows: Rows) -> FloatArray:
    """Give the weighted shares of the outcomes among labelled rows."""
    return np.bincount(rows.codes, rows.weight, minlength=rows.n_outcomes) / rows.total
