"""Reports on the rows a model was fitted on: their figures are apparent, and carry no interval and no test."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import Any

from riskdec._base.findings import Finding, sort_findings
from riskdec._base.result import Estimate
from riskdec.diagnostics.curves.curves import ReliabilityCurve
from riskdec.diagnostics.distances.errors import CalibrationError
from riskdec.diagnostics.hypothesis_tests import CalibrationTest
from riskdec.diagnostics.levels import CalibrationLevel
from riskdec.diagnostics.money.regret import CutCalibration, DecisionCalibration
from riskdec.diagnostics.outcomes.multiclass_report import MulticlassCalibrationReport, OutcomeCalibration
from riskdec.diagnostics.parts import AnyReport, change_parts
from riskdec.diagnostics.report import CalibrationReport

# What is said about sizes, certainties and limits holds on training rows too; verdicts do not.
_STILL_TRUE = frozenset({"RD111", "RD204", "RD206", "RD207", "RD209", "RD210", "RD211"})
_TODO = "Diagnose on rows kept apart, or correct for optimism with riskdec.validate_by_bootstrap."
_EVIDENCE = "training rows"

# What is withheld of each part of a report.
_WITHHELD: dict[type[Any], dict[str, Any]] = {
    Estimate: {"low": nan, "high": nan},
    CalibrationError: {"low": None, "high": None, "p_value": nan, "asymptotic_p_value": None},
    CalibrationTest: {"p_value": nan},
    ReliabilityCurve: {"band": None, "low": None, "high": None, "findings": ()},
    CalibrationLevel: {"verdict": "not assessable", "evidence": _EVIDENCE},
    CutCalibration: {"local_high": nan, "rate_low": nan, "rate_high": nan},
    DecisionCalibration: {"regret_high": nan},
    OutcomeCalibration: {"p_value": nan, "p_adjusted": nan},
    CalibrationReport: {"apparent": True},
    MulticlassCalibrationReport: {"apparent": True},
}


def as_apparent(report: AnyReport, sentence: str = "") -> AnyReport:
    """Withhold intervals, band, p-values and verdicts of a report on training rows.

    Parameters
    ----------
    report : CalibrationReport or MulticlassCalibrationReport
        As if its rows were new.
    sentence : str
        How the rows were recognised; without it the report has a finding of its own that says so.

    Returns
    -------
    CalibrationReport or MulticlassCalibrationReport
        Of the same class, with ``apparent`` set; its estimates stay.
    """
    withheld = change_parts(report, _WITHHELD)
    if isinstance(report, MulticlassCalibrationReport):
        outcomes = tuple(replace(one, report=as_apparent(one.report)) for one in withheld.outcomes)
        withheld = replace(withheld, outcomes=outcomes, top_label=as_apparent(withheld.top_label))
    found = () if not sentence else (Finding(code="RD211", severity="issue", sentence=sentence, todo=_TODO),)
    still_true = _STILL_TRUE - {finding.code for finding in found}
    kept = [finding for finding in report.findings if finding.code in still_true]
    return replace(withheld, findings=sort_findings((*found, *kept)))
