"""Rows kept in parts: the same numbers, products, moments and crossproducts as with all zeros written out."""

import numpy as np
import pytest
from scipy import sparse

from riskdec.likelihood.wide.block_information import BlockCrossproduct
from riskdec.likelihood.wide.block_matrix import BlockMatrix, OneHot, filled_chunks, join_columns, take_rows
from riskdec.likelihood.wide.sparse_blocks import split_sparse

N = 400


@pytest.fixture
def filled(rng):
    """Numbers, 12 levels, sparse columns, 39 of 40 levels, a number far from zero."""
    few, many = rng.integers(0, 12, N), rng.integers(0, 40, N)
    numbers = rng.normal([0, 0, 100], size=(N, 3))
    rest = rng.normal(size=(N, 10)) * (rng.random((N, 10)) < 0.05)
    return np.hstack([numbers[:, :2], np.eye(12)[few], rest, np.eye(40)[many][:, 1:], numbers[:, 2:]])


@pytest.fixture
def blocks(filled):
    return split_sparse(sparse.csr_array(filled))


def test_sparse_matrix_is_split_into_its_parts(filled, blocks):
    assert [block.n_levels for block in blocks.blocks] == [12, 39]
    assert [block.start for block in blocks.blocks] == [2, 24]
    np.testing.assert_array_equal(blocks.dense_columns, [0, 1, 63])
    np.testing.assert_array_equal(blocks.rest_columns, np.arange(14, 24))
    assert blocks.shape == filled.shape


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
def test_every_format_gives_the_same_numbers(filled, make):
    np.testing.assert_array_equal(split_sparse(make(filled))[:], filled)


def test_repeated_and_stored_zero_entries_are_read_as_scipy_reads_them():
    X = sparse.coo_array(([0.5, 0.5, 0.0, 2.0], ([0, 0, 1, 2], [0, 0, 1, 1])), shape=(3, 2))
    np.testing.assert_array_equal(split_sparse(X)[:], X.toarray())


def test_overlapping_columns_of_ones_are_no_block(rng):
    X = (rng.random((200, 30)) < 0.1).astype(float)
    parts = split_sparse(sparse.csr_array(X))
    np.testing.assert_array_equal(parts[:], X)
    for block in parts.blocks:
        assert (X[:, block.columns].sum(axis=1) <= 1).all()


def test_rows_and_columns_are_those_of_the_matrix(filled, blocks, rng):
    places = rng.integers(0, N, 17)
    for rows in (slice(3, 90), slice(None, None, 7), places, filled[:, 0] > 0):
        np.testing.assert_array_equal(blocks[rows], filled[rows])
        np.testing.assert_array_equal(take_rows(blocks, rows)[:], filled[rows])
        np.testing.assert_array_equal(take_rows(filled, rows), filled[rows])
    np.testing.assert_array_equal(blocks[5], filled[5])
    for column in (0, 5, 20, 63):
        np.testing.assert_array_equal(blocks[:, column], filled[:, column])
    np.testing.assert_array_equal(blocks.to_sparse().toarray(), filled)
    assert len(blocks) == N


def test_products_are_those_of_the_matrix(filled, blocks, rng):
    coef, both, values = rng.normal(size=64), rng.normal(size=(64, 2)), rng.normal(size=N)
    np.testing.assert_allclose(blocks @ coef, filled @ coef, rtol=1e-12)
    np.testing.assert_allclose(blocks @ both, filled @ both, rtol=1e-12)
    np.testing.assert_allclose(blocks.transposed_product(values), values @ filled, rtol=1e-9, atol=1e-12)


def test_moments_are_those_of_the_matrix(filled, blocks, rng):
    for weight in (None, rng.uniform(0.5, 2, N)):
        mean, deviation = blocks.moments(weight)
        expected = np.average(filled, axis=0, weights=weight)
        np.testing.assert_allclose(mean, expected, rtol=1e-12, atol=1e-14)
        spread = np.sqrt(np.average((filled - expected) ** 2, axis=0, weights=weight))
        np.testing.assert_allclose(deviation, spread, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("intercept", [True, False])
def test_crossproduct_is_that_of_the_matrix(filled, blocks, rng, intercept):
    weight = rng.uniform(0.1, 1, N)
    Z = np.hstack([np.ones((N, int(intercept))), filled])
    found = BlockCrossproduct(blocks, intercept=intercept).weighted(weight)
    expected = Z.T @ (Z * weight[:, None])
    np.testing.assert_allclose(found.full(), expected, rtol=1e-9, atol=1e-9)
    vector = rng.normal(size=Z.shape[1])
    np.testing.assert_allclose(found.product(vector), expected @ vector, rtol=1e-9, atol=1e-9)
    # The largest block is the one left out.
    assert len(found.tail) == 39


@pytest.mark.parametrize("intercept", [True, False])
def test_quadratic_forms_are_those_of_the_matrix(filled, blocks, rng, intercept):
    Z = np.hstack([np.ones((N, int(intercept))), filled])
    half = rng.normal(size=(Z.shape[1], Z.shape[1]))
    found = BlockCrossproduct(blocks, intercept=intercept).quadratic_forms(half + half.T)
    np.testing.assert_allclose(found, np.einsum("ij,jk,ik->i", Z, half + half.T, Z), rtol=1e-9, atol=1e-9)


def test_eliminating_the_block_solves_the_whole_system(blocks, rng):
    found = BlockCrossproduct(blocks, intercept=True).weighted(rng.uniform(0.1, 1, N))
    strength, dead = np.full(65, 0.3), np.zeros(65, dtype=bool)
    dead[[4, 30]] = True
    penalised = found.penalised(strength, dead)
    matrix, right = penalised.full(), rng.normal(size=65)
    assert (matrix[4] == np.eye(65)[4]).all()
    factorised = penalised.factorise()
    np.testing.assert_allclose(factorised.solve(right), np.linalg.solve(matrix, right), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(factorised.diagonal_of_inverse(), np.diag(np.linalg.inv(matrix)), rtol=1e-7)


def test_matrix_that_is_not_positive_definite_has_no_factor(blocks):
    assert BlockCrossproduct(blocks, intercept=True).weighted(np.zeros(N)).factorise() is None


def test_columns_and_blocks_are_joined_in_order(rng):
    numbers, few, many = rng.normal(size=(50, 2)), rng.integers(0, 4, 50), rng.integers(0, 10, 50)
    joined = join_columns([numbers[:, :1], OneHot(few, 1, 3), OneHot(many, 4, 10), numbers[:, 1:]])
    expected = np.hstack([numbers[:, :1], np.eye(4)[few][:, :3], np.eye(10)[many], numbers[:, 1:]])
    assert isinstance(joined, BlockMatrix)
    np.testing.assert_array_equal(joined[:], expected)
    # Three levels are a table of three columns, not a block.
    assert [block.n_levels for block in joined.blocks] == [10]
    np.testing.assert_array_equal(join_columns([OneHot(few, 0, 3)]), np.eye(4)[few][:, :3])


def test_chunks_cover_all_rows_once(blocks, filled):
    assert sum(len(blocks[chunk]) for chunk in filled_chunks(blocks)) == N
    assert list(filled_chunks(filled)) == [slice(None)]
