"""One against the rest: any binary calibrator for each outcome, and the risks brought to a sum of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import clone

from riskdec._base.checks import refuse
from riskdec._base.findings import Finding
from riskdec._base.table import Table, count, number
from riskdec.calibration.calibrator import BinaryCalibrator, Calibrator
from riskdec.calibration.multiclass.rows import open_many, read_many, say_zeros
from riskdec.calibration.multiclass.softmax import log_odds_against_rest, softmax
from riskdec.calibration.multiclass.softmax_calibrator import plain_event
from riskdec.calibration.parametric.platt import PlattCalibrator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from riskdec._base.typing import AnyArray, ArrayLike, FloatArray
    from riskdec.calibration.door import Input
    from riskdec.calibration.multiclass.rows import LogitScale

_MOST_SHOWN = 20


class OneVsRestCalibrator(Calibrator):
    """A binary calibrator for each outcome against all others, renormalised.

    Parameters
    ----------
    calibrator : BinaryCalibrator, optional
        What to fit to each outcome: any binary calibrator, whose own `input` says whether it is given the probability
        of the outcome or its log-odds against the rest, and whose `weight_kind` is used. By default
        ``PlattCalibrator()``.
    input : {"probability", "logit"}, default="probability"
        What scores are.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    outcomes : sequence of labels, optional
        The label of each column, if not the sorted labels. Every outcome must have happened.

    Attributes
    ----------
    calibrators_ : tuple of BinaryCalibrator
        One for each outcome.
    sums_ : tuple of float
        Least, mean and greatest sum of the K calibrated risks of a row of the fit, before they are divided by it.
    converged_ : bool
        Whether all of them converged.
    findings_ : tuple of Finding
        What renormalising does (RD509), probabilities of 0 (RD508), and the findings of the K calibrators.

    Notes
    -----
    ``q_k = g_k(s_k) / sum_j g_j(s_j)``, with the score s_k the probability of outcome k, or its log-odds
    ``z_k - log sum_{j != k} exp(z_j)``. Each g_k is fitted on its own, so nothing makes the risks of a row sum to one.
    Dividing by the sum moves every risk of a row by one factor, and undoes part of what was calibrated: the mean of a
    renormalised risk is no longer the rate of its outcome. ``sums_`` tells how far the sums are from one; where they
    are far, prefer a calibrator of all outcomes together. A row whose risks are all zero gets the rates of the fit.

    `predict_interval` gives what is left of ``q_k`` when each g_j may be anywhere between its own limits: from
    ``l_k / (l_k + sum_{j != k} u_j)`` to ``u_k / (u_k + sum_{j != k} l_j)``. The limits of each are asked for at
    ``1 - (1 - level) / K``, so that by Bonferroni all of them hold together at the level, whatever the dependence of
    fits to the same rows; the interval is wider than it need be. (Limits of isotonic fits are known at 0.90, 0.95 and
    0.99 only: ask for ``1 - 0.01 K``.) Venn-Abers calibrators give the range of their risks.

    References
    ----------
    B. Zadrozny, C. Elkan, Transforming classifier scores into accurate multiclass probability estimates, KDD 2002.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.dirichlet([2, 2, 2], 5000)
    >>> y = (np.log(p) + rng.gumbel(size=p.shape)).argmax(axis=1)
    >>> sharpened = p**2 / (p**2).sum(axis=1, keepdims=True)
    >>> OneVsRestCalibrator().fit(sharpened, y).predict_proba([[0.8, 0.1, 0.1]]).round(1)
    array([[0.6, 0.2, 0.2]])
    """

    def __init__(
        self,
        calibrator: BinaryCalibrator | None = None,
        *,
        input: Input = "probability",
        event: object = None,
        outcomes: Sequence[object] | None = None,
    ) -> None:
        self.calibrator = calibrator
        self.input = input
        self.event = event
        self.outcomes = outcomes

    @property
    def has_level(self) -> bool:
        """Whether limits hold at a level of confidence: where those of the binary calibrator do."""
        return _binary(self.calibrator).has_level

    def fit(self, scores: ArrayLike, y_true: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit one calibrator to each outcome.

        Parameters
        ----------
        scores : array-like of shape (n, K)
            Scores of rows that the model was not fitted on; two columns or more.
        y_true : array-like of shape (n,)
            What happened.
        sample_weight : array-like of shape (n,), optional
            Non-negative row weights; their meaning is the `weight_kind` of the binary calibrator.

        Returns
        -------
        OneVsRestCalibrator
            Itself.

        Raises
        ------
        InputError
            For what is no score, outcome or weight, and where an outcome never happened.
        """
        binary = _binary(self.calibrator)
        rows, classes, scale = open_many(
            scores, y_true, sample_weight, input=self.input, weight_kind=binary.weight_kind, outcomes=self.outcomes
        )
        never = np.flatnonzero(np.bincount(rows.codes, minlength=len(classes)) == 0)
        if len(never):
            cure = "Temperature scaling and DirichletCalibrator need no rows of every outcome."
            raise refuse("y_true", "hold every outcome", f"no row of {classes[never].tolist()[0]!r}", cure)
        event = plain_event(classes, self.event)
        fitted = []
        for k, score in enumerate(_scores(rows.logit, binary.input)):
            one = clone(binary).set_params(event=None)
            fitted.append(one.fit(score, rows.codes == k, rows.weight))
        self._scale, self.calibrators_ = scale, tuple(fitted)
        counts = np.bincount(rows.codes, rows.weight, minlength=len(classes))
        self._rates: FloatArray = counts / rows.each_weight.sum()
        sums = self._risks(rows.logit).sum(axis=1)
        self.sums_ = float(sums.min()), float(np.average(sums, weights=rows.weight)), float(sums.max())
        self.converged_ = all(one.converged_ for one in fitted)
        self.findings_ = (*say_zeros(scale), _say_sums(self.sums_), *_say_of_each(fitted, classes))
        self.n_, self.classes_, self.event_ = int(rows.n), classes, event
        return self

    @property
    def scale_(self) -> LogitScale:
        """How scores became logits in the fit."""
        return self._scale

    @property
    def rates_(self) -> FloatArray:
        """Share of each outcome in the fit, shape (K,)."""
        return self._rates

    def predict_proba(self, scores: ArrayLike) -> FloatArray:  # noqa: D102 -- the contract says it
        self._require_fitted()
        risk = self._risks(self._read(scores))
        total = risk.sum(axis=1)
        risk[total == 0] = self._rates
        total[total == 0] = 1.0
        risk /= total[:, None]
        return risk

    def predict_interval(  # noqa: D102 -- the contract says it
        self, scores: ArrayLike, *, event: object = None, confidence_level: float | None = None
    ) -> FloatArray:
        self._require_fitted()
        column = self._column_of(event)
        low, high = self._limits_of_each(self._read(scores), confidence_level)
        others = np.arange(len(self.classes_)) != column
        own = np.column_stack([low[:, column], high[:, column]])
        rest = np.column_stack([high[:, others].sum(axis=1), low[:, others].sum(axis=1)])
        # Of nothing over nothing all that is known is that it is a share.
        limits = np.tile([0.0, 1.0], (len(own), 1))
        shares: FloatArray = np.divide(own, own + rest, where=own + rest > 0, out=limits)
        return shares

    def _limits_of_each(self, logits: AnyArray, confidence_level: float | None) -> tuple[FloatArray, FloatArray]:
        """Give limits of the risk of each outcome against the rest that hold together, shapes (n, K)."""
        level = self._level(confidence_level)
        shared = 1 - (1 - level) / len(self.calibrators_) if self.has_level else None
        scores = _scores(logits, self.calibrators_[0].input)
        limits = [
            one.predict_interval(score, confidence_level=shared)
            for one, score in zip(self.calibrators_, scores, strict=True)
        ]
        low, high = np.stack(limits, axis=1).transpose(2, 0, 1)
        return low, high

    def summary(self) -> Table:
        """Give the sums before renormalising, and the findings."""
        self._require_fitted()
        rows = tuple(
            (str(label), type(one).__name__, "yes" if one.converged_ else "no")
            for label, one in zip(self.classes_[:_MOST_SHOWN].tolist(), self.calibrators_, strict=False)
        )
        return Table(
            title="One against the rest, renormalised",
            header=("outcome", "calibrator", "converged"),
            rows=rows,
            notes=(f"Fitted on {count(self.n_)} rows.", *map(str, self.findings_)),
        )

    def _read(self, scores: ArrayLike) -> AnyArray:
        return self._scale.logits(read_many(scores, input=self.input, n_outcomes=len(self.classes_)))

    def _risks(self, logits: AnyArray) -> FloatArray:
        scores = _scores(logits, self.calibrators_[0].input)
        return np.column_stack([one.predict_risk(score) for one, score in zip(self.calibrators_, scores, strict=True)])


def _binary(calibrator: BinaryCalibrator | None) -> BinaryCalibrator:
    if calibrator is None:
        return PlattCalibrator()
    if not isinstance(calibrator, BinaryCalibrator):
        raise refuse("calibrator", "be a binary calibrator", type(calibrator).__name__, "Pass PlattCalibrator().")
    return calibrator


def _scores(logits: AnyArray, input: Input) -> Iterator[FloatArray]:
    """Give what a binary calibrator takes for each outcome against the rest."""
    if input == "logit":
        z = logits.astype(np.float64)
        for k in range(z.shape[1]):
            yield log_odds_against_rest(z, k)[0]
    else:
        for column in softmax(logits.shape, lambda rows: logits[rows]).T:
            yield np.ascontiguousarray(column)


def _say_sums(sums: tuple[float, float, float]) -> Finding:
    least, mean, greatest = (number(value, 3) for value in sums)
    sentence = (
        f"The calibrated risks of a row sum to {mean} on average ({least} to {greatest}) before they are divided by "
        "their sum; dividing moves each away from the rate it was fitted to."
    )
    todo = "Where sums are far from 1, calibrate all outcomes together: temperature, vector or Dirichlet."
    return Finding(code="RD509", severity="caution", sentence=sentence, todo=todo)


def _say_of_each(fitted: Sequence[BinaryCalibrator], classes: AnyArray) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=finding.code,
            severity=finding.severity,
            sentence=f"Outcome {label!r}: {finding.sentence}",
            todo=finding.todo,
        )
        for label, one in zip(classes.tolist(), fitted, strict=True)
        for finding in one.findings_
    )
