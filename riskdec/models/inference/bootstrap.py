"""Bootstrap of a logistic fit: its coefficients on each resample of the rows, and intervals from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.base import clone

from riskdec._base.checks import (
    check_counts,
    check_integer,
    check_level,
    check_option,
    check_rng,
    choose_event,
    refuse,
)
from riskdec._base.findings import findings_table
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, decimal
from riskdec.models.doors.door import open_for_prediction, open_for_training
from riskdec.models.doors.fit_weights import FitWeights
from riskdec.models.inference.bootstrap_draws import make_resamples
from riskdec.models.inference.bootstrap_intervals import acceleration_of, bootstrap_intervals, risk_intervals
from riskdec.models.inference.bootstrap_refits import about_refits, open_problem, refit_resamples
from riskdec.models.inference.bootstrap_workers import check_jobs
from riskdec.models.inference.terms import has_intercept, log_odds

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.typing import ArrayLike, FloatArray, IntArray, RngLike
    from riskdec.models.inference.bootstrap_refits import RefittedModel

IntervalKind = Literal["percentile", "basic", "normal", "bca"]

_KINDS = ("percentile", "basic", "normal", "bca")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class BootstrapRefits(Framed):
    """The coefficients of a logistic model on resamples of its rows.

    `frame` gives one line for each coefficient: estimate, bias, std_err, low, high.

    Attributes
    ----------
    terms : tuple of str
        Names of the coefficients.
    outcomes : tuple of str
        Labels as text; the coefficients are log-odds of each against the first.
    estimate : ndarray of shape (k,)
        Coefficients on the rows themselves.
    coef : ndarray of shape (B, k)
        Coefficients on the resamples that could be fitted.
    acceleration : ndarray of shape (k,)
        Skewness of the influence of the rows (or groups) over 6, for the intervals "bca".
    n_resamples, n_failed, n_firth : int
        Resamples drawn; those that could not be fitted; separated ones that Firth's likelihood answered.
    n_groups : int or None
        Groups that were drawn whole; None where single rows were drawn.
    findings : tuple of Finding
        What the reader must know of the resamples.
    """

    terms: tuple[str, ...]
    outcomes: tuple[str, ...]
    estimate: FloatArray
    coef: FloatArray
    acceleration: FloatArray
    n_resamples: int
    n_failed: int
    n_firth: int
    n_groups: int | None
    findings: tuple[Finding, ...]

    @property
    def std_err(self) -> FloatArray:
        """Standard deviations of the coefficients over the resamples, shape (k,)."""
        return np.asarray(self.coef.std(axis=0, ddof=1))

    @property
    def bias(self) -> FloatArray:
        """Mean over the resamples minus the estimate, shape (k,)."""
        return np.asarray(self.coef.mean(axis=0) - self.estimate)

    def cov_params(self) -> FloatArray:
        """Give the covariance of the coefficients over the resamples, shape (k, k)."""
        return np.atleast_2d(np.cov(self.coef, rowvar=False))

    def conf_int(self, confidence_level: float = 0.95, *, method: IntervalKind = "percentile") -> FloatArray:
        """Give intervals of the coefficients, shape (k, 2).

        Parameters
        ----------
        confidence_level : float, default=0.95
            Level of each interval by itself.
        method : {"percentile", "basic", "normal", "bca"}, default="percentile"
            Quantiles of the resamples; these mirrored at the estimate; estimate less bias, plus and minus normal
            quantiles of standard errors; or quantiles corrected for median bias and skewness (Efron 1987).
        """
        level = check_level(confidence_level)
        check_option(method, _KINDS, name="method")
        return bootstrap_intervals(
            self.coef, self.estimate, acceleration=self.acceleration, confidence_level=level, method=method
        )

    def risk_interval(
        self, model: RefittedModel, X: ArrayLike, confidence_level: float = 0.95, *, event: object = None
    ) -> FloatArray:
        """Give percentile intervals of the risks of rows, shape (n, 2).

        Parameters
        ----------
        model : LogisticRiskModel
            The model that was refitted: it knows how rows become columns.
        X : array-like of shape (n, p)
            Rows to predict; of a model without offset.
        confidence_level : float, default=0.95
            Level of each interval by itself.
        event : label, optional
            As in `LogisticRiskModel.predict_risk`.
        """
        level = check_level(confidence_level)
        fit = model.fit_result_
        if fit.coefficient_names != self.terms:
            raise refuse("model", "be the one that was refitted", f"one with other terms than {self.terms[:3]}")
        columns = open_for_prediction(model, X, incomplete=True)
        chosen = choose_event(model.classes_, model.event if event is None else event, name="y")
        return risk_intervals(
            columns,
            self.coef,
            intercept=has_intercept(fit),
            n_outcomes=len(self.outcomes),
            column=model.classes_.tolist().index(chosen),
            confidence_level=level,
        )

    def _headline(self) -> str:
        unit = "rows" if self.n_groups is None else "groups"
        return f"{len(self.coef)} refits of {len(self.terms)} coefficients on resampled {unit}"

    def summary(self) -> Table:
        """Give estimates with the bias, standard errors and percentile intervals that the resamples show."""
        limits = self.conf_int()
        columns = (self.estimate, self.bias, self.std_err, limits[:, 0], limits[:, 1])
        rows = zip(self.terms, *columns, strict=True)
        drawn = "single rows" if self.n_groups is None else f"whole groups ({count(self.n_groups)})"
        return Table(
            title=f"Bootstrap of {log_odds(self.outcomes)}: {count(self.n_resamples)} resamples of {drawn}",
            header=("", "estimate", "bias", "std err", "95 % low", "95 % high"),
            rows=tuple((name, *(decimal(float(value)) for value in values)) for name, *values in rows),
            notes=("Percentile intervals; .conf_int(method=...) gives others.",),
            sections=(findings_table(self.findings),) if self.findings else (),
        )

    def _columns(self) -> dict[str, Any]:
        limits = self.conf_int()
        return {
            "term": list(self.terms),
            "estimate": self.estimate,
            "bias": self.bias,
            "std_err": self.std_err,
            "low": limits[:, 0],
            "high": limits[:, 1],
        }

    def to_dict(self) -> dict[str, Any]:
        """Give the table, how the resamples went, and the findings, ready for JSON; not the refits themselves."""
        columns = self._columns()
        rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
        answer = {
            "coefficients": rows,
            "outcomes": self.outcomes,
            "n_resamples": self.n_resamples,
            "n_failed": self.n_failed,
            "n_firth": self.n_firth,
            "n_groups": self.n_groups,
            "findings": [finding.to_dict() for finding in self.findings],
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def bootstrap(
    model: RefittedModel,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    n_resamples: int = 200,
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    rng: RngLike = None,
    n_jobs: int | None = None,
) -> BootstrapRefits:
    """Refit a logistic model on resamples of its rows; see `LogisticRiskModel.bootstrap`."""
    wanted = check_integer(n_resamples, name="n_resamples", low=2)
    jobs, stream = check_jobs(n_jobs), check_rng(rng)
    problem, rows = open_problem(model, X, y, sample_weight, offset=offset)
    units = _groups_of(model, X, y, sample_weight, groups)
    counts = check_counts(rows.weights.multiplicity, len(rows.codes))
    single = rows.weights.single
    resamples = make_resamples(len(rows.codes), wanted, counts=counts, groups=units, rng=stream)
    # The resamples count repeated rows themselves; what is left is how much each single row matters.
    problem = replace(problem, weights=FitWeights(single, None, single, None))
    refits = refit_resamples(problem, resamples, n_jobs=jobs)
    n_failed, n_firth = int(refits.failed.sum()), int(refits.fell_back.sum())
    if n_failed > wanted - 2:
        cure = "Look at the events: resamples without any cannot be fitted."
        raise refuse("the rows", "allow at least two refits", f"{n_failed} of {wanted} that failed", cure)
    fit = model.fit_result_
    return BootstrapRefits(
        terms=fit.coefficient_names,
        outcomes=fit.outcomes,
        estimate=fit.coef.ravel().copy(),
        coef=refits.coef[~refits.failed],
        acceleration=acceleration_of(fit, rows, units),
        n_resamples=wanted,
        n_failed=n_failed,
        n_firth=n_firth,
        n_groups=None if units is None else int(units.max()) + 1,
        findings=about_refits(wanted, n_failed, n_firth),
        frame_kind=fit.frame_kind,
    )


def _groups_of(
    model: RefittedModel, X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None, groups: ArrayLike | None
) -> IntArray | None:
    """Give the groups of the rows that a fit uses: those of weight 0, and those that lack a value, are left out."""
    if groups is None:
        return None
    return open_for_training(clone(model), X, y, sample_weight=sample_weight, offset=None, groups=groups).groups
