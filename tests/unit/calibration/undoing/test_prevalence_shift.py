"""Adjusting to another prevalence: Bayes' rule, round trips, double counting."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import norm

from riskdec.calibration import adjust_prevalence
from riskdec.errors import InputError, RepairWarning


def scores(rng: np.random.Generator, n: int, prevalence: float, distance: float = 1.0) -> np.ndarray:
    """Draw a case's sign: normal with means 0 and `distance`."""
    return rng.normal(size=n) + distance * (rng.random(n) < prevalence)


def posterior(x: np.ndarray, prevalence: float, distance: float = 1.0) -> np.ndarray:
    event, other = prevalence * norm.pdf(x - distance), (1 - prevalence) * norm.pdf(x)
    return event / (event + other)


def test_shift_is_bayes_rule_at_the_new_prevalence(rng: np.random.Generator) -> None:
    x = scores(rng, 500, 0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RepairWarning)
        found = adjust_prevalence(posterior(x, 0.3), train=0.3, target=0.02)
    np.testing.assert_allclose(found, posterior(x, 0.02), rtol=1e-12)


def test_log_odds_move_by_the_difference_of_the_logits() -> None:
    moved = adjust_prevalence([0.2, 0.7], train=0.5, target=0.1)
    np.testing.assert_allclose(logit(moved), logit([0.2, 0.7]) + logit(0.1) - logit(0.5), rtol=1e-13)


def test_there_and_back_again(rng: np.random.Generator) -> None:
    p = rng.dirichlet([1, 0.2, 3], 300)
    train, target = {"a": 0.2, "b": 0.1, "c": 0.7}, [0.01, 0.9, 0.09]
    there = adjust_prevalence(p, train=train, target=target)
    np.testing.assert_allclose(adjust_prevalence(there, train=target, target=train), p, rtol=1e-12, atol=1e-15)


def test_probabilities_equal_to_the_prevalence_become_the_target() -> None:
    found = adjust_prevalence([[0.2, 0.3, 0.5]], train=(0.2, 0.3, 0.5), target=(0.1, 0.1, 0.8))
    np.testing.assert_allclose(found, [[0.1, 0.1, 0.8]], rtol=1e-14)


def test_forms_of_the_same_prevalence_agree() -> None:
    number = adjust_prevalence([0.3], train=0.4, target=0.1)
    pair = adjust_prevalence([0.3], train=(0.6, 0.4), target={0: 0.9, 1: 0.1})
    columns = adjust_prevalence([[0.7, 0.3]], train={"no": 0.6, "yes": 0.4}, target=0.1)
    np.testing.assert_allclose(pair, number, rtol=1e-14)
    np.testing.assert_allclose(columns[:, 1], number, rtol=1e-14)


def test_target_of_zero_leaves_nothing_to_that_outcome() -> None:
    np.testing.assert_array_equal(adjust_prevalence([0.2, 0.9], train=0.5, target=0), [0.0, 0.0])
    with pytest.raises(InputError, match=r"y_proba must leave some probability .* at position 1 \(1 of 2\)"):
        adjust_prevalence([0.2, 1.0], train=0.5, target=0)


def test_shift_that_is_due_is_not_warned_about(rng: np.random.Generator) -> None:
    # The filter of the tests turns any warning into a failure.
    adjust_prevalence(posterior(scores(rng, 5000, 0.02), 0.5), train=0.5, target=0.02)


def test_shift_of_a_model_that_is_nearly_certain_is_not_warned_about(rng: np.random.Generator) -> None:
    # Its mean agrees with the target before and after the shift.
    x = scores(rng, 5000, 0.1, distance=14.0)
    before = posterior(x, 0.5, 14.0)
    assert abs(before.mean() - 0.1) < 3 * before.std() / np.sqrt(5000)
    adjust_prevalence(before, train=0.5, target=0.1)


def test_rows_of_the_training_population_are_not_warned_about(rng: np.random.Generator) -> None:
    adjust_prevalence(posterior(scores(rng, 5000, 0.5), 0.5), train=0.5, target=0.02)


def test_second_shift_to_the_same_prevalence_is_warned_about(rng: np.random.Generator) -> None:
    once = posterior(scores(rng, 5000, 0.02), 0.02)
    with pytest.warns(RepairWarning, match=r"RD520 a shift that was made before: .*leave one of the two out"):
        adjust_prevalence(once, train=0.5, target=0.02)


def test_second_shift_of_three_outcomes_names_a_column(rng: np.random.Generator) -> None:
    p = rng.dirichlet([8, 1, 1], 4000)
    with pytest.warns(RepairWarning, match="mean probability of column 0"):
        adjust_prevalence(p, train=[1 / 3, 1 / 3, 1 / 3], target=[0.8, 0.1, 0.1])


@pytest.mark.parametrize(
    ("train", "target", "sentence"),
    [
        (0, 0.5, "train must be above 0 and below 1; got 0 beside 1"),
        (1.5, 0.5, "train must be a number of at least 0 and at most 1; got 1.5"),
        ("half", 0.5, "train must be the prevalence of the event; got 'half'"),
        (0.5, (0.5, 0.4), r"target must sum to 1 \(within 1e-6\); got 0.9"),
        (0.5, (0.5, 0.3, 0.2), r"target must hold one prevalence per outcome \(2\); got 3 prevalences"),
        (0.5, {"a": 0.5, "b": 0.5}, "target must name the labels 0 and 1"),
    ],
)
def test_bad_prevalences_are_refused(train: object, target: object, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        adjust_prevalence([0.5], train=train, target=target)  # type: ignore[arg-type]  # wrong on purpose


def test_number_for_three_outcomes_is_refused() -> None:
    with pytest.raises(InputError, match=r"train must hold one prevalence per outcome; got 0.5"):
        adjust_prevalence([[0.2, 0.3, 0.5]], train=0.5, target=0.5)
