"""Estimated prevalences with their intervals, and the probabilities that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.findings import findings_table
from riskdec._base.kept import Kept, each, estimate, findings, flag, maybe, numbers, one_of, real, record, whole
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, interval, number, p_value, percent
from riskdec.calibration.undoing.columns import open_columns
from riskdec.calibration.undoing.prevalence_shift import adjust_prevalence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.findings import Finding
    from riskdec._base.kept import Rule
    from riskdec._base.result import Estimate
    from riskdec._base.typing import ArrayLike, FloatArray, WeightKind

# Log-odds beyond it are those of files that nobody wrote.
_LARGEST = 1e6


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelShiftTest:
    """Test that the scores of the rows without labels are a mixture of those of the labelled outcomes.

    Attributes
    ----------
    statistic : float
        Chi-square statistic.
    df : int
        Degrees of freedom.
    p_value : float
        Small where no prevalence explains the scores.
    n_cells : int
        Cells into which scores were sorted.
    """

    statistic: float
    df: int
    p_value: float
    n_cells: int

    def to_dict(self) -> dict[str, Any]:
        """Give all fields."""
        return {name: jsonable(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class PrevalenceEstimate(Kept, Framed):
    """Prevalences in a population from which no labels are known.

    `frame` gives one line per outcome: prevalence with its limits, mean_probability, and train.

    Attributes
    ----------
    shares : tuple of Estimate
        One prevalence per outcome, in the order of the columns; of risks (non-event, event).
    method : {"likelihood", "confusion"}
        How they were estimated.
    mean_probability : ndarray of shape (K,)
        Mean of the probabilities as given, which is no estimate of the prevalence.
    train : ndarray of shape (K,) or None
        Prevalences at which the scores were said to be right.
    labelled_shares : ndarray of shape (K,) or None
        Shares of the outcomes among the labelled rows.
    shifts : ndarray of shape (K,) or None
        What the recalibration on the labelled rows adds to the log-probabilities.
    slope : float or None
        The factor of the log-probabilities in that recalibration.
    label_shift : LabelShiftTest or None
        Whether some prevalence explains the scores.
    n, n_labelled : int
        Rows without and with labels.
    n_groups : int or None
        Groups of dependent rows without labels.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    confidence_level : float
        Level of the intervals.
    are_risks : bool
        Whether one risk per row was given.
    findings : tuple of Finding
        What the estimate rests on, and what speaks against it.
    """

    shares: tuple[Estimate, ...]
    method: str
    mean_probability: FloatArray
    train: FloatArray | None
    labelled_shares: FloatArray | None
    shifts: FloatArray | None
    slope: float | None
    label_shift: LabelShiftTest | None
    n: int
    n_labelled: int
    n_groups: int | None
    weight_kind: WeightKind
    confidence_level: float
    are_risks: bool
    findings: tuple[Finding, ...]

    @classmethod
    def rules_of_fields(cls) -> Mapping[str, Rule]:
        """Give what a model file may hold in each field."""
        share = numbers("K", low=0, high=1)
        test = {"statistic": real(may_lack=True), "df": whole(), "p_value": real(0, 1, may_lack=True)}
        return {
            "shares": each(estimate(), "K"),
            "method": one_of("likelihood", "confusion"),
            "mean_probability": share,
            "train": maybe(share),
            "labelled_shares": maybe(share),
            "shifts": maybe(numbers("K", low=-_LARGEST, high=_LARGEST)),
            "slope": maybe(real(-_LARGEST, _LARGEST)),
            "label_shift": maybe(record(LabelShiftTest, {**test, "n_cells": whole()})),
            **dict.fromkeys(("n", "n_labelled"), whole()),
            "n_groups": maybe(whole()),
            "weight_kind": one_of("frequency", "importance"),
            "confidence_level": real(0, 1),
            "are_risks": flag(),
            "findings": findings(),
        }

    def check_agreement(self) -> None:
        """Refuse prevalences that do not add up to 1, and half a recalibration."""
        for name, given in (("train", self.train), ("labelled_shares", self.labelled_shares)):
            if given is not None and abs(float(given.sum()) - 1) > 1e-6:
                raise refuse(name, "add up to 1", f"{float(given.sum()):g}")
        estimates = [share.estimate for share in self.shares]
        if len(estimates) < 2 or min(estimates) < 0 or abs(sum(estimates) - 1) > 1e-6:
            raise refuse("shares", "be two prevalences at least that add up to 1", str(estimates))
        if (self.slope is None) != (self.shifts is None) or (self.slope is not None and self.labelled_shares is None):
            raise refuse("slope, shifts and labelled_shares", "be given together", "a part of them")

    @property
    def prevalence(self) -> Estimate:
        """The prevalence of the event, of two outcomes; of more, see `shares`."""
        if len(self.shares) > 2:
            raise refuse("prevalence", "be asked of two outcomes", f"{len(self.shares)}", "Look at .shares.")
        return self.shares[1]

    def adjust(self, y_proba: ArrayLike) -> FloatArray:
        """Give the probabilities at the estimated prevalence.

        Parameters
        ----------
        y_proba : array-like of shape (n,) or (n, K)
            Probabilities as they were given to `estimate_prevalence`, of any rows of the new population.

        Returns
        -------
        ndarray of the shape of `y_proba`
            Recalibrated where labelled rows were used for that, and shifted to the estimated prevalence.
        """
        columns = open_columns(y_proba)
        if columns.n_outcomes != len(self.shares) or columns.are_risks != self.are_risks:
            raise refuse("y_proba", "have the shape of the estimation", f"{columns.n_outcomes} outcomes")
        target = np.array([share.estimate for share in self.shares])
        proba, train = columns.proba, self.train
        if self.slope is not None and self.shifts is not None:
            with np.errstate(divide="ignore"):
                log_ratio = self.slope * np.log(proba) + self.shifts
            ratio = np.exp(log_ratio - log_ratio.max(axis=1, keepdims=True))
            proba, train = ratio / ratio.sum(axis=1, keepdims=True), self.labelled_shares
        if train is None:
            cure = "Pass train= to estimate_prevalence: the prevalence at which the probabilities are right."
            raise refuse("train", "be known to adjust probabilities", "None", cure)
        return adjust_prevalence(columns.give_back(proba), train=train, target=target)

    def _headline(self) -> str:
        if len(self.shares) == 2:
            return f"{self.shares[1]!r}, n={self.n}"
        return ", ".join(number(share.estimate, 3) for share in self.shares[:5]) + f", n={self.n}"

    def summary(self) -> Table:
        """Give the prevalences, the test of label shift, and the findings."""
        names = self._outcome_names()
        at_train = [""] * len(names) if self.train is None else [percent(share, 2) for share in self.train]
        rows = tuple(
            (name, percent(share.estimate, 2), interval(100 * share.low, 100 * share.high, 3), percent(mean, 2), before)
            for name, share, mean, before in zip(names, self.shares, self.mean_probability, at_train, strict=True)
        )
        notes = []
        if self.slope is not None:
            notes.append(f"Scores recalibrated on the labelled rows: slope {number(self.slope, 3)}.")
        if self.label_shift is not None:
            test = self.label_shift
            notes.append(
                f"Label shift: chi-square {number(test.statistic, 3)}, df {test.df}, p {p_value(test.p_value)}."
            )
        labelled = f", {count(self.n_labelled)} labelled ones" if self.n_labelled else ""
        level = f"{100 * self.confidence_level:g} % interval (%)"
        return Table(
            title=f"Prevalence by {self.method}: {count(self.n)} rows{labelled}",
            header=("", "prevalence", level, "mean probability", "train"),
            rows=rows,
            notes=tuple(notes),
            sections=(findings_table(self.findings),),
        )

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {"outcome": self._outcome_names()}
        columns["prevalence"] = [share.estimate for share in self.shares]
        columns |= {name: [getattr(share, name) for share in self.shares] for name in ("low", "high")}
        train = np.full(len(self.shares), np.nan) if self.train is None else self.train
        return columns | {"mean_probability": self.mean_probability, "train": train}

    def _outcome_names(self) -> list[str]:
        return ["non-event", "event"] if self.are_risks else [f"column {k}" for k in range(len(self.shares))]

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text; what does not exist is None."""
        special = ("shares", "label_shift", "findings")
        return {
            "shares": [share.to_dict() for share in self.shares],
            **self._plain_fields(*special),
            "label_shift": None if self.label_shift is None else self.label_shift.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }
