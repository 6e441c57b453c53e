"""The printed summary of a ridge fit: coefficients without intervals, and what shrinking did to the risks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import findings_table
from riskdec._base.table import Table, count, decimal, number, percent

if TYPE_CHECKING:
    from riskdec.models.shrinking.ridge_fit import RidgeFit

_NO_INTERVALS = (
    "no intervals and no p-values: shrunken estimates lean towards zero, and with a column for every level single "
    "coefficients are the penalty's as much as the data's. Fit with penalty=None for inference"
)
_CALIBRATION = (
    "calibration: risks average the event rate of these rows and are drawn towards it, so that the slope on these rows "
    "is above 1; at a strength chosen by cross-validation it is near 1 on new rows"
)
# A summary is read; the coefficients of thousands of levels are in `frame`.
_MOST_LINES = 200


def summarise(fit: RidgeFit) -> Table:
    """Give coefficients, also for one standard deviation, how strongly they were shrunk, and the findings."""
    findings = (findings_table(fit.findings),) if fit.findings else ()
    header = ("", "coef", "per std dev")
    tables = [(_of(fit, place), _rows(fit, block)) for place, block in enumerate(np.atleast_2d(fit.coef), 1)]
    if len(tables) == 1:
        title = f"Logistic regression shrunken by ridge; {tables[0][0]}"
        return Table(title=title, header=header, rows=tables[0][1], notes=_notes(fit), sections=findings)
    inner = tuple(Table(title=f"{of[0].upper()}{of[1:]}", header=header, rows=rows) for of, rows in tables)
    title = "Multinomial logistic regression shrunken by ridge"
    return Table(title=title, notes=_notes(fit), sections=(*inner, *findings))


def _of(fit: RidgeFit, place: int) -> str:
    return f"log-odds of {fit.outcomes[place]} against {fit.outcomes[0]}"


def _rows(fit: RidgeFit, coef: np.ndarray) -> tuple[tuple[str, ...], ...]:
    lines = zip(fit.terms[:_MOST_LINES], coef.tolist(), fit.deviation.tolist(), strict=False)
    rows = tuple((term, decimal(b), decimal(b * s) if s else "") for term, b, s in lines)
    more = len(fit.terms) - _MOST_LINES
    return rows if more <= 0 else (*rows, (f"... {count(more)} more: see frame()", "", ""))


def _notes(fit: RidgeFit) -> tuple[str, ...]:
    shown = list(zip(fit.n_by_outcome, fit.outcomes, strict=True))[1 if len(fit.outcomes) == 2 else 0 :]
    sizes = ", ".join(f"{count(n)} of outcome {outcome} ({percent(n / fit.n)})" for n, outcome in shown)
    n_slopes = fit.coef.size - (fit.coef.size // len(fit.terms)) * (fit.terms[0] == "Intercept")
    notes = [
        f"{count(fit.n)} rows, {sizes}; log-likelihood {fit.log_likelihood:.4f} "
        f"(constant risk: {fit.null_log_likelihood:.4f})",
        f"penalty alpha {number(fit.alpha)}: {number(fit.effective_parameters, 3)} effective parameters of {n_slopes}",
        _NO_INTERVALS,
    ]
    if fit.by_class is None and fit.terms[0] == "Intercept":
        notes.append(_CALIBRATION)
    elif fit.by_class is None:
        notes.append("calibration: without an intercept nothing makes risks average the event rate")
    elif len(fit.by_class) == 2:
        low, high = fit.by_class
        notes.append(
            f"class weights {number(low)} and {number(high)} (scaled to the number of rows): these are not risks; "
            f"odds are multiplied by about {number(high / low)}"
        )
    else:
        notes.append(f"class weights {', '.join(map(number, fit.by_class))}: these are not risks")
    return tuple(notes)
