"""When a shift looks as if it had been made before."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from riskdec.calibration.undoing.double_counting import warn_if_counted_twice
from riskdec.errors import RepairWarning


def pair(mean: float, n: int = 400) -> np.ndarray:
    """Give risks around a mean, as two columns; the standard error of the mean is about 0.003."""
    risk = mean + 0.05 * np.cos(np.arange(n))
    return np.column_stack([1 - risk, risk])


def says(before: float, after: float, prevalence: float, n: int = 400) -> bool:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        shares = np.array([1 - prevalence, prevalence])
        warn_if_counted_twice(pair(before, n), pair(after, n), shares, function="a_shift")
    return bool(seen)


@pytest.mark.parametrize(
    ("before", "after", "prevalence", "warned"),
    [
        (0.1, 0.3, 0.1, True),  # right before, wrong now
        (0.3, 0.1, 0.1, False),  # wrong before, right now: the shift was due
        (0.1, 0.101, 0.1, False),  # hardly a shift
        (0.3, 0.2, 0.1, False),  # wrong before and after: something else
    ],
)
def test_only_a_mean_that_was_right_before_and_is_wrong_now_is_warned_about(
    before: float, after: float, prevalence: float, *, warned: bool
) -> None:
    assert says(before, after, prevalence) == warned


def test_one_row_proves_nothing() -> None:
    assert not says(0.1, 0.3, 0.1, n=1)


def test_warning_points_at_the_line_of_the_caller() -> None:
    with pytest.warns(RepairWarning, match="RD520") as seen:
        warn_if_counted_twice(pair(0.1), pair(0.3), np.array([0.9, 0.1]), function="a_shift")
    assert seen[0].filename == __file__
