"""Refits of one logistic design under the rows of each resample: many at once where they can be, else one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from riskdec._base.findings import Finding
from riskdec.errors import SeparationError
from riskdec.likelihood import fit_binomial
from riskdec.likelihood.refits import WIDEST, refit_binomial
from riskdec.likelihood.wide.block_matrix import take_rows
from riskdec.models.doors.fit_weights import FitWeights
from riskdec.models.inference.bootstrap_workers import map_in_order
from riskdec.models.inference.rows import FittedModel, open_fitted_rows
from riskdec.models.regression.logistic_estimation import Problem, estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.models.inference.bootstrap_draws import Resamples
    from riskdec.models.inference.rows import FittedRows

# Weights of one block of refits held at a time (32 MiB), and its least and largest number of refits.
_BLOCK_NUMBERS = 1 << 22
_LEAST_BLOCK, _LARGEST_BLOCK = 8, 64


class RefittedModel(FittedModel, Protocol):
    """A fitted logistic model with the options that say how to fit it again."""

    event: object
    penalty: str | None
    on_separation: str
    tol: float
    max_iter: int


class _Single(NamedTuple):
    """One refit by itself: its coefficients, None where it failed, and whether it fell back to Firth's likelihood."""

    coef: FloatArray | None
    fell_back: bool


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RefittedCoefficients:
    """Coefficients of each resample.

    Attributes
    ----------
    coef : ndarray of shape (B, k)
        In the order of ``coefficient_names``; NaN where the refit failed.
    failed : ndarray of bool, shape (B,)
        Resamples that lack an outcome, or are separated where the model refuses that.
    fell_back : ndarray of bool, shape (B,)
        Separated resamples, fitted by Firth's likelihood instead.
    """

    coef: FloatArray
    failed: BoolArray
    fell_back: BoolArray


def open_problem(
    model: RefittedModel, X: Any, y: Any, sample_weight: Any = None, *, offset: Any = None
) -> tuple[Problem, FittedRows]:
    """Check the rows that `fit` was given, given again, and state the problem that was solved on them."""
    rows = open_fitted_rows(model, X, y, sample_weight=sample_weight, offset=offset)
    fit = model.fit_result_
    known = rows.offset
    if known is not None and rows.n_outcomes > 2:
        known = np.column_stack([np.zeros(len(known)), known])
    first = int(rows.intercept)
    problem = Problem(
        X=rows.X,
        codes=rows.codes,
        weights=rows.weights,
        offset=known,
        groups=None,
        names=fit.terms[first:],
        outcomes=fit.outcomes,
        intercept=rows.intercept,
        penalty=model.penalty,
        on_separation=model.on_separation,
        weight_kind=model.weight_kind,
        tol=model.tol,
        max_iter=model.max_iter,
        frame_kind=fit.frame_kind,
    )
    return problem, rows


def refit_resamples(problem: Problem, resamples: Resamples, *, n_jobs: int) -> RefittedCoefficients:
    """Refit a problem on each resample.

    Parameters
    ----------
    problem : Problem
        The rows; weights that the resamples count already are not in it.
    resamples : Resamples
        How often each resample holds each row.
    n_jobs : int
        Workers, as `check_jobs` gives them. The result is the same for any number.

    Notes
    -----
    Maximum likelihood with two outcomes goes through `riskdec.likelihood.refits`, blocks of a fixed number of refits
    in threads. What is not certified there, and every other kind of fit, is refitted as the model does it.
    """
    n_coefficients = len(problem.terms) * (len(problem.outcomes) - 1)
    coef = np.full((len(resamples), n_coefficients), np.nan)
    done = _refit_blocks(problem, resamples, coef, n_jobs) if _is_shared(problem) else np.zeros(len(resamples), bool)
    failed, fell_back = np.zeros((2, len(resamples)), dtype=bool)
    rest = np.flatnonzero(~done).tolist()
    singles = map_in_order(
        partial(_refit_one, problem=problem, resamples=resamples), rest, n_jobs=n_jobs, label="bootstrap refits"
    )
    for number, single in zip(rest, singles, strict=True):
        failed[number], fell_back[number] = single.coef is None, single.fell_back
        if single.coef is not None:
            coef[number] = single.coef
    return RefittedCoefficients(coef=coef, failed=failed, fell_back=fell_back)


def _is_shared(problem: Problem) -> bool:
    return problem.penalty is None and problem.is_binary and len(problem.terms) <= WIDEST


def _refit_blocks(problem: Problem, resamples: Resamples, coef: FloatArray, n_jobs: int) -> BoolArray:
    """Fill in the coefficients of what can be refitted together; tell which those are."""
    done = np.zeros(len(resamples), dtype=bool)
    fit = fit_binomial(
        problem.X,
        problem.codes,
        weight=problem.weights.total,
        offset=problem.offset,
        intercept=problem.intercept,
        tol=problem.tol,
        max_iter=problem.max_iter,
    )
    if not fit.converged or not fit.design.n_columns:
        return done
    y = problem.codes.astype(np.float64)

    def refit(numbers: range) -> None:
        weights = np.stack([resamples.multiplicity(number) for number in numbers])
        if problem.weights.total is not None:
            weights *= problem.weights.total
        refits = refit_binomial(fit, y, weights, offset=problem.offset, tol=problem.tol)
        coef[numbers.start : numbers.stop] = refits.coef
        done[numbers.start : numbers.stop] = refits.certified

    blocks = _blocks(len(resamples), len(y))
    if n_jobs == 1 or len(blocks) == 1:
        for block in blocks:
            refit(block)
    else:
        with ThreadPoolExecutor(None if n_jobs == -1 else n_jobs) as pool:
            list(pool.map(refit, blocks))
    return done


def _blocks(n_resamples: int, n_rows: int) -> Sequence[range]:
    """Cut the resamples into blocks whose size depends on the rows alone, so that sums have one fixed order."""
    size = min(_LARGEST_BLOCK, max(_LEAST_BLOCK, _BLOCK_NUMBERS // n_rows))
    return [range(start, min(start + size, n_resamples)) for start in range(0, n_resamples, size)]


def _refit_one(number: int, *, problem: Problem, resamples: Resamples) -> _Single:
    """Refit one resample as the model itself does it, fallback for separated data included."""
    times = resamples.multiplicity(number)
    kept = np.flatnonzero(times)
    codes = problem.codes[kept]
    if len(np.unique(codes)) < len(problem.outcomes):
        return _Single(None, fell_back=False)
    try:
        fit = estimate(_part(problem, kept, times[kept]))
    except SeparationError:
        return _Single(None, fell_back=False)
    return _Single(fit.coef.ravel(), fell_back=fit.separation is not None)


def _part(problem: Problem, kept: IntArray, times: FloatArray) -> Problem:
    weight = times if problem.weights.total is None else times * problem.weights.total[kept]
    return replace(
        problem,
        X=take_rows(problem.X, kept),
        codes=problem.codes[kept],
        # Covariances are not asked for, so it does not matter what the weights mean.
        weights=FitWeights(weight, None, weight, None),
        offset=None if problem.offset is None else problem.offset[kept],
    )


def about_refits(n_resamples: int, n_failed: int, n_fell_back: int) -> tuple[Finding, ...]:
    """Say how many refits fell back to Firth's likelihood, and how many gave nothing."""
    findings = []
    if n_fell_back:
        sentence = (
            f"{n_fell_back} of {n_resamples} resamples are separated, so that no maximum likelihood estimate exists; "
            "they were fitted by Firth's penalised likelihood instead."
        )
        todo = "Drop or join the columns that separate, or shrink the model."
        findings.append(Finding(code="RD112", severity="caution", sentence=sentence, todo=todo))
    if n_failed:
        sentence = f"{n_failed} of {n_resamples} resamples could not be fitted, and are left out."
        todo = "With so few events resampling leaves none of them now and then: shrink the model, or collect more."
        findings.append(Finding(code="RD113", severity="issue", sentence=sentence, todo=todo))
    return tuple(findings)
