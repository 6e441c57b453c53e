"""A seeded slice of the closed test's error and power."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.updating_ladder import NAMES, TRUTHS, choices


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
def test_more_than_is_needed_is_rarely_changed_and_what_is_needed_is_found(truth: object) -> None:
    found = choices(truth, n=2000, repetitions=150)  # type: ignore[arg-type]  # one of the truths
    place = NAMES.index(truth.needed)  # type: ignore[attr-defined]
    assert found[place + 1 :].sum() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)
    assert found[place] > 0.85
