"""Fits of one estimator under every scheme in every part of the plan, and the risks that they give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.codes import each_once
from riskdec._base.progress import progress
from riskdec.models import LogisticRiskModel, TabularRiskModel
from riskdec.resampling.procedure import take_rows
from riskdec.weighting.comparison.coefficients import find_estimates
from riskdec.weighting.comparison.recalls import measure_schemes
from riskdec.weighting.comparison.states import Predicted
from riskdec.weighting.door import Rows
from riskdec.weighting.fitting import divides_weights_out, fit_scheme, predict_weighted
from riskdec.weighting.schemes import resolve_schemes
from riskdec.weighting.schemes.sampling import draw_rows, make_up_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.weighting.comparison.coefficients import Estimates
    from riskdec.weighting.comparison.plan import Part, Plan
    from riskdec.weighting.schemes import Scheme

# The stream in which recalls are measured; those of the schemes are numbered from 0.
_RECALLS = 2**20


class Sampled(NamedTuple):
    """Rows that a scheme fits on.

    Attributes
    ----------
    rows : Rows
        The rows; group numbers hold copies of a row together.
    origin : ndarray of int, or None
        Training row of each of them, counted in rows written out; None where they are the training rows themselves.
    is_made_up : bool
        Whether some of them are no training rows at all.
    """

    rows: Rows
    origin: IntArray | None
    is_made_up: bool


class _Done(NamedTuple):
    """A fitted estimator, the rows that it was fitted on, and the risks that it gave; None for what is not needed."""

    fitted: Any
    sampled: Sampled
    risk: FloatArray | None


class Fits(NamedTuple):
    """What all fits gave.

    Attributes
    ----------
    predicted : tuple of Predicted
        Risks of the held-out rows, scheme by scheme, "none" first.
    schemes : tuple of Scheme
        The schemes on the rows from which coefficients are taken.
    estimates : tuple of Estimates or None
        Coefficients of riskdec's logistic models there.
    sizes : tuple of int
        Rows fitted on there.
    is_hidden : bool
        Whether the model divides weights out of its risks, so that they were put back.
    """

    predicted: tuple[Predicted, ...]
    schemes: tuple[Scheme, ...]
    estimates: tuple[Estimates | None, ...]
    sizes: tuple[int, ...]
    is_hidden: bool


def fit_all(estimator: Any, plan: Plan, wanted: Sequence[object], seed: int) -> Fits:
    """Fit every scheme in every part, and predict the rows that the part judges.

    Parameters
    ----------
    estimator : classifier
        Has passed `check_estimator`.
    plan : Plan
        Rows to fit on and to judge on.
    wanted : sequence
        Schemes as the caller wrote them; class sizes, and so their weights, are those of each part.
    seed : int
        Each draw of rows has a stream of its own made from it.
    """
    with each_once():
        schemes, by_part = _fit_parts(estimator, plan, wanted, seed)
    places = tuple(part.places for part in plan.parts)
    predicted = []
    judging = range(len(plan.parts))
    for j, scheme in enumerate(schemes[-1]):
        risk = np.empty(len(plan.is_event))
        for number in judging:
            risk[plan.parts[number].places] = by_part[number][j].risk
        predicted.append(Predicted(scheme.name, tuple(schemes[number][j] for number in judging), risk, places))
    estimates = tuple(_estimates(done.fitted, done.sampled, plan.whole) for done in by_part[-1])
    sizes = tuple(done.sampled.rows.n for done in by_part[-1])
    weighted = [done for done, scheme in zip(by_part[0], schemes[0], strict=True) if scheme.way == "weights"]
    is_hidden = any(divides_weights_out(done.fitted) for done in weighted[1:])
    return Fits(tuple(predicted), schemes[-1], estimates, sizes, is_hidden)


def sample_rows(scheme: Scheme, training: Rows, rng: np.random.Generator) -> Sampled:
    """Give the rows that a scheme fits on; rows that count several times are written out before any are drawn."""
    if scheme.way == "weights":
        return Sampled(training, None, is_made_up=False)
    training = _written_out(training)
    if scheme.way == "smote":
        X, labels = make_up_rows(scheme, training.X, training.labels, rng)
        outcome = training.outcome._replace(is_event=labels == training.outcome.event)
        return Sampled(Rows(X=X, labels=labels, outcome=outcome, groups=None), None, is_made_up=True)
    origin = draw_rows(scheme, training.outcome.is_event, rng)
    outcome = training.outcome._replace(is_event=training.outcome.is_event[origin])
    groups = training.groups
    if groups is not None:
        groups = np.unique(groups[origin], return_inverse=True)[1]
    elif scheme.way == "oversample":
        # Copies of a row are no independent rows.
        groups = origin
    rows = Rows(
        X=take_rows(training.X, origin),
        labels=training.labels[origin],
        outcome=outcome,
        groups=groups,
        weights=training.weights.take(origin),
    )
    return Sampled(rows, origin, is_made_up=False)


def _written_out(rows: Rows) -> Rows:
    """Give rows of weight one each in the place of rows with frequency weights."""
    if rows.weights.counts is None:
        return rows
    units = rows.units
    return Rows(
        X=take_rows(rows.X, units),
        labels=rows.labels[units],
        outcome=rows.outcome._replace(is_event=rows.outcome.is_event[units]),
        groups=None if rows.groups is None else rows.groups[units],
    )


def _fit_parts(
    estimator: Any, plan: Plan, wanted: Sequence[object], seed: int
) -> tuple[list[tuple[Scheme, ...]], list[list[_Done]]]:
    """Fit every scheme in every part; behind several parts, all rows once more, for the coefficients."""
    trained = [part.training for part in plan.parts]
    if len(trained) > 1:
        trained.append(plan.whole)
    schemes = []
    for number, training in enumerate(trained):
        measured = measure_schemes(estimator, training, wanted, np.random.default_rng((seed, number, _RECALLS)))
        schemes.append(resolve_schemes(measured, training.labels, training.outcome, training.weights))
    by_part: list[list[_Done]] = [[] for _ in trained]
    jobs = [(number, j) for number, some in enumerate(schemes) for j in range(len(some))]
    for number, j in progress(jobs, label="fits of the comparison", total=len(jobs), are_fits=True):
        part = plan.parts[number] if number < len(plan.parts) else None
        stream = np.random.default_rng((seed, number, j))
        by_part[number].append(_fit(estimator, trained[number], schemes[number][j], stream, part))
    return schemes, by_part


def _fit(estimator: Any, training: Rows, scheme: Scheme, rng: np.random.Generator, part: Part | None) -> _Done:
    """Fit one scheme, and predict what the part judges; without a part, fit only what has coefficients."""
    sampled = sample_rows(scheme, training, rng)
    if part is None and not isinstance(estimator, (LogisticRiskModel, TabularRiskModel)):
        return _Done(None, sampled, None)
    rows = sampled.rows
    is_event = rows.outcome.is_event
    fitted = fit_scheme(
        estimator, rows.X, rows.labels, scheme, is_event=is_event, groups=rows.groups, weights=rows.weights
    )
    risk = None if part is None else predict_weighted(fitted, part.X_test, training.outcome.event, scheme)
    return _Done(fitted, sampled, risk)


def _estimates(fitted: Any, sampled: Sampled, training: Rows) -> Estimates | None:
    if sampled.is_made_up:
        return None
    outcome = sampled.rows.outcome
    return find_estimates(
        fitted,
        sampled.rows.X,
        is_event=outcome.is_event,
        event=outcome.event,
        groups=training.groups,
        origin=sampled.origin,
        n_rows=len(training.labels) if sampled.origin is None else len(training.units),
        weights=sampled.rows.weights,
    )
