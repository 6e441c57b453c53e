"""Dirichlet calibration and matrix scaling: each logit from the scores of all outcomes, held back by a penalty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from riskdec._base.checks import check_number
from riskdec._base.table import Table, count, number
from riskdec.calibration.multiclass.linear_logits import MixedLogits
from riskdec.calibration.multiclass.penalty_choice import choose_penalty
from riskdec.calibration.multiclass.softmax_calibrator import MOST_FOR_COVARIANCE, SoftmaxCalibrator, refuse_separated
from riskdec.calibration.multiclass.softmax_newton import fit_softmax, softmax_covariance
from riskdec.calibration.saying import say_not_converged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.findings import Finding
    from riskdec._base.typing import AnyArray, FloatArray, WeightKind
    from riskdec.calibration.door import Input
    from riskdec.calibration.multiclass.rows import ManyRows
    from riskdec.calibration.multiclass.softmax_newton import SoftmaxFit

_MOST_SHOWN = 10
# What is expected of weights between different outcomes, and of shifts, before there are rows.
_WEIGHT_DEVIATION = 0.05
_SHIFT_DEVIATION = 0.5


class DirichletCalibrator(SoftmaxCalibrator):
    """Dirichlet calibration (of probabilities) or matrix scaling (of logits) with the ODIR penalty.

    Parameters
    ----------
    input : {"probability", "logit"}, default="probability"
        What scores are. Probabilities are taken to their logarithms: Dirichlet calibration. Logits are taken as they
        are: matrix scaling.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether a weight counts rows or makes one row more or less important (then the covariance is robust).
    outcomes : sequence of labels, optional
        The label of each column, where not all of them happened. By default the sorted labels.
    off_diagonal_penalty : float or "cv", optional
        Strength lambda of the penalty on weights between different outcomes; above 0. By default that of a normal
        prior with standard deviation 0.05 for each weight, ``K (K - 1) / (2 n 0.05^2)``. With "cv" the one of eight
        strengths from 1e-4 to 1e3 with the best log score in five folds, which are taken in the order of the rows.
    intercept_penalty : float, optional
        Strength mu of the penalty on shifts, at least 0. By default that of a normal prior with standard deviation
        0.5, ``K / (2 n 0.5^2)``.

    Attributes
    ----------
    coef_ : ndarray of shape (K, K)
        Weights W; row k makes the logit of outcome k.
    intercept_ : ndarray of shape (K,)
        Shifts b.
    off_diagonal_penalty_, intercept_penalty_ : float
        The strengths used.
    gradient_ : float
        Largest absolute derivative of the penalised mean log loss at the estimate.
    converged_ : bool
        Whether the optimum exists and was reached.
    findings_ : tuple of Finding
        Not converged (RD501), probabilities of 0 (RD508).

    Raises
    ------
    SeparationError
        By `fit`, where no optimum exists: the diagonal is not penalised, and scaling the scores of single outcomes
        tells all rows apart.

    Notes
    -----
    ``q = softmax(W z + b)`` with z the log-probabilities or logits; W and b minimise ::

        mean log loss + lambda / (K (K - 1)) sum_{k != j} W_kj^2 + mu / K sum_k b_k^2

    which is the penalty of the authors, on the mean loss and without a reference outcome: the order of the columns
    changes nothing. (Their package does this with ``reg_norm=True, ref_row=False`` only.) Since the loss is a mean, a
    strength given as a number pulls as hard with many rows as with few; the defaults fade as 1 / n, where n is the
    number of rows (the sum of frequency weights).

    The default strength stands between data in which no outcomes are confused and such in which all are. The diagonal
    is free, so that with few rows the weights of outcomes that are all but told apart grow too large: below about a
    hundred rows of each outcome temperature scaling is better (``docs/simulations/dirichlet_penalty.md``).

    `cov_params` is in the order of the rows ``(W_k1, ..., W_kK, b_k)``. It is the sampling covariance of the penalised
    estimate around its own mean; the pull of the penalty is not in it, nor is the choice of a strength. Intervals made
    of it tell how far other rows would have led to other probabilities, not how far those are from the truth.

    References
    ----------
    M. Kull, M. Perello-Nieto, M. Kängsepp, T. Silva Filho, H. Song, P. Flach, Beyond temperature scaling: Obtaining
    well-calibrated multi-class probabilities with Dirichlet calibration, NeurIPS 2019. arXiv:1910.12656

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.dirichlet([2, 2, 2], 5000)
    >>> confused = p @ [[0.8, 0.2, 0.0], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]]
    >>> y = (np.log(p) + rng.gumbel(size=p.shape)).argmax(axis=1)
    >>> dirichlet = DirichletCalibrator(off_diagonal_penalty=0.01).fit(confused, y)
    >>> dirichlet.predict_proba([[0.6, 0.3, 0.1]]).round(1)
    array([[0.7, 0.2, 0.1]])
    """

    def __init__(
        self,
        *,
        input: Input = "probability",
        event: object = None,
        weight_kind: WeightKind = "frequency",
        outcomes: Sequence[object] | None = None,
        off_diagonal_penalty: float | Literal["cv"] | None = None,
        intercept_penalty: float | None = None,
    ) -> None:
        self.input = input
        self.event = event
        self.weight_kind = weight_kind
        self.outcomes = outcomes
        self.off_diagonal_penalty = off_diagonal_penalty
        self.intercept_penalty = intercept_penalty

    def summary(self) -> Table:
        """Give weights and shifts, and the findings."""
        self._require_fitted()
        names = tuple(map(str, self.classes_[:_MOST_SHOWN].tolist()))
        rows = tuple(
            (name, *(number(float(w), 3) for w in self.coef_[k, :_MOST_SHOWN]), number(float(self.intercept_[k]), 3))
            for k, name in enumerate(names)
        )
        strengths = (
            f"Penalties {number(self.off_diagonal_penalty_, 3)} off the diagonal, {number(self.intercept_penalty_, 3)} "
            f"on shifts; fitted on {count(self.n_)} rows; gradient {self.gradient_:.1e}."
        )
        notes = [strengths]
        if len(self.classes_) > _MOST_SHOWN:
            notes.append(f"The first {_MOST_SHOWN} of {len(self.classes_)} outcomes.")
        return Table(
            title="Matrix scaling" if self.input == "logit" else "Dirichlet calibration",
            header=("outcome", *names, "shift"),
            rows=rows,
            notes=(*notes, *map(str, self.findings_)),
        )

    def _learn(self, rows: ManyRows, classes: AnyArray) -> tuple[Finding, ...]:
        k = len(classes)
        self._form = MixedLogits(k)
        self.off_diagonal_penalty_, self.intercept_penalty_ = self._strengths(rows, k)
        penalty = odir_penalty(k, self.off_diagonal_penalty_, self.intercept_penalty_)
        found = fit_softmax(rows, self._form, np.eye(k, k + 1).ravel(), penalty)
        if found.status == "separated":
            cure = (
                "Use temperature scaling, give every outcome rows and its shift a penalty, or calibrate on more rows."
            )
            raise refuse_separated(classes, rows, cure)
        self._parameters = found.parameters
        self._covariance = None
        if self._form.size <= MOST_FOR_COVARIANCE:
            self._covariance = softmax_covariance(rows, self._form, found.parameters, penalty)
        table = found.parameters.reshape(k, -1)
        self.coef_, self.intercept_ = table[:, :-1].copy(), table[:, -1].copy()
        self.gradient_, self.converged_ = found.gradient, found.status == "maximum"
        if self.converged_:
            return ()
        return (say_not_converged("Dirichlet calibration", found.n_steps, found.gradient),)

    def _strengths(self, rows: ManyRows, k: int) -> tuple[float, float]:
        if self.intercept_penalty is None:
            shift = k / (2 * rows.n * _SHIFT_DEVIATION**2)
        else:
            shift = check_number(self.intercept_penalty, name="intercept_penalty", low=0)
        if self.off_diagonal_penalty is None:
            return k * (k - 1) / (2 * rows.n * _WEIGHT_DEVIATION**2), shift
        if self.off_diagonal_penalty == "cv":

            def fit(part: ManyRows, strength: float, start: FloatArray) -> SoftmaxFit:
                return fit_softmax(part, self._form, start, odir_penalty(k, strength, shift))

            return choose_penalty(rows, self._form, np.eye(k, k + 1).ravel(), fit), shift
        return check_number(self.off_diagonal_penalty, name="off_diagonal_penalty", low=0, open_low=True), shift


def odir_penalty(n_outcomes: int, off_diagonal: float, intercept: float) -> FloatArray:
    """Give the second derivative of the ODIR penalty in each parameter of `MixedLogits`."""
    k = n_outcomes
    table = np.full((k, k + 1), 2 * off_diagonal / (k * (k - 1)))
    table[np.arange(k), np.arange(k)] = 0.0
    table[:, -1] = 2 * intercept / k
    return table.ravel()
