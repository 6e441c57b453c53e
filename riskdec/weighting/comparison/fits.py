"""Fits of one estimator under every scheme in every part of the plan, and the risks that they give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.codes import each_once
from riskdec.models import LogisticRiskModel, TabularRiskModel
from riskdec.resampling.procedure import take_rows
from riskdec.weighting.comparison.coefficients import find_estimates
from riskdec.weighting.comparison.recalls import measure_schemes
from riskdec.weighting.comparison.states import Predicted
from riskdec.weighting.door import Rows
from riskdec.weighting.fitting import fit_scheme, predict_event
from riskdec.weighting.schemes import resolve_schemes
from riskdec.weighting.schemes.sampling import draw_rows, make_up_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import IntArray
    from riskdec.weighting.comparison.coefficients import Estimates
    from riskdec.weighting.comparison.plan import Plan
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
    """

    predicted: tuple[Predicted, ...]
    schemes: tuple[Scheme, ...]
    estimates: tuple[Estimates | None, ...]
    sizes: tuple[int, ...]


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
        by_part = [_fit_part(estimator, plan, number, wanted, seed) for number in range(len(plan.parts))]
        schemes, fits = by_part[0][0], [(fitted, sampled) for fitted, sampled, _ in by_part[0][1]]
        if len(plan.parts) > 1:
            schemes, fits = _fit_whole(estimator, plan, wanted, seed)
    places = tuple(part.places for part in plan.parts)
    predicted = []
    for j, scheme in enumerate(schemes):
        risk = np.empty(len(plan.is_event))
        for part, (_, results) in zip(plan.parts, by_part, strict=True):
            risk[part.places] = results[j][2]
        predicted.append(Predicted(scheme.name, tuple(some[j] for some, _ in by_part), risk, places))
    estimates = tuple(_estimates(fitted, sampled, plan.whole) for fitted, sampled in fits)
    sizes = tuple(sampled.rows.n for _, sampled in fits)
    return Fits(tuple(predicted), schemes, estimates, sizes)


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


def _fit_part(
    estimator: Any, plan: Plan, number: int, wanted: Sequence[object], seed: int
) -> tuple[tuple[Scheme, ...], list[tuple[Any, Sampled, Any]]]:
    part = plan.parts[number]
    training = part.training
    measured = measure_schemes(estimator, training, wanted, np.random.default_rng((seed, number, _RECALLS)))
    schemes = resolve_schemes(measured, training.labels, training.outcome, training.weights)
    done = []
    for j, scheme in enumerate(schemes):
        fitted, sampled = _fit(estimator, training, scheme, np.random.default_rng((seed, number, j)))
        done.append((fitted, sampled, predict_event(fitted, part.X_test, training.outcome.event)))
    return schemes, done


def _fit_whole(
    estimator: Any, plan: Plan, wanted: Sequence[object], seed: int
) -> tuple[tuple[Scheme, ...], list[tuple[Any, Sampled]]]:
    """Fit all rows once more, for the coefficients; without them there is nothing to fit for."""
    measured = measure_schemes(estimator, plan.whole, wanted, np.random.default_rng((seed, len(plan.parts), _RECALLS)))
    schemes = resolve_schemes(measured, plan.whole.labels, plan.whole.outcome, plan.whole.weights)
    streams = [np.random.default_rng((seed, len(plan.parts), j)) for j in range(len(schemes))]
    if isinstance(estimator, (LogisticRiskModel, TabularRiskModel)):
        return schemes, [_fit(estimator, plan.whole, scheme, rng) for scheme, rng in zip(schemes, streams, strict=True)]
    return schemes, [(None, sample_rows(scheme, plan.whole, rng)) for scheme, rng in zip(schemes, streams, strict=True)]


def _fit(estimator: Any, training: Rows, scheme: Scheme, rng: np.random.Generator) -> tuple[Any, Sampled]:
    sampled = sample_rows(scheme, training, rng)
    rows, is_event = sampled.rows, sampled.rows.outcome.is_event
    fitted = fit_scheme(
        estimator, rows.X, rows.labels, scheme, is_event=is_event, groups=rows.groups, weights=rows.weights
    )
    return fitted, sampled


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
