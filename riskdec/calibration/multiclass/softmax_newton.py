"""Penalised maximum likelihood of softmax logits that are linear in parameters, with the proof that it exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.calibration.multiclass.rows import blocks_of
from riskdec.calibration.multiclass.separated_scaling import separates_by_scaling
from riskdec.likelihood.fit import invert
from riskdec.likelihood.newton_step import NewtonStep, solve_information

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import FloatArray
    from riskdec.calibration.multiclass.linear_logits import LinearLogits
    from riskdec.calibration.multiclass.rows import ManyRows

    Status = Literal["maximum", "separated", "not converged"]

# With more parameters the information is not formed; steps come from conjugate gradients.
_MOST_FOR_MATRIX = 700
_DIGITS_OF_STEPS = 1e-4
_MAX_STEPS = 60
_HALVINGS = 40
# Half the squared length of a step in standard errors of one mean row: the next one squares it.
_NEAR = 1e-13
# Scaled to ones on its diagonal, information below this is none: directions that change no probability.
_NULL = 1e-12
_CERTIFICATE = 0.5


class SoftmaxFit(NamedTuple):
    """Where the penalised likelihood is greatest.

    Attributes
    ----------
    parameters : ndarray of shape (size,)
        As the `LinearLogits` orders them.
    gradient : float
        Largest absolute derivative of the penalised mean log loss there.
    status : {"maximum", "separated", "not converged"}
        "maximum" means that it is proved to exist, and reached.
    n_steps : int
        Newton steps.
    """

    parameters: FloatArray
    gradient: float
    status: Status
    n_steps: int


class _Here(NamedTuple):
    value: float
    gradient: FloatArray


def fit_softmax(rows: ManyRows, form: LinearLogits, start: FloatArray, penalty: FloatArray) -> SoftmaxFit:
    """Minimise ``- sum w log softmax(eta)_y / sum w + sum_j penalty_j theta_j^2 / 2`` by Newton's method.

    Parameters
    ----------
    rows : ManyRows
        Logits, what happened, weights.
    form : LinearLogits
        How parameters make logits.
    start : ndarray of shape (size,)
        Where to begin; along directions that change no probability the answer stays where it began.
    penalty : ndarray of shape (size,)
        Not negative. Parameters without one may only scale and shift the logit of an outcome (`separates_by_scaling`).

    Notes
    -----
    Existence. Let d be the change of a row's logits under the full Newton step and ``a_ik = sum_l p_il d_il - d_ik``.
    Read in the coordinates without a penalty, the equation of the step gives multipliers ``w p_ik (1 - a_ik)`` that sum
    the contrasts of what happened with all else to zero; by Stiemke's lemma no direction without a penalty then
    separates the outcomes if all ``a_ik < 1``. The certificate asks for 1/2; where it does not come, a linear
    programme decides.
    """
    with one_blas_thread():
        problem = _Problem(rows, form, penalty)
        solver = _Solver(problem) if form.size <= _MOST_FOR_MATRIX else None
        theta, here = start, problem.evaluate(start)
        near = proved = False
        for n_steps in range(1, _MAX_STEPS + 1):  # noqa: B007 -- told at the end
            newton = (
                problem.conjugate_step(theta, here.gradient) if solver is None else solver.step(theta, here.gradient)
            )
            if newton is None:
                break
            step = newton.step
            near = -0.5 * float(step @ here.gradient) <= _NEAR
            proved = near and newton.trusted and problem.largest_multiplier(theta, step) <= _CERTIFICATE
            moved, there = problem.descend(theta, here, step)
            if near or there is here:
                theta, here = moved, there
                break
            theta, here = moved, there
        status: Status = "maximum" if near else "not converged"
        if not proved and separates_by_scaling(rows, shifts=bool(penalty[-1] == 0)):
            status = "separated"
        return SoftmaxFit(theta, float(np.abs(here.gradient).max()), status, n_steps)


class _Problem:
    """The penalised mean log loss of given rows."""

    def __init__(self, rows: ManyRows, form: LinearLogits, penalty: FloatArray) -> None:
        self.rows, self.form, self.penalty = rows, form, penalty
        self.weight = rows.each_weight
        self.total = float(self.weight.sum())

    def blocks(self) -> Iterator[tuple[slice, FloatArray]]:
        """Give the rows a block at a time, with their logits."""
        n, k = self.rows.logit.shape
        for block in blocks_of(n, max(k, self.form.size // 8)):
            yield block, self.rows.logit[block].astype(np.float64)

    def evaluate(self, theta: FloatArray) -> _Here:
        """Give loss and gradient."""
        value = 0.5 * float(self.penalty @ theta**2)
        gradient = self.penalty * theta
        for block, z in self.blocks():
            proba, log_own = self.probabilities(z, theta, block)
            weight = self.weight[block]
            value -= float(weight @ log_own) / self.total
            proba[np.arange(len(z)), self.rows.codes[block]] -= 1
            gradient += self.form.score(z, weight[:, None] * proba) / self.total
        return _Here(value, gradient)

    def probabilities(self, z: FloatArray, theta: FloatArray, block: slice) -> tuple[FloatArray, FloatArray]:
        """Give the probabilities of a block of rows, and the logarithm of that of what happened."""
        eta = self.form.logits(z, theta)
        eta -= eta.max(axis=1)[:, None]
        own = eta[np.arange(len(z)), self.rows.codes[block]]
        np.exp(eta, out=eta)
        total = eta.sum(axis=1)
        eta /= total[:, None]
        return eta, own - np.log(total)

    def information(self, theta: FloatArray) -> FloatArray:
        """Give that of a mean row, without the penalty."""
        result = np.zeros((self.form.size, self.form.size))
        for block, z in self.blocks():
            proba = self.probabilities(z, theta, block)[0]
            result += self.form.information(z, proba, self.weight[block] / self.total)
        return result

    def curvature(self, theta: FloatArray) -> FloatArray:
        """Give the second derivatives of the loss."""
        return self.information(theta) + np.diag(self.penalty)

    def conjugate_step(self, theta: FloatArray, gradient: FloatArray) -> NewtonStep:
        """Solve for the Newton step to a few digits; it proves nothing."""
        from scipy.sparse.linalg import LinearOperator, cg

        proba = [(block, z, self.probabilities(z, theta, block)[0]) for block, z in self.blocks()]

        def along(direction: FloatArray) -> FloatArray:
            result = self.penalty * direction
            for block, z, p in proba:
                change = self.form.logits(z, direction)
                change -= np.einsum("ij,ij->i", p, change)[:, None]
                change *= p * (self.weight[block] / self.total)[:, None]
                result += self.form.score(z, change)
            return result

        operator = LinearOperator((len(theta), len(theta)), matvec=along, dtype=np.float64)
        step, _ = cg(operator, -gradient, rtol=_DIGITS_OF_STEPS, maxiter=500)
        return NewtonStep(np.asarray(step, dtype=np.float64), trusted=False)

    def descend(self, theta: FloatArray, here: _Here, step: FloatArray) -> tuple[FloatArray, _Here]:
        """Take the largest of the steps 1, 1/2, 1/4, ... that does not raise the loss."""
        slack = 1e-14 * abs(here.value)
        for _ in range(_HALVINGS):
            there = self.evaluate(theta + step)
            if there.value <= here.value + slack:
                return theta + step, there
            step = step / 2
        return theta, here

    def largest_multiplier(self, theta: FloatArray, step: FloatArray) -> float:
        """Give the largest ``a_ik`` over outcomes k other than a row's own."""
        largest = 0.0
        for block, z in self.blocks():
            proba = self.probabilities(z, theta, block)[0]
            change = self.form.logits(z, step)
            multiplier = np.einsum("ij,ij->i", proba, change)[:, None] - change
            multiplier[np.arange(len(z)), self.rows.codes[block]] = 0.0
            largest = max(largest, float(multiplier.max(initial=0.0)))
        return largest


class _Solver:
    """Newton steps among the directions that change probabilities."""

    def __init__(self, problem: _Problem) -> None:
        self.problem = problem
        # With all parameters zero all outcomes are equally probable, and what is known there is known everywhere.
        self.basis = _informed(problem.curvature(np.zeros(problem.form.size)))

    def step(self, theta: FloatArray, gradient: FloatArray) -> NewtonStep | None:
        curvature = self.basis.T @ self.problem.curvature(theta) @ self.basis
        newton = solve_information(curvature, -(self.basis.T @ gradient))
        return None if newton is None else NewtonStep(self.basis @ newton.step, newton.trusted)


def softmax_covariance(rows: ManyRows, form: LinearLogits, theta: FloatArray, penalty: FloatArray) -> FloatArray:
    """Give the sampling covariance of parameters: ``B M B`` with B the inverse curvature of the penalised loss.

    M is the information of the rows, or with importance weights the sum of squares of their scores; without a penalty
    and importance weights this is the inverse information. It is that of the estimate around its own mean: what a
    penalty pulls towards zero is not in it.
    """
    with one_blas_thread():
        problem = _Problem(rows, form, penalty)
        information = problem.information(theta)
        basis = _informed(problem.curvature(np.zeros(form.size)))
        bread = basis @ invert(basis.T @ (information + np.diag(penalty)) @ basis) @ basis.T
        meat = information / problem.total
        if rows.importance is not None:
            meat = np.zeros_like(information)
            for block, z in problem.blocks():
                residual = problem.probabilities(z, theta, block)[0]
                residual[np.arange(len(z)), rows.codes[block]] -= 1
                each = problem.weight[block] / problem.total
                if rows.frequency is not None:
                    each = each / np.sqrt(rows.frequency[block])
                scores = form.row_scores(z, residual * each[:, None])
                meat += scores.T @ scores
        covariance: FloatArray = bread @ meat @ bread
        return (covariance + covariance.T) / 2


def _informed(curvature: FloatArray) -> FloatArray:
    """Give a basis of the directions in which a matrix is not zero, scaled to its diagonal."""
    scale = np.sqrt(np.diag(curvature))
    unit = np.divide(1.0, scale, where=scale > 0, out=np.zeros_like(scale))
    values, vectors = np.linalg.eigh(curvature * np.outer(unit, unit))
    basis: FloatArray = vectors[:, values > _NULL * float(values[-1])] * unit[:, None]
    return basis
