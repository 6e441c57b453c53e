"""A logistic regression on functions of the score: what Platt, beta and spline calibration have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import Table, count, interval, number
from riskdec.calibration.limits import limits_of_risk
from riskdec.calibration.saying import say_no_signal, say_not_converged, say_separated
from riskdec.likelihood import fit_binomial, fit_firth, risks, sandwich_covariance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import BoolArray, FloatArray
    from riskdec.calibration.door import LogOddsScale, ScoredRows
    from riskdec.likelihood import LogitFit


class LogisticMap(NamedTuple):
    """Coefficients of a map from columns to log-odds, intercept first.

    Attributes
    ----------
    coef : ndarray of shape (k,)
        Intercept, then one for each column.
    covariance : ndarray of shape (k, k)
        Inverse information, or the sandwich under importance weights; NaN for a column that was left out.
    converged : bool
        Whether the maximum exists and was reached.
    separated : bool
        Whether the outcomes are separated by the columns, so that Firth's estimate stands in.
    n_iter : int
        Newton steps.
    log_likelihood : float
        At the coefficients.
    """

    coef: FloatArray
    covariance: FloatArray
    converged: bool
    separated: bool
    n_iter: int
    log_likelihood: float

    def log_odds(self, columns: FloatArray) -> FloatArray:
        """Give the log-odds of rows, shape (n,); a coefficient of zero stays silent at infinite columns."""
        used = self.coef[1:] != 0
        result: FloatArray = self.coef[0] + columns[:, used] @ self.coef[1:][used]
        return result

    def interval(self, columns: FloatArray, confidence_level: float) -> FloatArray:
        """Give limits of the risk by the delta method on the logit scale, shape (n, 2).

        A certainty, whose column is infinite, lies beyond all that was fitted on: its limits are 0 and 1.
        """
        finite = np.isfinite(columns).all(axis=1)
        design = np.column_stack([np.ones(int(finite.sum())), columns[finite]])
        known = np.isfinite(np.diag(self.covariance))
        part = design[:, known]
        variance = np.einsum("ij,jk,ik->i", part, self.covariance[np.ix_(known, known)], part)
        limits = np.tile([0.0, 1.0], (len(columns), 1))
        limits[finite] = limits_of_risk(self.log_odds(columns[finite]), np.sqrt(variance), confidence_level)
        return limits


def fit_map(
    columns: FloatArray, rows: ScoredRows, *, target: FloatArray | None = None, intercept: bool = True
) -> LogisticMap:
    """Fit by maximum likelihood; where the outcomes are separated, by Firth's bias-reduced likelihood.

    Parameters
    ----------
    columns : ndarray of shape (n, k - 1)
        Functions of the score.
    rows : ScoredRows
        Outcomes and weights.
    target : ndarray of shape (n,), optional
        Smoothed outcomes strictly between 0 and 1 in place of the observed ones.
    intercept : bool
        Whether there is one; without it the first coefficient is 0, and its covariance NaN.
    """
    y, weight = rows.is_event, rows.weight
    if target is not None:
        return _fit_targets(columns, target, rows)
    fit = fit_binomial(columns, y, weight=weight, intercept=intercept)
    separated = fit.status == "separated"
    if separated:
        fit = fit_firth(columns, y, weight=weight, intercept=intercept)
    coef, covariance = fit.coef, _covariance(fit, y, rows)
    if not intercept:
        coef, covariance = np.append(0.0, coef), np.pad(covariance, (1, 0), constant_values=np.nan)
    return LogisticMap(coef, covariance, fit.converged, separated, fit.n_iter, fit.log_likelihood)


def _fit_targets(columns: FloatArray, target: FloatArray, rows: ScoredRows) -> LogisticMap:
    """Fit to targets between 0 and 1: each row counts as an event and as its opposite, in these shares."""
    weight = np.ones(len(target)) if rows.weight is None else rows.weight
    y = np.repeat([1.0, 0.0], len(target))
    fit = fit_binomial(np.tile(columns, (2, 1)), y, weight=np.concatenate([weight * target, weight * (1 - target)]))
    half = fit.linear_predictor[: len(target)]
    covariance = fit.covariance
    if rows.importance is not None:
        # One residual a row: the two shares of it are not independent.
        share = np.concatenate([target, 1 - target])
        residual = np.tile(rows.importance * (target - risks(half)), 2)
        count_rows = share if rows.frequency is None else share * np.tile(rows.frequency, 2)
        covariance = sandwich_covariance(fit, residual, multiplicity=count_rows)
    return LogisticMap(fit.coef, covariance, fit.converged, False, fit.n_iter, fit.log_likelihood)  # noqa: FBT003 -- targets inside (0, 1) are never separated


def _covariance(fit: LogitFit, y: BoolArray, rows: ScoredRows) -> FloatArray:
    if rows.importance is None:
        return fit.covariance
    residual = rows.importance * (y - risks(fit.linear_predictor))
    return sandwich_covariance(fit, residual, multiplicity=rows.frequency)


def say_of_map(fitted: LogisticMap, scale: LogOddsScale, name: str) -> tuple[Finding, ...]:
    """Say what is special about a fitted map, and warn where it is not the estimate it is called."""
    findings = say_certain(scale)
    if fitted.separated:
        why = f"The scores separate the outcomes, so {name} has no maximum likelihood estimate."
        return (*findings, say_separated(why))
    return findings if fitted.converged else (*findings, say_not_converged(name, fitted.n_iter))


def say_certain(scale: LogOddsScale) -> tuple[Finding, ...]:
    """Say how many scores were exactly 0 or 1, and what they were taken for."""
    if not scale.n_certain:
        return ()
    sentence = (
        f"{count(scale.n_certain)} scores are exactly 0 or 1 and have no log-odds; scores were kept within "
        f"{number(scale.low, 3)} and {number(scale.high, 3)}, half as far from 0 or 1 as the nearest other score."
    )
    todo = "Isotonic and Venn-Abers calibration take such scores as they are."
    return (Finding(code="RD508", severity="caution", sentence=sentence, todo=todo),)


def say_falling(slope: float, standard_error: float) -> Finding:
    """Say that the scores do not rise with the outcome, so that everyone gets the event rate."""
    why = (
        "the event does not become more frequent where they rise. The slope that fits best is "
        f"{number(slope, 3)} (standard error {number(standard_error, 3)}); a slope of 0 is used, and every risk is the "
        "event rate of these rows."
    )
    return say_no_signal(why, turned="Is it the score of the other class?" if slope < -2 * standard_error else "")


def parameter_table(
    title: str, names: Sequence[str], fitted: LogisticMap, findings: Sequence[Finding], *, notes: Sequence[str]
) -> Table:
    """Give parameters with standard errors and 95 % intervals, and the findings below them."""
    errors = np.sqrt(np.diag(fitted.covariance))
    rows = []
    for name, value, error in zip(names, fitted.coef.tolist(), errors.tolist(), strict=True):
        known = np.isfinite(error)
        limits = interval(value - 1.959964 * error, value + 1.959964 * error, 4) if known else "on its limit"
        rows.append((name, number(value), number(error) if known else "", limits))
    return Table(
        title=title,
        header=("", "estimate", "standard error", "95 % interval"),
        rows=tuple(rows),
        notes=(*notes, *map(str, findings)),
    )
