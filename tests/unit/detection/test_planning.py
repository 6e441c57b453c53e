"""What a test set of windows means for scenes: closed forms, exact limits, and the rule for the number of scenes."""

from __future__ import annotations

import json
from math import ceil

import numpy as np
import pytest
from scipy.stats import binomtest

from riskdec import plan_scenes
from riskdec.errors import InputError


def windows(n: int = 900, distance: float = 6.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    y = np.repeat([0, 1], n)
    return y, 1 / (1 + np.exp(-np.random.default_rng(seed).normal(distance * (y - 0.5), 1.5)))


def test_false_windows_are_the_rate_times_the_windows() -> None:
    y = np.repeat([0, 1], [10, 10])
    risk = np.concatenate([np.linspace(0.05, 0.5, 10), np.linspace(0.41, 0.95, 10)])
    plan = plan_scenes(y, risk, windows_per_scene=1000, objects_per_scene=10, recalls=(0.5, 0.999))
    assert plan.recall.tolist() == [0.5, 1.0]
    assert plan.false_alarms == pytest.approx([0, 990 * 0.2])
    assert plan.precision == pytest.approx([1, 10 / (10 + 198)])


def test_few_negatives_exclude_little() -> None:
    y, risk = windows(distance=40)
    plan = plan_scenes(y, risk, windows_per_scene=15_625, objects_per_scene=3)
    assert (plan.false_alarms == 0).all()
    limit = binomtest(0, 900, alternative="less").proportion_ci(0.95, "exact").high
    assert plan.false_alarms_high == pytest.approx((15_625 - 3) * limit)
    assert plan.false_alarms_high.min() > 50


def test_scenes_follow_the_sum_of_p_one_minus_p() -> None:
    y, risk = windows()
    plan = plan_scenes(y, risk, windows_per_scene=15_625, objects_per_scene=3, information_per_scene=1.2)
    # The rule: a sum of 360 for +-0.15.
    assert plan.n_scenes == ceil(2.1 * (1.959964 / 0.15) ** 2 / 1.2)
    assert plan.n_scenes * 1.2 == pytest.approx(360, abs=2)
    wider = plan_scenes(
        y, risk, windows_per_scene=15_625, objects_per_scene=3, information_per_scene=1.2, half_width=0.3
    )
    assert wider.n_scenes == pytest.approx(plan.n_scenes / 4, abs=1)


def test_better_detector_needs_more_scenes() -> None:
    needed = [
        plan_scenes(*windows(20_000, distance), windows_per_scene=15_625, objects_per_scene=3).n_scenes
        for distance in (6.0, 9.0, 12.0)
    ]
    assert needed == sorted(needed)
    assert needed[-1] > 2 * needed[0]


def test_information_is_that_of_exact_risks() -> None:
    # Normal scores: the posterior is known, and objects * E(1 - p | object) is the sum of p (1 - p).
    y, _ = windows(200_000)
    score = np.random.default_rng(1).normal(6.0 * (y - 0.5), 1.5)
    log_ratio = score * 6 / 1.5**2
    prior = np.log(3 / (15_625 - 3))
    exact = 3 * (1 / (1 + np.exp(log_ratio + prior)))[y == 1].mean()
    plan = plan_scenes(y, 1 / (1 + np.exp(-score)), windows_per_scene=15_625, objects_per_scene=3)
    assert plan.information_per_scene == pytest.approx(exact, rel=0.1)


def test_plan_is_printed_and_written() -> None:
    plan = plan_scenes(*windows(), windows_per_scene=15_625, objects_per_scene=3)
    assert "cannot exclude" in str(plan)
    assert json.loads(json.dumps(plan.to_dict()))["n_negatives"] == 900


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"objects_per_scene": 20_000}, "objects_per_scene must"),
        ({"recalls": (0.5, 1.5)}, "recalls must"),
        ({"half_width": 0}, "half_width must"),
        ({"information_per_scene": 0}, "information_per_scene must"),
    ],
)
def test_plan_refuses_what_is_no_plan(options, words) -> None:
    given = {"windows_per_scene": 15_625, "objects_per_scene": 3, **options}
    with pytest.raises(InputError, match=words):
        plan_scenes(*windows(50), **given)


def test_plan_needs_windows_of_both_kinds() -> None:
    with pytest.raises(InputError, match="with and without"):
        plan_scenes([1, 1], [0.5, 0.6], windows_per_scene=100, objects_per_scene=1)
