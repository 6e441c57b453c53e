"""The fitted logistic regression as an answer: estimates, covariances, intervals, summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_level, check_option, refuse
from riskdec._base.findings import Finding, findings_table
from riskdec._base.frames import make_frame
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, decimal, number, p_value, percent

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, FrameKind, WeightKind
    from riskdec.models.separation import SeparationFinding

CovarianceKind = Literal["model", "robust", "cluster"]
Method = Literal["maximum likelihood", "firth", "flic"]

_FEW_GROUPS = 40
_HEADER = ("", "coef", "std err", "z", "P>|z|", "95 % low", "95 % high", "odds ratio")

_METHODS = {
    "maximum likelihood": "maximum likelihood",
    "firth": "Firth's bias-reduced likelihood",
    "flic": "Firth's bias-reduced likelihood, intercept refitted so that risks average right (FLIC)",
}
_ERRORS = {
    "model": "model-based (inverse information)",
    "robust": "robust (HC0 sandwich)",
    "cluster": "cluster-robust",
}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class LogisticFit(Result):
    """Everything that a fit of `LogisticRiskModel` learned; no row of the data.

    Attributes
    ----------
    terms : tuple of str
        Names of the coefficients, ``"Intercept"`` first where there is one.
    coef : ndarray of shape (k,)
        Estimates on the log-odds scale; 0 for aliased columns.
    model_covariance, robust_covariance : ndarray of shape (k, k)
        Inverse information, and HC0 sandwich; NaN for aliased columns.
    cluster_covariance : ndarray of shape (k, k) or None
        With groups only.
    covariance_kind : {"model", "robust", "cluster"}
        What intervals and tests use unless told otherwise.
    log_likelihood, null_log_likelihood : float
        Weighted sums at the estimate and at the best constant risk.
    method : {"maximum likelihood", "firth", "flic"}
        How the coefficients were estimated.
    outcomes : tuple of (str, str)
        Labels as text; the coefficients are log-odds of the second.
    n, n_second : float
        Rows, and rows of the second outcome (frequency weights counted).
    n_groups : int or None
        Number of groups of dependent rows.
    weight_kind : {"frequency", "importance"}
        Meaning of the row weights.
    by_class : tuple of (float, float) or None
        Class weights used, after scaling.
    n_iter, gradient, condition, converged
        How the estimate was reached: steps, largest standardised score per row, condition number of the
        information on standardised columns.
    aliases : tuple of (str, str)
        Columns set to zero, each with the column that determines it.
    separation : SeparationFinding or None
        Filled when the maximum likelihood estimate does not exist.
    findings : tuple of Finding
        What a reader must know.
    frame_kind : str
        Library of the frames that `frame` gives.
    """

    terms: tuple[str, ...]
    coef: FloatArray
    model_covariance: FloatArray
    robust_covariance: FloatArray
    cluster_covariance: FloatArray | None
    covariance_kind: CovarianceKind
    log_likelihood: float
    null_log_likelihood: float
    method: Method
    outcomes: tuple[str, str]
    n: float
    n_second: float
    n_groups: int | None
    weight_kind: WeightKind
    by_class: tuple[float, float] | None
    n_iter: int
    gradient: float
    condition: float
    converged: bool
    aliases: tuple[tuple[str, str], ...]
    separation: SeparationFinding | None
    findings: tuple[Finding, ...]
    frame_kind: FrameKind

    def covariance(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give one of the covariance matrices; the default kind when None."""
        kind = self.covariance_kind if kind is None else check_option(kind, _ERRORS, name="kind")
        if kind == "cluster":
            if self.cluster_covariance is None:
                raise refuse("kind", "be 'model' or 'robust' here", "'cluster'", "Fit with groups= for it.")
            return self.cluster_covariance
        return self.model_covariance if kind == "model" else self.robust_covariance

    def standard_errors(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give standard errors, shape (k,); NaN for aliased columns, and where a fit that failed leaves none."""
        variance = np.diag(self.covariance(kind))
        return np.sqrt(np.where(variance >= 0, variance, np.nan))

    def intervals(self, confidence_level: float = 0.95, kind: CovarianceKind | None = None) -> FloatArray:
        """Give Wald intervals, shape (k, 2)."""
        half = self.quantile(confidence_level, kind) * self.standard_errors(kind)
        return np.column_stack([self.coef - half, self.coef + half])

    def quantile(self, confidence_level: float, kind: CovarianceKind | None = None) -> float:
        """Give the two-sided quantile: normal, or t with G - 1 degrees of freedom below 40 clusters."""
        from scipy.stats import norm, t

        tail = 0.5 + check_level(confidence_level) / 2
        kind = self.covariance_kind if kind is None else kind
        if kind == "cluster" and self.n_groups is not None and self.n_groups < _FEW_GROUPS:
            return float(t.ppf(tail, self.n_groups - 1))
        return float(norm.ppf(tail))

    def p_values(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give two-sided Wald p-values of ``coef = 0``, shape (k,)."""
        from scipy.stats import norm, t

        statistic = np.abs(self.coef / self.standard_errors(kind))
        kind = self.covariance_kind if kind is None else kind
        if kind == "cluster" and self.n_groups is not None and self.n_groups < _FEW_GROUPS:
            return np.asarray(2 * t.sf(statistic, self.n_groups - 1))
        return np.asarray(2 * norm.sf(statistic))

    def _headline(self) -> str:
        return (
            f"{len(self.terms)} coefficients by {self.method}, n={self.n:g}, log-likelihood {self.log_likelihood:.4f}"
        )

    def summary(self) -> Table:
        """Give coefficients with intervals, how they were estimated, and the findings."""
        return Table(
            title=self._title(),
            header=_HEADER if self.separation is None else (*_HEADER, ""),
            rows=self._rows(),
            notes=self._notes(),
            sections=(findings_table(self.findings),) if self.findings else (),
        )

    def _title(self) -> str:
        event = f"log-odds of {self.outcomes[1]} against {self.outcomes[0]}"
        if self.separation is not None:
            return f"NOT maximum likelihood estimates, which do not exist here: {_METHODS[self.method]}; {event}"
        return f"Logistic regression by {_METHODS[self.method]}; {event}"

    def _rows(self) -> tuple[tuple[str, ...], ...]:
        errors, limits, p = self.standard_errors(), self.intervals(), self.p_values()
        lines = []
        for j, term in enumerate(self.terms):
            if np.isnan(errors[j]):
                lines.append((term, "0", "", "", "", "", "", "1", ""))
                continue
            cells = (self.coef[j], errors[j], self.coef[j] / errors[j])
            estimate, error, z = (decimal(float(value), places) for value, places in zip(cells, (4, 4, 2), strict=True))
            low, high = (decimal(float(value)) for value in limits[j])
            ratio = number(float(np.exp(self.coef[j])))
            lines.append((term, estimate, error, z, p_value(p[j]), low, high, ratio, self._infinite(term)))
        width = len(_HEADER) + (self.separation is not None)
        return tuple(line[:width] for line in lines)

    def _infinite(self, term: str) -> str:
        if self.separation is None or term not in self.separation.columns:
            return ""
        return f"MLE: {self.separation.limit(term)}"

    def _notes(self) -> tuple[str, ...]:
        share = self.n_second / self.n
        errors = _ERRORS[self.covariance_kind]
        if self.covariance_kind == "cluster":
            errors += f", {self.n_groups} groups"
        notes = [
            f"{count(self.n)} rows, {count(self.n_second)} of outcome {self.outcomes[1]} ({percent(share)}); "
            f"log-likelihood {self.log_likelihood:.4f} (constant risk: {self.null_log_likelihood:.4f})",
            f"standard errors: {errors}",
        ]
        if self.by_class is not None:
            low, high = self.by_class
            notes.append(
                f"class weights {number(low)} and {number(high)} (scaled to the number of rows): "
                f"these are not risks; odds are multiplied by about {number(high / low)}"
            )
        return tuple(notes)

    def frame(self) -> Any:
        """Give the coefficient table as a frame: term, coef, std_err, z, p_value, low, high."""
        errors, limits = self.standard_errors(), self.intervals()
        columns = {
            "term": list(self.terms),
            "coef": self.coef,
            "std_err": errors,
            "z": self.coef / errors,
            "p_value": self.p_values(),
            "low": limits[:, 0],
            "high": limits[:, 1],
        }
        return make_frame(columns, self.frame_kind)

    def to_dict(self) -> dict[str, Any]:
        """Give estimates, standard errors of each kind, and how they were reached, ready for JSON."""
        limits = self.intervals()
        rows = [
            {
                "term": term,
                "coef": self.coef[j],
                "std_err": self.standard_errors()[j],
                "model_std_err": self.standard_errors("model")[j],
                "low": limits[j, 0],
                "high": limits[j, 1],
            }
            for j, term in enumerate(self.terms)
        ]
        answer = {
            "coefficients": rows,
            "covariance_kind": self.covariance_kind,
            "log_likelihood": self.log_likelihood,
            "null_log_likelihood": self.null_log_likelihood,
            "method": self.method,
            "outcomes": self.outcomes,
            "n": self.n,
            "n_second": self.n_second,
            "n_groups": self.n_groups,
            "n_iter": self.n_iter,
            "gradient": self.gradient,
            "condition": self.condition,
            "converged": self.converged,
            "aliases": self.aliases,
            "separated": None if self.separation is None else list(self.separation.columns),
            "findings": [finding.to_dict() for finding in self.findings],
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain
