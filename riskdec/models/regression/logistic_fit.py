"""The fitted logistic regression as an answer: estimates, covariances, intervals, summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_level, check_option, refuse
from riskdec._base.result import Framed, jsonable
from riskdec.models.regression.few_groups import few_groups_df
from riskdec.models.regression.logistic_summary import summarise

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, WeightKind
    from riskdec.models.regression.separation import SeparationFinding

CovarianceKind = Literal["model", "robust", "cluster"]
Method = Literal["maximum likelihood", "firth", "flic", "flac"]

_KINDS = ("model", "robust", "cluster")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class LogisticFit(Framed):
    """Everything that a fit of `LogisticRiskModel` learned; no row of the data.

    With K > 2 outcomes there is one row of coefficients for each outcome but the first, and covariance matrices stand
    in the order of ``coef.ravel()``, whose names are `coefficient_names`.

    `frame` gives the coefficient table: term, coef, std_err, z, p_value, low, high. With more than two
    outcomes the column outcome comes first.

    Attributes
    ----------
    terms : tuple of str
        Names of the coefficients, ``"Intercept"`` first where there is one.
    coef : ndarray of shape (k,) or (K - 1, k)
        Estimates on the log-odds scale; 0 for aliased columns.
    model_covariance, robust_covariance : ndarray, square
        Inverse information, and HC0 sandwich; NaN for aliased columns.
    cluster_covariance : ndarray, square, or None
        With groups only.
    covariance_kind : {"model", "robust", "cluster"}
        What intervals and tests use unless told otherwise.
    log_likelihood, null_log_likelihood : float
        Weighted sums at the estimate and at the best constant risk.
    method : {"maximum likelihood", "firth", "flic", "flac"}
        How the coefficients were estimated.
    outcomes : tuple of str
        Labels as text; the coefficients are log-odds of each against the first.
    n : float
        Rows (frequency weights counted).
    n_by_outcome : tuple of float
        Rows of each outcome.
    n_groups : int or None
        Number of groups of dependent rows.
    weight_kind : {"frequency", "importance"}
        Meaning of the row weights.
    by_class : tuple of float or None
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
    outcomes: tuple[str, ...]
    n: float
    n_by_outcome: tuple[float, ...]
    n_groups: int | None
    weight_kind: WeightKind
    by_class: tuple[float, ...] | None
    n_iter: int
    gradient: float
    condition: float
    converged: bool
    aliases: tuple[tuple[str, str], ...]
    separation: SeparationFinding | None
    findings: tuple[Finding, ...]

    @property
    def n_second(self) -> float:
        """Rows of the second outcome."""
        return self.n_by_outcome[1]

    @property
    def coefficient_names(self) -> tuple[str, ...]:
        """Names of all coefficients: the terms; ``"outcome: term"`` with more than two outcomes."""
        return name_coefficients(self.terms, self.outcomes)

    def covariance(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give one of the covariance matrices; the default kind when None."""
        kind = self.covariance_kind if kind is None else check_option(kind, _KINDS, name="kind")
        if kind == "cluster":
            if self.cluster_covariance is None:
                raise refuse("kind", "be 'model' or 'robust' here", "'cluster'", "Fit with groups= for it.")
            return self.cluster_covariance
        return self.model_covariance if kind == "model" else self.robust_covariance

    def standard_errors(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give standard errors in the shape of `coef`; NaN for aliases, and where a fit that failed leaves none."""
        variance = np.diag(self.covariance(kind)).reshape(self.coef.shape)
        return np.sqrt(np.where(variance >= 0, variance, np.nan))

    def intervals(self, confidence_level: float = 0.95, kind: CovarianceKind | None = None) -> FloatArray:
        """Give Wald intervals, shape (k, 2) or (K - 1, k, 2)."""
        half = self.quantile(confidence_level, kind) * self.standard_errors(kind)
        return np.stack([self.coef - half, self.coef + half], axis=-1)

    def quantile(self, confidence_level: float, kind: CovarianceKind | None = None) -> float:
        """Give the two-sided quantile: normal, or t with G - 1 degrees of freedom below 40 clusters."""
        from scipy.stats import norm, t

        tail = 0.5 + check_level(confidence_level) / 2
        df = few_groups_df(self.covariance_kind if kind is None else kind, self.n_groups)
        return float(norm.ppf(tail)) if df is None else float(t.ppf(tail, df))

    def p_values(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give two-sided Wald p-values of ``coef = 0``, in the shape of `coef`."""
        from scipy.stats import norm, t

        statistic = np.abs(self.coef / self.standard_errors(kind))
        df = few_groups_df(self.covariance_kind if kind is None else kind, self.n_groups)
        return np.asarray(2 * (norm.sf(statistic) if df is None else t.sf(statistic, df)))

    def _headline(self) -> str:
        return f"{self.coef.size} coefficients by {self.method}, n={self.n:g}, log-likelihood {self.log_likelihood:.4f}"

    def summary(self) -> Table:
        """Give coefficients with intervals, how they were estimated, and the findings."""
        return summarise(self)

    def _columns(self) -> dict[str, Any]:
        coef, errors, limits = self.coef.ravel(), self.standard_errors().ravel(), self.intervals().reshape(-1, 2)
        blocks = len(coef) // len(self.terms)
        outcome = {} if blocks == 1 else {"outcome": list(np.repeat(self.outcomes[1:], len(self.terms)))}
        return {
            **outcome,
            "term": list(self.terms) * blocks,
            "coef": coef,
            "std_err": errors,
            "z": coef / errors,
            "p_value": self.p_values().ravel(),
            "low": limits[:, 0],
            "high": limits[:, 1],
        }

    def to_dict(self) -> dict[str, Any]:
        """Give estimates, standard errors of each kind, and how they were reached, ready for JSON."""
        columns = {**self._columns(), "model_std_err": self.standard_errors("model").ravel()}
        told = [name for name in columns if name not in ("z", "p_value")]
        rows = [dict(zip(told, cells, strict=True)) for cells in zip(*(columns[name] for name in told), strict=True)]
        answer = {
            "coefficients": rows,
            "covariance_kind": self.covariance_kind,
            "log_likelihood": self.log_likelihood,
            "null_log_likelihood": self.null_log_likelihood,
            "method": self.method,
            "outcomes": self.outcomes,
            "n": self.n,
            "n_by_outcome": self.n_by_outcome,
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


def name_coefficients(terms: tuple[str, ...], outcomes: tuple[str, ...]) -> tuple[str, ...]:
    """Name coefficients: by term with two outcomes, ``"outcome: term"`` for each outcome but the first with more."""
    if len(outcomes) == 2:
        return terms
    return tuple(f"{outcome}: {term}" for outcome in outcomes[1:] for term in terms)
