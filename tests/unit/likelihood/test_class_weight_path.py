"""All estimates along the ratios of class weights equal single fits, whatever the data make of the path."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.likelihood import fit_binomial
from riskdec.likelihood.class_weight_path import (
    ClassWeightPath,
    _chebyshev_points,
    _interpolation,
    fit_class_weight_path,
)
from riskdec.likelihood.rows.rank import make_design


def draw(seed: int, n: int, p: int, *, bend: float = 0.0, intercept: float = -2.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    eta = intercept + X[:, 0] - 0.5 * X[:, 1] + bend * X[:, 0] ** 2
    return X, rng.random(n) < 1 / (1 + np.exp(-eta))


def follow(X: np.ndarray, y: np.ndarray, ratios: np.ndarray, *, intercept: bool = True) -> ClassWeightPath:
    design = make_design(X, weight=None, intercept=intercept, for_readers=True)
    fit = fit_binomial(X, y, intercept=intercept)
    start = np.linalg.lstsq(design.to_columns(), fit.coef, rcond=None)[0]
    return fit_class_weight_path(design, y, start, ratios)


def singly(X: np.ndarray, y: np.ndarray, ratios: np.ndarray, *, intercept: bool = True) -> np.ndarray:
    return np.array([fit_binomial(X, y, weight=np.where(y, r, 1.0), intercept=intercept).coef for r in ratios])


@pytest.mark.parametrize("bend", [0.0, 0.8], ids=["right form", "wrong form"])
@pytest.mark.parametrize("n_ratios", [1, 3, 41])
def test_path_equals_single_fits(bend: float, n_ratios: int) -> None:
    X, y = draw(1, 4000, 5, bend=bend)
    ratios = np.geomspace(0.25, 60, n_ratios) if n_ratios > 1 else np.array([7.0])
    path = follow(X, y, ratios)
    assert path.converged.all()
    np.testing.assert_allclose(path.coef, singly(X, y, ratios), atol=1e-9, rtol=0)


def test_path_equals_single_fits_where_rows_are_read_in_blocks() -> None:
    X, y = draw(2, 60_000, 20)
    ratios = np.geomspace(0.25, 80, 41)
    path = follow(X.astype(np.float32), y, ratios)
    chosen = [0, 20, 40]
    np.testing.assert_allclose(path.coef[chosen], singly(X.astype(np.float32), y, ratios[chosen]), atol=1e-8, rtol=0)
    assert path.converged.all()
    assert path.n_readings <= 10


def test_path_needs_no_intercept() -> None:
    X, y = draw(3, 3000, 3, intercept=0.0)
    ratios = np.geomspace(0.2, 5, 9)
    path = follow(X, y, ratios, intercept=False)
    np.testing.assert_allclose(path.coef, singly(X, y, ratios, intercept=False), atol=1e-9, rtol=0)


def test_dependent_columns_have_coefficient_zero_along_the_path() -> None:
    X, y = draw(4, 2000, 3)
    X = np.column_stack([X, X[:, 0] - X[:, 1], np.full(len(X), 3.0)])
    path = follow(X, y, np.array([0.5, 4.0, 9.0]))
    assert (path.coef[:, 4:] == 0).all()
    np.testing.assert_allclose(path.coef[:, :4], follow(X[:, :3], y, np.array([0.5, 4.0, 9.0])).coef, atol=1e-9)


def test_one_constant_risk_moves_by_the_log_ratio_alone() -> None:
    y = np.repeat([False, True], [900, 100])
    ratios = np.geomspace(0.01, 100, 15)
    path = follow(np.empty((1000, 0)), y, ratios)
    np.testing.assert_allclose(path.coef[:, 0], np.log(100 / 900) + np.log(ratios), atol=1e-12)


def test_saturated_model_moves_by_the_log_ratio_alone() -> None:
    cell = np.repeat([0, 1, 2], 200)
    y = np.concatenate([np.arange(200) < k for k in (20, 60, 110)])
    X = (cell[:, None] == [1, 2]).astype(float)
    ratios = np.geomspace(0.05, 200, 41)
    path = follow(X, y, ratios)
    assert path.converged.all()
    np.testing.assert_allclose(path.coef[:, 0], np.log(20 / 180) + np.log(ratios), atol=1e-10)
    np.testing.assert_allclose(path.coef[:, 1:], np.tile(follow(X, y, np.ones(1)).coef[0, 1:], (41, 1)), atol=1e-10)


def test_a_path_that_leads_nowhere_says_so() -> None:
    # Separated: no maximum exists, and what is called the unweighted estimate is none.
    x = np.linspace(-1, 1, 200)
    design = make_design(x[:, None], weight=None, intercept=True)
    path = fit_class_weight_path(design, x > 0, np.zeros(2), np.geomspace(0.5, 20, 7))
    assert not path.converged.any()


@pytest.mark.parametrize("n", [3000, 60_000], ids=["one block", "blocks"])
def test_weights_of_rows_are_multiplied_with_those_of_classes(n: int) -> None:
    X, y = draw(5, n, 4, bend=0.5)
    weight = np.random.default_rng(0).gamma(2.0, 1.0, n)
    ratios = np.array([0.25, 1.0, 6.0, 40.0])
    design = make_design(X, weight=weight, intercept=True, for_readers=True)
    none = fit_binomial(X, y, weight=weight)
    start = np.linalg.lstsq(design.to_columns(), none.coef, rcond=None)[0]
    path = fit_class_weight_path(design, y, start, ratios, weight)
    singly = [fit_binomial(X, y, weight=weight * np.where(y, ratio, 1.0)).coef for ratio in ratios]
    assert path.converged.all()
    np.testing.assert_allclose(path.coef, singly, atol=1e-9, rtol=0)
    scaled = fit_class_weight_path(design, y, start, ratios, 100 * weight)
    np.testing.assert_allclose(scaled.coef, path.coef, atol=1e-10, rtol=0)


def test_path_has_the_same_bits_every_time() -> None:
    X, y = draw(3, 500, 4)
    ratios = np.geomspace(0.2, 50, 41)
    first = follow(X, y, ratios).coef
    # Between two runs other arrays take other places in memory, and chance is asked for other things.
    for k in range(5):
        np.random.default_rng(k).normal(size=100 * k + 1)
        assert follow(X, y, ratios).coef.tobytes() == first.tobytes()


def test_interpolation_gives_polynomials_back_and_values_at_its_points() -> None:
    points = _chebyshev_points(np.log(np.geomspace(0.1, 100, 41)))
    wanted = np.append(np.linspace(points[0], points[-1], 29), points[3])
    between = _interpolation(points, wanted)
    for degree in range(len(points)):
        np.testing.assert_allclose(between @ points**degree, wanted**degree, rtol=1e-12, atol=1e-11)
    np.testing.assert_array_equal(between[-1], np.eye(len(points))[3])
    np.testing.assert_array_equal(_interpolation(points, points), np.eye(len(points)))
