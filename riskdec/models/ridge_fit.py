"""A shrunken logistic regression as an answer: estimates, and how much was shrunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_option, refuse
from riskdec._base.findings import findings_table
from riskdec._base.frames import make_frame
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, decimal, number, percent

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.typing import FloatArray, FrameKind, WeightKind

CovarianceKind = Literal["posterior", "robust", "cluster"]

_KINDS = ("posterior", "robust", "cluster")
_NO_INTERVALS = (
    "no intervals and no p-values: shrunken estimates lean towards zero, and with a column for every level single "
    "coefficients are the penalty's as much as the data's. Fit with penalty=None for inference"
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class RidgeFit(Result):
    """Everything that a ridge fit learned; no row of the data.

    Attributes
    ----------
    terms : tuple of str
        Names of the coefficients, ``"Intercept"`` first.
    coef : ndarray of shape (k,)
        Log-odds of ``outcomes[1]``; 0 for constant columns.
    deviation : ndarray of shape (k,)
        Standard deviation of each column, in whose units the penalty counts; 0 for the intercept.
    posterior_covariance, robust_covariance : ndarray of shape (k, k)
        Inverse penalised information, and the HC0 sandwich around it; NaN for constant columns.
    cluster_covariance : ndarray of shape (k, k) or None
        With groups only.
    covariance_kind : {"posterior", "robust", "cluster"}
        What `covariance` gives unless told otherwise.
    alpha : float
        Strength of the penalty ``alpha/2 sum (s_j b_j)^2``.
    effective_parameters : float
        Trace of the hat matrix without the intercept.
    log_likelihood, null_log_likelihood : float
        Weighted sums, without penalty, at the estimate and at the best constant risk.
    outcomes : tuple of str
        Labels as text.
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
        How the estimate was reached, as in `LogisticFit`; score and information are the penalised ones.
    findings : tuple of Finding
        What a reader must know.
    frame_kind : str
        Library of the frames that `frame` gives.
    """

    terms: tuple[str, ...]
    coef: FloatArray
    deviation: FloatArray
    posterior_covariance: FloatArray
    robust_covariance: FloatArray
    cluster_covariance: FloatArray | None
    covariance_kind: CovarianceKind
    alpha: float
    effective_parameters: float
    log_likelihood: float
    null_log_likelihood: float
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
    findings: tuple[Finding, ...]
    frame_kind: FrameKind

    def covariance(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give one of the covariance matrices; the default kind when None."""
        kind = self.covariance_kind if kind is None else check_option(kind, _KINDS, name="kind")
        if kind == "cluster":
            if self.cluster_covariance is None:
                raise refuse("kind", "be 'posterior' or 'robust' here", "'cluster'", "Fit with groups= for it.")
            return self.cluster_covariance
        return self.posterior_covariance if kind == "posterior" else self.robust_covariance

    def standard_errors(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give the square roots of the variances, shape (k,); NaN for constant columns."""
        return np.asarray(np.sqrt(np.diag(self.covariance(kind))))

    def _headline(self) -> str:
        return (
            f"{len(self.coef)} coefficients by ridge, alpha={self.alpha:.3g}, "
            f"{self.effective_parameters:.1f} effective parameters, n={self.n:g}"
        )

    def summary(self) -> Table:
        """Give coefficients, also for one standard deviation, how strongly they were shrunk, and the findings."""
        lines = zip(self.terms, self.coef.tolist(), self.deviation.tolist(), strict=True)
        rows = tuple((term, decimal(b), decimal(b * s) if s else "") for term, b, s in lines)
        return Table(
            title=f"Logistic regression shrunken by ridge; log-odds of {self.outcomes[1]} against {self.outcomes[0]}",
            header=("", "coef", "per std dev"),
            rows=rows,
            notes=self._notes(),
            sections=(findings_table(self.findings),) if self.findings else (),
        )

    def _notes(self) -> tuple[str, ...]:
        events = self.n_by_outcome[1]
        notes = [
            f"{count(self.n)} rows, {count(events)} of outcome {self.outcomes[1]} ({percent(events / self.n)}); "
            f"log-likelihood {self.log_likelihood:.4f} (constant risk: {self.null_log_likelihood:.4f})",
            f"penalty alpha {number(self.alpha)}: {number(self.effective_parameters, 3)} effective parameters of "
            f"{len(self.coef) - 1}",
            _NO_INTERVALS,
        ]
        if self.by_class is not None:
            low, high = self.by_class
            notes.append(
                f"class weights {number(low)} and {number(high)} (scaled to the number of rows): these are not risks; "
                f"odds are multiplied by about {number(high / low)}"
            )
        return tuple(notes)

    def frame(self) -> Any:
        """Give the coefficient table as a frame: term, coef, deviation."""
        return make_frame(self._columns(), self.frame_kind)

    def _columns(self) -> dict[str, Any]:
        return {"term": list(self.terms), "coef": self.coef, "deviation": self.deviation}

    def to_dict(self) -> dict[str, Any]:
        """Give estimates, and how they were reached, ready for JSON."""
        columns = self._columns()
        told = (
            *("method", "covariance_kind", "alpha", "effective_parameters", "log_likelihood", "null_log_likelihood"),
            *("outcomes", "n", "n_by_outcome", "n_groups", "n_iter", "gradient", "condition", "converged"),
        )
        plain: dict[str, Any] = jsonable(
            {
                "coefficients": [
                    dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
                ],
                **{name: getattr(self, name) for name in told},
                "findings": [finding.to_dict() for finding in self.findings],
            }
        )
        return plain

    @property
    def method(self) -> Literal["ridge"]:
        """How the coefficients were estimated."""
        return "ridge"
