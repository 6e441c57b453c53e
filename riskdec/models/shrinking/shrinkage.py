"""How far a model is fitted to its own rows: events per parameter, heuristic shrinkage, optimism, and the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import Finding
from riskdec._base.table import count, decimal, number
from riskdec.models.tables.columns import CategoryColumn

if TYPE_CHECKING:
    from riskdec._base.typing import Severity
    from riskdec.models.shrinking.ridge_path import AlphaChoice
    from riskdec.models.tables.encoding import TableEncoding

_EVENTS_PER_PARAMETER = 10
_ENOUGH = 0.9
_SHOWN = 5


def heuristic_shrinkage(log_likelihood: float, null_log_likelihood: float, n_parameters: float) -> float:
    """Give ``(L - df) / L`` with L twice the gain in log-likelihood over a constant risk; 0 where L is below df.

    For an unpenalised fit it estimates the calibration slope on new rows. For a penalised fit df is the trace of the
    hat matrix, and it is the share of the gain that is no optimism.

    References
    ----------
    van Houwelingen JC, le Cessie S (1990). Predictive value of statistical models. Statistics in Medicine 9:1303-1325.
    doi:10.1002/sim.4780091109

    Examples
    --------
    >>> heuristic_shrinkage(-40.0, -60.0, 8)
    0.8
    """
    gain = 2 * (log_likelihood - null_log_likelihood)
    return max(0.0, (gain - n_parameters) / gain) if gain > 0 else 0.0


def parameter_finding(n_by_outcome: tuple[float, ...], n_parameters: float) -> Finding:
    """Tell how many rows of the rarer outcome there are for each effective parameter."""
    rarer = min(n_by_outcome)
    each = rarer / max(n_parameters, 1e-9)
    few = each < _EVENTS_PER_PARAMETER
    return Finding(
        code="RD105",
        severity="caution" if few else "good",
        sentence=f"{count(rarer)} rows of the rarer outcome for {number(n_parameters, 3)} effective parameters "
        f"({'over 1000' if each > 1000 else number(each, 3)} each).",
        todo="Drop columns that cannot matter, or gather more events." if few else "",
    )


def optimism_finding(remains: float, slope: float | None) -> Finding:
    """Tell what is expected to remain of the fit on new rows."""
    parts = [f"heuristic shrinkage {decimal(remains, 2)}"]
    if slope is not None:
        parts.append(f"calibration slope on rows left out {decimal(slope, 2)}")
    over = remains < _ENOUGH or (slope is not None and slope < _ENOUGH)
    severity: Severity = "caution" if over else "good"
    todo = "Validate on other rows before deciding: risks may be too extreme, and a gray zone too narrow."
    return Finding(
        code="RD109",
        severity=severity,
        sentence=f"What to expect on new rows: {', '.join(parts)} (1 would be no optimism).",
        todo=todo if over else "",
    )


def strength_findings(choice: AlphaChoice) -> tuple[Finding, ...]:
    """Tell when the strength lies at an end of its grid; nothing otherwise."""
    if choice.edge == "strongest":
        sentence = (
            f"The strongest penalty tried is the best ({number(choice.alpha)}): the columns predict the outcome hardly "
            "better than its rate does."
        )
        return (Finding(code="RD108", severity="caution", sentence=sentence, todo="Do not decide by these risks."),)
    if choice.edge == "weakest":
        sentence = (
            f"The weakest penalty tried is the best ({number(choice.alpha)}): hardly anything was shrunk. There are "
            "many rows, or a column gives the outcome away."
        )
        return (Finding(code="RD108", severity="good", sentence=sentence),)
    return ()


def column_findings(encoding: TableEncoding) -> tuple[Finding, ...]:
    """Tell which levels were pooled and which missing values got no column of their own."""
    parts = []
    for column in encoding.columns:
        if isinstance(column, CategoryColumn) and (column.pooled or column.missing_is_rare):
            names = [*column.pooled, *(["missing"] if column.missing_is_rare else [])]
            shown = ", ".join(map(repr, names[:_SHOWN])) + (f" and {len(names) - _SHOWN} more" * (len(names) > _SHOWN))
            parts.append(f"{column.name!r} has too few rows of {shown}: one level 'other'")
        elif not isinstance(column, CategoryColumn) and column.n_missing and not column.indicated:
            parts.append(f"{column.name!r} lacks {column.n_missing} values: read as the mean {number(column.mean)}")
    if not parts:
        return ()
    more = f"; and {len(parts) - _SHOWN} columns more" if len(parts) > _SHOWN else ""
    return (Finding(code="RD110", severity="good", sentence=f"{'; '.join(parts[:_SHOWN])}{more}."),)
