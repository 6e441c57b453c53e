"""Is it calibrated well enough? The upper limits of calibration errors against the margin of the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from riskdec._base.checks import check_number, refuse
from riskdec._base.findings import Finding
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, number, percent

if TYPE_CHECKING:
    from riskdec._base.typing import Severity
    from riskdec.diagnostics.report import CalibrationReport

Verdict = Literal["within", "beyond", "undecided", "not assessable"]

_SEVERITY: dict[Verdict, Severity] = {
    "within": "good",
    "beyond": "issue",
    "undecided": "caution",
    "not assessable": "not applicable",
}


class Limit(NamedTuple):
    """One error against what is allowed.

    Attributes
    ----------
    name : str
        Which error.
    low, high : float or None
        Its confidence limits.
    allowed : float
        What it may be at most.
    """

    name: str
    low: float | None
    high: float | None
    allowed: float

    @property
    def verdict(self) -> Verdict:
        """Where the interval lies."""
        if self.high is None:
            return "not assessable"
        if self.high <= self.allowed:
            return "within"
        return "beyond" if self.low is not None and self.low > self.allowed else "undecided"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CalibrationEquivalence(Framed):
    """Whether calibration errors lie within what the user can live with.

    `frame` gives one line per error: its limits, what is allowed, and the verdict.

    Attributes
    ----------
    verdict : {"within", "beyond", "undecided", "not assessable"}
        Within: every upper limit lies inside the margin. Beyond: a lower limit lies outside. Undecided: the rows cannot
        tell.
    limits : tuple of Limit
        Each error with its limits and what is allowed.
    confidence_level : float
        Level of the limits.
    """

    verdict: Verdict
    limits: tuple[Limit, ...]
    confidence_level: float

    @property
    def finding(self) -> Finding:
        """The verdict in words, as a finding."""
        level = percent(self.confidence_level, 0)
        parts = "; ".join(_sentence(limit) for limit in self.limits)
        sentence = f"{_VERDICTS[self.verdict]} ({level} confidence): {parts}."
        return Finding(code="RD213", severity=_SEVERITY[self.verdict], sentence=sentence, todo=_TODO[self.verdict])

    def _headline(self) -> str:
        return f"{self.verdict}; " + "; ".join(_sentence(limit) for limit in self.limits)

    def summary(self) -> Table:
        """Give limits and margins as a table."""
        rows = tuple(
            (limit.name, _text(limit.low), _text(limit.high), number(limit.allowed, 3), limit.verdict)
            for limit in self.limits
        )
        header = ("", "lower limit", "upper limit", "allowed", "verdict")
        return Table(title="Calibrated well enough?", header=header, rows=rows, notes=(str(self.finding),))

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {"error": [limit.name for limit in self.limits]}
        for name in ("low", "high", "allowed"):
            columns[name] = np.array([getattr(limit, name) for limit in self.limits], dtype=np.float64)
        return columns | {"verdict": [limit.verdict for limit in self.limits]}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields and the sentence as plain numbers and text."""
        plain: dict[str, Any] = jsonable(
            {
                "verdict": self.verdict,
                "limits": [limit._asdict() | {"verdict": limit.verdict} for limit in self.limits],
                "confidence_level": self.confidence_level,
                "sentence": self.finding.sentence,
            }
        )
        return plain


_VERDICTS: dict[Verdict, str] = {
    "within": "Calibrated within your margin",
    "beyond": "Not calibrated within your margin",
    "undecided": "These rows cannot tell whether the risks are calibrated within your margin",
    "not assessable": "Whether the risks are calibrated within your margin is not assessable here",
}
_TODO: dict[Verdict, str] = {
    "within": "",
    "beyond": "Recalibrate on other rows before the risks are used.",
    "undecided": "Collect more rows (plan_validation says how many), or accept a wider margin.",
    "not assessable": "Diagnose on rows that the model was not fitted on.",
}


def judge_equivalence(report: CalibrationReport, *, margin: object, max_regret: object) -> CalibrationEquivalence:
    """Do what `CalibrationReport.equivalence` does."""
    if margin is None and max_regret is None:
        raise refuse("margin or max_regret", "be given", "neither", "Say which error you can live with.")
    limits = []
    if margin is not None:
        allowed = check_number(margin, name="margin", low=0, high=1, open_low=True)
        errors = (report.ici, report.cutoff_calibration_error)
        limits += [Limit(error.name, error.low, error.high, allowed) for error in errors]
    if max_regret is not None:
        allowed = check_number(max_regret, name="max_regret", low=0, open_low=True)
        if report.decision is None:
            raise refuse("max_regret", "come with costs", "a report without them", "Call diagnose(..., costs=...).")
        # The bound is only an upper one, so no regret is proved to lie beyond it.
        high = None if report.apparent else report.decision.regret_high
        limits.append(Limit("regret per case", None, high, allowed))
    return CalibrationEquivalence(
        verdict=_worst([limit.verdict for limit in limits]),
        limits=tuple(limits),
        confidence_level=report.confidence_level,
        frame_kind=report.frame_kind,
    )


def _worst(verdicts: list[Verdict]) -> Verdict:
    order: tuple[Verdict, ...] = ("beyond", "not assessable", "undecided", "within")
    return min(verdicts, key=order.index)


def _sentence(limit: Limit) -> str:
    return f"{limit.name} at most {_text(limit.high)}, allowed {number(limit.allowed, 3)}"


def _text(value: float | None) -> str:
    return "unknown" if value is None else number(value, 3)
