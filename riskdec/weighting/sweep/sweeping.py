"""One model under many weight ratios, judged beside a threshold that moves on its risks without weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_rng
from riskdec._base.codes import each_once
from riskdec._base.findings import sort_findings
from riskdec._base.frames import frame_kind
from riskdec._base.result import Estimate
from riskdec.diagnostics.slopes.recalibration_rows import wald_width
from riskdec.weighting.door import Given, counting_in_parts, find_event, hold_out, open_parts
from riskdec.weighting.fitting import check_estimator
from riskdec.weighting.sweep.answer import WeightSweep
from riskdec.weighting.sweep.fitting import sweep_fits
from riskdec.weighting.sweep.judging import judge_costs, judge_sweep
from riskdec.weighting.sweep.ratios import choose_ratios
from riskdec.weighting.sweep.sentences import conclude_sweep
from riskdec.weighting.sweep.tradeoff import find_crossing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.decisions import CostMatrix
    from riskdec.weighting.door import Rows
    from riskdec.weighting.judging import HeldOut
    from riskdec.weighting.sweep.fitting import Swept


def sweep_weights(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    ratios: Sequence[float] | None = None,
    costs: CostMatrix | Mapping[str, object] | None = None,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    groups_test: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_weight_test: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    event: object = None,
    confidence_level: float = 0.95,
    rng: RngLike = None,
) -> WeightSweep:
    """Fit one model under many weight ratios, and set each beside a threshold on its fit without weights.

    Parameters
    ----------
    estimator : classifier
        As in `compare_weighting`; it must carry no class weights of its own.
    X, y : array-like of shape (n, p) and (n,)
        Rows and their two labels; split 60:40 unless `X_test` is given.
    ratios : sequence of float, optional
        Weights of an event over that of a non-event, one and the natural ratio are added. By default 41, evenly on a
        log axis from a quarter of the smaller to four times the larger of one and the natural ratio.
    costs : CostMatrix or dict, optional
        Costs of two outcomes, the second the event; realised costs are then part of the answer.
    X_test, y_test : array-like, optional
        Rows to judge on that the model must not see.
    groups, groups_test : array-like, optional
        Which rows belong together: the split keeps groups whole, and intervals become cluster-robust.
    sample_weight : array-like of shape (n,), optional
        Non-negative weights of the rows, with which those of the ratios are multiplied; the natural ratio is that of
        their sums. Rows of weight 0 are as if absent.
    sample_weight_test : array-like of shape (m,), optional
        Those of the rows of `X_test`, under which every figure is judged.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts equal rows (whole numbers), or makes one row more or less important, as in
        `compare_weighting`.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    confidence_level : float, default=0.95
        Level of all intervals.
    rng : int, Generator or None
        Seed or generator of the split.

    Returns
    -------
    WeightSweep

    Raises
    ------
    InputError
        As `compare_weighting`, and for ratios that are not positive.

    See Also
    --------
    compare_weighting : A few schemes in depth.
    riskdec.best_threshold : The threshold of least cost on given risks.

    Notes
    -----
    A weight ratio r makes a model of the right form reach 0.5 where the risk is ``1 / (1 + r)``. Precision and recall
    against the log ratio, the chart by which weights are tuned, are therefore what one fit without weights shows at a
    moving threshold; the sweep says where the two part and by how much. Precision and recall cross where as many rows
    are flagged as there are events.

    The fits of an unpenalised logistic model lie on one smooth path in the log ratio, which is followed for all ratios
    together: each has the coefficients of ``LogisticRiskModel(class_weight=...)``. Where that is not possible, and for
    any other classifier, each ratio is fitted by itself.

    Examples
    --------
    >>> import numpy as np
    >>> from riskdec import LogisticRiskModel
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(4000, 2))
    >>> y = rng.random(4000) < 1 / (1 + np.exp(3 - X[:, 0]))
    >>> sweep = sweep_weights(LogisticRiskModel(), X, y, rng=0)
    >>> bool(sweep.agreement.min() > 0.95)
    True
    """
    check_estimator(estimator, sample_weight=sample_weight, weight_kind=weight_kind)
    stream = check_rng(rng)
    event = find_event(estimator, event)
    given = Given(groups, groups_test, sample_weight, sample_weight_test, weight_kind)
    training, test, split = open_parts(X, y, given, X_test=X_test, y_test=y_test, event=event, rng=stream)
    held_out = hold_out(test.outcome.is_event, test.groups, costs, confidence_level, test.weights)
    others, events = (training.weights.sum(part) for part in (~training.outcome.is_event, training.outcome.is_event))
    natural = others / events
    grid = choose_ratios(ratios, natural)
    with each_once(), counting_in_parts(parted=X_test is None, weighted=given.is_weighted):
        swept = sweep_fits(estimator, training, test.X, grid)
    answer = _answer(swept, grid, held_out)
    sweep = WeightSweep(
        **answer,
        natural_ratio=natural,
        findings=(),
        estimator=type(estimator).__name__,
        event=str(training.outcome.event),
        split=split,
        n_train=training.n,
        n_groups_test=_count_groups(test),
        weight_kind=given.kind,
        frame_kind=frame_kind(X),
    )
    findings = conclude_sweep(sweep, obstacle=swept.obstacle, separated=swept.separated)
    return replace(sweep, findings=sort_findings(findings))


def _answer(swept: Swept, ratios: FloatArray, held_out: HeldOut) -> dict[str, Any]:
    """Give the fields of the answer that come from the held-out rows."""
    weights = held_out.weights
    n, n_events = weights.sum(np.ones(len(held_out.is_event))), weights.sum(held_out.is_event)
    figures = judge_sweep(swept, ratios, held_out)
    costs = None if held_out.costs is None else judge_costs(swept, figures, held_out.costs, held_out)
    weighted, threshold = figures.weighted, figures.threshold
    recall, threshold_recall = weighted.hits / n_events, threshold.hits / n_events
    difference = recall - figures.matched.recall
    log_ratio = np.log(ratios)
    crossing, value = find_crossing(log_ratio, weighted.precision, recall)
    other, _ = find_crossing(log_ratio, threshold.precision, threshold_recall)
    largest, place = _largest(difference, figures.matched.standard_error, held_out)
    citl, slope = figures.recalibrations.citl, figures.recalibrations.slope
    return {
        "weight_ratio": ratios,
        "precision": weighted.precision,
        "recall": recall,
        "flagged": weighted.flagged / n,
        "threshold": 1 / (1 + ratios),
        "threshold_precision": threshold.precision,
        "threshold_recall": threshold_recall,
        "threshold_flagged": threshold.flagged / n,
        "agreement": figures.agreement,
        "recall_at_equal_precision": figures.matched.recall,
        "recall_difference": difference,
        "recall_difference_se": figures.matched.standard_error,
        "mean_risk": figures.mean_risk,
        **{f"citl{end}": citl[:, j].copy() for j, end in enumerate(("", "_low", "_high"))},
        **{f"slope{end}": slope[:, j].copy() for j, end in enumerate(("", "_low", "_high"))},
        "cost": None if costs is None else costs.weighted,
        "threshold_cost": None if costs is None else costs.threshold,
        "believed_cost": None if costs is None else costs.believed,
        "decided_cost": None if costs is None else costs.decided,
        "crossing_ratio": crossing,
        "crossing_value": value,
        "threshold_crossing": 1 / (1 + other),
        "largest_difference": largest,
        "largest_ratio": float("nan") if place is None else float(ratios[place]),
        "observed_rate": n_events / n,
        "terms": swept.terms,
        "coefficients": swept.coefficients,
        "costs": held_out.costs,
        "n_test": held_out.n,
        "n_events_test": held_out.n_events,
        "confidence_level": held_out.confidence_level,
    }


def _largest(difference: FloatArray, error: FloatArray, held_out: HeldOut) -> tuple[Estimate, int | None]:
    """Give the difference of recall that is largest in size among those with a standard error, and its place."""
    level = held_out.confidence_level
    known = np.flatnonzero(~np.isnan(difference) & ~np.isnan(error))
    if not len(known):
        return Estimate(estimate=np.nan, low=np.nan, high=np.nan, confidence_level=level), None
    place = int(known[np.abs(difference[known]).argmax()])
    n_groups = None if held_out.groups is None else int(held_out.groups.max()) + 1
    middle, half = float(difference[place]), wald_width(level, n_groups) * float(error[place])
    return Estimate(estimate=middle, low=middle - half, high=middle + half, confidence_level=level), place


def _count_groups(rows: Rows) -> int | None:
    return None if rows.groups is None else int(rows.groups.max()) + 1
