"""The answer of a choice among calibrators: every candidate with its score, and why one was taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.findings import Finding
from riskdec._base.result import Framed
from riskdec._base.table import Table, decimal, interval, number

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CalibratorChoice(Framed):
    """A calibrator, and the scores that chose it.

    `frame` gives one line per candidate: method, score, difference with its limits, and why one failed.

    Attributes
    ----------
    method : str
        The one chosen: the first of ``methods`` whose score is within one standard error of the best.
    best : str
        The one of the best score.
    methods : tuple of str
        The candidates, from the least to the most flexible.
    score : ndarray of shape (m,)
        Mean logarithmic score (nats; smaller is better) of rows left out of the fits of classifier and calibrator;
        infinite where something happened that was given probability 0, or where there was no fit.
    difference : ndarray of shape (m,)
        Score less the best one.
    standard_error : ndarray of shape (m,)
        Of the difference, row by row (by group where there are groups); nan where the score is infinite.
    low, high : ndarray of shape (m,)
        Limits of the difference.
    confidence_level : float
        Of the limits.
    n : int
        Scores of rows left out; a row that was left out several times has as many.
    n_folds : int
        Folds in which the calibrators were left out.
    failed : tuple of str
        Why a candidate could not be fitted, in the order of ``methods``; empty where it could.
    """

    method: str
    best: str
    methods: tuple[str, ...]
    score: FloatArray
    difference: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    confidence_level: float
    n: int
    n_folds: int
    failed: tuple[str, ...]

    def _headline(self) -> str:
        return f"{self.method!r} of {len(self.methods)} by the log score of {self.n:,} rows left out"

    def summary(self) -> Table:
        """Give the candidates with their scores and how far they are from the best."""
        level = f"{100 * self.confidence_level:g} %"
        return Table(
            title=f"Calibrator: {self.method}",
            header=("candidate", "log score", "above the best", "std err", level, ""),
            rows=tuple(self._row(k) for k in range(len(self.methods))),
            notes=(
                "Least flexible first; smaller scores are better. Taken: the first within one standard error of the "
                f"best. {self.n_folds} folds of scores that the classifier gave to rows left out.",
                *(f"{name}: {why}" for name, why in zip(self.methods, self.failed, strict=True) if why),
            ),
        )

    def _row(self, k: int) -> tuple[str, ...]:
        name = self.methods[k]
        mark = "taken" if name == self.method else "best" if name == self.best else ""
        if not self.score[k] < float("inf"):
            return name, "no fit" if self.failed[k] else "inf", "", "", "", mark
        shown = ("", "", "")
        if name != self.best:
            limits = interval(float(self.low[k]), float(self.high[k]), 3)
            shown = (number(float(self.difference[k]), 3), number(float(self.standard_error[k]), 3), limits)
        return name, decimal(float(self.score[k]), 5), *shown, mark

    def _columns(self) -> dict[str, Any]:
        names = ("score", "difference", "standard_error", "low", "high")
        columns = {name: getattr(self, name) for name in names}
        return {"method": list(self.methods), **columns, "failed": [why or None for why in self.failed]}

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain numbers and lists, ready for JSON."""
        return self._plain_fields()

    def findings(self) -> tuple[Finding, ...]:
        """Say which calibrator was taken and why, and which had no finite score."""
        spoken = [Finding(code="RD514", severity="good", sentence=self._reason())]
        lost = [name for name, score in zip(self.methods, self.score.tolist(), strict=True) if score == float("inf")]
        if lost:
            sentence = (
                f"No finite score for {', '.join(lost)}: something happened that was given probability 0, or there was "
                "no fit."
            )
            spoken.append(Finding(code="RD515", severity="caution", sentence=sentence))
        return tuple(spoken)

    def _reason(self) -> str:
        what = "The probabilities are left alone" if self.method == "none" else f"Calibration by {self.method}"
        if self.method == self.best:
            reason = f"{what}: the best log score of {len(self.methods)} candidates"
            reason += ", and none that is simpler comes within one standard error of it."
        else:
            k = self.methods.index(self.method)
            reason = (
                f"{what}: the simplest candidate within one standard error of the best ({self.best}, better by "
                f"{number(float(self.difference[k]), 2)} nats a row, standard error "
                f"{number(float(self.standard_error[k]), 2)})."
            )
        return reason + self._gain()

    def _gain(self) -> str:
        if self.method == "none" or "none" not in self.methods:
            return ""
        gain = float(self.score[self.methods.index("none")] - self.score[self.methods.index(self.method)])
        return f" It saves {number(gain, 3)} nats a row against leaving them alone." if gain < float("inf") else ""
