"""Dependent columns are found as R finds them, whatever the units, the weights or the order of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from riskdec.likelihood.rows import design as design_module
from riskdec.likelihood.rows.design import Alias
from riskdec.likelihood.rows.rank import make_design
from riskdec.likelihood.rows.readers import product

if TYPE_CHECKING:
    from riskdec.likelihood.rows.design import Design


def design_of(X: np.ndarray, weight: np.ndarray | None = None, *, intercept: bool = True) -> Design:
    return make_design(X, weight=weight, intercept=intercept)


def aliased(X: np.ndarray, weight: np.ndarray | None = None, *, intercept: bool = True) -> list[int]:
    return [alias.column for alias in design_of(X, weight, intercept=intercept).aliases]


def rank_rule(X: np.ndarray, *, intercept: bool) -> list[int]:
    """Name the columns that do not raise the rank, one after the other, by singular values."""
    columns = [np.ones(len(X))] if intercept else []
    left_out = []
    for j in range(X.shape[1]):
        wider = [*columns, X[:, j]]
        if np.linalg.matrix_rank(np.column_stack(wider)) == len(wider):
            columns = wider
        else:
            left_out.append(j)
    return left_out


@pytest.mark.parametrize("intercept", [True, False])
def test_aliases_follow_rs_rule_on_random_integer_matrices(rng: np.random.Generator, *, intercept: bool) -> None:
    found = 0
    for _ in range(400):
        n, p = int(rng.integers(2, 12)), int(rng.integers(1, 9))
        X = rng.integers(-1, 2, size=(n, p)).astype(float)
        expected = rank_rule(X, intercept=intercept)
        assert aliased(X, intercept=intercept) == expected, X
        found += len(expected)
    assert found > 200


def test_alias_is_the_later_column_and_names_the_larger_share(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(2, 50))
    assert design_of(np.c_[a, b, 3 * a + 0.1 * b]).aliases == (Alias(2, 0),)
    assert design_of(np.c_[3 * a + 0.1 * b, b, a]).aliases[0].column == 2


def test_constant_column_is_an_alias_of_the_intercept_to_the_last_bit(rng: np.random.Generator) -> None:
    X = np.c_[np.full(30, 0.1), rng.normal(size=30), np.full(30, 1e9 + 0.1)]
    assert design_of(X).aliases == (Alias(0, -1), Alias(2, -1))
    assert design_of(X, rng.uniform(0.1, 5, 30)).aliases == (Alias(0, -1), Alias(2, -1))


def test_column_that_is_constant_up_to_rounding_is_an_alias(rng: np.random.Generator) -> None:
    # Shares that sum to one sum to 1 - 1e-16 here and there; R's tolerance is relative to the column's size.
    shares = rng.dirichlet(np.ones(3), size=200)
    total = shares.sum(axis=1)
    assert np.ptp(total) > 0
    assert aliased(np.c_[shares[:, :2], total]) == [2]
    assert aliased(np.c_[shares[:, :2], 1e6 * total], rng.uniform(0.5, 2, 200)) == [2]


def test_constant_column_stands_for_the_intercept_when_there_is_none(rng: np.random.Generator) -> None:
    X = np.c_[np.full(30, 0.1), rng.normal(size=30), np.full(30, 7.0), np.zeros(30)]
    assert aliased(X, intercept=False) == [2, 3]


def test_units_of_columns_do_not_matter(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(2, 80))
    assert aliased(np.c_[1e10 * a, 1e-10 * b]) == []
    assert aliased(np.c_[1e10 * a, 1e-10 * b, a - b]) == [2]


@pytest.mark.parametrize("gap", [1e-9, 1e-12])
def test_nearly_collinear_columns_are_not_aliases(rng: np.random.Generator, gap: float) -> None:
    a, b = np.linalg.qr(rng.normal(size=(200, 2)))[0].T
    near = (1 - gap) * a + np.sqrt(1 - (1 - gap) ** 2) * b  # correlation 1 - gap
    assert aliased(np.c_[a, near]) == []


def test_verdict_is_the_same_for_weights_repetition_and_row_order(rng: np.random.Generator) -> None:
    for _ in range(50):
        X = rng.integers(0, 3, size=(10, 12)).astype(float)
        weight = rng.integers(1, 4, size=10)
        verdict = design_of(np.repeat(X, weight, axis=0)).aliases
        columns = [alias.column for alias in verdict]
        for scale in (1e-6, 1.0, 1e6):
            assert aliased(X, weight * scale) == columns
        order = rng.permutation(10)
        assert aliased(X[order], weight[order].astype(float)) == columns


def test_more_columns_than_rows_leave_as_many_coefficients_as_rows(rng: np.random.Generator) -> None:
    assert aliased(rng.normal(size=(6, 20))) == list(range(5, 20))
    assert aliased(rng.normal(size=(6, 20)), intercept=False) == list(range(6, 20))


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8, np.bool_])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_number_type_and_memory_order_gives_the_same_rows(rng: np.random.Generator, dtype: Any, order: Any) -> None:
    X = rng.integers(0, 2, size=(300, 4))
    wanted = design_of(X.astype(float))
    found = design_of(np.asarray(X, dtype=dtype, order=order)[::-1][::-1])
    np.testing.assert_array_equal(product(found, np.arange(5.0)), product(wanted, np.arange(5.0)))


@pytest.mark.parametrize("intercept", [True, False])
def test_to_columns_gives_coefficients_of_the_columns_themselves(rng: np.random.Generator, *, intercept: bool) -> None:
    X = rng.normal(3, 10, size=(60, 4))
    X[:, 2] = X[:, 0] - X[:, 1]
    design = design_of(X, intercept=intercept)
    coef = rng.normal(size=design.n_columns)
    of_columns = design.to_columns() @ coef
    full = np.c_[np.ones(60), X] if intercept else X
    np.testing.assert_allclose(full @ of_columns, product(design, coef), rtol=1e-11, atol=1e-11)
    assert of_columns[2 + intercept] == 0


def test_chunks_cover_the_rows_once_with_and_without_cache(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = rng.normal(size=(1000, 3))
    X[:, 1] = X[:, 0]
    kept = np.concatenate([Z.copy() for _, Z in design_of(X).chunks()])
    monkeypatch.setattr(design_module, "_CHUNK_NUMBERS", 1)
    monkeypatch.setattr(design_module, "_KEEP_NUMBERS", 1)
    slices, parts = zip(*[(rows, Z.copy()) for rows, Z in design_of(X).chunks()], strict=True)
    assert len(slices) == 4
    assert [rows.start for rows in slices] == [0, 256, 512, 768]
    assert slices[-1].stop == 1000
    np.testing.assert_allclose(np.concatenate(parts), kept, rtol=0, atol=1e-13)
