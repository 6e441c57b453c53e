"""Laws of the calibrators that assume no curve: weights, order, labels, sums, and what lies between what."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from riskdec import (
    CentredIsotonicCalibrator,
    CrossVennAbersCalibrator,
    IsotonicCalibrator,
    ScoreSums,
    SplineCalibrator,
    VennAbersCalibrator,
)
from riskdec.errors import SeparationWarning

RISING = [
    IsotonicCalibrator(),
    CentredIsotonicCalibrator(),
    VennAbersCalibrator(),
    CrossVennAbersCalibrator(cv=2),
]
# Steps are compared to the bit: sums of whole weights are exact. A likelihood is maximised to rounding.
EVERY = [(one, 0.0) for one in RISING] + [(SplineCalibrator(n_knots=3), 1e-6)]
NEW = np.linspace(0, 1, 41)


class Rows(NamedTuple):
    score: np.ndarray
    y: np.ndarray
    weight: np.ndarray


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    n = draw(st.integers(8, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    score = rng.integers(1, draw(st.integers(3, 60)) + 1, n) / 64
    y = rng.random(n) < draw(st.sampled_from([0.3, 0.5])) + rng.choice([0.0, 1.0]) * (score - 0.5)
    weight = rng.integers(0, 4, n)
    kept = weight > 0
    assume(2 <= y[kept].sum() <= kept.sum() - 2)
    return Rows(score, y.astype(int), weight)


def fit(calibrator: Any, *data: np.ndarray) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeparationWarning)
        return type(calibrator)(**calibrator.get_params()).fit(*data)


def assert_same(ours: Any, theirs: Any, tolerance: float) -> None:
    np.testing.assert_allclose(ours.predict_risk(NEW), theirs.predict_risk(NEW), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("calibrator", "tolerance"), EVERY)
@given(data=rows())
def test_whole_weights_are_repetitions_in_any_order(calibrator: Any, tolerance: float, data: Rows) -> None:
    weighted = fit(calibrator, *data)
    order = np.random.default_rng(1).permutation(np.repeat(np.arange(len(data.y)), data.weight))
    repeated = fit(calibrator, data.score[order], data.y[order])
    assert_same(weighted, repeated, tolerance)
    assert weighted.n_ == repeated.n_
    assert [finding.code for finding in weighted.findings_] == [finding.code for finding in repeated.findings_]


@pytest.mark.parametrize(("calibrator", "tolerance"), EVERY)
@given(data=rows())
def test_names_of_labels_change_nothing(calibrator: Any, tolerance: float, data: Rows) -> None:
    named = type(calibrator)(**{**calibrator.get_params(), "event": "a"})
    assert_same(fit(named, data.score, np.where(data.y, "a", "z"), data.weight), fit(calibrator, *data), tolerance)


@pytest.mark.parametrize(("calibrator", "tolerance"), EVERY)
@given(data=rows())
def test_merged_sums_teach_what_the_rows_teach(calibrator: Any, tolerance: float, data: Rows) -> None:
    half = np.arange(len(data.y)) % 2 == 0
    parts = [Rows(*(part[side] for part in data)) for side in (half, ~half)]
    assume(all(0 < part.y[part.weight > 0].sum() < (part.weight > 0).sum() for part in parts))
    here, there = (ScoreSums.from_rows(*part) for part in parts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeparationWarning)
        from_sums = type(calibrator)(**calibrator.get_params()).fit_sums(here + there)
    assert_same(from_sums, fit(calibrator, *data), tolerance)


@pytest.mark.parametrize("calibrator", RISING)
@given(data=rows())
def test_risks_rise_and_are_probabilities(calibrator: Any, data: Rows) -> None:
    proba = fit(calibrator, *data).predict_proba(NEW)
    assert ((proba >= 0) & (proba <= 1)).all()
    np.testing.assert_array_equal(proba.sum(axis=1), 1)
    assert (np.diff(proba[:, 1]) >= -1e-15).all()


@given(data=rows())
def test_scale_of_importance_weights_changes_nothing(data: Rows) -> None:
    for calibrator in RISING:
        weighted = type(calibrator)(**{**calibrator.get_params(), "weight_kind": "importance"})
        once, scaled = fit(weighted, *data), fit(weighted, data.score, data.y, data.weight * 8.0)
        np.testing.assert_allclose(scaled.predict_risk(NEW), once.predict_risk(NEW), atol=1e-14)


@given(data=rows())
def test_calibrated_risks_have_the_mean_and_the_least_squares_of_the_rows(data: Rows) -> None:
    fitted = fit(IsotonicCalibrator(), *data)
    risk = fitted.predict_risk(data.score)
    assert np.average(risk, weights=data.weight) == pytest.approx(np.average(data.y, weights=data.weight), abs=1e-12)

    def squares(q: np.ndarray) -> float:
        return float(np.average((data.y - q) ** 2, weights=data.weight))

    assert squares(risk) <= squares(data.score) + 1e-12
    # No rising map of the calibrated risks improves on them: they are calibrated.
    assert squares(risk) <= squares(risk**2) + 1e-12


@given(data=rows())
def test_steps_lie_between_the_two_venn_abers_risks(data: Rows) -> None:
    low, high = fit(VennAbersCalibrator(), *data).predict_interval(data.score).T
    steps = fit(IsotonicCalibrator(), *data).predict_risk(data.score)
    used = data.weight > 0
    assert (low <= steps + 1e-15)[used].all()
    assert (steps <= high + 1e-15)[used].all()


@given(data=rows(), again=st.sampled_from([0, 1]))
def test_venn_abers_risks_are_those_of_steps_with_the_row_added(data: Rows, again: int) -> None:
    # Any row may be the new one: fitted without it, its own p_y is the step of the fit with it.
    used = np.flatnonzero((data.weight > 0) & (data.y == again))
    one = used[len(used) // 2]
    without = data.weight.copy()
    without[one] -= 1
    pair = fit(VennAbersCalibrator(), data.score, data.y, without).predict_interval(data.score[[one]])[0]
    step = fit(IsotonicCalibrator(), *data).predict_risk(data.score[[one]])[0]
    assert pair[again] == step


@given(data=rows())
def test_exchanging_event_and_other_turns_everything_round(data: Rows) -> None:
    for calibrator in (IsotonicCalibrator(), CentredIsotonicCalibrator(), VennAbersCalibrator()):
        there = fit(calibrator, 1 - data.score, 1 - data.y, data.weight).predict_risk(1 - NEW)
        np.testing.assert_allclose(fit(calibrator, *data).predict_risk(NEW), 1 - there, atol=1e-12)
