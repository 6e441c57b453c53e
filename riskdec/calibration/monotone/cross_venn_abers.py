"""Cross Venn-Abers calibration: one Venn-Abers calibrator for each fold, merged by geometric means."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from riskdec._base.checks import check_integer, check_labels, check_weights, refuse, sorted_labels
from riskdec._base.table import Table, count, interval
from riskdec.calibration.calibrator import BinaryCalibrator
from riskdec.calibration.door import ScoredRows, open_rows
from riskdec.calibration.monotone.ranked_rows import say_unranked, sum_rows
from riskdec.calibration.monotone.venn_abers import fit_venn_abers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from riskdec._base.typing import AnyArray, ArrayLike, BoolArray, FloatArray, IntArray, WeightKind
    from riskdec.calibration.door import Input
    from riskdec.calibration.monotone.inserted_fits import InsertedFits


@runtime_checkable
class Splitter(Protocol):
    """What scikit-learn's splitters can do."""

    def split(self, X: AnyArray, y: AnyArray) -> Iterable[tuple[AnyArray, AnyArray]]:
        """Give pairs of places: those outside a fold, those inside."""


class CrossVennAbersCalibrator(BinaryCalibrator):
    """Cross Venn-Abers calibration: each fold calibrates by itself, and the risks are merged by geometric means.

    Made for out-of-fold scores, where the scores of each fold come from a model of their own: pass the number of its
    fold for each row. Scores of one and the same model are better used whole, by `VennAbersCalibrator`.

    Parameters
    ----------
    cv : int or splitter, default=5
        Number of folds, or a splitter of scikit-learn, where `fit` gets no fold numbers. A number deals the events and
        the other rows out in the order of their scores: no random numbers, so that neither the order of the rows nor
        writing a row twice instead of giving it the weight 2 changes anything. A splitter sees rows and cannot promise
        that.
    input : {"probability", "logit"}, default="probability"
        What scores are; only their order matters.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        As in `VennAbersCalibrator`; importance weights are brought to a mean of one in each fold.

    Attributes
    ----------
    n_folds_ : int
        Number of folds.
    converged_ : bool
        True: the fits are exact.
    findings_ : tuple of Finding
        No signal in any fold (RD502).

    Notes
    -----
    With ``p0_k, p1_k`` the two risks of fold k and GM the geometric mean over folds,

        p = GM(p1) / (GM(1 - p0) + GM(p1))

    which is the minimax choice under the log score, and nothing else than the average of the merged risks of the folds
    on the logit scale. The calibration guarantee of the single folds does not carry over to it. ``predict_interval``
    gives the lowest p0 and the highest p1 of all folds.

    References
    ----------
    Vovk V, Petej I, Fedorova V (2015). Large-scale probabilistic predictors with and without guarantees of validity.
    NeurIPS 28, 892-900. arXiv:1511.00213

    Examples
    --------
    >>> scores, outcomes = [0.1, 0.3, 0.4, 0.6, 0.2, 0.5, 0.7, 0.8], [0, 1, 0, 1, 0, 0, 1, 1]
    >>> fitted = CrossVennAbersCalibrator().fit(scores, outcomes, folds=[1, 1, 1, 1, 2, 2, 2, 2])
    >>> fitted.predict_interval([0.55]).round(3)
    array([[0., 1.]])
    >>> fitted.predict_risk([0.2, 0.55, 0.9]).round(3)
    array([0.32 , 0.551, 0.71 ])
    """

    def __init__(
        self,
        *,
        cv: int | Splitter = 5,
        input: Input = "probability",
        event: object = None,
        weight_kind: WeightKind = "frequency",
    ) -> None:
        self.cv = cv
        self.input = input
        self.event = event
        self.weight_kind = weight_kind

    @property
    def has_level(self) -> bool:
        """Whether limits hold at a level of confidence: these hold at none."""
        return False

    def fit(
        self,
        scores: ArrayLike,
        y_true: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        folds: ArrayLike | None = None,
    ) -> Self:
        """Learn from each fold.

        Parameters
        ----------
        scores : array-like of shape (n,) or (n, 2)
            Scores of rows that the model behind them was not fitted on.
        y_true : array-like of shape (n,)
            What happened.
        sample_weight : array-like of shape (n,), optional
            Non-negative row weights; rows of weight 0 are as if absent.
        folds : array-like of shape (n,), optional
            Fold of each row: any labels, at least two different ones. Then `cv` plays no part.

        Returns
        -------
        CrossVennAbersCalibrator
            Itself.

        Raises
        ------
        InputError
            For what is no score, outcome, weight or fold, and for folds in which the outcome never differs.
        """
        rows, outcome = open_rows(
            scores, y_true, sample_weight, input=self.input, event=self.event, weight_kind=self.weight_kind
        )
        if folds is not None:
            n = len(outcome.is_event)
            labels, weight = check_labels(folds, name="folds", n=n), check_weights(sample_weight, n)
            dealt = _by_label(rows, labels if weight is None else labels[weight > 0])
        elif isinstance(self.cv, Integral):
            dealt = _deal(rows, self.cv)
        else:
            dealt = _split(rows, self.cv)
        self._learn_folds(dealt)
        self.n_, self.classes_, self.event_ = int(rows.n), outcome.classes, outcome.event
        return self

    @property
    def fits_(self) -> tuple[InsertedFits, ...]:
        """Both risks at each score, for each fold."""
        return self._fits

    def summary(self) -> Table:
        """Give the folds with the ranges of both their risks, and the findings."""
        self._require_fitted()
        rows = tuple(
            (f"fold {k}", interval(one.low[0], one.low[-1]), interval(one.high[0], one.high[-1]))
            for k, one in enumerate(self._fits, start=1)
        )
        notes = (f"Fitted on {count(self.n_)} rows.", *map(str, self.findings_))
        return Table(title="Cross Venn-Abers calibration", header=("", "p0", "p1"), rows=rows, notes=notes)

    def _learn(self, rows: ScoredRows) -> None:
        if not isinstance(self.cv, Integral):
            cure = "A splitter deals single rows; sums of rows can be dealt by number."
            raise refuse("cv", "be a number of folds for sums", repr(self.cv), cure)
        self._learn_folds(_deal(rows, self.cv))

    def _learn_folds(self, folds: list[ScoredRows]) -> None:
        for k, fold in enumerate(folds, start=1):
            if fold.is_event.all() or not fold.is_event.any():
                got = f"{int(fold.is_event.sum())} events in {len(fold.is_event)} rows in fold {k} of {len(folds)}"
                cure = "Take fewer folds, or such as keep the shares of both outcomes."
                raise refuse("each fold", "hold events and non-events", got, cure)
        sums = [sum_rows(fold) for fold in folds]
        self._fits = tuple(map(fit_venn_abers, sums))
        self.n_folds_, self.converged_, self.findings_ = len(folds), True, say_unranked(sums)

    def _risk(self, score: FloatArray) -> FloatArray:
        low, high = self._at(score)
        no_event, event = np.exp(np.log1p(-low).mean(axis=0)), np.exp(np.log(high).mean(axis=0))
        return np.asarray(event / (no_event + event), dtype=np.float64)

    def _limits(self, score: FloatArray, level: float) -> FloatArray:
        low, high = self._at(score)
        return np.column_stack([low.min(axis=0), high.max(axis=0)])

    def _at(self, score: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give p0 and p1 of each fold, shapes (n_folds, n)."""
        low, high = zip(*(one.at(score) for one in self._fits), strict=True)
        return np.stack(low), np.stack(high)


def _deal(rows: ScoredRows, cv: object) -> list[ScoredRows]:
    """Deal rows to a number of folds in turn: one outcome in the order of its scores, then the other."""
    n_folds = check_integer(cv, name="cv", low=2)
    keys = (rows.score, rows.is_event) if rows.importance is None else (rows.importance, rows.score, rows.is_event)
    order = np.lexsort(keys)
    counts = np.ones(len(order)) if rows.frequency is None else rows.frequency[order]
    dealt = np.cumsum(counts)
    folds = []
    for k in range(n_folds):
        # Of the first i rows dealt, ceil((i - k) / n_folds) went to fold k.
        share = np.ceil((dealt - k) / n_folds) - np.ceil((dealt - counts - k) / n_folds)
        kept = order[share > 0]
        importance = None if rows.importance is None else rows.importance[kept]
        folds.append(ScoredRows(rows.score[kept], rows.is_event[kept], share[share > 0], importance))
    return folds


def _split(rows: ScoredRows, cv: object) -> list[ScoredRows]:
    """Take the folds of a splitter, which must hold each row once."""
    if isinstance(cv, str) or not isinstance(cv, Splitter):
        raise refuse("cv", "be a number of folds or a splitter of scikit-learn", repr(cv))
    inside = [np.asarray(places) for _, places in cv.split(rows.score[:, np.newaxis], rows.is_event)]
    if not np.array_equal(np.sort(np.concatenate(inside)), np.arange(len(rows.score))):
        raise refuse("cv", "put each row into one fold", f"{len(inside)} folds that do not", "Take KFold or the like.")
    return [_take(rows, places) for places in inside]


def _by_label(rows: ScoredRows, labels: AnyArray) -> list[ScoredRows]:
    """Take the rows of each fold."""
    known = sorted_labels(labels, name="folds")
    if len(known) < 2:
        raise refuse("folds", "hold at least two folds", "one", "With one fold take VennAbersCalibrator.")
    return [_take(rows, labels == label) for label in known]


def _take(rows: ScoredRows, which: IntArray | BoolArray) -> ScoredRows:
    return ScoredRows(*(None if part is None else part[which] for part in rows))  # type: ignore[arg-type]  # as it was
