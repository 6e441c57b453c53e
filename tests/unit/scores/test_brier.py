from __future__ import annotations

import numpy as np
import pytest

from riskdec import brier_score
from riskdec.errors import InputError


def test_brier_is_half_scale_for_two_outcomes_in_either_shape() -> None:
    # ((0.9)^2 + (0.2)^2) / 2
    assert brier_score([1, 0], [0.1, 0.2]) == pytest.approx(0.425)
    assert brier_score([1, 0], [[0.9, 0.1], [0.8, 0.2]]) == pytest.approx(0.425)


def test_brier_sums_over_outcomes_for_more_than_two() -> None:
    # (0.5 - 1)^2 + 0.3^2 + 0.2^2
    assert brier_score([0, 1, 2], [[0.5, 0.3, 0.2], [0, 1, 0], [0, 0, 1]]) == pytest.approx(0.38 / 3)


def test_brier_ignores_rows_of_weight_zero() -> None:
    assert brier_score([1, 0], [0.1, 0.2], sample_weight=[1, 0]) == pytest.approx(0.81)


def test_brier_takes_the_event_by_name() -> None:
    assert brier_score(["ill", "well"], [0.9, 0.4], event="ill") == pytest.approx((0.01 + 0.16) / 2)
    assert brier_score(["ill", "well"], [[0.9, 0.1], [0.6, 0.4]]) == pytest.approx((0.01 + 0.36) / 2)


def test_brier_takes_outcomes_that_do_not_occur() -> None:
    proba = [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]]
    assert brier_score([1, 2], proba, outcomes=[1, 2, 3]) == pytest.approx((0.38 + 0.06) / 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [0.1, 1.2]), r"y_proba must lie in \[0, 1\]; got 1.2 at position 1 \(1 of 2\)"),
        (([0, 1], [0.1]), "y_proba must have one entry per row"),
        (([0, 1], [0.1, np.nan]), "y_proba must be finite"),
        (([], []), "y_true must have at least one row"),
        ((["a", "b"], [0.1, 0.2]), "event must be given when the outcomes are not 0/1"),
        (([0, 1], [[0.2, 0.3, 0.5], [0.2, 0.3, 0.5]]), r"y_true must hold one label per column of y_proba \(3\)"),
        (([0, 1, 2], [[0.2, 0.3, 0.4]] * 3), "rows of y_proba must sum to 1"),
    ],
)
def test_brier_refuses(arguments: tuple[object, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        brier_score(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_weight": [-1, 1, 1]}, r"sample_weight must not be negative; got -1.0 at position 0"),
        ({"sample_weight": [0, 0, 0]}, "sample_weight must not be zero in every row"),
        ({"event": 1}, "event must be left out when there are more than two outcomes"),
        ({"outcomes": [0, 1]}, r"outcomes must name one label per column \(3\)"),
        ({"outcomes": [0, 1, 7]}, "y_true must hold labels among outcomes"),
    ],
)
def test_brier_refuses_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        brier_score([0, 1, 2], [[0.2, 0.3, 0.5]] * 3, **options)  # type: ignore[arg-type]


def test_brier_refuses_an_unknown_event_and_needless_outcomes() -> None:
    with pytest.raises(InputError, match="event must be one of the labels"):
        brier_score(["a", "b"], [[0.5, 0.5], [0.5, 0.5]], event="c")
    with pytest.raises(InputError, match="outcomes must be left out"):
        brier_score([0, 1], [0.5, 0.5], outcomes=[0, 1])
