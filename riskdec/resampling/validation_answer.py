"""What a validation by resampling holds: each index on training rows, its optimism, and what is left on new rows."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any, Literal

from riskdec._base.checks import refuse
from riskdec._base.findings import findings_table
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, decimal

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.typing import FloatArray

# What is printed of each index, in this order.
LABELS = {
    "auc": "ranking (AUC)",
    "dxy": "Somers' Dxy",
    "r2": "Nagelkerke's R squared",
    "brier": "Brier score",
    "log_score": "log score",
    "intercept": "calibration intercept",
    "slope": "calibration slope",
    "citl": "calibration in the large",
    "ici": "mean calibration error (ICI)",
    "e50": "median calibration error (E50)",
    "e90": "90 % calibration error (E90)",
    "emax": "largest calibration error",
    "emax_logistic": "largest error of the logistic line (Emax)",
    "discrimination_index": "discrimination index D",
    "unreliability_index": "unreliability index U",
    "quality_index": "quality index Q",
    "g": "g-index (log-odds)",
    "gp": "g-index (risk)",
    "realised_cost": "realised cost per row",
}
# Maximum likelihood fixes these on the training rows whatever the data, so the numbers say nothing.
_FIXED = {"intercept": 0.0, "slope": 1.0, "citl": 0.0}
_BY_CONSTRUCTION = 1e-6
# What is smaller is rounding.
_NOTHING = 5e-10
BY_CONSTRUCTION = "by construction"
_HEADS = {
    "corrected": "corrected",
    "apparent": "apparent",
    "optimism": "optimism",
    "training": "refits: own rows",
    "test": "refits: all rows",
    "unseen": "refits: unseen rows",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ValidatedIndex:
    """One index: apparent, its optimism, corrected.

    Attributes
    ----------
    name : str
        Key of the index, for example ``"slope"``.
    apparent : float
        On the rows the procedure was fitted on.
    training, test : float
        Means over refits: on the rows of each refit (bootstrap only), and on the rows it is judged on (bootstrap: all
        rows; folds: those left out).
    unseen : float
        Mean over refits on the rows that the resample does not hold; NaN where that was not looked at, which is so
        for folds and for `LogisticRiskModel` on arrays.
    optimism : float
        Apparent minus corrected.
    corrected : float
        What to expect on new rows from the same population.
    """

    name: str
    apparent: float
    training: float
    test: float
    unseen: float
    optimism: float
    corrected: float

    @property
    def label(self) -> str:
        """The index in words."""
        return LABELS[self.name]

    @property
    def is_fixed(self) -> bool:
        """Whether the apparent value says nothing, because fitting by maximum likelihood sets it."""
        return self.name in _FIXED and abs(self.apparent - _FIXED[self.name]) < _BY_CONSTRUCTION

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers; the apparent one is told to be fixed where it is."""
        numbers = {
            "apparent": self.apparent,
            "apparent_by_construction": self.is_fixed,
            "training": self.training,
            "test": self.test,
            "unseen": self.unseen,
            "optimism": self.optimism,
            "corrected": self.corrected,
        }
        plain: dict[str, Any] = jsonable(numbers)
        return plain


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class BootstrapValidation(Framed):
    """How good the risks of a procedure are, corrected for having been judged on the rows it was fitted on.

    No figure has an interval or a test: apparent ones do not deserve one, and none is known that allows for the
    correction.

    `frame` gives one line for each index: index, apparent, training, test, optimism, corrected.

    Attributes
    ----------
    indices : tuple of ValidatedIndex
        Every index; ``validation["slope"]`` gives a single one.
    curve_risk, curve_apparent, curve_corrected : ndarray of shape (m,)
        Smoothed event rate at some risks, on the rows fitted on and corrected.
    method : {"bootstrap", "folds"}
        Resampling of rows (Harrell), or rows left out in turn.
    n_resamples : int
        Resamples; with folds, repetitions of the dealing.
    n_folds : int or None
        Folds of each repetition.
    n_failed, n_firth : int
        Refits that gave nothing, and refits on separated rows that Firth's likelihood answered.
    n, n_events : float
        Rows and events, frequency weights counted.
    n_groups : int or None
        Groups that stayed whole; None for independent rows.
    estimator, event : str
        Name of its class, and of the outcome whose risk it gives.
    findings : tuple of Finding
        What the figures mean.
    """

    indices: tuple[ValidatedIndex, ...]
    curve_risk: FloatArray
    curve_apparent: FloatArray
    curve_corrected: FloatArray
    method: Literal["bootstrap", "folds"]
    n_resamples: int
    n_folds: int | None
    n_failed: int
    n_firth: int
    n: float
    n_events: float
    n_groups: int | None
    estimator: str
    event: str
    findings: tuple[Finding, ...]

    def __getitem__(self, name: str) -> ValidatedIndex:
        """Give one index by its name, such as ``"slope"``."""
        for index in self.indices:
            if index.name == name:
                return index
        known = ", ".join(repr(index.name) for index in self.indices)
        raise refuse("the name of an index", f"be one of {known}", repr(name))

    def _headline(self) -> str:
        auc, slope = self["auc"], self["slope"]
        return f"corrected AUC {auc.corrected:.4g} (apparent {auc.apparent:.4g}), corrected slope {slope.corrected:.4g}"

    def summary(self) -> Table:
        """Give each index: apparent, on the rows of the refits, on the rows they are judged on, optimism, corrected."""
        columns = ["corrected", "apparent", "optimism"]
        if self.method == "bootstrap":
            columns += ["training", "test"]
        if any(isfinite(index.unseen) for index in self.indices):
            columns.append("unseen")
        return Table(
            title=f"Validation of {self.estimator} by {self._how()}",
            header=("", *(_HEADS[column] for column in columns)),
            rows=tuple((index.label, *(_cell(index, column) for column in columns)) for index in self.indices),
            notes=self._notes(),
            sections=(findings_table(self.findings),),
        )

    def _how(self) -> str:
        if self.method == "bootstrap":
            return f"bootstrap ({count(self.n_resamples)} resamples)"
        return f"cross-validation ({self.n_folds} folds, {count(self.n_resamples)} times)"

    def _notes(self) -> tuple[str, ...]:
        units = "" if self.n_groups is None else f" in {count(self.n_groups)} groups, which stay whole"
        return (
            f"{count(self.n)} rows, {count(self.n_events)} with the event {self.event}{units}.",
            "Corrected is what to expect on new rows of the same kind; apparent is on the rows fitted on.",
        )

    def _columns(self) -> dict[str, Any]:
        keys = ("apparent", "training", "test", "unseen", "optimism", "corrected")
        columns: dict[str, Any] = {"index": [index.name for index in self.indices]}
        columns |= {key: [getattr(index, key) for index in self.indices] for key in keys}
        return columns

    def to_dict(self) -> dict[str, Any]:
        """Give all indices by name, the curve, how the refits went, and the findings, ready for JSON."""
        answer = {
            "indices": {index.name: index.to_dict() for index in self.indices},
            "curve": {
                "risk": self.curve_risk,
                "apparent": self.curve_apparent,
                "corrected": self.curve_corrected,
            },
            "method": self.method,
            "n_resamples": self.n_resamples,
            "n_folds": self.n_folds,
            "n_failed": self.n_failed,
            "n_firth": self.n_firth,
            "n": self.n,
            "n_events": self.n_events,
            "n_groups": self.n_groups,
            "estimator": self.estimator,
            "event": self.event,
            "findings": [finding.to_dict() for finding in self.findings],
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def _cell(index: ValidatedIndex, column: str) -> str:
    if column == "apparent" and index.is_fixed:
        return f"{_FIXED[index.name]:g} ({BY_CONSTRUCTION})"
    value = float(getattr(index, column))
    if isnan(value):
        return "–"
    return decimal(0.0 if abs(value) < _NOTHING else value)
