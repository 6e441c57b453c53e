from __future__ import annotations

import math

import numpy as np
import pytest

from riskdec.scores.ranking import area_under_curve


def test_area_counts_pairs_and_ties_one_half(rng: np.random.Generator) -> None:
    is_event, risk, weight = rng.random(40) < 0.4, rng.integers(0, 6, 40) / 5, rng.random(40) + 0.1
    higher = (risk[is_event][:, None] > risk[~is_event]) + 0.5 * (risk[is_event][:, None] == risk[~is_event])
    pairs = weight[is_event][:, None] * weight[~is_event]
    assert area_under_curve(is_event, risk, weight) == pytest.approx((higher * pairs).sum() / pairs.sum())


def test_area_does_not_exist_without_events_or_without_non_events() -> None:
    assert math.isnan(area_under_curve(np.array([True, True]), np.array([0.1, 0.2])))
    assert math.isnan(area_under_curve(np.array([False]), np.array([0.1])))
