from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from riskdec import spiegelhalter_test
from riskdec.diagnostics.hypothesis_tests import event_count_test, fewest_expected
from riskdec.errors import InputError
from riskdec.scores.sums import sum_by_forecast


def exact_p_value(risk: list[float], observed: int) -> float:
    """Enumerate all outcomes: twice the smaller tail of the number of events."""
    probability = np.zeros(len(risk) + 1)
    for outcome in product([0, 1], repeat=len(risk)):
        probability[sum(outcome)] += math.prod(p if y else 1 - p for p, y in zip(risk, outcome, strict=True))
    return float(min(1, 2 * min(probability[: observed + 1].sum(), probability[observed:].sum())))


@pytest.mark.parametrize("observed", [0, 1, 4, 7])
def test_event_count_test_enumerates_all_outcomes(observed: int) -> None:
    risk = [0.05, 0.1, 0.3, 0.3, 0.45, 0.7, 0.9]
    is_event = np.arange(7) < observed
    test = event_count_test(sum_by_forecast(np.array(risk), is_event))
    assert test.p_value == pytest.approx(exact_p_value(risk, observed), abs=1e-13)
    assert test.method == "exact"


def test_event_count_test_of_rare_events_is_binomial_and_of_rare_non_events_its_mirror_image() -> None:
    from scipy.stats import binom

    n, p, observed = 50_000, 1e-4, 11
    is_event = np.arange(n) < observed
    wanted = 2 * binom.sf(observed - 1, n, p)
    assert event_count_test(sum_by_forecast(np.full(n, p), is_event)).p_value == pytest.approx(wanted, rel=1e-9)
    mirrored = event_count_test(sum_by_forecast(np.full(n, 1 - p), ~is_event))
    assert mirrored.p_value == pytest.approx(wanted, rel=1e-9)


def test_event_count_test_counts_frequency_weights() -> None:
    weighted = sum_by_forecast(np.array([0.1, 0.2]), np.array([True, False]), np.array([3.0, 9.0]))
    repeated = sum_by_forecast(np.repeat([0.1, 0.2], [3, 9]), np.repeat([True, False], [3, 9]))
    assert event_count_test(weighted) == event_count_test(repeated)


def test_event_count_test_of_many_more_events_than_expected_is_next_to_zero() -> None:
    assert event_count_test(sum_by_forecast(np.full(500, 0.01), np.arange(500) < 300)).p_value < 1e-12


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(("p", "seen"), [(0.06, 5), (0.3, 5), (0.3, 995), (0.6, 995)])
def test_event_count_test_of_few_seen_where_many_were_expected(p: float, seen: int, flip: bool) -> None:
    from scipy.stats import binom

    is_event = np.arange(1000) < seen
    wanted = 2 * min(binom.cdf(seen, 1000, p), binom.sf(seen - 1, 1000, p))
    found = event_count_test(sum_by_forecast(np.full(1000, 1 - p if flip else p), is_event ^ flip)).p_value
    # From a hundred expected on a bound stands for the tail; both are next to nothing.
    assert wanted * (1 - 1e-6) - 1e-15 <= found < 1e-12


def test_spiegelhalter_statistic_by_hand() -> None:
    y, p = np.array([0, 1, 1] * 100), np.array([0.2, 0.4, 0.7] * 100)
    lever = 1 - 2 * p
    wanted = ((y - p) * lever).sum() / np.sqrt((lever**2 * p * (1 - p)).sum())
    test = spiegelhalter_test(y, p)
    assert test.statistic == pytest.approx(wanted)
    assert test.p_value == pytest.approx(math.erfc(abs(wanted) / math.sqrt(2)))
    assert test.method == "asymptotic"


def test_spiegelhalter_with_importance_weights_squares_them_in_the_variance(rng: np.random.Generator) -> None:
    p, w = rng.random(400), rng.random(400)
    y = (rng.random(400) < p).astype(int)
    lever = 1 - 2 * p
    wanted = (w * (y - p) * lever).sum() / np.sqrt((w**2 * lever**2 * p * (1 - p)).sum())
    test = spiegelhalter_test(y, p, sample_weight=w, weight_kind="importance")
    assert test.statistic == pytest.approx(wanted)


def test_spiegelhalter_draws_its_p_value_below_a_hundred_expected_events(rng: np.random.Generator) -> None:
    p = rng.random(150)
    y = (rng.random(150) < p).astype(int)
    drawn = spiegelhalter_test(y, p, rng=0)
    assert drawn.method == "Monte Carlo"
    asymptotic = math.erfc(abs(drawn.statistic) / math.sqrt(2))
    # 75 expected events: the normal law is close; three Monte Carlo standard errors and some slack for it.
    assert drawn.p_value == pytest.approx(asymptotic, abs=3 * 0.5 / np.sqrt(999) + 0.02)


def test_spiegelhalter_draws_on_request(rng: np.random.Generator) -> None:
    p = rng.random(900)
    y = (rng.random(900) < p).astype(int)
    by_law, drawn = spiegelhalter_test(y, p), spiegelhalter_test(y, p, n_resamples=999, rng=0)
    assert (by_law.method, drawn.method) == ("asymptotic", "Monte Carlo")
    assert drawn.p_value == pytest.approx(by_law.p_value, abs=3 * 0.5 / np.sqrt(999) + 0.005)


def test_spiegelhalter_refuses_risks_that_leave_it_constant() -> None:
    with pytest.raises(InputError, match="y_proba must hold risks other than 0, 1/2 and 1 for this test"):
        spiegelhalter_test([0, 1, 1], [0, 0.5, 1])


def test_fewest_expected_counts_rows_and_not_importance(rng: np.random.Generator) -> None:
    sums = sum_by_forecast(np.full(10, 0.2), np.arange(10) < 3, np.full(10, 100.0), kind="importance")
    assert fewest_expected(sums) == pytest.approx(2)
    assert fewest_expected(sum_by_forecast(np.full(10, 0.9), np.arange(10) < 3)) == pytest.approx(1)


def test_spiegelhalter_by_group_is_the_t_test_of_the_sums_of_groups(rng: np.random.Generator) -> None:
    # Groups of one row each: the robust variance of the sum, by hand.
    risk = rng.uniform(0.1, 0.9, 400)
    y = rng.random(400) < risk
    part = (y - risk) * (1 - 2 * risk)
    test = spiegelhalter_test(y, risk, groups=np.arange(400))
    assert test.statistic == pytest.approx(part.sum() / np.sqrt(400 / 399 * (part**2).sum()))
    assert test.df == 399
    # Rows that are copies of each other, told apart by their groups, weigh as one row each.
    copied = spiegelhalter_test(np.repeat(y, 5), np.repeat(risk, 5), groups=np.repeat(np.arange(400), 5))
    assert copied.statistic == pytest.approx(test.statistic)
    assert copied.p_value == pytest.approx(test.p_value)


def test_spiegelhalter_by_group_keeps_its_size_where_rows_of_a_group_are_alike(rng: np.random.Generator) -> None:
    # 1,000 samples of 60 groups of 10 equal rows: size .05 by group, and far more without groups.
    by_group, without = 0, 0
    groups = np.repeat(np.arange(60), 10)
    for _ in range(1_000):
        risk = rng.uniform(0.05, 0.95, 60)
        y, p = np.repeat(rng.random(60) < risk, 10), np.repeat(risk, 10)
        by_group += spiegelhalter_test(y, p, groups=groups).p_value < 0.05
        without += spiegelhalter_test(y, p).p_value < 0.05
    assert abs(by_group / 1_000 - 0.05) < 0.02 + 3 * np.sqrt(0.05 * 0.95 / 1_000)
    assert without / 1_000 > 0.3


def test_spiegelhalter_draws_nothing_with_groups() -> None:
    with pytest.raises(InputError, match="n_resamples must be left out with groups; got 99"):
        spiegelhalter_test([0, 1, 0, 1], [0.1, 0.8, 0.3, 0.6], groups=[0, 0, 1, 1], n_resamples=99)
