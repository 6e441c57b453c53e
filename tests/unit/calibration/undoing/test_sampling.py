"""Undoing of sampling by outcome: the map, its meaning, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.calibration import undo_class_weight, undo_sampling
from riskdec.errors import InputError, RepairWarning


def test_thinned_negatives_follow_the_published_formula(rng: np.random.Generator) -> None:
    q, beta = rng.uniform(size=50), 0.02
    published = beta * q / (beta * q - q + 1)
    np.testing.assert_allclose(undo_sampling(q, keep_rates={0: beta, 1: 1}), published, rtol=1e-13)


def test_counts_of_a_sampled_table_become_those_of_the_whole_table() -> None:
    # 900 and 100 rows of one kind of case, 50 and 50 of another; a tenth of the non-events is kept.
    sampled = np.array([100 / (90 + 100), 50 / (5 + 50)])
    np.testing.assert_allclose(undo_sampling(sampled, keep_rates=(0.1, 1)), [100 / 1000, 50 / 100], rtol=1e-14)


def test_three_outcomes_with_a_repeated_one() -> None:
    p = np.array([0.7, 0.2, 0.1])
    q = p * [0.5, 1, 4] / (p * [0.5, 1, 4]).sum()
    found = undo_sampling([q], keep_rates={"a": 0.5, "b": 1, "c": 4})
    np.testing.assert_allclose(found, [p], rtol=1e-14)


def test_sampling_and_weighting_by_the_same_numbers_are_the_same_map(rng: np.random.Generator) -> None:
    q = rng.dirichlet(np.ones(3), 20)
    rates = [0.1, 1, 0.5]
    np.testing.assert_array_equal(undo_sampling(q, keep_rates=rates), undo_class_weight(q, class_weight=rates))


def test_second_undoing_is_noticed(rng: np.random.Generator) -> None:
    risk = rng.beta(1, 9, 2000)
    with pytest.warns(RepairWarning, match=r"RD520 .* before undo_sampling"):
        undo_sampling(risk, keep_rates=(0.1, 1), prevalence=0.1)


@pytest.mark.parametrize(
    ("rates", "sentence"),
    [
        (0.1, r"keep_rates must be a mapping of label to rate, or the rates in the order of the columns; got 0.1"),
        ((0.1,), r"keep_rates must hold one rate per outcome \(2\); got 1 rates"),
        ((0, 1), r"keep_rates\[0\] must be a number above 0; got 0"),
        ({"a": 1, "b": 1}, r"keep_rates must name the labels 0 and 1 .*\(rate of the non-event, rate of the event\)"),
    ],
)
def test_bad_rates_are_refused(rates: object, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        undo_sampling([0.5], keep_rates=rates)  # type: ignore[arg-type]  # wrong on purpose
