"""Restricted cubic splines: natural cubic splines in Harrell's basis."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from riskdec.likelihood.splines.basis import spline_basis

KNOTS = np.array([-1.0, 0.5, 1.0, 4.0, 6.0])


def test_basis_is_the_definition() -> None:
    # Hmisc::rcspline.eval(x, knots, inclx = TRUE, norm = 2), written out with truncated powers.
    x = np.linspace(-3, 9, 49)
    t, size = KNOTS, (KNOTS[-1] - KNOTS[0]) ** 2

    def plus(knot: float) -> np.ndarray:
        return np.where(x > knot, x - knot, 0) ** 3

    columns = [x]
    for j in range(3):
        tail = ((t[-2] - t[j]) * plus(t[-1]) - (t[-1] - t[j]) * plus(t[-2])) / (t[-1] - t[-2])
        columns.append((plus(t[j]) + tail) / size)
    np.testing.assert_allclose(spline_basis(x, KNOTS), np.column_stack(columns), rtol=1e-12, atol=1e-12)


def test_basis_columns_are_natural_cubic_splines() -> None:
    # Between the knots each column is the natural cubic spline through its values there.
    x = np.linspace(KNOTS[0], KNOTS[-1], 200)
    for column, at_knots in zip(spline_basis(x, KNOTS).T, spline_basis(KNOTS, KNOTS).T, strict=True):
        np.testing.assert_allclose(column, CubicSpline(KNOTS, at_knots, bc_type="natural")(x), atol=1e-13)


def test_basis_spans_all_natural_cubic_splines(rng: np.random.Generator) -> None:
    x = np.linspace(KNOTS[0], KNOTS[-1], 200)
    wanted = CubicSpline(KNOTS, rng.normal(size=5), bc_type="natural")(x)
    Z = np.column_stack([np.ones_like(x), spline_basis(x, KNOTS)])
    np.testing.assert_allclose(Z @ np.linalg.lstsq(Z, wanted, rcond=None)[0], wanted, atol=1e-12)


@pytest.mark.parametrize("x", [[-3.0, -2.0, -1.0], [6.0, 8.0, 10.0], [1e9, 2e9, 3e9]])
def test_basis_is_straight_outside_the_knots_with_all_digits(x: list[float]) -> None:
    left, middle, right = spline_basis(np.array(x), KNOTS)
    np.testing.assert_allclose(middle, (left + right) / 2, rtol=1e-14)


def test_basis_keeps_missing_values() -> None:
    found = spline_basis(np.array([np.nan, 1.0]), KNOTS)
    assert np.isnan(found[0]).all()
    assert not np.isnan(found[1]).any()
    assert spline_basis(np.array([2.0, np.nan]), np.empty(0)).tolist() == [[2.0], [pytest.approx(np.nan, nan_ok=True)]]
