"""Readers give the sums of a plain computation, whatever the memory, the units, the blocks and the threads."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from riskdec._base import threads
from riskdec.likelihood import binomial, fit_binomial
from riskdec.likelihood.binomial import Rows, evaluate, evaluate_score
from riskdec.likelihood.rows import compiled_loops, compiled_reader, kept_reader, numpy_reader, readers, reading
from riskdec.likelihood.rows import design as design_module
from riskdec.likelihood.rows.compiled_reader import CompiledReader
from riskdec.likelihood.rows.kept_reader import KeptReader
from riskdec.likelihood.rows.numpy_reader import NumpyReader
from riskdec.likelihood.rows.rank import make_design
from riskdec.likelihood.rows.readers import crossproduct, product, reader_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec.likelihood.rows.design import Design


def keep(design: Design) -> KeptReader:
    room = np.empty((design.n_rows, design.n_columns), order="F")
    return KeptReader(design.standardise(slice(0, design.n_rows), room))


# Where numba is absent the loops are plain Python, slow but the same.
READERS: dict[str, Callable[[Design], reading.Reader]] = {"numpy": NumpyReader, "loops": CompiledReader, "kept": keep}
CENTERS = {"at zero": 0.0, "near zero": 1.0, "far from zero": 1e4}


class Case(NamedTuple):
    """Rows, and the same rows standardised by hand."""

    design: Design
    rows: Rows
    Z: np.ndarray
    coef: np.ndarray


def make_case(
    rng: np.random.Generator,
    *,
    center: float,
    dtype: Any = np.float64,
    order: Any = "C",
    weighted: bool = False,
    intercept: bool = True,
    n: int = 301,
) -> Case:
    X = np.asarray(rng.normal(center, 1, size=(n, 5)) * [1, 1e-3, 1e4, 1, 1], dtype=dtype, order=order)
    weight, offset = (rng.uniform(0.2, 3, n), rng.normal(size=n)) if weighted else (None, None)
    design = replace(make_design(X, weight=weight, intercept=intercept), cache=None)
    Z = (X.astype(np.float64) - design.center) / design.scale
    Z = Z if design.basis is None else Z @ design.basis
    Z = np.c_[np.ones(n), Z] if intercept else Z
    coef = rng.normal(size=Z.shape[1])
    return Case(design, Rows((rng.random(n) < 0.3).astype(float), weight, offset), Z, coef)


def use(monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    # Columns far from zero without an intercept are near multiples of each other: no loops for such designs.
    chosen = READERS[reader]

    def choose(design: Design) -> reading.Reader:
        return (chosen if design.basis is None else NumpyReader)(design)

    for module in (binomial, readers):
        monkeypatch.setattr(module, "reader_of", choose)


def assert_sums_are_plain(case: Case) -> None:
    """Compare with the formulas, in units of the sums of absolute terms: only these bound rounding."""
    design, rows, Z, coef = case
    offset = np.zeros(len(Z)) if rows.offset is None else rows.offset
    weight = np.ones(len(Z)) if rows.weight is None else rows.weight
    eta = Z @ coef + offset
    p = 1 / (1 + np.exp(-eta))
    tight = {"rtol": 0, "atol": 2e-13 * len(Z)}
    far = float(np.abs(design.center / design.scale).max(initial=1.0))
    here = evaluate(design, rows, coef)
    np.testing.assert_allclose(here.eta, eta, rtol=0, atol=1e-14 * far * len(coef))
    assert here.log_likelihood == pytest.approx(weight @ (rows.y * np.log(p) + (1 - rows.y) * np.log(1 - p)), rel=1e-11)
    np.testing.assert_allclose(here.score, (weight * (rows.y - p)) @ Z, **tight)
    np.testing.assert_allclose(here.information, (Z.T * (weight * p * (1 - p))) @ Z, **tight)
    np.testing.assert_array_equal(here.information, here.information.T)
    np.testing.assert_allclose(evaluate_score(design, rows, coef), here.score, **tight)
    np.testing.assert_allclose(product(design, coef), Z @ coef, rtol=0, atol=1e-14 * far * len(coef))
    np.testing.assert_allclose(crossproduct(design, weight), (Z.T * weight) @ Z, **tight)
    np.testing.assert_allclose(crossproduct(design, None), Z.T @ Z, **tight)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("center", CENTERS)
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("intercept", [True, False])
def test_sums_are_those_of_standardised_rows(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, reader: str, center: str, weighted: bool, intercept: bool
) -> None:
    use(monkeypatch, reader)
    assert_sums_are_plain(make_case(rng, center=CENTERS[center], weighted=weighted, intercept=intercept))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("dtype", "order"), list(itertools.product([np.float32, np.float64], ["C", "F"])))
def test_any_precision_and_memory_order_gives_the_same_sums(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, reader: str, dtype: Any, order: Any
) -> None:
    use(monkeypatch, reader)
    assert_sums_are_plain(make_case(rng, center=0.5, dtype=dtype, order=order, weighted=True))


@pytest.mark.parametrize("order", ["C", "F"])
def test_rows_that_lie_apart_are_read(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, order: Any) -> None:
    use(monkeypatch, "numpy")
    case = make_case(rng, center=0.5, order=order, weighted=True)
    apart = np.asarray(np.repeat(case.design.X, 2, axis=0), order=order)[::2]
    assert not apart.flags.forc
    assert_sums_are_plain(case._replace(design=replace(case.design, X=apart)))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("center", CENTERS)
def test_blocks_and_pieces_change_no_sum(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, reader: str, center: str
) -> None:
    use(monkeypatch, reader)
    cut_small(monkeypatch)
    assert len(reading.row_blocks(1501, 5)) > 5
    assert_sums_are_plain(make_case(rng, center=CENTERS[center], weighted=True, n=1501))


def cut_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_ONE_BLOCK", 1)
    monkeypatch.setattr(reading, "_BLOCK_NUMBERS", 700)
    monkeypatch.setattr(numpy_reader, "_PIECE_NUMBERS", 1)
    monkeypatch.setattr(kept_reader, "_PIECE_NUMBERS", 1)
    monkeypatch.setattr(design_module, "_CHUNK_NUMBERS", 1)
    monkeypatch.setattr(design_module, "_KEEP_FOR_READERS", 1)


@pytest.mark.parametrize("n_columns", [1, 14, 15, 40])
@pytest.mark.parametrize("weighted", [True, False])
def test_kept_rows_of_any_width_give_symmetric_crossproducts(
    rng: np.random.Generator, n_columns: int, weighted: bool
) -> None:
    X, weight = rng.normal(2, 3, size=(500, n_columns)), rng.uniform(0.2, 3, 500)
    design = make_design(X, weight=None, intercept=True, for_readers=True)
    assert isinstance(reader_of(design), KeptReader)
    Z = np.c_[np.ones(500), (X - X.mean(axis=0)) / X.std(axis=0)]
    found = crossproduct(design, weight if weighted else None)
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(found, (Z.T * weight) @ Z if weighted else Z.T @ Z, rtol=0, atol=1e-9)


def test_larger_designs_are_kept_for_those_who_read_them_by_chunks(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(design_module, "_KEEP_FOR_READERS", 1000)
    X = rng.normal(size=(400, 4))
    design = make_design(X, weight=None, intercept=True)
    assert design.cache is not None
    assert isinstance(reader_of(design), NumpyReader)
    assert make_design(X, weight=None, intercept=True, for_readers=True).cache is None


@pytest.mark.parametrize("workers", [2, 5])
def test_number_of_threads_changes_no_bit(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    cut_small(monkeypatch)
    X, y = rng.normal(size=(20_000, 4)), rng.random(20_000) < 0.2
    monkeypatch.setattr(threads, "n_workers", lambda: 1)
    alone = fit_binomial(X, y)
    monkeypatch.setattr(threads, "n_workers", lambda: workers)
    together = fit_binomial(X, y)
    np.testing.assert_array_equal(together.coef, alone.coef)
    np.testing.assert_array_equal(together.covariance, alone.covariance)
    assert together.log_likelihood == alone.log_likelihood


@pytest.mark.parametrize("reader", READERS)
def test_tails_keep_their_digits(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    # Linear predictors up to +-600: variances down to 1e-260, and residuals that are next to -1, 0 or 1.
    use(monkeypatch, reader)
    case = make_case(rng, center=0.0, n=200)
    eta = np.linspace(-600, 600, 200)
    rows = Rows((np.arange(200) % 2).astype(float), None, eta)
    here = evaluate(case.design, rows, np.zeros(6))
    size = np.exp(-np.abs(eta))
    above = 1 / (1 + size)
    risk = np.where(eta > 0, above, size * above)
    np.testing.assert_allclose(here.score, (rows.y - risk) @ case.Z, rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(here.information, (case.Z.T * (size * above**2)) @ case.Z, rtol=1e-9, atol=1e-13)
    wanted = np.where(rows.y == 1, np.minimum(eta, 0), -np.maximum(eta, 0)).sum() - np.log1p(size).sum()
    assert here.log_likelihood == pytest.approx(wanted, rel=1e-14)


def test_exponentials_of_the_loops_have_all_digits_but_one(rng: np.random.Generator) -> None:
    x = np.concatenate([[0.0, -700.0, 700.0, 1e-300], rng.uniform(-700, 700, compiled_loops.TILE - 4)])
    bits, found = np.zeros(compiled_loops.TILE, np.int64), np.zeros(compiled_loops.TILE)
    compiled_loops.exponentials(x, bits, bits.view(np.float64), found)
    np.testing.assert_allclose(found, np.exp(x), rtol=4e-16)


def test_loops_are_left_alone_where_they_do_not_suit(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_reader, "_LEAST_NUMBERS", 100)
    monkeypatch.setattr(compiled_reader, "has_numba", lambda: True)
    X = rng.normal(size=(300, 4))
    assert compiled_reader.suits_loops(X)
    assert not compiled_reader.suits_loops(X[:20])
    assert not compiled_reader.suits_loops(X[::2])
    assert not compiled_reader.suits_loops(X.astype(int))
    plain = replace(make_design(X, weight=None, intercept=True), cache=None)
    assert compiled_reader.can_read(plain)
    assert not compiled_reader.can_read(make_design(X, weight=None, intercept=True))
    assert not compiled_reader.can_read(replace(plain, scale=plain.scale * 1e-120))
    monkeypatch.setattr(compiled_reader, "has_numba", lambda: False)
    assert not compiled_reader.suits_loops(X)


@pytest.mark.parametrize(("dtype", "order"), list(itertools.product([np.float32, np.float64], ["C", "F"])))
def test_compiled_and_numpy_fits_agree(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, dtype: Any, order: Any
) -> None:
    pytest.importorskip("numba")
    n = 60_000
    X = np.asarray(rng.normal([0, 3, 500, 0], [1, 1, 1, 1e3], size=(n, 4)), dtype=dtype, order=order)
    y, weight = rng.random(n) < 1 / (1 + np.exp(2 - X[:, 0])), rng.uniform(0.5, 2, n)
    monkeypatch.setattr(compiled_reader, "_LEAST_NUMBERS", 1000)
    monkeypatch.setattr(design_module, "_KEEP_FOR_READERS", 1)
    X.flags.writeable = False
    compiled = fit_binomial(X, y, weight=weight, offset=0.1 * weight)
    monkeypatch.setattr(compiled_reader, "has_numba", lambda: False)
    plain = fit_binomial(X, y, weight=weight, offset=0.1 * weight)
    error = np.sqrt(np.diag(plain.covariance))
    np.testing.assert_allclose(compiled.coef / error, plain.coef / error, rtol=0, atol=1e-8)
    scaled = (compiled.covariance / np.outer(error, error), plain.covariance / np.outer(error, error))
    np.testing.assert_allclose(*scaled, rtol=0, atol=1e-8)
    assert compiled.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-13)
    np.testing.assert_allclose(compiled.linear_predictor, plain.linear_predictor, rtol=0, atol=1e-6)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("n_columns", [0, 1, 24, 25])
def test_numpy_gives_symmetric_crossproducts_at_any_width(rng: np.random.Generator, order: Any, n_columns: int) -> None:
    X, weight = np.asarray(rng.normal(0.5, 1, size=(5000, n_columns)), order=order), rng.uniform(0.2, 3, 5000)
    design = replace(make_design(X, weight=None, intercept=True), cache=None)
    Z = np.c_[np.ones(5000), (X - X.mean(axis=0)) / X.std(axis=0)]
    reader = NumpyReader(design)
    found = reader.form.crossproduct(reader.add_up(lambda block: reader.crossproduct(block, weight))[0])
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(found, (Z.T * weight) @ Z, rtol=0, atol=1e-8)
