"""The printed summary of a logistic regression: one block of coefficients for each outcome but the first."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import findings_table
from riskdec._base.table import Table, count, decimal, number, p_value, percent
from riskdec.models.regression.few_groups import few_groups_df

if TYPE_CHECKING:
    from riskdec.models.regression.logistic_fit import LogisticFit

_HEADER = ("", "coef", "std err", "z", "P>|z|", "95 % low", "95 % high", "odds ratio")
_METHODS = {
    "maximum likelihood": "maximum likelihood",
    "firth": "Firth's bias-reduced likelihood",
    "flic": "Firth's bias-reduced likelihood, intercept refitted so that risks average right (FLIC)",
    "flac": "Firth's bias-reduced likelihood, its pseudo-rows told apart so that risks average right (FLAC)",
}
# What a penalty does to the calibration of the risks.
_CALIBRATION = {
    "firth": (
        "calibration: the penalty draws risks towards equal shares of the outcomes, so that a rare event gets too much "
        "risk on average; with two classes penalty='flic' or 'flac' sets the average right"
    ),
    "flic": (
        "calibration: the average risk equals the share of events in these rows; slopes are Firth's, nearer to zero "
        "than by maximum likelihood, so that risks are less extreme"
    ),
    "flac": (
        "calibration: the average risk equals the share of events in these rows; slopes are nearer to zero than by "
        "maximum likelihood, so that risks are less extreme"
    ),
}
_ERRORS = {
    "model": "model-based (inverse information)",
    "robust": "robust (HC0 sandwich)",
    "cluster": "cluster-robust",
}


def summarise(fit: LogisticFit) -> Table:
    """Give coefficients with intervals, how they were estimated, and the findings."""
    findings = (findings_table(fit.findings),) if fit.findings else ()
    header, blocks = _header(fit), _blocks(fit)
    if len(blocks) == 1:
        title = f"{_title(fit)}; {_event(fit, 1)}"
        return Table(title=title, header=header, rows=blocks[0], notes=_notes(fit), sections=findings)
    tables = (
        Table(title=_capital(_event(fit, place)), header=header, rows=rows) for place, rows in enumerate(blocks, 1)
    )
    return Table(title=_title(fit), notes=_notes(fit), sections=(*tables, *findings))


def _title(fit: LogisticFit) -> str:
    kind = "Logistic" if len(fit.outcomes) == 2 else "Multinomial logistic"
    if fit.separation is not None:
        return f"NOT maximum likelihood estimates, which do not exist here: {_METHODS[fit.method]}"
    return f"{kind} regression by {_METHODS[fit.method]}"


def _event(fit: LogisticFit, place: int) -> str:
    return f"log-odds of {fit.outcomes[place]} against {fit.outcomes[0]}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _header(fit: LogisticFit) -> tuple[str, ...]:
    header: tuple[str, ...] = _HEADER
    if few_groups_df(fit.covariance_kind, fit.n_groups) is not None:
        header = tuple(head.replace("z", "t") for head in header)
    return header if fit.separation is None else (*header, "")


def _blocks(fit: LogisticFit) -> list[tuple[tuple[str, ...], ...]]:
    """Give the rows of the coefficient table of each outcome but the first."""
    coef, errors, p = fit.coef.ravel(), fit.standard_errors().ravel(), fit.p_values().ravel()
    limits = fit.intervals().reshape(-1, 2)
    lines = []
    for j, name in enumerate(fit.coefficient_names):
        term = fit.terms[j % len(fit.terms)]
        if np.isnan(errors[j]):
            lines.append((term, "0", "", "", "", "", "", "1", ""))
            continue
        cells = (coef[j], errors[j], coef[j] / errors[j])
        estimate, error, z = (decimal(float(value), places) for value, places in zip(cells, (4, 4, 2), strict=True))
        low, high = (decimal(float(value)) for value in limits[j])
        ratio = number(float(np.exp(coef[j])))
        lines.append((term, estimate, error, z, p_value(p[j]), low, high, ratio, _limit(fit, name)))
    width, k = len(_header(fit)), len(fit.terms)
    rows = tuple(line[:width] for line in lines)
    return [rows[start : start + k] for start in range(0, len(rows), k)]


def _limit(fit: LogisticFit, name: str) -> str:
    if fit.separation is None or name not in fit.separation.columns:
        return ""
    return f"MLE: {fit.separation.limit(name)}"


def _notes(fit: LogisticFit) -> tuple[str, ...]:
    shown = list(zip(fit.n_by_outcome, fit.outcomes, strict=True))[1 if len(fit.outcomes) == 2 else 0 :]
    sizes = ", ".join(f"{count(n)} of outcome {outcome} ({percent(n / fit.n)})" for n, outcome in shown)
    errors = _ERRORS[fit.covariance_kind]
    if fit.covariance_kind == "cluster":
        errors += f", {fit.n_groups} groups"
        df = few_groups_df(fit.covariance_kind, fit.n_groups)
        errors += "" if df is None else f"; t with {df} degrees of freedom, as these are few groups"
    notes = [
        f"{count(fit.n)} rows, {sizes}; "
        f"log-likelihood {fit.log_likelihood:.4f} (constant risk: {fit.null_log_likelihood:.4f})",
        f"standard errors: {errors}",
        _convergence(fit),
    ]
    if fit.method in _CALIBRATION:
        notes.append(_CALIBRATION[fit.method])
    if fit.by_class is not None:
        notes.append(_weights_sentence(fit.by_class, fit.outcomes))
    return tuple(notes)


def _convergence(fit: LogisticFit) -> str:
    how = "converged" if fit.converged else "NOT converged"
    steps = "step" if fit.n_iter == 1 else "steps"
    # Below this a score is rounding, whose digits differ from machine to machine.
    score = "below 1e-12" if fit.gradient < 1e-12 else number(fit.gradient, 2)
    condition = number(fit.condition, 2)
    return f"{how} after {fit.n_iter} {steps}: largest score {score} per row, condition number {condition}"


def describe_development(fit: LogisticFit, *, has_offset: bool) -> tuple[str, ...]:
    """Say what the fit achieves as a whole, by how much to shrink it, and whether it had the rows for that.

    Parameters
    ----------
    fit : LogisticFit
        Any fit; what does not hold for it is left out.
    has_offset : bool
        Whether it was fitted with an offset.
    """
    # These build on the fit, whose summary this is.
    from riskdec.models.inference.development import development_size_of
    from riskdec.models.inference.fit_statistics import fit_statistics

    figures = fit_statistics(fit, has_offset=has_offset)
    if figures.lr_chi2 is None or figures.p_value is None or figures.shrinkage is None:
        return ()
    whole = (
        f"likelihood ratio of the model {number(figures.lr_chi2)} on {figures.df} degrees of freedom, p "
        f"{p_value(figures.p_value)}; R2 (Nagelkerke) {number(figures.r2_nagelkerke, 3)}"
    )
    if figures.shrinkage <= 0:
        return (whole, "heuristic shrinkage: not above 0, the model explains no more than chance would")
    shrink = (
        f"heuristic shrinkage {number(figures.shrinkage, 3)}: on new rows expect this calibration slope (van "
        "Houwelingen and le Cessie)"
    )
    if len(fit.outcomes) > 2:
        return whole, shrink
    size = development_size_of(fit)
    verdict = "enough" if size.n <= fit.n else "too few"
    needed = (
        f"rows needed to develop such a model: {count(size.n)}, {count(ceil(size.events))} of them events (criteria of "
        f"Riley et al.); {count(fit.n)} are {verdict}"
    )
    return whole, shrink, needed


def _weights_sentence(by_class: tuple[float, ...], outcomes: tuple[str, ...]) -> str:
    weights = f"{', '.join(map(number, by_class[:-1]))} and {number(by_class[-1])}"
    if len(by_class) == 2:
        effect = f"odds are multiplied by about {number(by_class[1] / by_class[0])}"
    else:
        factors = [
            f"{number(weight / by_class[0])} ({outcome})"
            for weight, outcome in zip(by_class[1:], outcomes[1:], strict=True)
        ]
        effect = f"odds against {outcomes[0]} are multiplied by about {', '.join(factors)}"
    return f"class weights {weights} (scaled to the number of rows): these are not risks; {effect}"
