"""Ridge on wide rows: Newton's method with the information of `BlockCrossproduct`, one fit or a path of strengths."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Rows, null_coefficient, risk_and_normaliser, risks
from riskdec.likelihood.penalised.ridge_path import RidgePath
from riskdec.likelihood.wide.block_information import BlockCrossproduct

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray
    from riskdec.likelihood.wide.block_information import BlockInformation, FactorisedInformation
    from riskdec.likelihood.wide.block_matrix import BlockMatrix

_HALVINGS = 30
_ROUNDING = 1e-14
# A step with old curvature must shrink the score this much, or the curvature is computed anew: a crossproduct costs
# about three products.
_SLOW = 0.6
# Where a level has no event, the likelihood is nearly flat: a small score is not enough, the gain still to be made (in
# nats) must be small too. With new curvature the last step leaves about its square.
_NEGLIGIBLE = 1e-10
_SETTLED = 1e-9
_LAST_STEPS = 5


class BlockRidge(NamedTuple):
    """A ridge fit on wide rows, in the units of the columns.

    Attributes
    ----------
    coef : ndarray of shape (k,)
        Intercept first where there is one; 0 for constant columns.
    deviation : ndarray of shape (p,)
        Standard deviation of each column; 0 for constant columns.
    variance : ndarray of shape (k,)
        Diagonal of the inverse penalised information; NaN for constant columns.
    linear_predictor : ndarray of shape (n,)
        Offset included.
    log_likelihood : float
        Without the penalty.
    effective_parameters : float
        Trace of the hat matrix, less the intercept.
    n_iter : int
        Steps taken.
    gradient : float
        Largest absolute penalised score over the sum of weights, on standardised columns.
    converged : bool
        Whether it is below the tolerance.
    problem : BlockProblem
        For covariances, which need the rows: do not keep it.
    information : BlockInformation
        Penalised, on the scale of the problem.
    """

    coef: FloatArray
    deviation: FloatArray
    variance: FloatArray
    linear_predictor: FloatArray
    log_likelihood: float
    effective_parameters: float
    n_iter: int
    gradient: float
    converged: bool
    problem: BlockProblem
    information: BlockInformation


class _State(NamedTuple):
    """Linear predictors, risks and the penalised score at one coefficient vector."""

    coef: FloatArray
    eta: FloatArray
    risk: FloatArray
    score: FloatArray


class _Pair(NamedTuple):
    """A step taken, and the fall of the score along it."""

    moved: FloatArray
    fell: FloatArray

    @property
    def curvature(self) -> float:
        return float(self.moved @ self.fell)


class BlockProblem:
    """The penalised likelihood of wide rows; coefficients of dense columns are for one standard deviation.

    Parameters
    ----------
    X : BlockMatrix
        Rows.
    rows : Rows
        Outcomes, weights and offset.
    intercept : bool
        Whether there is an intercept.
    """

    def __init__(self, X: BlockMatrix, rows: Rows, *, intercept: bool) -> None:
        first = int(intercept)
        mean, deviation = X.moments(rows.weight)
        deviation[deviation <= _ROUNDING * np.abs(mean)] = 0.0
        self.rows, self.intercept, self.deviation = rows, intercept, deviation
        center = mean if intercept else np.zeros(len(mean))
        scale = deviation if intercept else np.sqrt(deviation**2 + mean**2)
        self.dead: BoolArray = np.concatenate([np.zeros(first, dtype=bool), scale == 0])
        # Dense columns are standardised; the others keep their zeros, and are only measured as if they were.
        places = X.dense_columns
        self.unit = np.ones(len(mean))
        self.unit[places] = np.where(scale[places] > 0, scale[places], 1.0)
        self.shift = np.zeros(len(mean))
        self.shift[places] = center[places]
        dense = (X.dense - center[places]) / self.unit[places]
        dense[:, scale[places] == 0] = 0.0
        self.X = replace(X, dense=dense)
        self.share = np.concatenate([np.zeros(first), (deviation / self.unit) ** 2])
        self._center = np.where(np.isin(np.arange(len(mean)), places), 0.0, center)
        self._scale = np.where(scale > 0, scale, 1.0) / self.unit
        self.products = BlockCrossproduct(self.X, intercept=intercept)

    def start(self) -> FloatArray:
        """Give the coefficients of the best constant risk."""
        coef = np.zeros(len(self.dead))
        if self.intercept:
            coef[0] = null_coefficient(self.rows)
        return coef

    def at(self, coef: FloatArray, alpha: float) -> _State:
        """Compute the penalised score."""
        first, rows = int(self.intercept), self.rows
        eta = self.X @ coef[first:]
        if first:
            eta += coef[0]
        if rows.offset is not None:
            eta += rows.offset
        risk = risks(eta)
        residual = rows.y - risk
        if rows.weight is not None:
            residual *= rows.weight
        slopes = self.X.transposed_product(residual)
        score = np.concatenate([[residual.sum()], slopes]) if first else slopes
        return _State(coef, eta, risk, np.where(self.dead, 0.0, score - alpha * self.share * coef))

    def log_likelihood(self, state: _State) -> float:
        """Compute the log-likelihood without penalty."""
        terms = self.rows.y * state.eta - risk_and_normaliser(state.eta)[1]
        return float(terms.sum() if self.rows.weight is None else self.rows.weight @ terms)

    def value(self, state: _State, alpha: float) -> float:
        """Compute the penalised log-likelihood."""
        return self.log_likelihood(state) - 0.5 * alpha * float(self.share @ state.coef**2)

    def information(self, risk: FloatArray) -> BlockInformation:
        """Compute the information without penalty, at risks of shape (n,)."""
        weight = risk * (1 - risk)
        return self.products.weighted(weight if self.rows.weight is None else weight * self.rows.weight)

    def gradient(self, state: _State) -> float:
        """Give the largest absolute score over the sum of weights, on standardised columns."""
        score = np.where(self.dead, 0.0, self.standardise_transposed(state.score))
        return float(np.abs(score).max(initial=0.0)) / self.rows.total

    def standardise(self, coef: FloatArray) -> FloatArray:
        """Give coefficients on the scale of the problem from those of standardised columns."""
        first = int(self.intercept)
        slopes = coef[first:] / self._scale
        return np.concatenate([coef[:first] - self._center @ slopes, slopes]) if first else slopes

    def standardise_transposed(self, score: FloatArray) -> FloatArray:
        """Give the score of standardised columns from the score on the scale of the problem."""
        first = int(self.intercept)
        slopes = score[first:] - self._center * score[0] if first else score
        return np.concatenate([score[:first], slopes / self._scale])

    def unstandardise(self, coef: FloatArray) -> FloatArray:
        """Undo `standardise`."""
        first = int(self.intercept)
        slopes = coef[first:]
        return (
            np.concatenate([coef[:first] + self._center @ slopes, slopes * self._scale])
            if first
            else coef * self._scale
        )

    def unstandardise_transposed(self, score: FloatArray) -> FloatArray:
        """Undo `standardise_transposed`."""
        first = int(self.intercept)
        slopes = score[first:] * self._scale
        return np.concatenate([score[:first], slopes + self._center * score[0]]) if first else slopes

    def in_units(self, coef: FloatArray) -> FloatArray:
        """Bring coefficients to the units of the columns."""
        first = int(self.intercept)
        slopes = coef[first:] / self.unit
        if not first:
            return slopes
        return np.concatenate([[coef[0] - self.shift @ slopes], slopes])


def fit_block_ridge(
    X: BlockMatrix,
    y: AnyArray,
    *,
    alpha: float,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_iter: int = 100,
) -> BlockRidge:
    """Minimise ``-loglik + alpha/2 sum (s_j b_j)^2`` on wide rows.

    Parameters
    ----------
    X : BlockMatrix
        Rows.
    y, alpha, weight, offset, intercept, tol, max_iter
        As in `fit_ridge`, whose estimate this is.

    Returns
    -------
    BlockRidge
        The estimate.

    Notes
    -----
    Products between one-hot blocks are tables of sums. The information of the largest block is diagonal, so the block
    is eliminated and only the Schur complement of the other columns is factorised: with 50, 500 and 5,000 levels a
    system of 556 in place of 5,556.

    References
    ----------
    Nocedal J (1980). Updating quasi-Newton matrices with limited storage. Mathematics of Computation 35:773-782.
    doi:10.1090/S0025-5718-1980-0572855-7
    """
    with one_blas_thread():
        problem = BlockProblem(X, Rows(y.astype(np.float64), weight, offset), intercept=intercept)
        state, _, n_iter = _descend(problem, problem.start(), None, alpha, tol=tol, max_gap=0.0, max_iter=max_iter)
        for _ in range(_LAST_STEPS):
            information = problem.information(state.risk).penalised(alpha * problem.share, problem.dead)
            factorised = information.factorise()
            if factorised is None:
                break
            # The curvature is needed anyway, so one more step costs a product and ends at rounding.
            step = factorised.solve(state.score)
            gap, last = float(step @ state.score), problem.at(state.coef + step, alpha)
            if problem.gradient(last) <= problem.gradient(state):
                state, n_iter = last, n_iter + 1
            if not gap > _SETTLED:
                break
        variance = np.full(len(problem.dead), np.nan) if factorised is None else _variances(problem, factorised)
        shrunk = float(np.nansum(np.where(problem.dead, np.nan, alpha * problem.share * _own(problem, variance))))
        gradient = problem.gradient(state)
        return BlockRidge(
            coef=problem.in_units(state.coef),
            deviation=problem.deviation,
            variance=variance,
            linear_predictor=state.eta,
            log_likelihood=problem.log_likelihood(state),
            effective_parameters=float((~problem.dead).sum()) - int(intercept) - shrunk,
            n_iter=n_iter,
            gradient=gradient,
            converged=gradient <= tol,
            problem=problem,
            information=information,
        )


def block_ridge_path(
    X: BlockMatrix,
    y: AnyArray,
    alphas: FloatArray,
    *,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_gap: float = 0.0,
    max_iter: int = 100,
) -> RidgePath:
    """Fit ridge on wide rows at many strengths, as `ridge_path` does."""
    with one_blas_thread():
        problem = BlockProblem(X, Rows(y.astype(np.float64), weight, offset), intercept=intercept)
        coef, information = problem.start(), None
        ordered = np.sort(np.asarray(alphas, dtype=np.float64))[::-1]
        coefs, gradients = [], []
        for alpha in ordered.tolist():
            state, information, _ = _descend(
                problem, coef, information, alpha, tol=tol, max_gap=max_gap, max_iter=max_iter
            )
            coef = state.coef
            coefs.append(problem.in_units(coef))
            gradients.append(problem.gradient(state))
    return RidgePath(alphas=ordered, coef=np.array(coefs), gradient=np.array(gradients))


def _descend(
    problem: BlockProblem,
    coef: FloatArray,
    information: BlockInformation | None,
    alpha: float,
    *,
    tol: float,
    max_gap: float,
    max_iter: int,
) -> tuple[_State, BlockInformation | None, int]:
    """Go to the maximum with curvature as old as does; give it with the curvature used last and the steps taken.

    Old curvature is corrected by what the steps since then did to the score (BFGS, in two loops: Nocedal 1980).
    """
    here, n_iter = problem.at(coef, alpha), 0
    factorised = _factorise(problem, information, alpha)
    is_new, pairs = False, list[_Pair]()
    for _ in range(2 * max_iter):
        gradient = problem.gradient(here)
        if n_iter >= max_iter:
            break
        if factorised is not None:
            step = _corrected(factorised, pairs, here.score)
            gain = float(step @ here.score)
            if gain <= 2 * max_gap or (gradient <= tol and gain <= _NEGLIGIBLE):
                break
            there = _uphill(problem, here, step, alpha) if is_new else problem.at(here.coef + step, alpha)
            if there is not None and (is_new or problem.gradient(there) <= _SLOW * gradient):
                pair = _Pair(there.coef - here.coef, here.score - there.score)
                pairs = [*pairs, pair] if pair.curvature > 0 else pairs
                here, is_new, n_iter = there, False, n_iter + 1
                continue
        if is_new:
            break
        information = problem.information(here.risk)
        factorised, is_new, pairs = _factorise(problem, information, alpha), True, []
    return here, information, n_iter


def _corrected(factorised: FactorisedInformation, pairs: list[_Pair], score: FloatArray) -> FloatArray:
    """Give the quasi-Newton step: that of the curvature at hand, corrected by the steps since."""
    slope, shares = score, []
    for pair in reversed(pairs):
        shares.append(float(pair.moved @ slope) / pair.curvature)
        slope = slope - shares[-1] * pair.fell
    step = factorised.solve(slope)
    for pair, share in zip(pairs, reversed(shares), strict=True):
        step = step + (share - float(pair.fell @ step) / pair.curvature) * pair.moved
    return step


def _factorise(
    problem: BlockProblem, information: BlockInformation | None, alpha: float
) -> FactorisedInformation | None:
    if information is None:
        return None
    return information.penalised(alpha * problem.share, problem.dead).factorise()


def _uphill(problem: BlockProblem, here: _State, step: FloatArray, alpha: float) -> _State | None:
    """Take the largest of the steps 1, 1/2, 1/4, ... that does not lower the penalised likelihood."""
    value = problem.value(here, alpha)
    slack = 1e-12 * abs(value)
    for halving in range(_HALVINGS):
        there = problem.at(here.coef + step / 2**halving, alpha)
        if problem.value(there, alpha) >= value - slack:
            return there
    return None


def _variances(problem: BlockProblem, factorised: FactorisedInformation) -> FloatArray:
    """Give the variances in the units of the columns; NaN for constant ones."""
    first = int(problem.intercept)
    variance = factorised.diagonal_of_inverse()
    variance[first:] /= problem.unit**2
    if first:
        toward = np.concatenate([[1.0], -problem.shift / problem.unit])
        variance[0] = toward @ factorised.solve(toward)
    return np.where(problem.dead, np.nan, variance)


def _own(problem: BlockProblem, variance: FloatArray) -> FloatArray:
    """Bring variances of slopes back to the scale of the problem."""
    first = int(problem.intercept)
    return np.concatenate([variance[:first], variance[first:] * problem.unit**2])
