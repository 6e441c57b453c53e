"""What the summary of a model on tables adds: its columns, and a classifier that has no coefficients to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec._base.findings import findings_table
from riskdec._base.table import Table, number
from riskdec.models.tables.columns import CategoryColumn

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec.models.tables.encoding import Column, TableEncoding


def columns_table(encoding: TableEncoding) -> Table:
    """Give what was learned about each column, one line each."""
    return Table(
        title="Columns",
        header=("", "kind", "levels or knots", "reference", "missing in training"),
        rows=tuple(_column_row(column) for column in encoding.columns),
    )


def learner_summary(model: Any, findings: tuple[Finding, ...]) -> Table:
    """Give the name of a classifier and the findings."""
    return Table(
        title=f"Risks by {type(model).__name__}",
        notes=(f"{model!r:.200}",),
        sections=(findings_table(findings),) if findings else (),
    )


def _column_row(column: Column) -> tuple[str, ...]:
    missing = str(column.n_missing) if column.n_missing else ""
    if isinstance(column, CategoryColumn):
        reference = "" if column.full else column.levels[0] if column.levels else ""
        pooled = f" and {len(column.pooled)} pooled" if column.pooled else ""
        return column.name, "category", f"{len(column.levels)}{pooled}", reference, missing
    knots = ", ".join(number(knot) for knot in column.knots)
    kind = "spline" if column.knots else "number"
    return column.name, kind, knots, f"mean {number(column.mean)}" if column.n_missing else "", missing
