"""Logistic regressions pooled over imputations, as an answer: estimates, intervals, missing information."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_level
from riskdec._base.findings import Finding, findings_table, sort_findings
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, decimal, number, p_value, percent
from riskdec.models.imputations.rubin import pool, pool_covariances
from riskdec.models.inference.terms import estimated
from riskdec.models.regression.few_groups import few_groups_df
from riskdec.models.regression.logistic_fit import name_coefficients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray
    from riskdec.models.imputations.rubin import Pooled
    from riskdec.models.regression.logistic_fit import CovarianceKind, LogisticFit, Method

# White, Royston and Wood (2011): at least one imputation for each per cent of missing information.
_IMPUTATIONS_PER_SHARE = 100


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class PooledFit(Framed):
    """Coefficients pooled over imputations by Rubin's rules; no row of the data.

    `frame` gives one line for each coefficient: term, coef, std_err, t, df, p_value, low, high,
    missing_information.

    Attributes
    ----------
    terms : tuple of str
        Names of the coefficients, ``"Intercept"`` first where there is one.
    coef : ndarray of shape (k,) or (K - 1, k)
        Means over the imputations, on the log-odds scale.
    within_variance, between_variance : ndarray, in the shape of `coef`
        Mean of the variances, and variance of the estimates between imputations.
    covariance : ndarray, square
        Total covariance in the order of ``coef.ravel()``; NaN for aliased columns.
    df : ndarray, in the shape of `coef`
        Degrees of freedom of Barnard and Rubin.
    missing_information : ndarray, in the shape of `coef`
        Share of the information about each coefficient that is lost with the missing values.
    n_imputations : int
        Completed data sets.
    covariance_kind : {"model", "robust", "cluster"}
        Covariance of the single fits.
    method : {"maximum likelihood", "firth", "flic", "flac"}
        How they were estimated.
    outcomes : tuple of str
        Labels as text.
    n : float
        Rows of each completed data set.
    by_class : tuple of float or None
        Class weights of the first fit.
    findings : tuple of Finding
        What a reader must know.
    """

    terms: tuple[str, ...]
    coef: FloatArray
    within_variance: FloatArray
    between_variance: FloatArray
    covariance: FloatArray
    df: FloatArray
    missing_information: FloatArray
    n_imputations: int
    covariance_kind: CovarianceKind
    method: Method
    outcomes: tuple[str, ...]
    n: float
    by_class: tuple[float, ...] | None
    findings: tuple[Finding, ...]

    @property
    def coefficient_names(self) -> tuple[str, ...]:
        """Names of all coefficients: the terms; ``"outcome: term"`` with more than two outcomes."""
        return name_coefficients(self.terms, self.outcomes)

    def standard_errors(self) -> FloatArray:
        """Give the roots of the total variances, in the shape of `coef`."""
        return np.sqrt(np.diag(self.covariance)).reshape(self.coef.shape)

    def intervals(self, confidence_level: float = 0.95) -> FloatArray:
        """Give t intervals: shape (k, 2) or (K - 1, k, 2)."""
        from scipy.stats import t

        half = t.ppf(0.5 + check_level(confidence_level) / 2, self.df) * self.standard_errors()
        return np.stack([self.coef - half, self.coef + half], axis=-1)

    def p_values(self) -> FloatArray:
        """Give two-sided p-values of ``coef = 0``, in the shape of `coef`."""
        from scipy.stats import t

        return np.asarray(2 * t.sf(np.abs(self.coef / self.standard_errors()), self.df))

    def _headline(self) -> str:
        worst = np.nanmax(self.missing_information) if self.coef.size else 0.0
        return (
            f"{self.coef.size} coefficients pooled over {self.n_imputations} imputations, n={self.n:g}, "
            f"at most {percent(float(worst))} of the information missing"
        )

    def summary(self) -> Table:
        """Give coefficients with intervals and missing information, and the findings."""
        header = ("", "coef", "std err", "t", "P>|t|", "95 % low", "95 % high", "odds ratio", "df", "missing")
        columns = self._columns()
        rows = []
        for j, name in enumerate(self.coefficient_names):
            if np.isnan(columns["std_err"][j]):
                rows.append((name, "0", *[""] * 5, "1", "", ""))
                continue
            numbers = (decimal(float(columns[part][j])) for part in ("coef", "std_err"))
            limits = (decimal(float(columns[part][j])) for part in ("low", "high"))
            ratio, df = number(float(np.exp(columns["coef"][j]))), number(float(columns["df"][j]), 3)
            tests = decimal(float(columns["t"][j]), 2), p_value(columns["p_value"][j])
            missing = percent(float(columns["missing_information"][j]))
            rows.append((name, *numbers, *tests, *limits, ratio, df, missing))
        notes = (
            f"{self.n_imputations} imputations of {count(self.n)} rows, each fitted by {self.method}; standard errors: "
            f"{self.covariance_kind} within imputations, by Rubin's rules over them",
            "df: degrees of freedom (Barnard and Rubin); missing: share of the information lost with missing values",
        )
        sections = (findings_table(self.findings),) if self.findings else ()
        title = "Logistic regression pooled over imputations"
        return Table(title=title, header=header, rows=tuple(rows), notes=notes, sections=sections)

    def _columns(self) -> dict[str, Any]:
        coef, errors, limits = self.coef.ravel(), self.standard_errors().ravel(), self.intervals().reshape(-1, 2)
        return {
            "term": list(self.coefficient_names),
            "coef": coef,
            "std_err": errors,
            "t": coef / errors,
            "df": self.df.ravel(),
            "p_value": self.p_values().ravel(),
            "low": limits[:, 0],
            "high": limits[:, 1],
            "missing_information": self.missing_information.ravel(),
        }

    def to_dict(self) -> dict[str, Any]:
        """Give estimates and how they were pooled, ready for JSON."""
        columns = self._columns()
        rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
        answer = {
            "coefficients": rows,
            "n_imputations": self.n_imputations,
            "covariance_kind": self.covariance_kind,
            "method": self.method,
            "outcomes": self.outcomes,
            "n": self.n,
            "findings": [finding.to_dict() for finding in self.findings],
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def pool_fits(fits: Sequence[LogisticFit]) -> PooledFit:
    """Pool fits of the same terms by Rubin's rules."""
    first = fits[0]
    shape, size = first.coef.shape, first.coef.size
    flat = np.array([fit.coef.ravel() for fit in fits])
    covariances = np.array([fit.covariance() for fit in fits])
    found = pool(flat, np.diagonal(covariances, axis1=1, axis2=2), df_complete(first))
    return PooledFit(
        terms=first.terms,
        coef=found.estimate.reshape(shape),
        within_variance=found.within.reshape(shape),
        between_variance=found.between.reshape(shape),
        covariance=pool_covariances(flat, covariances).reshape(size, size),
        df=found.df.reshape(shape),
        missing_information=found.missing_information.reshape(shape),
        n_imputations=len(fits),
        covariance_kind=first.covariance_kind,
        method=first.method,
        outcomes=first.outcomes,
        n=first.n,
        by_class=first.by_class,
        findings=_findings(fits, found),
        frame_kind=first.frame_kind,
    )


def df_complete(fit: LogisticFit) -> float:
    """Give the degrees of freedom of a fit without missing values."""
    few = few_groups_df(fit.covariance_kind, fit.n_groups)
    return float(few) if few is not None else max(fit.n - float(estimated(fit).sum()), 1.0)


def _findings(fits: Sequence[LogisticFit], found: Pooled) -> tuple[Finding, ...]:
    m = len(fits)
    counted: dict[str, list[Finding]] = {}
    for fit in fits:
        for finding in fit.findings:
            counted.setdefault(finding.code, []).append(finding)
    findings = [
        replace(each[0], sentence=f"{each[0].sentence} (the first of {len(each)} such imputations, of {m})")
        for each in counted.values()
    ]
    worst = float(np.nanmax(found.missing_information, initial=0.0))
    if m < _IMPUTATIONS_PER_SHARE * worst:
        wanted = int(np.ceil(_IMPUTATIONS_PER_SHARE * worst))
        sentence = (
            f"{m} imputations are few where up to {percent(worst)} of the information about a coefficient is missing: "
            "another set of imputations would give visibly other standard errors and p-values."
        )
        todo = f"Make {number(wanted)} imputations or more (White, Royston and Wood 2011)."
        findings.append(Finding(code="RD115", severity="caution", sentence=sentence, todo=todo))
    return sort_findings(findings)
