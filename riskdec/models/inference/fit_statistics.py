"""What a fit achieves as a whole: model likelihood ratio, R squared, criteria, events per parameter, shrinkage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, number, p_value
from riskdec.models.inference.information_criteria import aic, bic, tic
from riskdec.models.inference.terms import estimated, has_intercept
from riskdec.models.inference.validity import why_not_comparable, why_not_maximal

if TYPE_CHECKING:
    from riskdec.models.regression.logistic_fit import LogisticFit

_NAMES = {
    "lr_chi2": "model likelihood ratio",
    "df": "degrees of freedom",
    "p_value": "p of the likelihood ratio",
    "r2_mcfadden": "R2 (McFadden)",
    "r2_cox_snell": "R2 (Cox and Snell)",
    "r2_nagelkerke": "R2 (Nagelkerke)",
    "aic": "AIC",
    "bic": "BIC",
    "tic": "TIC",
    "events_per_parameter": "rows of the rarest outcome per parameter",
    "shrinkage": "heuristic shrinkage",
}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class FitStatistics(Framed):
    """Figures of a whole fit; those that do not hold for it are None, and ``withheld`` says why.

    `frame` gives one line for each figure: statistic, value.

    Attributes
    ----------
    n : float
        Rows, frequency weights counted.
    n_by_outcome : tuple of float
        Rows of each outcome.
    df : int
        Estimated coefficients without the intercept.
    lr_chi2, p_value : float or None
        Twice the gain in log-likelihood over a constant risk, and its chi-squared tail.
    r2_mcfadden, r2_cox_snell, r2_nagelkerke : float or None
        ``1 - l / l0``; ``1 - exp(-LR / n)``; the latter divided by its largest value ``1 - exp(2 l0 / n)``.
    aic, bic, tic : float or None
        Akaike, Schwarz, Takeuchi.
    events_per_parameter : float or None
        Rows of the rarest outcome for each of the ``df``.
    shrinkage : float or None
        ``(LR - df) / LR``, by how much the coefficients should be shrunk for new rows (van Houwelingen).
    withheld : str
        Why figures are None; empty where none is.
    """

    n: float
    n_by_outcome: tuple[float, ...]
    df: int
    lr_chi2: float | None
    p_value: float | None
    r2_mcfadden: float | None
    r2_cox_snell: float | None
    r2_nagelkerke: float | None
    aic: float | None
    bic: float | None
    tic: float | None
    events_per_parameter: float | None
    shrinkage: float | None
    withheld: str

    def _headline(self) -> str:
        ratio = "" if self.lr_chi2 is None else f", likelihood ratio {self.lr_chi2:.4g}"
        return f"n={self.n:g}, {self.df} parameters{ratio}"

    def summary(self) -> Table:
        """Give the figures that hold for this fit."""
        rows = []
        for field, name in _NAMES.items():
            value = getattr(self, field)
            if value is not None:
                rows.append((name, p_value(value) if field == "p_value" else number(value)))
        sizes = f"{count(self.n)} rows, by outcome {', '.join(count(size) for size in self.n_by_outcome)}"
        notes = (sizes, f"withheld: {self.withheld}") if self.withheld else (sizes,)
        return Table(title="Fit as a whole", rows=tuple(rows), notes=notes)

    def _columns(self) -> dict[str, Any]:
        values = [getattr(self, field) for field in _NAMES]
        numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        return {"statistic": list(_NAMES), "value": numbers}

    def to_dict(self) -> dict[str, Any]:
        """Give all figures, ready for JSON."""
        figures = {field: getattr(self, field) for field in _NAMES}
        answer = {"n": self.n, "n_by_outcome": self.n_by_outcome, **figures, "withheld": self.withheld}
        plain: dict[str, Any] = jsonable(answer)
        return plain


def fit_statistics(fit: LogisticFit, *, has_offset: bool = False) -> FitStatistics:
    """Compute what a fit achieves as a whole.

    Parameters
    ----------
    fit : LogisticFit
        Any fit; what does not hold for it is withheld, with the reason.
    has_offset : bool
        Whether it was fitted with an offset: a constant risk is then not nested in it.

    Returns
    -------
    FitStatistics
        As `rms::lrm` prints them, where the fit is by maximum likelihood with an intercept.

    References
    ----------
    van Houwelingen JC, le Cessie S (1990). Predictive value of statistical models. Statistics in Medicine
    9:1303-1325. doi:10.1002/sim.4780091109
    Nagelkerke NJD (1991). A note on a general definition of the coefficient of determination. Biometrika 78:691-692.
    """
    df = int(estimated(fit).sum()) - has_intercept(fit) * (len(fit.outcomes) - 1)
    why = _why_no_ratio(fit, has_offset=has_offset)
    maximal, comparable = not why_not_maximal(fit), not why_not_comparable(fit)
    ratio = None if why else max(2 * (fit.log_likelihood - fit.null_log_likelihood), 0.0)
    return FitStatistics(
        n=fit.n,
        n_by_outcome=fit.n_by_outcome,
        df=df,
        lr_chi2=ratio,
        p_value=None if ratio is None or not df else _tail(ratio, df),
        r2_mcfadden=None if ratio is None else 1 - fit.log_likelihood / fit.null_log_likelihood,
        r2_cox_snell=None if ratio is None else -float(np.expm1(-ratio / fit.n)),
        r2_nagelkerke=None if ratio is None else _nagelkerke(fit, ratio),
        aic=aic(fit) if maximal and comparable else None,
        bic=bic(fit) if maximal and comparable else None,
        tic=tic(fit) if maximal else None,
        events_per_parameter=min(fit.n_by_outcome) / df if df else None,
        shrinkage=(ratio - df) / ratio if ratio and df else None,
        withheld=why,
        frame_kind=fit.frame_kind,
    )


def _why_no_ratio(fit: LogisticFit, *, has_offset: bool) -> str:
    if why_not_comparable(fit):
        return f"{why_not_comparable(fit)}, so the likelihood is not one of independent rows"
    if why_not_maximal(fit):
        return f"{why_not_maximal(fit)}, so the likelihood is not at its maximum"
    if has_offset or not has_intercept(fit):
        with_what = "with an offset" if has_offset else "without an intercept"
        return f"fitted {with_what}, so a constant risk is not nested in the model"
    return ""


def _tail(ratio: float, df: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(ratio, df))


def _nagelkerke(fit: LogisticFit, ratio: float) -> float:
    return float(np.expm1(-ratio / fit.n) / np.expm1(2 * fit.null_log_likelihood / fit.n))
