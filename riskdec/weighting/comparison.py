"""Comparison of a model with itself under class weights, on the same held-out rows."""

from __future__ import annotations

from math import isclose, isinf, isnan
from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_rng
from riskdec._base.codes import each_once
from riskdec._base.findings import sort_findings
from riskdec._base.frames import frame_kind
from riskdec.calibration.undoing import divide_odds
from riskdec.diagnostics.curves.reliability import reliability_curve
from riskdec.weighting.answer import WeightingComparison
from riskdec.weighting.coefficients import compare_coefficients, find_estimates
from riskdec.weighting.conclusions import (
    draw_conclusions,
    say_certain,
    say_fallback,
    say_none_above,
    say_not_assessable,
    say_same_fit,
)
from riskdec.weighting.door import find_event, hold_out, open_parts
from riskdec.weighting.fitting import check_estimator, fit_scheme, predict_event
from riskdec.weighting.judging import compare_to_none, judge_risks
from riskdec.weighting.schemes import resolve_schemes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np

    from riskdec._base.findings import Finding
    from riskdec._base.typing import ArrayLike, FloatArray, RngLike
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.curves.curves import ReliabilityCurve
    from riskdec.weighting.answer import CoefficientShift, ShapeTest, WeightingRow
    from riskdec.weighting.coefficients import Estimates
    from riskdec.weighting.door import Rows
    from riskdec.weighting.judging import HeldOut, Judged
    from riskdec.weighting.schemes import Scheme


def compare_weighting(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    schemes: Sequence[str | float | Mapping[Any, float]] = ("none", "natural"),
    costs: CostMatrix | Mapping[str, object] | None = None,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    groups_test: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    rng: RngLike = None,
) -> WeightingComparison:
    """Fit the same model with and without class weights, and show what the weights did.

    Parameters
    ----------
    estimator : classifier
        Any scikit-learn-style classifier with `predict_proba` that takes `class_weight`, or `sample_weight` in
        `fit`; of a pipeline the last step counts. It is copied, never fitted itself, and must carry no class
        weights of its own.
    X, y : array-like of shape (n, p) and (n,)
        Rows and their two labels; split 60:40 unless `X_test` is given.
    schemes : sequence
        "none", "natural" (``|C0| / |C1|`` for the event), "balanced" (the same ratio), a number (the weight of an
        event over that of a non-event) or a mapping of label to weight. The fit without weights is always made.
    costs : CostMatrix or dict, optional
        Costs under which decisions are made on each set of risks; two outcomes, the second is the event.
    X_test, y_test : array-like, optional
        Rows to judge on that the model must not see.
    groups, groups_test : array-like, optional
        Which rows belong together (a person, a site): the split keeps groups whole, and standard errors and
        intervals become cluster-robust.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    confidence_level : float, default=0.95
        Level of all intervals.
    rng : int, Generator or None
        Seed or generator of the split and of the band of the first curve.

    Returns
    -------
    WeightingComparison
        One row for each scheme, and one for its risks after `undo_class_weight`, with paired differences from the
        unweighted fit; coefficients of riskdec's logistic models; curves; findings.

    Raises
    ------
    InputError
        For an estimator that takes no weights or already has some, unknown schemes, anything but two outcomes,
        and parts of the split that lack one of them.

    Notes
    -----
    Only the ratio of the weights matters. In an unpenalised logistic model that contains the true log-odds they move
    the intercept by the log of the ratio r and leave the slopes alone, so that the weighted model at 0.5 decides as
    the unweighted one at ``1 / (1 + r)``. Wherever that fails, the model has another form than the data, or a
    penalty. Intervals are about the held-out rows and take the fits as given.

    References
    ----------
    R. van den Goorbergh et al., The harm of class imbalance corrections for risk prediction models, Journal of the
    American Medical Informatics Association 29 (2022), 1525-1534.

    Examples
    --------
    >>> import numpy as np
    >>> from riskdec import LogisticRiskModel
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(4000, 2))
    >>> y = rng.random(4000) < 1 / (1 + np.exp(3 - X[:, 0]))
    >>> comparison = compare_weighting(LogisticRiskModel(), X, y, rng=0)
    >>> for row in comparison.rows:
    ...     print(f"{row.name}: mean risk {row.mean_risk:.2f}, observed {row.observed_rate:.2f}")
    none: mean risk 0.07, observed 0.07
    natural: mean risk 0.44, observed 0.07
    natural, undone: mean risk 0.07, observed 0.07
    """
    check_estimator(estimator)
    stream = check_rng(rng)
    event = find_event(estimator, event)
    training, test, split = open_parts(
        X, y, groups, X_test=X_test, y_test=y_test, groups_test=groups_test, event=event, rng=stream
    )
    held_out = hold_out(test, costs, confidence_level)
    resolved = resolve_schemes(schemes, training.labels, training.outcome)
    with each_once():
        fits = [
            fit_scheme(
                estimator,
                training.X,
                training.labels,
                scheme,
                is_event=training.outcome.is_event,
                groups=training.groups,
            )
            for scheme in resolved
        ]
        risks = [predict_event(fit, test.X, training.outcome.event) for fit in fits]
    judged = [part for scheme, risk in zip(resolved, risks, strict=True) for part in _judge(scheme, risk, held_out)]
    rows = tuple(compare_to_none(part, judged[0], held_out) for part in judged)
    estimates = [_estimates(fit, training) for fit in fits]
    coefficients, shape_tests = _coefficients(resolved, estimates)
    findings = [
        *_conclude(resolved, rows, coefficients, shape_tests),
        *_cautions(resolved, estimates, rows, judged),
    ]
    return WeightingComparison(
        rows=rows,
        coefficients=coefficients,
        shape_tests=shape_tests,
        curves=_curves(rows, judged, held_out, stream),
        findings=sort_findings(findings),
        costs=held_out.costs,
        estimator=type(estimator).__name__,
        event=str(training.outcome.event),
        split=split,
        n_train=len(training.labels),
        n_test=len(test.labels),
        n_events_test=int(held_out.is_event.sum()),
        n_groups_test=None if test.groups is None else int(test.groups.max()) + 1,
        confidence_level=held_out.confidence_level,
        frame_kind=frame_kind(X),
    )


def _judge(scheme: Scheme, risk: FloatArray, held_out: HeldOut) -> Iterator[Judged]:
    yield judge_risks(scheme, "raw", risk, held_out)
    if not scheme.is_none:
        yield judge_risks(scheme, "undone", divide_odds(risk, scheme.ratio), held_out)


def _estimates(fitted: Any, training: Rows) -> Estimates | None:
    outcome = training.outcome
    return find_estimates(fitted, training.X, is_event=outcome.is_event, event=outcome.event, groups=training.groups)


def _coefficients(
    schemes: Sequence[Scheme], estimates: Sequence[Estimates | None]
) -> tuple[tuple[CoefficientShift, ...], tuple[ShapeTest, ...]]:
    none = estimates[0]
    compared = [
        compare_coefficients(scheme, weighted, none)
        for scheme, weighted in zip(schemes[1:], estimates[1:], strict=True)
        if none is not None and weighted is not None
    ]
    shifts = tuple(shift for some, _ in compared for shift in some)
    return shifts, tuple(test for _, test in compared if test is not None)


def _conclude(
    schemes: Sequence[Scheme],
    rows: Sequence[WeightingRow],
    coefficients: Sequence[CoefficientShift],
    shape_tests: Sequence[ShapeTest],
) -> Iterator[Finding]:
    none, *weighted = rows
    for i, scheme in enumerate(schemes[1:]):
        twin = next((s.name for s in schemes[1 : i + 1] if isclose(s.ratio, scheme.ratio)), None)
        if twin is not None:
            yield say_same_fit(scheme.name, twin)
            continue
        raw, undone = weighted[2 * i : 2 * i + 2]
        shifts = [shift for shift in coefficients if shift.scheme == scheme.name]
        shape_test = next((test for test in shape_tests if test.scheme == scheme.name), None)
        yield from draw_conclusions(none, raw, undone, shifts, shape_test)


def _cautions(
    schemes: Sequence[Scheme],
    estimates: Sequence[Estimates | None],
    rows: Sequence[WeightingRow],
    judged: Sequence[Judged],
) -> Iterator[Finding]:
    separated = [
        scheme.name
        for scheme, estimate in zip(schemes, estimates, strict=True)
        if estimate is not None and estimate.fit.separation is not None
    ]
    if separated:
        yield say_fallback(separated)
    low = [row for row in rows if row.flagged_at_half == 0]
    if low:
        yield say_none_above(low)
    certain = [row for row in rows if isinf(row.log_score)]
    if certain:
        yield say_certain(certain)
    obstacles = [
        part.hierarchy.obstacle or ("too few events or non-events" if isnan(row.citl.low) else "")
        for row, part in zip(rows, judged, strict=True)
    ]
    for obstacle in dict.fromkeys(filter(None, obstacles)):
        names = [row.name for row, found in zip(rows, obstacles, strict=True) if found == obstacle]
        yield say_not_assessable(names, obstacle)


def _curves(
    rows: Sequence[WeightingRow], judged: Sequence[Judged], held_out: HeldOut, rng: np.random.Generator
) -> tuple[tuple[str, ReliabilityCurve], ...]:
    return tuple(
        (
            row.name,
            reliability_curve(
                held_out.is_event,
                part.risk,
                band="consistency" if part.scheme.is_none else None,
                groups=held_out.groups,
                confidence_level=held_out.confidence_level,
                rng=rng,
            ),
        )
        for row, part in zip(rows, judged, strict=True)
    )
