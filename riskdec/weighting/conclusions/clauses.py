"""What is said of one scheme, and the joining of what is said alike of several into one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riskdec._base.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskdec._base.typing import Severity


class Clause(NamedTuple):
    """A part of a finding: ``lead: scheme figures; scheme figures. tail``.

    Attributes
    ----------
    code, severity : str
        Of the finding.
    lead : str
        What holds for every scheme that it names.
    about : str
        Name of one scheme and its figures.
    tail : str
        A sentence behind the figures, or nothing.
    todo : str
        What to do about it; empty if nothing.
    """

    code: str
    severity: Severity
    lead: str
    about: str
    tail: str = ""
    todo: str = ""


def join_clauses(clauses: Iterable[Clause | Finding]) -> Iterator[Finding]:
    """Make one finding of the clauses that differ in nothing but the scheme; findings pass as they are.

    Parameters
    ----------
    clauses : iterable of Clause or Finding
        Scheme by scheme.
    """
    alike: dict[Clause, list[str]] = {}
    for clause in clauses:
        if isinstance(clause, Finding):
            yield clause
        else:
            alike.setdefault(clause._replace(about=""), []).append(clause.about)
    for clause, abouts in alike.items():
        sentence = f"{clause.lead}: {'; '.join(abouts)}. {clause.tail}".rstrip()
        yield Finding(code=clause.code, severity=clause.severity, sentence=sentence, todo=clause.todo)
