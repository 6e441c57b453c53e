"""Comparison of a model with itself under class weights and resampling, on the same held-out rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from riskdec._base.checks import check_integer, check_rng
from riskdec._base.findings import sort_findings
from riskdec._base.frames import frame_kind
from riskdec._base.result import with_frame_kind
from riskdec.diagnostics.curves.reliability import reliability_curve
from riskdec.weighting.comparison.answer import WeightingComparison
from riskdec.weighting.comparison.coefficients import compare_coefficients
from riskdec.weighting.comparison.fits import fit_all
from riskdec.weighting.comparison.flexible import choose_flexible, find_helped, try_flexible
from riskdec.weighting.comparison.loss_parts import split_loss
from riskdec.weighting.comparison.paired_bootstrap import resample_differences
from riskdec.weighting.comparison.plan import open_plan
from riskdec.weighting.comparison.rows import make_row
from riskdec.weighting.comparison.states import canonical_order, deal_cells, repaired
from riskdec.weighting.conclusions.comparison import conclude
from riskdec.weighting.door import Given, counting_in_parts, find_event, hold_out
from riskdec.weighting.fitting import check_estimator
from riskdec.weighting.judging import judge_risks
from riskdec.weighting.schemes import check_schemes, needs_weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np

    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.curves.curves import ReliabilityCurve
    from riskdec.weighting.comparison.coefficients import CoefficientShift, ShapeTest
    from riskdec.weighting.comparison.fits import Fits
    from riskdec.weighting.comparison.flexible import FlexibleCheck
    from riskdec.weighting.comparison.loss_parts import LossParts
    from riskdec.weighting.comparison.rows import Repair, WeightingRow
    from riskdec.weighting.comparison.states import Cells, Predicted
    from riskdec.weighting.judging import HeldOut, Judged


# An estimator with many options prints over several lines; its class says enough.
_LINE = 80


class _Risks(NamedTuple):
    """Risks of one scheme in one state, judged, with the weight ratio of the fit that gave each of them."""

    scheme: str
    repair: Repair
    ratio: Any
    judged: Judged


def compare_weighting(
    estimator: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    schemes: Sequence[str | float | tuple[str, Any] | Mapping[Any, float]] = ("none", "natural"),
    costs: CostMatrix | Mapping[str, object] | None = None,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    cv: Any = None,
    groups: ArrayLike | None = None,
    groups_test: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_weight_test: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    flexible: Any = None,
    event: object = None,
    n_resamples: int = 400,
    confidence_level: float = 0.95,
    rng: RngLike = None,
) -> WeightingComparison:
    """Fit the same model with and without reweighting, and show what that did, what is mended by undoing, and what not.

    Parameters
    ----------
    estimator : classifier
        Any scikit-learn-style classifier with `predict_proba` that takes `class_weight`, or `sample_weight` in
        `fit`; of a pipeline the last step counts. Under resampling schemes alone it need take neither. It is copied,
        never fitted itself, and must carry no class weights of its own.
    X, y : array-like of shape (n, p) and (n,)
        Rows and their two labels; split 60:40 unless `X_test` or `cv` is given.
    schemes : sequence
        Each of them one of

        - "natural", the class sizes exchanged, ``(|C1|, |C0|)``; "balanced" is the same ratio, hence the same fit;
        - a number, the weight of an event over that of a non-event, a mapping of label to weight, or such a mapping
          with a name, ``(name, mapping)``;
        - ``("effective_number", beta)``, see `effective_number_weights`;
        - ``("recall_driven", power)``, see `recall_driven_weights`, with the recalls of the unweighted fit at 0.5 on
          training rows left out in five folds;
        - "undersample", which leaves rows of the larger class out at random until both are of one size, or
          ``("undersample", ratio)``, which leaves out as many as weights of that ratio stand for;
        - "oversample" or ``("oversample", ratio)``, which repeats rows of the smaller class: each ``floor(ratio)``
          times, and as many as are missing, drawn at random, once more; with a whole ratio it is the fit with integer
          weights;
        - "smote" or ``("smote", ratio)``, which makes up rows between neighbours (needs imbalanced-learn);
        - "none", which is always there.
    costs : CostMatrix or dict, optional
        Costs under which decisions are made on each set of risks; two outcomes, the second is the event.
    X_test, y_test : array-like, optional
        Rows to judge on that the model must not see.
    cv : int or splitter, optional
        Folds instead of one split: each row is judged by fits on other rows. A splitter of scikit-learn must judge no
        row twice. Coefficients are then those of one more fit on all rows.
    groups, groups_test : array-like, optional
        Which rows belong together (a person, a site): the split keeps groups whole, and standard errors and
        intervals become cluster-robust.
    sample_weight : array-like of shape (n,), optional
        Non-negative weights of the rows; those of a scheme are multiplied with them, and sizes of classes are sums of
        them. Rows of weight 0 are as if absent. The estimator must take `sample_weight` in `fit`; in a pipeline every
        step that takes it gets it.
    sample_weight_test : array-like of shape (m,), optional
        Those of the rows of `X_test`, under which every figure is judged.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts equal rows (whole numbers), or makes one row more or less important: then only ratios
        count, and intervals are robust. A model of riskdec must have been made with the same `weight_kind`.
    flexible : classifier, optional
        A model to try without weights where weights made decisions cheaper: if the gain vanishes, it came from a model
        of the wrong form. For `LogisticRiskModel` and a straight `TabularRiskModel` it is `TabularRiskModel` with
        splines unless another one is given; for other estimators nothing is tried without it.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    n_resamples : int, default=400
        Resamples of the paired bootstrap.
    confidence_level : float, default=0.95
        Level of all intervals.
    rng : int, Generator or None
        Seed or generator of the split, of resampling, and of the band of the first curve.

    Returns
    -------
    WeightingComparison
        For each scheme one row as fitted, one after the exact map back, one with calibration-in-the-large re-estimated
        and one with the slope re-estimated too, each with paired differences from the unweighted fit; what of the
        loss is a shift, a slope, or lost for good; coefficients of riskdec's logistic models; curves; findings.

    Raises
    ------
    InputError
        For an estimator that takes no weights or already has some, unknown schemes, anything but two outcomes,
        parts of the split that lack one of them, negative weights, frequency weights that are not whole numbers, and
        "smote" beside importance weights.
    MissingExtraError
        For "smote" without imbalanced-learn.

    Notes
    -----
    Only the ratio of the weights matters. In an unpenalised logistic model that contains the true log-odds they move
    the intercept by the log of the ratio r and leave the slopes alone, so that the weighted model at 0.5 decides as
    the unweighted one at ``1 / (1 + r)``. Wherever that fails, the model has another form than the data, or a
    penalty. Leaving out all but a share 1/r of the non-events, or repeating events r times, has the same limit as the
    weight r, with fewer rows, or with the same rows, to estimate it from; made-up rows have no such map.

    Risks are recalibrated on rows that are neither fitted on nor judged: the held-out rows are dealt into five parts,
    and each part gets the map that the other four show. Errors of a map in one part are made up for in the others, so
    the calibration-in-the-large of such a row is near 0 by construction; its scores and its ranking are what to read.

    All intervals are about the held-out rows and take the fits as given. For means over rows, calibration-in-the-large
    and slope they come from what each row contributes, for all other figures from resampled rows, or groups of rows,
    the same ones for every row of the answer. ICI and cutoff error are larger than 0 by chance alone; intervals of
    their differences hold all the same, and are wide. Those of precision and recall are too short where two sets of
    risks decide alike but for a handful of rows.

    A row of frequency weight 3 gives the answer of three equal rows, one below the other: they are dealt, drawn and
    left out one by one, so that some of them may be fitted on and others judged. Rows of importance weights are dealt
    and drawn whole, and what each contributes is multiplied by its weight.

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
    >>> for row in (comparison.rows[0], *comparison.rows[3:5]):
    ...     print(f"{row.name}: mean risk {row.mean_risk:.2f}, observed {row.observed_rate:.2f}, AUC {row.auc:.3f}")
    none: mean risk 0.07, observed 0.07, AUC 0.743
    natural: mean risk 0.44, observed 0.07, AUC 0.743
    natural, undone: mean risk 0.07, observed 0.07, AUC 0.743
    """
    stream, wanted = check_rng(rng), check_schemes(schemes)
    check_estimator(
        estimator, needs_weights=needs_weights(wanted), sample_weight=sample_weight, weight_kind=weight_kind
    )
    n_resamples = check_integer(n_resamples, name="n_resamples", low=2)
    event = find_event(estimator, event)
    given = Given(groups, groups_test, sample_weight, sample_weight_test, weight_kind)
    tried = choose_flexible(estimator, flexible, X, event, given)
    plan = open_plan(X, y, given, X_test=X_test, y_test=y_test, cv=cv, event=event, rng=stream)
    held_out = hold_out(plan.is_event, plan.groups, costs, confidence_level, plan.weights)
    seed = int(stream.integers(2**63))
    with counting_in_parts(parted=X_test is None, weighted=given.is_weighted):
        fits = fit_all(estimator, plan, wanted, seed)
    cells = deal_cells(held_out, canonical_order(fits.predicted, held_out), stream)
    held_out = cells.hold(held_out)
    repair_all = partial(_repair, cells=cells, held_out=held_out)
    risks = [
        _Risks(predicted.name, repair, predicted.ratio[cells.rows], judge_risks(risk, held_out))
        for predicted in fits.predicted
        for repair, risk in repair_all(predicted)
    ]
    judged = [one.judged for one in risks]
    resampled = resample_differences(judged, held_out, cells.units, n_resamples=n_resamples, rng=stream)
    rows = tuple(
        make_row(one.scheme, one.repair, one.ratio, one.judged, judged[0], found, held_out)
        for one, found in zip(risks, resampled, strict=True)
    )
    coefficients, shape_tests = _coefficients(fits)
    parts = _loss_parts(risks, held_out)
    checks: tuple[FlexibleCheck, ...] = ()
    helped = find_helped(rows, shape_tests)
    if tried is not None and helped:
        by_name = {scheme.name: one for scheme, one in zip(fits.schemes[1:], wanted, strict=True)}
        by_state: dict[tuple[str, str], Judged] = {(one.scheme, one.repair): one.judged for one in risks}
        checks = try_flexible(tried, helped, by_state, by_name, plan, held_out, repair_all, seed)
    comparison = WeightingComparison(
        rows=rows,
        loss_parts=parts,
        coefficients=coefficients,
        shape_tests=shape_tests,
        flexible_checks=checks,
        curves=_curves(rows, judged, held_out, stream),
        bins=tuple((row.name, one.bins) for row, one in zip(rows, judged, strict=True) if row.repair != "recentred"),
        findings=sort_findings(
            conclude(fits, rows, judged, held_out, coefficients, shape_tests, parts, helped, checks)
        ),
        costs=held_out.costs,
        threshold=held_out.threshold,
        estimator=_name(estimator),
        event=str(plan.whole.outcome.event),
        split=plan.split,
        n_train=plan.parts[0].training.n if cv is None else plan.whole.n,
        n_test=held_out.n,
        n_events_test=held_out.n_events,
        n_groups_test=None if plan.groups is None else int(plan.groups.max()) + 1,
        n_resamples=n_resamples,
        weight_kind=given.kind,
        confidence_level=held_out.confidence_level,
    )
    return with_frame_kind(comparison, frame_kind(X, y))


def _repair(predicted: Predicted, *, cells: Cells, held_out: HeldOut) -> Iterator[tuple[Repair, FloatArray]]:
    """Give the risks of one fit in each state, cell by cell of the held-out rows."""
    return repaired(predicted.take(cells.rows), held_out.is_event, cells.part, held_out.weights)


def _coefficients(fits: Fits) -> tuple[tuple[CoefficientShift, ...], tuple[ShapeTest, ...]]:
    none = fits.estimates[0]
    compared = [
        compare_coefficients(scheme, weighted, none)
        for scheme, weighted in zip(fits.schemes[1:], fits.estimates[1:], strict=True)
        if none is not None and weighted is not None
    ]
    shifts = tuple(shift for some, _ in compared for shift in some)
    return shifts, tuple(test for _, test in compared if test is not None)


def _loss_parts(risks: Sequence[_Risks], held_out: HeldOut) -> tuple[LossParts, ...]:
    states: dict[str, dict[str, Judged]] = {}
    for one in risks:
        states.setdefault(one.scheme, {})[one.repair] = one.judged
    none = states.pop("none")
    found = [split_loss(scheme, weighted, none, held_out) for scheme, weighted in states.items()]
    return tuple(one for one in found if one is not None)


def _curves(
    rows: Sequence[WeightingRow], judged: Sequence[Judged], held_out: HeldOut, rng: np.random.Generator
) -> tuple[tuple[str, ReliabilityCurve], ...]:
    """Draw the curves as fitted and undone; the other states would lie on the diagonal."""
    return tuple(
        (
            row.name,
            reliability_curve(
                held_out.is_event,
                one.risk,
                band="consistency" if row.name == "none" else None,
                sample_weight=held_out.weights.values,
                weight_kind=held_out.weights.kind,
                groups=held_out.groups,
                confidence_level=held_out.confidence_level,
                rng=rng,
            ),
        )
        for row, one in zip(rows, judged, strict=True)
        if row.repair in ("raw", "undone")
    )


def _name(estimator: Any) -> str:
    """Give the model as it prints, or its class where that would take more than a line."""
    shown = repr(estimator)
    return shown if len(shown) <= _LINE and "\n" not in shown else type(estimator).__name__
