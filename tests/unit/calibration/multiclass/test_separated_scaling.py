"""The verdict whether scaling and shifting tells outcomes apart, against what was built in."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.calibration.multiclass.rows import ManyRows
from riskdec.calibration.multiclass.separated_scaling import separates_by_scaling

RNG = np.random.default_rng(11)


@pytest.mark.parametrize("n", [5, 300, 8_000])
def test_outcomes_chosen_by_a_scaling_and_a_shift_are_separated_until_one_row_is_wrong(n: int) -> None:
    z = RNG.normal(size=(n, 4))
    a, b = np.array([0.5, 1.0, 2.0, 1.0]), np.array([0.3, -0.2, 0.0, -0.1])
    codes = (a * z + b).argmax(axis=1)
    assert separates_by_scaling(ManyRows(z, codes), shifts=True)
    if n > 100:
        # A row in the middle of another outcome's region, and its mirror image, leave no direction.
        z = np.vstack([z, 3 * np.eye(4), -3 * np.eye(4)])
        wrong = np.concatenate([codes, [1, 2, 3, 0], np.arange(4)])
        assert not separates_by_scaling(ManyRows(z, wrong), shifts=True)


def test_what_only_a_shift_tells_apart_is_not_separated_by_scaling() -> None:
    z = np.array([[1.0, 2.0], [2.0, 3.0], [-2.0, 1.0], [-1.0, 2.0]])
    only_shift = ManyRows(z, np.array([0, 0, 1, 1]))
    assert separates_by_scaling(only_shift, shifts=True)
    # Without shifts: a > 2 b, 2 a > 3 b, b > -2 a and 2 b > -a hold for a = 1, b = 0.
    assert separates_by_scaling(only_shift, shifts=False)
    crossed = ManyRows(np.array([[1.0, 2.0], [-1.0, -2.0]]), np.array([0, 0]))
    assert separates_by_scaling(crossed, shifts=True)
    # a > 2 b and -a > -2 b exclude each other.
    assert not separates_by_scaling(crossed, shifts=False)


def test_overlap_at_one_point_is_no_separation_of_noise() -> None:
    z = RNG.normal(size=(2_000, 3))
    codes = (z + RNG.gumbel(size=z.shape)).argmax(axis=1)
    assert not separates_by_scaling(ManyRows(z, codes), shifts=True)
