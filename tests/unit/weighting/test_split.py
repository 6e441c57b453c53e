"""The split into rows to fit on and rows to judge on."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.errors import InputError
from riskdec.weighting.split import choose_training_rows


def test_both_outcomes_are_split_60_to_40(rng: np.random.Generator) -> None:
    is_event = np.arange(1000) < 50
    chosen = choose_training_rows(is_event, None, rng)
    assert chosen[is_event].sum() == 30
    assert chosen[~is_event].sum() == 570


def test_groups_stay_whole_and_both_kinds_are_shared_out(rng: np.random.Generator) -> None:
    sizes = rng.integers(1, 12, size=400)
    groups = np.repeat(np.arange(400), sizes)
    is_event = (groups % 10 == 0) & (rng.random(len(groups)) < 0.5)
    chosen = choose_training_rows(is_event, groups, rng)
    assert not set(groups[chosen]) & set(groups[~chosen])
    assert chosen.mean() == pytest.approx(0.6, abs=0.02)
    assert chosen[is_event].mean() == pytest.approx(0.6, abs=0.2)


def test_split_is_drawn_anew_with_another_seed_only() -> None:
    is_event = np.arange(100) % 5 == 0
    first, again, other = (choose_training_rows(is_event, None, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_events_in_one_group_cannot_be_split(rng: np.random.Generator) -> None:
    groups = np.arange(40) // 4
    with pytest.raises(InputError, match="give both parts of the split events and non-events; got 4 events in 40 rows"):
        choose_training_rows(groups == 2, groups, rng)
