"""What a notebook shows of a fitted model: the main figures and findings, above scikit-learn's diagram."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from riskdec._base.findings import sort_findings
from riskdec._base.table import Table, number, unsteered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.findings import Finding

# Longer ones would fill the page that somebody scrolls through.
MOST_LINES = 60
_MOST_NAMES = 6

# Colours come from the page around, be it light or dark.
_STYLE = """<style>
.riskdec-glance { border: 1px solid rgba(127, 127, 127, .45); border-left: 4px solid #2f81c1; padding: .5em .9em;
  margin: 0 0 .6em; max-width: 62em; overflow-x: auto; line-height: 1.45; }
.riskdec-glance p, .riskdec-glance ul { margin: .2em 0; }
.riskdec-glance table { border-collapse: collapse; margin: .4em 0; }
.riskdec-glance caption { text-align: left; font-weight: bold; color: inherit; padding: .2em 0; }
.riskdec-glance th, .riskdec-glance td { text-align: left; vertical-align: top; padding: .1em 1.4em .1em 0; border: 0;
  background: none; }
.riskdec-glance tbody th { font-weight: normal; opacity: .8; white-space: nowrap; }
.riskdec-glance details td, .riskdec-glance details thead th { text-align: right; font-variant-numeric: tabular-nums; }
.riskdec-glance summary { cursor: pointer; }
.riskdec-glance .riskdec-issue, .riskdec-glance .riskdec-caution { font-weight: bold; }
</style>"""


@dataclass(frozen=True, kw_only=True)
class Glance:
    """What somebody wants to know of a fitted model first.

    Attributes
    ----------
    title : str
        What it is and how it was fitted.
    rows : tuple of (str, str)
        Names and values.
    findings : tuple of Finding
        What must be known; good ones are left out.
    more : Table or None
        What is shown if somebody asks for it.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    more: Table | None = None

    def to_html(self) -> str:
        """Give a block of HTML without scripts, every name in it escaped."""
        told = [finding for finding in sort_findings(self.findings) if finding.severity in ("issue", "caution")]
        items = "".join(_item(finding) for finding in told)
        more = "" if self.more is None else f"<details><summary>summary()</summary>{self.more.to_html()}</details>"
        return unsteered(
            f'{_STYLE}<div class="riskdec-glance"><p><b>{escape(self.title)}</b></p>'
            f"{Table(rows=self.rows).to_html()}{f'<ul>{items}</ul>' if items else ''}"
            f"{more}</div>"
        )


class NotebookFace:
    """Shows a glance of a fitted estimator in notebooks, and below it the diagram that scikit-learn makes.

    It stands before scikit-learn's ``BaseEstimator`` among the bases of a class. ``set_config(display="text")`` shows
    neither, and ``estimator_html_repr`` the diagram alone.
    """

    @abstractmethod
    def _glance(self) -> Glance | None:
        """Give what is shown; None before `fit`."""

    def _repr_html_inner(self) -> str:
        return self._above(super()._repr_html_inner())  # type: ignore[misc]  # of BaseEstimator

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        # Front ends pass `include` and `exclude`.
        bundle: dict[str, str] = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        if "text/html" in bundle:
            bundle["text/html"] = self._above(bundle["text/html"])
        return bundle

    def _above(self, diagram: str) -> str:
        found = self._glance()
        return diagram if found is None else found.to_html() + diagram


def explained(log_likelihood: float, null_log_likelihood: float) -> str:
    """Write a log-likelihood beside that of the constant risk."""
    return f"{number(log_likelihood, 6)} (constant risk: {number(null_log_likelihood, 6)})"


def some_of(names: Sequence[str]) -> str:
    """List the first few of some names, and say how many more there are.

    >>> some_of(["a", "b"]), some_of(["a", "b", "c", "d", "e", "f", "g", "h"])
    ('a, b', 'a, b, c, d, e, f and 2 more')
    """
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _item(finding: Finding) -> str:
    kind = finding.severity
    todo = f" {escape(finding.todo)}" if finding.todo else ""
    return f'<li><span class="riskdec-{kind}">{kind}</span> {finding.code}: {escape(finding.sentence)}{todo}</li>'
