"""A shrunken logistic regression as an answer: estimates, and how much was shrunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_level, check_option, refuse
from riskdec._base.result import Framed, jsonable
from riskdec.models.regression.logistic_fit import name_coefficients
from riskdec.models.shrinking.ridge_summary import summarise

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, WeightKind

CovarianceKind = Literal["posterior", "robust", "cluster"]

_KINDS = ("posterior", "robust", "cluster")
# The covariance of so many coefficients takes 32 MB; above that only the posterior variances are kept.
MOST_FOR_COVARIANCE = 2_000


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class RidgeFit(Framed):
    """Everything that a ridge fit learned; no row of the data.

    With K > 2 outcomes there is one row of coefficients for each outcome but the first, and covariance matrices stand
    in the order of ``coef.ravel()``, whose names are `coefficient_names`.

    `frame` gives the coefficient table: term, coef, deviation. With more than two outcomes the column
    outcome comes first.

    Attributes
    ----------
    terms : tuple of str
        Names of the coefficients, ``"Intercept"`` first where there is one.
    coef : ndarray of shape (k,) or (K - 1, k)
        Log-odds of each outcome against the first; 0 for constant columns.
    deviation : ndarray of shape (k,)
        Standard deviation of each column, in whose units the penalty counts; 0 for the intercept.
    posterior_variance : ndarray, in the shape of `coef`
        Diagonal of the inverse penalised information; NaN for constant columns.
    posterior_covariance, robust_covariance : ndarray, square, or None
        Inverse penalised information, and the HC0 sandwich around it; NaN for constant columns, None for more than
        2,000 coefficients.
    cluster_covariance : ndarray, square, or None
        With groups only.
    covariance_kind : {"posterior", "robust", "cluster"}
        What `covariance` gives unless told otherwise.
    alpha : float
        Strength of the penalty ``alpha/2 sum (s_j b_j)^2``; with K > 2 outcomes
        ``alpha/2 sum_j s_j^2 sum_k (b_kj - mean_k b_kj)^2``.
    effective_parameters : float
        Trace of the hat matrix without the intercepts.
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
    """

    terms: tuple[str, ...]
    coef: FloatArray
    deviation: FloatArray
    posterior_variance: FloatArray
    posterior_covariance: FloatArray | None
    robust_covariance: FloatArray | None
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

    @property
    def method(self) -> Literal["ridge"]:
        """How the coefficients were estimated."""
        return "ridge"

    @property
    def coefficient_names(self) -> tuple[str, ...]:
        """Names of all coefficients: the terms; ``"outcome: term"`` with more than two outcomes."""
        return name_coefficients(self.terms, self.outcomes)

    def covariance(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give one of the covariance matrices; the default kind when None.

        "posterior" belongs to the prior that the penalty is, ``s_j b_j ~ N(0, 1/alpha)``, with alpha taken as known.
        "robust" and "cluster" tell how estimates scatter over samples around what they lean to, not around the truth.
        """
        kind = self.covariance_kind if kind is None else check_option(kind, _KINDS, name="kind")
        if kind == "cluster" and self.n_groups is None:
            raise refuse("kind", "be 'posterior' or 'robust' here", "'cluster'", "Fit with groups= for it.")
        matrices = {
            "posterior": self.posterior_covariance,
            "robust": self.robust_covariance,
            "cluster": self.cluster_covariance,
        }
        matrix = matrices[kind]
        if matrix is None:
            cure = "posterior_variance has the variances."
            rule = f"have at most {MOST_FOR_COVARIANCE:,} coefficients for a covariance matrix"
            raise refuse("the fit", rule, f"{self.coef.size:,}", cure)
        return matrix

    def standard_errors(self, kind: CovarianceKind | None = None) -> FloatArray:
        """Give the square roots of the variances, in the shape of `coef`; NaN for constant columns."""
        chosen = self.covariance_kind if kind is None else kind
        if chosen == "posterior":
            return np.sqrt(self.posterior_variance)
        return np.asarray(np.sqrt(np.diag(self.covariance(kind)))).reshape(self.coef.shape)

    def quantile(self, confidence_level: float, kind: CovarianceKind | None = None) -> float:
        """Give the two-sided normal quantile of posterior intervals; refused where the posterior is of no use.

        The intervals belong to the prior ``s_j b_j ~ N(0, 1/alpha)`` with alpha taken as known: they hold on average
        over effects like those of the prior, not for each.
        """
        from scipy.stats import norm

        if (self.covariance_kind if kind is None else kind) != "posterior":
            cure = "The others leave out the bias of shrinking, so no interval can be made of them: use penalty=None."
            raise refuse("kind", "be 'posterior' for intervals after ridge", repr(kind or self.covariance_kind), cure)
        return float(norm.ppf(0.5 + check_level(confidence_level) / 2))

    def _headline(self) -> str:
        return (
            f"{self.coef.size} coefficients by ridge, alpha={self.alpha:.3g}, "
            f"{self.effective_parameters:.1f} effective parameters, n={self.n:g}"
        )

    def summary(self) -> Table:
        """Give coefficients, also for one standard deviation, how strongly they were shrunk, and the findings."""
        return summarise(self)

    def _columns(self) -> dict[str, Any]:
        blocks = self.coef.size // len(self.terms)
        outcome = {} if blocks == 1 else {"outcome": list(np.repeat(self.outcomes[1:], len(self.terms)))}
        return {
            **outcome,
            "term": list(self.terms) * blocks,
            "coef": self.coef.ravel(),
            "deviation": np.tile(self.deviation, blocks),
        }

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
