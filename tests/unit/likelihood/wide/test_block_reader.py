"""Readings of wide rows: likelihood, score and information of the same rows with their zeros written out."""

from dataclasses import replace

import numpy as np
import pytest

from riskdec.likelihood import fit_binomial, fit_firth, risks
from riskdec.likelihood.binomial import Rows, evaluate_score
from riskdec.likelihood.rows.rank import make_design
from riskdec.likelihood.rows.readers import crossproduct, product, reader_of
from riskdec.likelihood.wide.block_matrix import BlockMatrix, OneHot
from riskdec.likelihood.wide.block_reader import BlockReader, suits_blocks

N = 400


@pytest.fixture
def both(rng):
    few, many = rng.integers(0, 9, N), rng.integers(0, 12, N)
    numbers = rng.normal([0, 300], size=(N, 2))
    none = np.arange(0)
    blocks = (OneHot(np.where(few == 0, 8, few - 1), 1, 8), OneHot(np.where(many == 0, 11, many - 1), 9, 11))
    X = BlockMatrix(21, numbers, np.array([0, 20]), blocks, None, none)
    return X, X[:], rng.random(N) < risks(numbers[:, 0] - 1 + rng.normal(size=9)[few])


def unkept(X, weight, intercept):
    return replace(make_design(X, weight=weight, intercept=intercept), cache=None)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_readings_are_those_of_filled_rows(both, rng, intercept, weighted):
    X, filled, y = both
    weight, offset = (rng.uniform(0.5, 2, N), rng.normal(size=N)) if weighted else (None, None)
    rows = Rows(y.astype(float), weight, offset)
    ours, theirs = unkept(X, weight, intercept), unkept(filled, weight, intercept)
    assert isinstance(reader_of(ours), BlockReader)
    coef = rng.normal(size=ours.n_columns) * 0.3
    here, expected = rows.evaluate(ours, coef), rows.evaluate(theirs, coef)
    assert here.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-12)
    for name in ("score", "information", "eta"):
        np.testing.assert_allclose(getattr(here, name), getattr(expected, name), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(evaluate_score(ours, rows, coef), expected.score, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(product(ours, coef), product(theirs, coef), rtol=1e-9, atol=1e-10)
    for weights in (None, rng.random(N)):
        np.testing.assert_allclose(crossproduct(ours, weights), crossproduct(theirs, weights), rtol=1e-9, atol=1e-9)


def test_columns_left_out_are_not_read(both):
    X, _, y = both
    # The last level of each block is what an intercept and the others determine.
    twice = replace(
        X, blocks=(X.blocks[0], OneHot(X.blocks[0].codes, 9, 8)), n_columns=18, dense_columns=np.array([0, 17])
    )
    design = unkept(twice, None, intercept=True)
    assert [alias.column for alias in design.aliases] == list(range(9, 17))
    coef = np.linspace(-1, 1, design.n_columns)
    rows = Rows(y.astype(float), None, None)
    expected = rows.evaluate(unkept(twice[:], None, intercept=True), coef)
    np.testing.assert_allclose(rows.evaluate(design, coef).information, expected.information, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("fit", [fit_binomial, fit_firth])
def test_fits_are_those_of_filled_rows_without_a_cache(both, monkeypatch, fit):
    X, filled, y = both
    expected = fit(filled, y)
    for name in ("_KEEP_NUMBERS", "_KEEP_FOR_READERS"):
        monkeypatch.setattr(f"riskdec.likelihood.rows.design.{name}", 0)
    found = fit(X, y)
    assert suits_blocks(found.design)
    np.testing.assert_allclose(found.coef, expected.coef, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-7, atol=1e-9)
