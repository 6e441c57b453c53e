"""Profile-likelihood intervals of the coefficients: the exact ends, infinite ones included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskdec._base.checks import check_level, check_option, refuse
from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, decimal, number
from riskdec.likelihood import fit_binomial
from riskdec.likelihood.profile import open_profile
from riskdec.likelihood.separated_profile import open_separated_profile
from riskdec.models.inference.terms import find_terms, log_odds
from riskdec.models.inference.validity import refuse_method, refuse_weights, why_not_comparable, why_not_maximal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.profile import ProfileLikelihood
    from riskdec.likelihood.separated_profile import SeparatedProfile
    from riskdec.models.inference.rows import FittedRows
    from riskdec.models.regression.logistic_fit import CovarianceKind, LogisticFit

IntervalMethod = Literal["profile", "penalised profile", "scaled profile", "Wald", "left out"]

_PROFILED = ("maximum likelihood", "firth", "flic")
_NOTES = {
    "profile": "ends where the likelihood ratio reaches its quantile, all other coefficients refitted",
    "penalised profile": "ends where the penalised likelihood ratio reaches its quantile (Firth)",
    "scaled profile": "likelihood ratios divided by robust variance over model variance of the coefficient",
    "Wald": "Wald for the intercept: FLIC refits it outside the penalised likelihood",
    "left out": "left out: earlier columns determine it",
}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ProfileIntervals(Framed):
    """Intervals of coefficients that the likelihood itself draws; they need not be symmetric.

    `frame` gives one line for each term: term, coef, low, high, method, scale.

    Attributes
    ----------
    terms : tuple of str
        Names of the coefficients, ``"outcome: term"`` with more than two outcomes.
    estimate, low, high : ndarray of shape (m,)
        On the log-odds scale; an end is infinite where the likelihood never falls far enough.
    interval_methods : tuple of str
        How each interval was made.
    scale : ndarray of shape (m,)
        What likelihood ratios were divided by: 1 unless scaled.
    confidence_level : float
        Level of the intervals.
    outcomes : tuple of str
        Labels as text; the coefficients are log-odds of each against the first.
    n : float
        Rows, frequency weights counted.
    """

    terms: tuple[str, ...]
    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    interval_methods: tuple[IntervalMethod, ...]
    scale: FloatArray
    confidence_level: float
    outcomes: tuple[str, ...]
    n: float

    def _headline(self) -> str:
        return f"{len(self.terms)} intervals at level {self.confidence_level:g}, n={self.n:g}"

    def summary(self) -> Table:
        """Give estimates and limits, as coefficients and as odds ratios."""
        level = f"{100 * self.confidence_level:g} %"
        rows = tuple(
            (term, *(decimal(v) if np.isfinite(v) else number(v) for v in line), *(number(np.exp(v)) for v in line))
            for term, *line in zip(self.terms, self.estimate, self.low, self.high, strict=True)
        )
        return Table(
            title=f"Profile-likelihood intervals; {log_odds(self.outcomes)}",
            header=("", "coef", f"{level} low", f"{level} high", "odds ratio", f"{level} low", f"{level} high"),
            rows=rows,
            notes=(f"{count(self.n)} rows", *(_NOTES[method] for method in dict.fromkeys(self.interval_methods))),
        )

    def _columns(self) -> dict[str, Any]:
        return {
            "term": list(self.terms),
            "coef": self.estimate,
            "low": self.low,
            "high": self.high,
            "method": list(self.interval_methods),
            "scale": self.scale,
        }

    def to_dict(self) -> dict[str, Any]:
        """Give the intervals, ready for JSON; an infinite end is None and told by `low_infinite`, `high_infinite`."""
        rows = [
            {
                "term": term,
                "estimate": self.estimate[j],
                "low": self.low[j],
                "high": self.high[j],
                "low_infinite": bool(np.isinf(self.low[j])),
                "high_infinite": bool(np.isinf(self.high[j])),
                "method": self.interval_methods[j],
                "scale": self.scale[j],
            }
            for j, term in enumerate(self.terms)
        ]
        answer = {"intervals": rows, "confidence_level": self.confidence_level, "outcomes": self.outcomes, "n": self.n}
        plain: dict[str, Any] = jsonable(answer)
        return plain


def profile_intervals(
    fit: LogisticFit,
    rows: FittedRows,
    *,
    confidence_level: float = 0.95,
    terms: Iterable[str] | None = None,
    scaled: bool = False,
    unpenalised: bool = False,
) -> ProfileIntervals:
    """Find where twice the fall of the likelihood reaches its quantile, for one coefficient after the other.

    Parameters
    ----------
    fit : LogisticFit
        By maximum likelihood, Firth or FLIC.
    rows : FittedRows
        The rows of the fit.
    confidence_level : float
        Level of the intervals.
    terms : iterable of str, optional
        Which coefficients; all by default. With more than two outcomes a term stands for its coefficients in all.
    scaled : bool
        Whether to divide the likelihood ratio of coefficient j by ``V_robust,jj / V_model,jj``; what holds under
        importance and class weights, and (with the cluster covariance) in groups of dependent rows.
    unpenalised : bool
        For a fit by Firth or FLIC: whether to use the likelihood without the penalty. On separated data this shows
        which ends are infinite.

    Returns
    -------
    ProfileIntervals
        In the order of the terms.

    Raises
    ------
    InputError
        Under importance or class weights or groups without ``scaled``; with ``scaled`` for penalised fits.

    Notes
    -----
    The interval is ``{b: 2 (l_max - l_profile(b)) <= lambda chi2_1}`` with lambda = 1 unless scaled. Where the
    maximum exists both ends are finite. The intercept of FLIC has no penalised likelihood: it gets a Wald interval.

    References
    ----------
    Venzon DJ, Moolgavkar SH (1988). Applied Statistics 37:87-94. doi:10.2307/2347496
    Heinze G, Schemper M (2002). Statistics in Medicine 21:2409-2419. doi:10.1002/sim.1047
    Royall RM (1986). Model robust confidence intervals using maximum likelihood estimators. International
    Statistical Review 54:221-226. doi:10.2307/1403146
    """
    level = check_level(confidence_level)
    _check_profile(fit, scaled=scaled, unpenalised=unpenalised)
    names = fit.coefficient_names
    places = list(range(len(names))) if terms is None else find_terms(fit, terms)
    penalised = fit.method != "maximum likelihood" and not unpenalised
    likelihood = _open(fit, rows, penalised=penalised) if not unpenalised else _open_unpenalised(fit, rows)
    kind = robust_kind(fit) if scaled else "model"
    scale = np.diag(fit.covariance(kind)) / np.diag(fit.covariance("model"))
    half = fit.quantile(level, kind) ** 2 / 2
    limits = np.empty((len(places), 2))
    methods: list[IntervalMethod] = []
    for line, j in enumerate(places):
        methods.append(_method(fit, j, scaled=scaled, penalised=penalised))
        if methods[-1] == "Wald":
            limits[line] = fit.intervals(level)[j]  # FLIC has two outcomes
        else:
            limits[line] = likelihood.limits(j, half * scale[j])
    return ProfileIntervals(
        terms=tuple(names[j] for j in places),
        estimate=np.array([likelihood.estimate(j) for j in places]) if unpenalised else fit.coef.ravel()[places],
        low=limits[:, 0].copy(),
        high=limits[:, 1].copy(),
        interval_methods=tuple(methods),
        scale=scale[places],
        confidence_level=level,
        outcomes=fit.outcomes,
        n=fit.n,
        frame_kind=fit.frame_kind,
    )


def robust_kind(fit: LogisticFit) -> CovarianceKind:
    """Name the covariance that holds where the model-based one does not."""
    return "robust" if fit.covariance_kind == "model" else fit.covariance_kind


def _check_profile(fit: LogisticFit, *, scaled: bool, unpenalised: bool) -> None:
    what = "profile intervals"
    check_option(scaled, (True, False), name="scaled")
    check_option(unpenalised, (True, False), name="unpenalised")
    if fit.method not in _PROFILED:
        cure = "Use the Wald intervals."
        raise refuse("the fit", f"be by {', '.join(_PROFILED)} for {what}", fit.method, cure)
    if scaled and why_not_maximal(fit):
        cure = "Firth's penalty depends on the scale of the weights: fit without a penalty, or use Wald intervals."
        raise refuse_method(fit, f"scaled {what}", cure)
    if unpenalised and len(fit.outcomes) > 2:
        cure = "Set one outcome against all others for it."
        raise refuse("unpenalised", "be False with more than two outcomes", "True", cure)
    if unpenalised and fit.method == "maximum likelihood":
        raise refuse("unpenalised", "be False for a fit that has no penalty", "True")
    if why_not_comparable(fit) and not scaled:
        cure = (
            "Pass scaled=True, which divides the likelihood ratio by robust variance over model variance, "
            "or use method='wald', whose covariance is robust."
        )
        raise refuse_weights(fit, what, cure)


def _open(fit: LogisticFit, rows: FittedRows, *, penalised: bool) -> ProfileLikelihood:
    return open_profile(
        rows.X,
        rows.likelihood(),
        coef=fit.coef,
        weight=rows.weights.total,
        intercept=rows.intercept,
        penalised=penalised,
    )


def _open_unpenalised(fit: LogisticFit, rows: FittedRows) -> ProfileLikelihood | SeparatedProfile:
    likelihood, total = rows.binary_likelihood(), rows.weights.total
    plain = fit_binomial(rows.X, rows.codes, weight=total, offset=rows.offset, intercept=rows.intercept)
    if plain.separation is None:
        return open_profile(rows.X, likelihood, coef=plain.coef, weight=total, intercept=rows.intercept)
    return open_separated_profile(rows.X, likelihood, plain.separation, coef=fit.coef, intercept=rows.intercept)


def _method(fit: LogisticFit, j: int, *, scaled: bool, penalised: bool) -> IntervalMethod:
    if np.isnan(fit.model_covariance[j, j]):
        return "left out"
    if scaled:
        return "scaled profile"
    if not penalised:
        return "profile"
    return "Wald" if fit.method == "flic" and j == 0 else "penalised profile"
