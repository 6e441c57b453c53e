"""A finding: one coded sentence of a report, how serious it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskdec._base.codes import TITLES
from riskdec._base.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import Severity

_ORDER: tuple[Severity, ...] = ("issue", "caution", "good", "not applicable")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a report has to say.

    Attributes
    ----------
    code : str
        Its entry in the register, for example ``"RD201"``.
    severity : {"issue", "caution", "good", "not applicable"}
        An issue makes numbers wrong; a caution limits what they are good for.
    sentence : str
        What was found, with its numbers.
    todo : str
        What to do about it; empty if nothing.
    """

    code: str
    severity: Severity
    sentence: str
    todo: str = ""

    @property
    def title(self) -> str:
        """The title under which the code is registered."""
        return TITLES[self.code]

    def __str__(self) -> str:
        return f"{self.code} [{self.severity}] {self.sentence}" + (f" {self.todo}" if self.todo else "")

    def to_dict(self) -> dict[str, str]:
        """Give code, severity, title, sentence and todo as text, ready for JSON."""
        return {
            "code": self.code,
            "severity": self.severity,
            "title": self.title,
            "sentence": self.sentence,
            "todo": self.todo,
        }


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put the most serious findings first, codes in order within a severity."""
    return tuple(sorted(findings, key=lambda f: (_ORDER.index(f.severity), f.code)))


def findings_table(findings: Iterable[Finding]) -> Table:
    """Give findings as a table of sentences, one line each."""
    lines = tuple(str(finding) for finding in sort_findings(findings))
    return Table(title="Findings", notes=lines or ("none",))
