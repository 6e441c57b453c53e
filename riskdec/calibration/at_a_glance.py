"""The main figures of fitted calibrators, for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.notebook import Glance, some_of
from riskdec._base.table import count

if TYPE_CHECKING:
    from riskdec._base.table import Table
    from riskdec.calibration.calibrator import Calibrator

# Calibrators of many outcomes have many parameters.
_MOST_PARAMETERS = 6


def glance_at_calibrator(calibrator: Calibrator) -> Glance | None:
    """Give what to show of a calibrator; None before `fit`."""
    learned = vars(calibrator)
    if "classes_" not in learned:
        return None
    summary = calibrator.summary()
    among = some_of([str(label) for label in calibrator.classes_.tolist()])
    event = learned.get("event_")
    return Glance(
        title=f"{type(calibrator).__name__}, fitted",
        rows=(
            ("outcomes" if event is None else "event", among if event is None else f"{event}, of {among}"),
            ("rows", count(calibrator.n_)),
            ("scores are", {"logit": "logits", "probability": "probabilities"}[calibrator.input]),
            *parameter_rows(summary),
            *(() if calibrator.converged_ else (("converged", "NO"),)),
        ),
        findings=calibrator.findings_,
        more=summary,
    )


def parameter_rows(summary: Table) -> tuple[tuple[str, str], ...]:
    """Give the first few lines of a calibrator's summary as names and values."""
    rows = [row for row in summary.rows if row[0] != "rows"]
    is_list = not summary.header or summary.header[1] == "estimate"
    if not is_list or len(rows) > _MOST_PARAMETERS:
        return (("parameters", f"a table of {count(len(rows))} lines, below"),)
    heads = summary.header or ("",) * max(map(len, rows), default=0)
    return tuple((name, _value(cells, heads[1:])) for name, *cells in rows)


def _value(cells: list[str], heads: tuple[str, ...]) -> str:
    first, *others = cells
    told = ", ".join(f"{head} {cell}" for head, cell in zip(heads[1:], others, strict=False) if cell)
    return f"{first} ({told})" if told else first
