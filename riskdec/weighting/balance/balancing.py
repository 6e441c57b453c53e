"""Recalls of all classes: measured, then evened out by weights in the loss and by decision offsets, and compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_integer, check_level, check_number, check_option, check_rng, refuse
from riskdec._base.codes import each_once
from riskdec._base.findings import sort_findings
from riskdec._base.frames import frame_kind
from riskdec._base.progress import progress
from riskdec._base.result import with_frame_kind
from riskdec.decisions.offsets.rows import check_class_costs
from riskdec.weighting.balance.answer import RecallBalance
from riskdec.weighting.balance.fitting import fill_random_states
from riskdec.weighting.balance.one_split import Settings, judge_split
from riskdec.weighting.balance.parts import open_all
from riskdec.weighting.balance.repeats import RecallRepeat
from riskdec.weighting.balance.sentences import conclude_balance
from riskdec.weighting.door import Given
from riskdec.weighting.fitting import check_estimator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec._base.typing import ArrayLike, RngLike, WeightKind
    from riskdec.decisions import CostMatrix
    from riskdec.weighting.balance.one_split import SplitResult

_WAYS = ("weights", "offsets")


def balance_recall(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    ways: Sequence[str] = _WAYS,
    power: float = 1.0,
    calibration: str = "vector",
    held_out_share: float = 0.25,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    costs: CostMatrix | Mapping[str, object] | None = None,
    groups: ArrayLike | None = None,
    groups_test: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_weight_test: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    n_repeats: int = 1,
    confidence_level: float = 0.95,
    rng: RngLike = None,
) -> RecallBalance:
    """Measure how differently classes are found, and even it out by recall-driven weights and by decision offsets.

    Parameters
    ----------
    estimator : classifier
        Any scikit-learn-style classifier with `predict_proba`, for two classes or more; for the weights it must take
        `class_weight`, or `sample_weight` in `fit`. It is copied, never fitted itself, and must carry no class weights
        of its own.
    X, y : array-like of shape (n, ...) and (n,)
        Rows and their classes. Without `X_test`, 40 % are set aside to judge on.
    ways : sequence of {"weights", "offsets"}
        What to try: a second fit whose loss weighs classes by ``(mean recall / recall_k) ** power``; offsets of
        calibrated log probabilities, which need no further fit.
    power : float, default=1.0
        Strength of the weights.
    calibration : {"vector", "temperature"}, default="vector"
        How probabilities are calibrated before offsets are added; without an estimate of the first, the second. Offsets
        are computed from vector-scaled probabilities, which takes fewer rows; after a temperature, which leaves single
        classes off, they are counted on the labels.
    held_out_share : float, default=0.25
        Share of the rows not judged on that no fit sees: recalls are measured, probabilities calibrated, and offsets
        fitted on them.
    X_test, y_test : array-like, optional
        Rows to judge on; every class must be among them.
    costs : CostMatrix or dict, optional
        Costs of deciding for each class, one outcome and one action per class in the order of the sorted labels.
        Decisions of least expected cost are then judged too.
    groups, groups_test : array-like of shape (n,), optional
        Which rows belong together: they are split as a whole, and all intervals are cluster-robust.
    sample_weight : array-like of shape (n,), optional
        Non-negative weights of the rows, with which those of classes are multiplied. Rows of weight 0 are as if absent.
        The estimator must take `sample_weight` in `fit`.
    sample_weight_test : array-like of shape (m,), optional
        Those of the rows of `X_test`, under which every figure is judged.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts equal rows (whole numbers), or makes one row more or less important: then only ratios
        count, and intervals are robust. A model of riskdec must have been made with the same `weight_kind`.
    n_repeats : int, default=1
        How often rows are dealt and fits are made anew; random states that the estimator leaves open are drawn anew
        too, the same for the plain and the weighted fit. Figures of the first are given in full.
    confidence_level : float
        Level of all intervals.
    rng : int, Generator or None
        Deals the rows, and draws random states left open.

    Returns
    -------
    RecallBalance
        Recalls of every way with limits, their spread beside what chance makes of equal recalls, the price in accuracy
        and cost, what the weights did per unit of log weight beside the shift they stand for, and findings.

    Raises
    ------
    InputError
        For an estimator that cannot be fitted with weights where these are wanted, a single class, a class that some
        part lacks, costs that do not fit the classes, negative weights, and frequency weights that are not whole.

    Notes
    -----
    In a fit of the right form a weight multiplies the odds of its class, so it moves decisions as the offset
    ``log w_k`` does, which costs no second fit. A fit that gets all of its own rows right has no loss left to weigh:
    there weights fade. Its probabilities are also too sure, so that an offset that suits calibrated probabilities does
    little on raw ones.

    Recalls of a class that was never found on the held-out rows count as half a row for its weight.

    A row of frequency weight 3 gives the answer of three equal rows, one below the other, which are dealt one by one.

    All intervals are about the test rows and take the fits as given; `n_repeats` shows what another split or seed adds.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> y = rng.choice(["cat", "dog", "owl"], 4000, p=[0.6, 0.3, 0.1])
    >>> X = rng.normal(size=(4000, 3)) + 1.5 * (y[:, None] == ["cat", "dog", "owl"])
    >>> found = balance_recall(LogisticRegression(), X, y, rng=0)
    >>> for arm in found.arms:
    ...     print(f"{arm.way}: {arm.recall.round(2)}, accuracy {arm.accuracy.estimate:.2f}")
    plain: [0.9  0.72 0.49], accuracy 0.81
    weights: [0.86 0.72 0.63], accuracy 0.80
    offsets: [0.77 0.75 0.8 ], accuracy 0.77
    """
    stream = check_rng(rng)
    share = check_level(held_out_share, name="held_out_share")
    n_repeats = check_integer(n_repeats, name="n_repeats", low=1)
    tried = _check_ways(ways)
    check_estimator(estimator, needs_weights="weights" in tried, sample_weight=sample_weight, weight_kind=weight_kind)
    given = Given(groups, groups_test, sample_weight, sample_weight_test, weight_kind)
    results = []
    with each_once():
        for _ in progress(range(n_repeats), label="repeats", total=n_repeats):
            parts = open_all(X, y, given, X_test=X_test, y_test=y_test, share=share, rng=stream)
            settings = Settings(
                ways=tried,
                power=check_number(power, name="power", low=0, open_low=True),
                calibration=check_option(calibration, ("vector", "temperature"), name="calibration"),
                costs=None if costs is None else check_class_costs(costs, parts.classes.tolist()),
                confidence_level=check_level(confidence_level),
            )
            results.append(judge_split(fill_random_states(estimator, stream), parts, settings))
    answer = _answer(results, type(estimator).__name__, settings, X, given.kind)
    return replace(answer, findings=sort_findings(conclude_balance(answer, is_hidden=results[0].hides_weights)))


def _check_ways(ways: Sequence[str]) -> tuple[str, ...]:
    if isinstance(ways, str) or not ways:
        raise refuse("ways", "be a sequence of 'weights' and 'offsets'", repr(ways), 'Write ways=("offsets",).')
    return tuple(check_option(way, _WAYS, name="ways") for way in ways)


def _answer(
    results: Sequence[SplitResult], estimator: str, settings: Settings, X: object, weight_kind: WeightKind | None
) -> RecallBalance:
    """Give the first result in full, and of all of them what tells how far it depends on the split and the seed."""
    first = results[0]
    parts = first.parts
    balance = RecallBalance(
        classes=tuple(parts.classes.tolist()),
        arms=first.arms,
        held_out_recall=first.held_out_recall,
        weights=first.weights,
        power=None if first.weights is None else settings.power,
        effect=first.effect,
        offsets=first.offsets,
        counted_range=first.counted_range,
        calibration=first.calibration.method,
        temperature=first.calibration.temperature,
        repeats=tuple(
            RecallRepeat(arms=one.arms, effect=one.effect, temperature=one.calibration.temperature) for one in results
        ),
        n_fitted=parts.fitted.n,
        n_held_out_per_class=parts.held_out.counts.astype(np.intp),
        n_test_per_class=parts.test.counts.astype(np.intp),
        split=parts.split,
        estimator=estimator,
        costs=settings.costs,
        weight_kind=weight_kind,
        confidence_level=settings.confidence_level,
        findings=(),
    )
    return with_frame_kind(balance, frame_kind(X))
