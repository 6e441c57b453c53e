"""Where knots go, by the definition of R's rcspline.eval."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.likelihood.splines.knots import place_knots

# Value v stands at quantile v / 1000, so quantiles of type 7 can be read off.
THOUSAND = np.arange(1001.0)


@pytest.mark.parametrize(
    ("n_knots", "wanted"),
    [
        (3, [100, 500, 900]),
        (4, [50, 350, 650, 950]),
        (5, [50, 275, 500, 725, 950]),
        (6, [50, 230, 410, 590, 770, 950]),
        (7, [25, 25 + 950 / 6, 25 + 1900 / 6, 500, 25 + 3800 / 6, 25 + 4750 / 6, 975]),
        (8, 25 + 950 / 7 * np.arange(8)),
    ],
)
def test_knots_lie_at_harrells_quantiles(n_knots: int, wanted: list[float]) -> None:
    # rcspline.eval(0:1000, nk = n_knots, knots.only = TRUE)
    np.testing.assert_allclose(place_knots(THOUSAND, n_knots), wanted, rtol=1e-13)
    assert (
        place_knots(np.random.default_rng(0).permutation(THOUSAND), n_knots) == place_knots(THOUSAND, n_knots)
    ).all()


def test_quantiles_are_of_type_7(rng: np.random.Generator) -> None:
    x = rng.gamma(2, size=237)
    np.testing.assert_allclose(place_knots(x, 5), np.quantile(x, [0.05, 0.275, 0.5, 0.725, 0.95]), rtol=1e-13)


def test_quantile_that_meets_a_row_is_that_row() -> None:
    # In floating point 200 * (0.05 + 2 * 0.3) is not quite 130.
    assert place_knots(np.arange(201.0), 4).tolist() == [10, 70, 130, 190]


def test_outer_knots_of_few_rows_are_the_fifth_values() -> None:
    # rcspline.eval(1:50, nk = 4, knots.only = TRUE): 5, 1 + 49 * 0.35, 1 + 49 * 0.65, 46
    np.testing.assert_allclose(place_knots(np.arange(1.0, 51.0), 4), [5, 18.15, 32.85, 46], rtol=1e-13)
    assert place_knots(np.arange(1.0, 100.0), 3).tolist() == [5, 50, 95]
    assert place_knots(np.arange(1.0, 101.0), 3)[0] == 1 + 99 * 0.1


def test_knots_are_the_inner_values_when_there_are_few() -> None:
    # rcspline.eval(c(rep(0, 30), 1:4, rep(5, 30)), nk = 5, knots.only = TRUE) gives 1 2 3 4, with a warning
    values = np.repeat([0.0, 1, 2, 3, 4, 5], [30, 1, 1, 1, 1, 30])
    assert place_knots(values, 5).tolist() == [1, 2, 3, 4]
    assert place_knots(np.repeat([1.0, 2, 3, 4, 5], 30), 4).tolist() == [2, 3, 4]


@pytest.mark.parametrize("values", [[1.0] * 20, [0.0, 1.0] * 50, [1.0, 2.0, 3.0, 4.0] * 30, [7.0]])
def test_no_knots_when_values_are_too_few(values: list[float]) -> None:
    assert place_knots(np.array(values), 4).shape == (0,)


def test_knots_leave_an_end_of_many_equal_values() -> None:
    # A fifth of the rows is 0. The first knot is the next value, 1; quantiles of 2 .. 200 give the others.
    values = np.concatenate([np.zeros(50), np.arange(1.0, 201.0)])
    np.testing.assert_allclose(place_knots(values, 4), [1, 2 + 198 * 0.05, 101, 2 + 198 * 0.95], rtol=1e-13)
    np.testing.assert_allclose(place_knots(values, 3), [1, 101, 2 + 198 * 0.9], rtol=1e-13)
    np.testing.assert_allclose(place_knots(-values, 4), -place_knots(values, 4)[::-1], rtol=1e-13)


def test_knots_leave_both_ends_of_many_equal_values() -> None:
    values = np.concatenate([np.zeros(50), np.arange(1.0, 201.0), np.full(50, 300.0)])
    # Inside are 2 .. 199, and two knots of four are left to place, at their quantiles 0.5 and 0.95.
    np.testing.assert_allclose(place_knots(values, 4), [1, 100.5, 2 + 197 * 0.95, 200], rtol=1e-13)
    assert place_knots(values, 3).tolist() == [1, 100.5, 200]


def test_equal_values_inside_keep_the_plain_quantiles() -> None:
    values = np.concatenate([np.zeros(50), np.arange(1.0, 201.0), np.full(50, 100.0)])
    np.testing.assert_allclose(place_knots(values, 5), np.unique(np.quantile(values, [0.05, 0.275, 0.5, 0.725, 0.95])))


def test_quantiles_are_taken_closer_when_they_coincide() -> None:
    # Quantiles 0.05, 0.35 and 0.65 are 1. Of eight, the seventh (0.82) is 2, and the last lies among 3 .. 102.
    values = np.concatenate([np.full(700, 1.0), np.full(200, 2.0), np.arange(3.0, 103.0)])
    np.testing.assert_allclose(place_knots(values, 4), [1, 2, 52.05], rtol=1e-13)


def test_counts_stand_for_repeated_rows(rng: np.random.Generator) -> None:
    for n_knots in (3, 4, 5, 7):
        values = rng.integers(0, 30, size=60).astype(float)
        counts = rng.integers(0, 4, size=60)
        repeated = place_knots(np.repeat(values, counts), n_knots)
        kept = counts > 0
        np.testing.assert_array_equal(place_knots(values[kept], n_knots, counts=counts[kept].astype(float)), repeated)
