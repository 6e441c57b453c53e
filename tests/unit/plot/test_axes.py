"""Probability axes: order, ends, ticks, and thinning that loses nothing one could see."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from riskdec.plot.axes import (
    ProbabilityAxis,
    axis_grid,
    axis_position,
    choose_ticks,
    percent_label,
    probability_axis,
    set_probability_axis,
    thin,
)

LOGIT = ProbabilityAxis("logit", 0.002, 0.6)


def test_logit_axis_holds_all_inner_probabilities() -> None:
    spec = probability_axis("logit", np.array([0.0, 0.003, 0.2, 0.7, 1.0]))
    assert 0 < spec.low < 0.003
    assert 0.7 < spec.high < 1


def test_logit_axis_ends_at_the_outermost_when_risks_are_extreme() -> None:
    spec = probability_axis("logit", np.array([1e-12, 0.5, 1 - 1e-12]))
    assert (spec.low, spec.high) == (1e-4, 1 - 1e-4)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_logit_axis_exists_when_all_probabilities_are_certain(value: float) -> None:
    spec = probability_axis("logit", np.full(3, value))
    assert spec.low < 0.5 < spec.high


def test_zero_and_one_are_drawn_at_labelled_ends() -> None:
    ax = Figure().add_subplot()
    set_probability_axis(ax, "y", LOGIT, np.array([0.0, 0.1, 1.0]))
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert (labels[0], labels[-1]) == ("0 %", "100 %")
    drawn = ax.transData.transform([(0, 0.0), (0, LOGIT.low), (0, 1.0), (0, LOGIT.high)])[:, 1]
    assert drawn[0] == pytest.approx(drawn[1])
    assert drawn[2] == pytest.approx(drawn[3])


def test_end_label_says_at_most_when_other_values_lie_beyond_it() -> None:
    ax = Figure().add_subplot()
    spec = ProbabilityAxis("logit", 1e-4, 0.5)
    set_probability_axis(ax, "x", spec, np.array([0.0, 1e-6, 0.2]))
    assert ax.get_xticklabels()[0].get_text() == "≤ 0.01 %"


def test_logit_axis_spaces_probabilities_by_their_log_odds() -> None:
    ax = Figure().add_subplot()
    set_probability_axis(ax, "x", ProbabilityAxis("logit", 0.001, 0.999))
    x = ax.transData.transform([(p, 0) for p in (0.01, 1 / (1 + 99 / 3), 1 / (1 + 99 / 9))])[:, 0]
    assert x[1] - x[0] == pytest.approx(x[2] - x[1])


@pytest.mark.parametrize("low", [1e-7, 1e-4, 0.003, 0.1, 0.45])
@pytest.mark.parametrize("high", [0.46, 0.8, 0.99, 0.9999])
def test_ticks_lie_inside_in_order_and_are_neither_many_nor_missing(low: float, high: float) -> None:
    ticks = choose_ticks(ProbabilityAxis("logit", low, high), at_low="0 %")
    places = list(ticks)
    assert places == sorted(places)
    assert all(low <= p <= high for p in places)
    assert 1 <= len(places) <= 14
    assert len(choose_ticks(ProbabilityAxis("logit", low, high), n_ticks=5)) <= 6
    assert ticks[low] == "0 %"


def test_percent_label_keeps_the_digits_that_matter() -> None:
    assert [percent_label(p) for p in (0.0001, 0.05, 0.995)] == ["0.01 %", "5 %", "99.5 %"]


def test_grid_is_even_to_the_eye() -> None:
    steps = np.diff(axis_position(axis_grid(LOGIT, 50), LOGIT))
    np.testing.assert_allclose(steps, steps[0])


@pytest.mark.parametrize("spec", [LOGIT, ProbabilityAxis("probability")])
def test_thinned_points_are_dense_and_keep_both_ends(spec: ProbabilityAxis, rng: np.random.Generator) -> None:
    x = np.unique(rng.beta(1, 12, 50_000))
    kept = thin(x, spec, most=500)
    assert (kept[0], kept[-1]) == (0, x.size - 1)
    assert kept.size <= 502
    span = np.ptp(axis_position(x, spec))
    gaps = np.diff(axis_position(x[kept], spec)) / span
    whole = np.diff(axis_position(x, spec)) / span
    assert gaps.max() <= whole.max() + 2 / 499


def test_few_points_are_all_kept() -> None:
    assert thin(np.linspace(0.1, 0.2, 10), LOGIT).tolist() == list(range(10))


def test_end_labels_with_a_sign_have_room_beside_them() -> None:
    spec = ProbabilityAxis("logit", 1e-4, 0.2)
    plain, signed = choose_ticks(spec, "0 %"), choose_ticks(spec, "≤ 0.01 %")
    assert 2e-4 in plain
    assert 2e-4 not in signed
    assert set(signed) <= set(plain)
