"""What a certificate promised, and what happened on new cases."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import Finding, findings_table, sort_findings
from riskdec._base.result import Framed
from riskdec._base.table import Table, count, percent
from riskdec._base.table import p_value as p_text
from riskdec.decisions.certificates.answer import rate_text
from riskdec.decisions.certificates.building import grouped_findings
from riskdec.decisions.certificates.exact import error_p_values, upper_error

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray
    from riskdec.decisions.certificates.answer import DeferralCertificate, Promise
    from riskdec.decisions.certificates.cases import Cases


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseCheck:
    """One promised rate on new cases.

    Attributes
    ----------
    rate : str
        What is limited, as in the promise.
    limit : float
        The promised limit.
    n, errors : int
        New cases that the rate is taken over, and errors among them.
    low, high : float
        Exact limits of the rate.
    p_value : float
        Exact p-value of "the rate is at most the limit": small where the promise looks broken. 1 without cases.
    """

    rate: str
    limit: float
    n: int
    errors: int
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CertificateCheck(Framed):
    """Promise and reality of a certificate.

    `frame` gives one line per promise.

    Attributes
    ----------
    promises : tuple of PromiseCheck
        The rates on the new cases.
    coverage, promised_coverage : float
        Share of cases decided, now and among the calibration cases.
    n : int
        New cases; one per group where there are groups.
    confidence_level : float
        Level of the limits.
    findings : tuple of Finding
        Whether the promises were kept.
    """

    promises: tuple[PromiseCheck, ...]
    coverage: float
    promised_coverage: float
    n: int
    confidence_level: float
    findings: tuple[Finding, ...]

    def summary(self) -> Table:
        """Give each rate beside its limit, with an exact test."""
        header = ("rate", "limit", "cases", "errors", "limits of the rate", "p-value")
        rows = [
            (p.rate, rate_text(p.limit), count(p.n), count(p.errors), _limits(p), p_text(p.p_value))
            for p in self.promises
        ]
        note = f"{percent(self.coverage)} decided, {percent(self.promised_coverage)} among the calibration cases."
        title = f"Certificate on {count(self.n)} new cases"
        return Table(
            title=title, header=header, rows=tuple(rows), notes=(note,), sections=(findings_table(self.findings),)
        )

    def _columns(self) -> dict[str, Any]:
        names = PromiseCheck.__slots__
        return {name: [getattr(promise, name) for promise in self.promises] for name in names}

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and text, ready for JSON."""
        return {
            "promises": [asdict(promise) for promise in self.promises],
            "coverage": self.coverage,
            "promised_coverage": self.promised_coverage,
            "n": self.n,
            "confidence_level": self.confidence_level,
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def _headline(self) -> str:
        parts = [f"{p.rate} {count(p.errors)} of {count(p.n)} (at most {rate_text(p.limit)})" for p in self.promises]
        return ", ".join(parts)


def check_certificate(certificate: DeferralCertificate, cases: Cases, level: float) -> CertificateCheck:
    """Count the promised rates on new cases, and test whether they can be within their limits."""
    negative, positive = cases.risk < certificate.low, cases.risk >= certificate.high
    checks = tuple(_check(promise, certificate, cases, (negative, positive), level) for promise in certificate.promises)
    n = float(cases.weight.sum())
    return CertificateCheck(
        promises=checks,
        coverage=float(cases.weight @ (negative | positive) / n),
        promised_coverage=certificate.coverage,
        n=int(n),
        confidence_level=level,
        findings=sort_findings([*_findings(checks, level), *grouped_findings(cases)]),
    )


def _check(
    promise: Promise,
    certificate: DeferralCertificate,
    cases: Cases,
    called: tuple[BoolArray, BoolArray],
    level: float,
) -> PromiseCheck:
    (negative, positive), event = called, cases.is_event
    wrong = (negative & event) | (positive & ~event)
    among = {
        "error among the decided": negative | positive,
        f"error among {certificate.actions[0]!r}": negative,
        f"error among {certificate.actions[1]!r}": positive,
        "events called 'negative'": event,
        "non-events called 'positive'": ~event,
    }[promise.rate]
    n, errors = int(cases.weight @ among), int(cases.weight @ (among & wrong))
    tail = (1 - level) / 2
    # Errors or more at the limit: the same as n - errors or fewer right ones.
    p_value = float(error_p_values(np.array([n - errors]), np.array([n]), 1 - promise.limit)[0])
    return PromiseCheck(
        rate=promise.rate,
        limit=promise.limit,
        n=n,
        errors=errors,
        low=1 - upper_error(n - errors, n, tail) if errors else 0.0,
        high=upper_error(errors, n, tail),
        p_value=p_value,
    )


def _limits(check: PromiseCheck) -> str:
    return f"{rate_text(check.low)} to {rate_text(check.high)}"


def _findings(checks: tuple[PromiseCheck, ...], level: float) -> list[Finding]:
    broken = [check for check in checks if check.p_value * len(checks) < 1 - level]
    if not broken:
        sentence = "The promises are kept, as far as these cases can tell."
        return [Finding(code="RD325", severity="good", sentence=sentence)]
    worst = min(broken, key=lambda check: check.p_value)
    sentence = (
        f"The rate of {worst.rate} was {count(worst.errors)} in {count(worst.n)} where at most "
        f"{rate_text(worst.limit)} was promised."
    )
    todo = "These cases are drawn in another way than the calibration cases, or the promise was unlucky: certify anew."
    return [Finding(code="RD325", severity="issue", sentence=sentence, todo=todo)]
