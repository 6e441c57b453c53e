"""Vector scaling: the logit of each outcome scaled and shifted on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import Table, count, number
from riskdec.calibration.multiclass.linear_logits import ScaledLogits
from riskdec.calibration.multiclass.softmax_calibrator import MOST_FOR_COVARIANCE, SoftmaxCalibrator, refuse_separated
from riskdec.calibration.multiclass.softmax_newton import fit_softmax, softmax_covariance
from riskdec.calibration.saying import say_not_converged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, FloatArray, WeightKind
    from riskdec.calibration.door import Input
    from riskdec.calibration.multiclass.rows import ManyRows

_MOST_SHOWN = 20


class VectorScalingCalibrator(SoftmaxCalibrator):
    """Vector scaling by maximum likelihood.

    Parameters
    ----------
    input : {"probability", "logit"}, default="probability"
        What scores are. Probabilities are taken to their logarithms; logits are taken as they are, so that here, other
        than in temperature scaling, adding a constant to all logits of a row matters.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether a weight counts rows or makes one row more or less important (then the covariance is robust).
    outcomes : sequence of labels, optional
        The label of each column, where not all of them happened. By default the sorted labels.

    Attributes
    ----------
    coef_ : ndarray of shape (K,)
        Factors a.
    intercept_ : ndarray of shape (K,)
        Shifts b; they sum to zero.
    gradient_ : float
        Largest absolute derivative of the mean log loss at the estimate.
    converged_ : bool
        Whether the maximum of the likelihood is proved to exist, and was reached.
    findings_ : tuple of Finding
        Scores that count against their own outcome (RD502), not converged (RD501), probabilities of 0 (RD508).

    Raises
    ------
    SeparationError
        By `fit`, where no maximum exists, since scaling and shifting tell the outcomes apart, or one never happened.

    Notes
    -----
    ``q = softmax(a * z + b)`` with z the logits or log-probabilities. A constant added to all b changes nothing, so b
    is given with sum zero; every other direction that the data do not determine stays at the identity (a = 1). The
    covariance of (a_1, ..., a_K, b_1, ..., b_K) is the inverse information under that sum, of rank 2K - 1 at most.
    With two outcomes and probabilities this is beta calibration without its limits, and with log-odds it is Platt
    scaling. The order of the columns changes nothing. Logits on disk (``np.load(path, mmap_mode="r")``) are read a
    block at a time, once or twice for each Newton step.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, On calibration of modern neural networks, ICML 2017.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> logits = rng.normal(0, 1.5, (20_000, 3))
    >>> y = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    >>> vector = VectorScalingCalibrator(input="logit").fit(logits * [2, 1, 1] + [1, 0, -1], y)
    >>> vector.coef_.round(1), vector.intercept_.round(1)
    (array([0.5, 1. , 1. ]), array([-0.7, -0.1,  0.8]))
    """

    def __init__(
        self,
        *,
        input: Input = "probability",
        event: object = None,
        weight_kind: WeightKind = "frequency",
        outcomes: Sequence[object] | None = None,
    ) -> None:
        self.input = input
        self.event = event
        self.weight_kind = weight_kind
        self.outcomes = outcomes

    def summary(self) -> Table:
        """Give factor and shift of each outcome with standard errors, and the findings."""
        self._require_fitted()
        k = len(self.classes_)
        errors = np.full(2 * k, np.nan) if self._covariance is None else np.sqrt(np.diag(self._covariance))
        columns = (self.coef_, errors[:k], self.intercept_, errors[k:])
        rows = tuple(
            (str(label), *(number(float(column[j])) for column in columns))
            for j, label in enumerate(self.classes_[:_MOST_SHOWN].tolist())
        )
        notes = [f"Fitted on {count(self.n_)} rows; gradient {self.gradient_:.1e}."]
        if k > _MOST_SHOWN:
            notes.append(f"The first {_MOST_SHOWN} of {k} outcomes.")
        return Table(
            title="Vector scaling",
            header=("outcome", "factor", "standard error", "shift", "standard error"),
            rows=rows,
            notes=(*notes, *map(str, self.findings_)),
        )

    def _learn(self, rows: ManyRows, classes: AnyArray) -> tuple[Finding, ...]:
        k = len(classes)
        form, penalty = ScaledLogits(k), np.zeros(2 * k)
        found = fit_softmax(rows, form, np.repeat([1.0, 0.0], k), penalty)
        if found.status == "separated":
            cure = "Use temperature scaling or DirichletCalibrator, or calibrate on more rows."
            raise refuse_separated(classes, rows, cure)
        self._form = form
        self.coef_ = found.parameters[:k].copy()
        self.intercept_ = found.parameters[k:] - found.parameters[k:].mean()
        self._parameters = np.concatenate([self.coef_, self.intercept_])
        self._covariance = None
        if form.size <= MOST_FOR_COVARIANCE:
            self._covariance = _centred(softmax_covariance(rows, form, self._parameters, penalty), k)
        self.gradient_, self.converged_ = found.gradient, found.status == "maximum"
        findings = () if self.converged_ else (say_not_converged("Vector scaling", found.n_steps, found.gradient),)
        return (*findings, *_say_against(self.coef_, classes))


def _centred(covariance: FloatArray, k: int) -> FloatArray:
    """Give the covariance of factors and of shifts less their mean."""
    centre = np.eye(2 * k)
    centre[k:, k:] -= 1 / k
    result: FloatArray = centre @ covariance @ centre.T
    return result


def _say_against(coef: FloatArray, classes: AnyArray) -> tuple[Finding, ...]:
    """Say which scores count against their own outcome."""
    against = np.flatnonzero(coef <= 0)
    if not len(against):
        return ()
    names = ", ".join(repr(label) for label in classes[against[:5]].tolist())
    sentence = (
        f"The score of {len(against)} of {len(coef)} outcomes ({names}) carries no signal of its own: its factor is "
        f"{number(float(coef[against].min()), 3)} at the least, and a higher score does not make the outcome likelier."
    )
    todo = "Do the columns stand in the order of the labels? Temperature scaling has one factor, never negative."
    return (Finding(code="RD502", severity="caution", sentence=sentence, todo=todo),)
