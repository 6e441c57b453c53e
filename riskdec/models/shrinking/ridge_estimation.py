"""From clean rows to a `RidgeFit`: the strength, the penalised maximum, its covariances, its effective parameters."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.codes import warn
from riskdec._base.progress import progress
from riskdec._base.result import with_frame_kind
from riskdec.errors import ConvergenceWarning
from riskdec.likelihood import multinomial_residuals, risks, sandwich_covariance
from riskdec.likelihood.penalised.ridge import fit_multinomial_ridge, fit_ridge
from riskdec.likelihood.wide.block_covariance import BlockCovariance, block_condition
from riskdec.likelihood.wide.block_matrix import BlockMatrix, take_rows
from riskdec.likelihood.wide.block_ridge import fit_block_ridge
from riskdec.models.doors.fit_weights import count_classes
from riskdec.models.doors.row_keys import matrix_keys
from riskdec.models.shrinking.folds import deal_folds
from riskdec.models.shrinking.ridge_fit import MOST_FOR_COVARIANCE, RidgeFit
from riskdec.models.shrinking.ridge_path import ALPHAS, Fold, choose_by_folds
from riskdec.models.shrinking.shrinkage import (
    heuristic_shrinkage,
    optimism_finding,
    parameter_finding,
    strength_findings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.penalised.ridge import PenalisedFit
    from riskdec.models.regression.logistic_estimation import Problem
    from riskdec.models.shrinking.folds import Folds
    from riskdec.models.shrinking.ridge_fit import CovarianceKind
    from riskdec.models.shrinking.ridge_path import AlphaChoice

# Few rows are dealt into more folds, so that a fit without one fold is nearly the fit on all.
_MANY_ROWS = 5_000
_FOLDS_OF_FEW, _FOLDS_OF_MANY = 10, 5
# Folds are dealt by what the rows hold, so that one seed serves all data.
_SEED = 0


def estimate_shrunken(problem: Problem, alpha: float | None) -> tuple[RidgeFit, AlphaChoice | None]:
    """Fit ridge at the strength given, or (None) at the one that predicts rows left out best.

    Parameters
    ----------
    problem : Problem
        Rows, weights and options; its penalty is "ridge".
    alpha : float or None
        Strength, positive.
    """
    choice = None if alpha is not None else with_frame_kind(_choose(problem), problem.frame_kind)
    fit = estimate_ridge(problem, alpha if alpha is not None else choice.alpha if choice is not None else 0.0)
    findings = [parameter_finding(fit.n_by_outcome, fit.effective_parameters)]
    if problem.is_binary and fit.by_class is None and fit.weight_kind == "frequency" and problem.offset is None:
        remains = heuristic_shrinkage(fit.log_likelihood, fit.null_log_likelihood, fit.effective_parameters)
        findings.append(optimism_finding(remains, None))
    if choice is not None:
        findings.extend(strength_findings(choice))
    return dataclasses.replace(fit, findings=(*fit.findings, *findings)), choice


def number_of_folds(n_rows: float) -> int:
    """Give the number of folds for so many rows."""
    return _FOLDS_OF_MANY if n_rows >= _MANY_ROWS else _FOLDS_OF_FEW


def estimate_ridge(problem: Problem, alpha: float) -> RidgeFit:
    """Fit ridge at one strength and gather what is known about the estimate."""
    in_blocks = isinstance(problem.X, BlockMatrix) and problem.is_binary
    found = _fit_blocks(problem, alpha) if in_blocks else _fit_design(problem, alpha)
    if not found.converged:
        message = f"the largest score is {found.gradient:.2g} per row after {found.n_iter} steps. Look at the columns."
        warn("RD103", message, ConvergenceWarning)
    weights, groups = problem.weights, problem.groups
    kind: CovarianceKind = "cluster" if groups is not None else "posterior" if weights.are_counts else "robust"
    sizes = count_classes(problem.codes, weights.multiplicity, len(problem.outcomes))
    fitted = count_classes(problem.codes, weights.total, len(problem.outcomes))
    return RidgeFit(
        terms=problem.terms,
        **found._asdict(),
        covariance_kind=kind,
        alpha=alpha,
        null_log_likelihood=float(fitted @ np.log(fitted / fitted.sum())),
        outcomes=problem.outcomes,
        n=float(sizes.sum()),
        n_by_outcome=tuple(sizes.tolist()),
        n_groups=None if groups is None else int(groups.max()) + 1,
        weight_kind=problem.weight_kind,
        by_class=weights.by_class,
        findings=(),
        frame_kind=problem.frame_kind,
    )


class _Found(NamedTuple):
    """What either way of fitting gives; names and shapes are those of `RidgeFit`."""

    coef: FloatArray
    deviation: FloatArray
    posterior_variance: FloatArray
    posterior_covariance: FloatArray | None
    robust_covariance: FloatArray | None
    cluster_covariance: FloatArray | None
    effective_parameters: float
    log_likelihood: float
    n_iter: int
    gradient: float
    condition: float
    converged: bool


def _fit_design(problem: Problem, alpha: float) -> _Found:
    found = _fit(problem, alpha)
    fit, counts = found.fit, problem.weights.multiplicity
    residual = _residuals(problem, fit.linear_predictor)
    cluster = None
    if problem.groups is not None:
        cluster = sandwich_covariance(fit, residual, multiplicity=counts, groups=problem.groups)
    return _Found(
        coef=fit.coef,
        deviation=_with_intercept(problem, found.deviation),
        posterior_variance=np.diag(fit.covariance).reshape(fit.coef.shape),
        posterior_covariance=fit.covariance,
        robust_covariance=sandwich_covariance(fit, residual, multiplicity=counts),
        cluster_covariance=cluster,
        effective_parameters=found.effective_parameters,
        log_likelihood=fit.log_likelihood,
        n_iter=fit.n_iter,
        gradient=fit.gradient,
        condition=fit.condition,
        converged=fit.converged,
    )


def _fit_blocks(problem: Problem, alpha: float) -> _Found:
    X: Any = problem.X
    found = fit_block_ridge(
        X,
        problem.codes,
        alpha=alpha,
        weight=problem.weights.total,
        offset=problem.offset,
        intercept=problem.intercept,
        tol=problem.tol,
        max_iter=problem.max_iter,
    )
    posterior = robust = cluster = None
    if len(found.coef) <= MOST_FOR_COVARIANCE:
        covariance, counts = BlockCovariance(found), problem.weights.multiplicity
        residual = _residuals(problem, found.linear_predictor)
        posterior, robust = covariance.posterior(), covariance.sandwich(residual, multiplicity=counts)
        if problem.groups is not None:
            cluster = covariance.sandwich(residual, multiplicity=counts, groups=problem.groups)
    return _Found(
        coef=found.coef,
        deviation=_with_intercept(problem, found.deviation),
        posterior_variance=found.variance,
        posterior_covariance=posterior,
        robust_covariance=robust,
        cluster_covariance=cluster,
        effective_parameters=found.effective_parameters,
        log_likelihood=found.log_likelihood,
        n_iter=found.n_iter,
        gradient=found.gradient,
        condition=block_condition(found),
        converged=found.converged,
    )


def _residuals(problem: Problem, eta: FloatArray) -> FloatArray:
    residual = problem.codes - risks(eta) if problem.is_binary else multinomial_residuals(problem.codes, eta)
    single = problem.weights.single
    return residual if single is None else np.asarray((residual.T * single).T)


def _with_intercept(problem: Problem, deviation: FloatArray) -> FloatArray:
    return np.concatenate([np.zeros(int(problem.intercept)), deviation])


def _fit(problem: Problem, alpha: float) -> PenalisedFit:
    if problem.is_binary:
        return fit_ridge(
            problem.X,
            problem.codes,
            alpha=alpha,
            weight=problem.weights.total,
            offset=problem.offset,
            intercept=problem.intercept,
            tol=problem.tol,
            max_iter=problem.max_iter,
        )
    return fit_multinomial_ridge(
        problem.X,
        problem.codes,
        len(problem.outcomes),
        alpha=alpha,
        weight=problem.weights.total,
        offset=_against_first(problem),
        intercept=problem.intercept,
        tol=problem.tol,
        max_iter=problem.max_iter,
    )


def _against_first(problem: Problem) -> FloatArray | None:
    offset = problem.offset
    return offset if offset is None or problem.is_binary else offset[:, 1:] - offset[:, :1]


def _choose(problem: Problem) -> AlphaChoice:
    counts = problem.weights.multiplicity
    n_rows = float(len(problem.codes) if counts is None else counts.sum())
    folds = deal_folds(
        problem.codes,
        number_of_folds(n_rows),
        key=matrix_keys(problem.X),
        counts=counts,
        groups=problem.groups,
        rng=np.random.default_rng(_SEED),
    )
    return choose_by_folds(
        _split(problem, folds), ALPHAS, n_outcomes=len(problem.outcomes), intercept=problem.intercept
    )[0]


def _split(problem: Problem, folds: Folds) -> Iterator[Fold]:
    offset, label = _against_first(problem), "folds of the cross-validation"
    for k in progress(range(folds.n_folds), label=label, total=folds.n_folds):
        inner, outer = folds.split(k, problem.weights.total)
        yield Fold(
            *(take_rows(problem.X, inner.rows), problem.codes[inner.rows], inner.weight),
            *(take_rows(problem.X, outer.rows), problem.codes[outer.rows], outer.weight),
            None if offset is None else offset[inner.rows],
            None if offset is None else offset[outer.rows],
        )
