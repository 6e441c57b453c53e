"""From clean arrays to a `LogisticFit`: which likelihood, which covariance, which findings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.codes import warn
from riskdec._base.findings import Finding
from riskdec.errors import CollinearityWarning, ConvergenceWarning, SeparationError, SeparationWarning
from riskdec.likelihood import (
    binomial_residuals,
    fit_binomial,
    fit_firth,
    fit_flac,
    fit_multinomial,
    fit_multinomial_firth,
    multinomial_residuals,
    refit_intercept,
    sandwich_covariance,
)
from riskdec.models.doors.fit_weights import count_classes
from riskdec.models.regression.logistic_fit import LogisticFit, name_coefficients
from riskdec.models.regression.separation import describe_separation

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import AnyArray, FloatArray, FrameKind, IntArray, WeightKind
    from riskdec.likelihood import LogitFit
    from riskdec.models.doors.fit_weights import FitWeights
    from riskdec.models.regression.logistic_fit import CovarianceKind, Method
    from riskdec.models.regression.separation import SeparationFinding

_EVENTS_PER_PARAMETER = 10
# Each step of Firth's method inverts the information of all coefficients, which takes seconds above this number.
_MOST_FOR_FIRTH = 2_000
_CONSTANT, _ZERO = "the intercept", "zero everywhere"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One estimation problem: rows that have passed the door, and the options of the model.

    Attributes
    ----------
    X : ndarray of shape (n, p)
        Finite numbers.
    codes : ndarray of shape (n,)
        Place of each row's outcome: bool with two outcomes, int with more.
    weights : FitWeights
        Row and class weights.
    offset, groups : ndarray of shape (n,) or None
        Known part of the linear predictor, with K > 2 outcomes of shape (n, K); group numbers.
    names : tuple of str
        Column names.
    outcomes : tuple of str
        Labels as text.
    """

    X: AnyArray
    codes: AnyArray
    weights: FitWeights
    offset: FloatArray | None
    groups: IntArray | None
    names: tuple[str, ...]
    outcomes: tuple[str, ...]
    intercept: bool
    penalty: str | None
    on_separation: str
    weight_kind: WeightKind
    tol: float
    max_iter: int
    frame_kind: FrameKind

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return ("Intercept", *self.names) if self.intercept else self.names

    @property
    def is_binary(self) -> bool:
        """Whether there are two outcomes."""
        return len(self.outcomes) == 2


def estimate(problem: Problem) -> LogisticFit:
    """Estimate, with the penalty asked for or the one that separated data need.

    Raises
    ------
    SeparationError
        For separated data with ``on_separation="error"``.
    """
    separation: SeparationFinding | None = None
    method: Method = "maximum likelihood"
    penalty = problem.penalty
    if penalty is None:
        fit = _maximise(problem, firth=False)
        if fit.separation is not None:
            separation = describe_separation(fit.separation, name_coefficients(problem.terms, problem.outcomes))
            _answer_separation(separation, problem)
            penalty = "flic" if problem.intercept and problem.is_binary else "firth"
    if penalty == "flac":
        method = "flac"
        fit = _maximise_flac(problem)
    elif penalty is not None:
        method = "flic" if penalty == "flic" else "firth"
        fit = _maximise(problem, firth=True)
    coef = fit.coef
    eta = fit.linear_predictor
    if method == "flic":
        shift = refit_intercept(fit, problem.codes, weight=problem.weights.total)
        coef = np.concatenate([[coef[0] + shift], coef[1:]])
        eta = eta + shift
    _warn_about(fit, problem)
    return _assemble(problem, fit, coef, eta, method=method, separation=separation)


def _maximise_flac(problem: Problem) -> LogitFit:
    return fit_flac(
        problem.X,
        problem.codes,
        weight=problem.weights.total,
        offset=problem.offset,
        tol=problem.tol,
        max_iter=problem.max_iter,
    )


def _maximise(problem: Problem, *, firth: bool) -> LogitFit:
    maximise: Callable[..., LogitFit]
    offset = problem.offset
    if problem.is_binary:
        maximise = fit_firth if firth else fit_binomial
    else:
        maximise = partial(fit_multinomial_firth if firth else fit_multinomial, n_outcomes=len(problem.outcomes))
        offset = None if offset is None else offset[:, 1:] - offset[:, :1]
    return maximise(
        problem.X,
        problem.codes,
        weight=problem.weights.total,
        offset=offset,
        intercept=problem.intercept,
        tol=problem.tol,
        max_iter=problem.max_iter,
    )


def _answer_separation(separation: SeparationFinding, problem: Problem) -> None:
    sentence = separation.sentence()
    if problem.on_separation == "error":
        message = f"{sentence[0].upper()}{sentence[1:]}. Drop or join these columns, or fit with on_separation='firth'."
        raise SeparationError(message)
    n_coefficients = len(problem.terms) * (len(problem.outcomes) - 1)
    if n_coefficients > _MOST_FOR_FIRTH:
        message = (
            f"{sentence[0].upper()}{sentence[1:]}. Firth's estimates stand in for up to {_MOST_FOR_FIRTH:,} "
            f"coefficients; got {n_coefficients:,}. Fit LogisticRiskModel(penalty='ridge', alpha='cv'), which exists "
            "on all data, or drop or join these columns."
        )
        raise SeparationError(message)
    message = (
        f"{sentence}. Firth's bias-reduced estimates are given instead: finite, usable for risks and intervals, "
        "but not maximum likelihood; on_separation='error' refuses instead."
    )
    warn("RD101", message, SeparationWarning)


def _warn_about(fit: LogitFit, problem: Problem) -> None:
    if fit.aliases:
        message = (
            f"{_alias_sentence(fit, problem)}. Their coefficients are set to 0 and have no standard error; "
            "predicted risks are not affected."
        )
        warn("RD102", message, CollinearityWarning)
    if not fit.converged:
        message = (
            f"{_convergence_sentence(fit, problem)}. Estimates are approximate: raise max_iter or look at the columns."
        )
        warn("RD103", message, ConvergenceWarning)


def _alias_sentence(fit: LogitFit, problem: Problem) -> str:
    named = "; ".join(
        f"{a!r} (by {b!r})" if b != _ZERO else f"{a!r} ({_ZERO})" for a, b in _alias_names(fit, problem)[:5]
    )
    more = f" and {len(fit.aliases) - 5} more" if len(fit.aliases) > 5 else ""
    return f"earlier columns determine {named}{more}"


def _convergence_sentence(fit: LogitFit, problem: Problem) -> str:
    return (
        f"the largest score is {fit.gradient:.2g} per row after {fit.n_iter} steps (tol {problem.tol:.2g}, "
        f"condition number {fit.condition:.2g})"
    )


def _alias_names(fit: LogitFit, problem: Problem) -> list[tuple[str, str]]:
    names = problem.names
    nothing = _CONSTANT if problem.intercept else _ZERO
    return [(names[a.column], nothing if a.partner < 0 else names[a.partner]) for a in fit.aliases]


def _assemble(
    problem: Problem,
    fit: LogitFit,
    coef: FloatArray,
    eta: FloatArray,
    *,
    method: Method,
    separation: SeparationFinding | None,
) -> LogisticFit:
    weights = problem.weights
    residuals_of = binomial_residuals if problem.is_binary else multinomial_residuals
    residual = residuals_of(problem.codes, eta)
    if weights.single is not None:
        residual = (residual.T * weights.single).T
    robust = sandwich_covariance(fit, residual, multiplicity=weights.multiplicity)
    cluster = None
    if problem.groups is not None:
        cluster = sandwich_covariance(fit, residual, multiplicity=weights.multiplicity, groups=problem.groups)
    kind: CovarianceKind = "cluster" if cluster is not None else "model" if weights.are_counts else "robust"
    sizes = count_classes(problem.codes, weights.multiplicity, len(problem.outcomes))
    return LogisticFit(
        terms=problem.terms,
        coef=coef,
        model_covariance=fit.covariance,
        robust_covariance=robust,
        cluster_covariance=cluster,
        covariance_kind=kind,
        # FLIC has moved the intercept away from the estimate whose likelihood the fit knows.
        log_likelihood=_log_likelihood(eta, problem) if method == "flic" else fit.log_likelihood,
        null_log_likelihood=_null_log_likelihood(problem),
        method=method,
        outcomes=problem.outcomes,
        n=float(sizes.sum()),
        n_by_outcome=tuple(sizes.tolist()),
        n_groups=None if problem.groups is None else int(problem.groups.max()) + 1,
        weight_kind=problem.weight_kind,
        by_class=weights.by_class,
        n_iter=fit.n_iter,
        gradient=fit.gradient,
        condition=fit.condition,
        converged=fit.converged,
        aliases=tuple(_alias_names(fit, problem)),
        separation=separation,
        findings=_findings(fit, problem, sizes, separation),
        frame_kind=problem.frame_kind,
    )


def _findings(
    fit: LogitFit, problem: Problem, sizes: FloatArray, separation: SeparationFinding | None
) -> tuple[Finding, ...]:
    findings = []
    if separation is not None:
        sentence = separation.sentence()
        findings.append(Finding(code="RD101", severity="caution", sentence=f"{sentence[0].upper()}{sentence[1:]}."))
    if fit.aliases:
        findings.append(Finding(code="RD102", severity="caution", sentence=f"{_alias_sentence(fit, problem)}."))
    if not fit.converged:
        sentence = f"{_convergence_sentence(fit, problem)}: the estimates are approximate."
        todo = "Raise max_iter, or look at the columns."
        findings.append(Finding(code="RD103", severity="issue", sentence=sentence, todo=todo))
    parameters = len(problem.names) - len(fit.aliases)
    rarer = float(sizes.min())
    if parameters and rarer < _EVENTS_PER_PARAMETER * parameters:
        rare = "rarer outcome" if problem.is_binary else f"rarest outcome ({problem.outcomes[int(sizes.argmin())]})"
        findings.append(
            Finding(
                code="RD105",
                severity="caution",
                sentence=f"{rarer:g} rows of the {rare} for {parameters} coefficients "
                f"({rarer / parameters:.1f} each): risks on new rows will be too extreme.",
                todo="Shrink the model or drop columns, and validate on other rows before deciding with it.",
            )
        )
    return tuple(findings)


def _log_likelihood(eta: FloatArray, problem: Problem) -> float:
    terms = np.where(problem.codes, -np.logaddexp(0, -eta), -np.logaddexp(0, eta))
    weight = problem.weights.total
    return float(terms.sum() if weight is None else weight @ terms)


def _null_log_likelihood(problem: Problem) -> float:
    sizes = count_classes(problem.codes, problem.weights.total, len(problem.outcomes))
    return float(sizes @ np.log(sizes / sizes.sum()))
