"""Findings: coded sentences, the most serious first."""

from __future__ import annotations

import json

import pytest

from riskdec._base.codes import TITLES
from riskdec._base.findings import Finding, findings_table, sort_findings

SEVERITIES = ("issue", "caution", "good", "not applicable")


def finding(code: str = "RD101", severity: str = "caution", todo: str = "") -> Finding:
    return Finding(code=code, severity=severity, sentence="Something was found.", todo=todo)  # type: ignore[arg-type]


def test_finding_prints_code_severity_sentence_and_todo() -> None:
    assert str(finding()) == "RD101 [caution] Something was found."
    assert str(finding(todo="Do this.")) == "RD101 [caution] Something was found. Do this."
    assert finding().title == TITLES["RD101"]


def test_finding_is_json_ready() -> None:
    answer = json.loads(json.dumps(finding(todo="Do this.").to_dict()))
    assert answer == {
        "code": "RD101",
        "severity": "caution",
        "title": TITLES["RD101"],
        "sentence": "Something was found.",
        "todo": "Do this.",
    }


def test_findings_are_sorted_by_severity_then_code() -> None:
    mixed = [finding(code, severity) for severity in reversed(SEVERITIES) for code in ("RD202", "RD101")]
    ordered = sort_findings(mixed)
    assert [(f.severity, f.code) for f in ordered] == [(s, c) for s in SEVERITIES for c in ("RD101", "RD202")]
    assert sort_findings(reversed(mixed)) == ordered


def test_table_of_findings_has_one_line_each() -> None:
    lines = str(findings_table([finding("RD202"), finding("RD101", "issue")])).splitlines()
    assert lines == ["Findings", "RD101 [issue] Something was found.", "RD202 [caution] Something was found."]
    assert str(findings_table([])) == "Findings\nnone"


def test_unregistered_code_has_no_title() -> None:
    with pytest.raises(KeyError):
        _ = finding("RD999").title
