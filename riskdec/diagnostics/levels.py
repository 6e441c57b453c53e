"""The levels of calibration, from mean to strong, and what the rows at hand say about each."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Literal

from riskdec._base.table import Table, interval, number
from riskdec.diagnostics.hypothesis_tests import COUNT_TEST, p_phrase
from riskdec.diagnostics.slopes.hierarchy_tests import BOTH_TEST, CITL_TEST
from riskdec.diagnostics.slopes.mean_test import MEAN_TEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.hypothesis_tests import CalibrationTest
    from riskdec.diagnostics.slopes.hierarchy import Hierarchy

Verdict = Literal["compatible", "refuted", "not assessable"]

# A level is called refuted below this p-value.
_SURPRISING = 0.05
_STRONG = "needs every kind of case, not only risks and outcomes"


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationLevel:
    """One level of calibration, which includes the levels before it.

    Attributes
    ----------
    name : {"mean", "weak", "moderate", "strong"}
        The level.
    claim : str
        What it says.
    verdict : {"compatible", "refuted", "not assessable"}
        Whether these rows speak against it; "compatible" is no proof, the intervals say what else is.
    evidence : str
        The numbers behind the verdict.
    """

    name: Literal["mean", "weak", "moderate", "strong"]
    claim: str
    verdict: Verdict
    evidence: str

    def to_dict(self) -> dict[str, str]:
        """Give all fields as text."""
        return {"name": self.name, "claim": self.claim, "verdict": self.verdict, "evidence": self.evidence}


def judge_levels(fitted: Hierarchy, cutoff: CalibrationError) -> tuple[CalibrationLevel, ...]:
    """Judge each level by one test: calibration in the large, (intercept, slope) = (0, 1), cutoff error.

    Notes
    -----
    Each level includes the ones before it, so what refutes one refutes those above it. The tests are not corrected for
    being three: they are steps of one question.

    References
    ----------
    Van Calster B, Nieboer D, Vergouwe Y, De Cock B, Pencina MJ, Steyerberg EW (2016). A calibration hierarchy for
    risk models was defined: from utopia to empirical data. Journal of Clinical Epidemiology 74:167-176.
    doi:10.1016/j.jclinepi.2015.12.005
    """
    mean, mean_evidence = _by_test(fitted.tests, (CITL_TEST, COUNT_TEST, MEAN_TEST))
    weak, weak_evidence = _by_test(fitted.tests, (BOTH_TEST,))
    moderate, moderate_evidence = _by_error(cutoff)
    return (
        CalibrationLevel(name="mean", claim="right on average", verdict=mean, evidence=mean_evidence),
        CalibrationLevel(
            name="weak",
            claim="right on average and in spread",
            verdict=_including(weak, mean),
            evidence=_beside(weak_evidence, weak, mean),
        ),
        CalibrationLevel(
            name="moderate",
            claim="among cases of one risk, that share has the event",
            verdict=_including(moderate, weak, mean),
            evidence=_beside(moderate_evidence, moderate, weak, mean),
        ),
        CalibrationLevel(
            name="strong", claim="right for every kind of case", verdict="not assessable", evidence=_STRONG
        ),
    )


def levels_table(levels: Iterable[CalibrationLevel]) -> Table:
    """Give the levels as a table, one line each."""
    return Table(
        title="Levels of calibration",
        header=("", "verdict", "evidence"),
        rows=tuple((f"{level.name}: {level.claim}", level.verdict, level.evidence) for level in levels),
        notes=("Compatible is no proof: what else these rows are compatible with, the intervals say.",),
    )


def _by_test(tests: tuple[CalibrationTest, ...], names: tuple[str, ...]) -> tuple[Verdict, str]:
    for test in tests:
        if test.name.startswith(names) and not isnan(test.p_value):
            return _verdict(refuted=test.p_value < _SURPRISING), f"{p_phrase(test.p_value)} ({test.method})"
    return "not assessable", "no test for these rows"


def _by_error(cutoff: CalibrationError) -> tuple[Verdict, str]:
    size = f"cutoff error {number(cutoff.estimate, 2)}, by chance {number(cutoff.null_mean, 2)}"
    if not isnan(cutoff.p_value):
        return _verdict(refuted=cutoff.p_value < _SURPRISING), f"{size}; {p_phrase(cutoff.p_value)}"
    if cutoff.low is None or cutoff.high is None:
        return "not assessable", size
    return _verdict(refuted=cutoff.low > 0), f"{size}; interval {interval(cutoff.low, cutoff.high, 2)}"


def _verdict(*, refuted: bool) -> Verdict:
    return "refuted" if refuted else "compatible"


def _including(verdict: Verdict, *lower: Verdict) -> Verdict:
    """Give the verdict on a level given those on the levels that it includes."""
    return "refuted" if "refuted" in lower else verdict


def _beside(evidence: str, verdict: Verdict, *lower: Verdict) -> str:
    by_lower = verdict != "refuted" and "refuted" in lower
    return f"{evidence}, but a level it includes is refuted" if by_lower else evidence
