"""Recalls and their spread are judged as textbooks do; chance is taken off the spread, and clusters are respected."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, recall_score
from statsmodels.stats.proportion import proportion_confint

from riskdec import CostMatrix
from riskdec.weighting.balance.arms import judge_arm
from riskdec.weighting.balance.judging import Judge, corrected_deviation, range_by_chance


def make_judge(codes, groups=None, costs=None, level=0.95) -> Judge:
    return Judge(codes=codes, groups=groups, costs=costs, confidence_level=level)


@pytest.fixture
def codes(rng) -> np.ndarray:
    return rng.choice(3, 400, p=[0.6, 0.3, 0.1])


@pytest.fixture
def chosen(rng, codes) -> np.ndarray:
    return np.where(rng.random(len(codes)) < 0.7, codes, rng.integers(0, 3, len(codes)))


def test_recalls_and_accuracy_equal_those_of_scikit_learn(codes, chosen) -> None:
    arm = judge_arm("offsets", chosen, codes, make_judge(codes))
    np.testing.assert_allclose(arm.recall, recall_score(codes, chosen, average=None))
    assert arm.accuracy.estimate == pytest.approx(accuracy_score(codes, chosen))
    assert arm.mean_recall == pytest.approx(balanced_accuracy_score(codes, chosen))
    assert arm.range == pytest.approx(np.ptp(arm.recall))


def test_limits_are_those_of_clopper_and_pearson(codes, chosen) -> None:
    low, high = make_judge(codes).limits(chosen)
    hits, n = np.bincount(codes[codes == chosen], minlength=3), np.bincount(codes)
    expected = np.array([proportion_confint(int(h), int(m), method="beta") for h, m in zip(hits, n, strict=True)])
    np.testing.assert_allclose(np.column_stack([low, high]), expected, atol=1e-9)


def test_change_of_accuracy_has_the_interval_of_paired_proportions(rng, codes, chosen) -> None:
    other = np.where(rng.random(len(codes)) < 0.6, codes, chosen)
    arm = judge_arm("weights", other, chosen, make_judge(codes))
    gained, lost = ((other == codes) & (chosen != codes)).sum(), ((other != codes) & (chosen == codes)).sum()
    n = len(codes)
    error = np.sqrt(gained + lost - (gained - lost) ** 2 / n) / n * np.sqrt(n / (n - 1))
    assert arm.accuracy_change.estimate == pytest.approx((gained - lost) / n)
    assert arm.accuracy_change.high == pytest.approx((gained - lost) / n + 1.959964 * error, rel=1e-6)


def test_changes_of_recall_add_up_to_the_change_of_accuracy(rng, codes, chosen) -> None:
    other = rng.permutation(chosen)
    judge = make_judge(codes)
    arm = judge_arm("weights", other, chosen, judge)
    share = judge.counts / judge.counts.sum()
    assert share @ [change.estimate for change in arm.recall_change] == pytest.approx(arm.accuracy_change.estimate)


def test_costs_are_the_cells_of_what_happened(codes, chosen) -> None:
    table = [[0, 1, 2], [5, 0, 1], [20, 7, 0]]
    costs = CostMatrix(table, outcomes=("a", "b", "c"), actions=("a", "b", "c"))
    arm = judge_arm("plain", chosen, chosen, make_judge(codes, costs=costs))
    assert arm.mean_cost is not None
    assert arm.mean_cost.estimate == pytest.approx(np.mean([table[k][a] for k, a in zip(codes, chosen, strict=True)]))
    assert arm.cost_change is not None
    assert arm.cost_change.estimate == 0


@pytest.mark.parametrize(("size", "expected"), [(2, 2 / np.sqrt(np.pi)), (3, 3 / np.sqrt(np.pi)), (10, 3.07751)])
def test_range_by_chance_is_that_of_normal_samples(size, expected) -> None:
    # Tippett's d_2, d_3, d_10 (Biometrika 17, 1925); the first two have a closed form.
    assert range_by_chance(np.full(size, 0.2)) == pytest.approx(0.2 * expected, rel=1e-4)


def test_range_by_chance_of_two_unequal_errors_has_a_closed_form() -> None:
    assert range_by_chance(np.array([0.05, 0.2])) == pytest.approx(np.sqrt(2 / np.pi) * np.hypot(0.05, 0.2), rel=1e-4)


def test_range_by_chance_is_that_of_drawn_recalls(rng) -> None:
    true, n = 0.65, np.array([40, 60, 80, 100, 200])
    drawn = rng.binomial(n, true, size=(20_000, 5)) / n
    expected = range_by_chance(np.sqrt(true * (1 - true) / n))
    assert np.ptp(drawn, axis=1).mean() == pytest.approx(expected, rel=0.01)


def test_interval_of_a_contrast_covers(rng) -> None:
    # 400 samples of two ways whose recalls differ by 0.1, 0 and -0.1, with errors that depend on each other.
    c, covered = np.array([1.0, 0.5, -1.5]), []
    for _ in range(400):
        codes = rng.choice(3, 300, p=[0.5, 0.3, 0.2])
        luck, change = rng.random(300), np.array([0.1, 0.0, -0.1])[codes]
        values = (luck < 0.6 + change).astype(float) - (luck < 0.6)
        found = make_judge(codes).contrast(values, c)
        covered.append(found.low <= 0.25 <= found.high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.035)


def test_range_by_chance_of_recalls_without_error_is_zero() -> None:
    assert range_by_chance(np.zeros(4)) == 0


def test_corrected_variance_is_that_of_the_true_recalls_on_average(rng) -> None:
    true, n = np.array([0.5, 0.6, 0.7, 0.9]), 60
    observed = rng.binomial(n, true, size=(20_000, 4)) / n
    errors = np.sqrt(observed * (1 - observed) / (n - 1))
    corrected = observed.var(axis=1, ddof=1) - (errors**2).mean(axis=1)
    assert corrected.mean() == pytest.approx(true.var(ddof=1), abs=4 * corrected.std() / np.sqrt(20_000))
    assert corrected_deviation(observed[0], errors[0]) == pytest.approx(np.sqrt(max(corrected[0], 0)))


def test_spread_below_chance_is_no_spread() -> None:
    assert corrected_deviation(np.array([0.5, 0.51]), np.array([0.1, 0.1])) == 0


def test_doubled_rows_in_groups_of_two_change_no_error(codes, chosen) -> None:
    once = make_judge(codes, groups=np.arange(len(codes)))
    twice = make_judge(np.tile(codes, 2), groups=np.tile(np.arange(len(codes)), 2))
    np.testing.assert_allclose(twice.errors(np.tile(chosen, 2)), once.errors(chosen))
    # Groups of one row give the usual standard error, up to n / (n - 1).
    np.testing.assert_allclose(once.errors(chosen), make_judge(codes).errors(chosen), rtol=0.02)


def test_contrast_of_groups_of_one_row_is_that_of_rows(codes, chosen) -> None:
    values, c = (chosen == codes).astype(float), np.array([-1.0, 0.25, 0.75])
    judge = make_judge(codes)
    found = judge.contrast(values, c)
    recall = judge.recalls(chosen)
    error = np.sqrt((c**2 * recall * (1 - recall) / judge.counts).sum() * len(codes) / (len(codes) - 1))
    assert found.estimate == pytest.approx(c @ recall)
    assert found.high - found.estimate == pytest.approx(1.959964 * error, rel=1e-6)
