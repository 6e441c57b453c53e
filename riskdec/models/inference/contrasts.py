"""Contrasts: linear combinations of coefficients with their intervals, on the log-odds scale and as odds ratios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_level, refuse
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, decimal, number, p_value
from riskdec.models.inference.terms import log_odds
from riskdec.models.inference.wald import hypothesis_matrix, wald_p_value
from riskdec.models.regression.few_groups import few_groups_df

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.models.regression.logistic_fit import CovarianceKind, LogisticFit


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Contrasts(Framed):
    """Differences of log-odds between kinds of rows.

    `frame` gives one line for each contrast: estimates, intervals, odds ratios.

    Attributes
    ----------
    names : tuple of str
        Names of the contrasts.
    estimate, std_err, low, high : ndarray of shape (m,)
        On the log-odds scale.
    p_value : ndarray of shape (m,)
        Two-sided, of the contrast being zero.
    confidence_level : float
        Level of each interval by itself.
    covariance_kind : {"model", "robust", "cluster"}
        Covariance behind the errors.
    outcomes : tuple of str
        Labels as text; the coefficients are log-odds of each against the first.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    std_err: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    confidence_level: float
    covariance_kind: CovarianceKind
    outcomes: tuple[str, ...]

    def _headline(self) -> str:
        first = f"{self.estimate[0]:.4g} ({self.low[0]:.4g} to {self.high[0]:.4g})"
        return f"{len(self.names)} contrasts, {self.names[0]}: {first}"

    def summary(self) -> Table:
        """Give estimates with intervals, and the odds ratios that they are."""
        level = f"{100 * self.confidence_level:g} %"
        rows = []
        for j, name in enumerate(self.names):
            limits = (self.estimate[j], self.low[j], self.high[j])
            ratios = (number(float(np.exp(value))) for value in limits)
            estimate, low, high = (decimal(float(value)) for value in limits)
            p = p_value(self.p_value[j])
            rows.append((name, estimate, decimal(float(self.std_err[j])), low, high, p, *ratios))
        return Table(
            title=f"Contrasts of {log_odds(self.outcomes)}",
            header=("", "estimate", "std err", f"{level} low", f"{level} high", "p", "odds ratio", "low", "high"),
            rows=tuple(rows),
            notes=(f"covariance: {self.covariance_kind}; each interval by itself",),
        )

    def _columns(self) -> dict[str, Any]:
        return {
            "contrast": list(self.names),
            "estimate": self.estimate,
            "std_err": self.std_err,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
            "odds_ratio": np.exp(self.estimate),
            "odds_ratio_low": np.exp(self.low),
            "odds_ratio_high": np.exp(self.high),
        }

    def to_dict(self) -> dict[str, Any]:
        """Give the contrasts, ready for JSON."""
        rows = [
            {
                "name": name,
                "estimate": self.estimate[j],
                "std_err": self.std_err[j],
                "low": self.low[j],
                "high": self.high[j],
                "p_value": self.p_value[j],
                "odds_ratio": np.exp(self.estimate[j]),
            }
            for j, name in enumerate(self.names)
        ]
        answer = {
            "contrasts": rows,
            "confidence_level": self.confidence_level,
            "covariance_kind": self.covariance_kind,
            "outcomes": self.outcomes,
        }
        plain: dict[str, Any] = jsonable(answer)
        return plain


def contrasts(
    fit: LogisticFit,
    combinations: Mapping[str, Mapping[str, float]],
    *,
    confidence_level: float = 0.95,
    kind: CovarianceKind | None = None,
) -> Contrasts:
    """Estimate linear combinations of the coefficients.

    Parameters
    ----------
    fit : LogisticFit
        Any fit.
    combinations : mapping of name to (mapping of term to number)
        ``{"race 2 against race 3": {"race2": 1, "race3": -1}}``; ``{"ten years": {"age": 10}}``.
    confidence_level : float
        Level of each interval.
    kind : {"model", "robust", "cluster"}, optional
        Covariance; that of the fit by default.

    Returns
    -------
    Contrasts
        With Wald intervals (t with G - 1 degrees of freedom with fewer than 40 clusters) and odds ratios.
    """
    level = check_level(confidence_level)
    if not isinstance(combinations, Mapping) or not all(isinstance(c, Mapping) for c in combinations.values()):
        cure = "Write {'name': {'term': 1, 'other term': -1}}."
        raise refuse("combinations", "map names to mappings of term to number", repr(combinations)[:60], cure)
    R = hypothesis_matrix(fit, list(combinations.values()))
    covariance = np.nan_to_num(fit.covariance(kind), nan=0.0)
    kind = fit.covariance_kind if kind is None else kind
    estimate = R @ fit.coef.ravel()
    error = np.sqrt(np.einsum("ij,jk,ik->i", R, covariance, R))
    half = fit.quantile(level, kind) * error
    denominator = few_groups_df(kind, fit.n_groups)
    return Contrasts(
        names=tuple(str(name) for name in combinations),
        estimate=estimate,
        std_err=error,
        low=estimate - half,
        high=estimate + half,
        p_value=np.array([wald_p_value(float(z) ** 2, 1, denominator) for z in estimate / error]),
        confidence_level=level,
        covariance_kind=kind,
        outcomes=fit.outcomes,
        frame_kind=fit.frame_kind,
    )
