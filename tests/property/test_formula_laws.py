"""Laws of formulas: closed whatever the text, the algebra of terms, and designs that span what they should."""

from __future__ import annotations

import json
import string

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskdec.errors import InputError
from riskdec.likelihood.splines.basis import spline_basis
from riskdec.likelihood.splines.knots import place_knots
from riskdec.models.formula import FormulaDesign, expand, parse_formula
from riskdec.models.formula.tokens import quote_name

COLUMNS = ("a", "b", "s", "t", "long name")
RNG = np.random.default_rng(7)
N = 60
# Two categories, two numbers, one hostile name; every combination of levels occurs.
FRAME = pd.DataFrame(
    {
        "a": np.resize(["x", "y", "z"], N),
        "b": np.repeat(["p", "q"], N // 2),
        "s": RNG.normal(size=N),
        "t": RNG.gamma(2, size=N),
        "long name": RNG.normal(size=N),
    }
)

PIECES = ["~", "+", "-", "*", ":", "^", "(", ")", "[", "]", ",", "=", ".", "0", "1", "2", "4", "rcs", "pol", "C", "log"]
WORDS = [*PIECES, "ref", "'x'", "`long name`", "a", "s", "y", "__import__", "lambda", "(((", "1e5", "\n", "\u212f"]

plain = st.sampled_from(["a", "b", "s", "t", "`long name`"])
inside = st.sampled_from(["rcs(s, 4)", "log(t)", "pol(t, 2)", "C(a, ref='y')", "rcs(log(t), [-1, 0, 1])"])


def joined(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sign = st.sampled_from([" + ", ":", " * "])
    return st.builds(lambda left, sign, right: f"({left}{sign}{right})", children, sign, children)


right_sides = st.recursive(plain | inside, joined, max_leaves=5)


def term_sets(text: str) -> set[frozenset[str]]:
    expansion = expand(parse_formula(text), COLUMNS)
    return {frozenset(expansion.factors[i].text for i in term) for term in expansion.terms}


def is_refused_or_read(text: str) -> None:
    """Read a text and write it out; any other error than InputError fails the test."""
    try:
        expansion = expand(parse_formula(text), COLUMNS)
    except InputError:
        return
    again = parse_formula(expansion.text)
    assert (again.outcome, again.intercept) == (expansion.outcome, expansion.intercept)


@settings(max_examples=400)
@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_an_input_error(text: str) -> None:
    is_refused_or_read(text)
    is_refused_or_read("y ~ " + text)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_any_row_of_tokens_is_a_formula_or_an_input_error(words: list[str]) -> None:
    is_refused_or_read(" ".join(words))
    is_refused_or_read("y ~ " + "".join(words))


@settings(max_examples=200)
@given(st.text(alphabet=string.printable + "`'\"é\u2028", min_size=0, max_size=15))
def test_any_name_can_be_quoted(name: str) -> None:
    (factor,) = expand(parse_formula("~ " + quote_name(name)), ()).factors
    assert factor.variable == name


@given(right_sides)
def test_writing_out_changes_nothing(right: str) -> None:
    text = expand(parse_formula("y ~ " + right), COLUMNS).text
    assert term_sets(text) == term_sets("y ~ " + right)


@given(right_sides, right_sides, right_sides)
def test_terms_follow_the_algebra_of_sets(one: str, two: str, three: str) -> None:
    assert term_sets(f"~ {one} * {two}") == term_sets(f"~ {one} + {two} + {one}:{two}")
    assert term_sets(f"~ {one}:{two}") == term_sets(f"~ {two}:{one}")
    assert term_sets(f"~ ({one} + {two}):{three}") == term_sets(f"~ {one}:{three} + {two}:{three}")
    assert term_sets(f"~ {one} + {one}") == term_sets(f"~ {one}")
    assert term_sets(f"~ {one} + {two} - {two}") == term_sets(f"~ {one}") - term_sets(f"~ {two}")
    assert term_sets(f"~ ({one})^2") == term_sets(f"~ {one}:{one} + {one}")


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from("abst"), min_size=1, max_size=3), min_size=1, max_size=5), st.booleans())
def test_design_spans_what_patsy_spans_at_full_rank(terms: list[list[str]], intercept: bool) -> None:
    patsy = pytest.importorskip("patsy")
    text = "~ " + " + ".join([str(int(intercept)), *(":".join(term) for term in terms)])
    ours = FormulaDesign.learn(parse_formula(text), FRAME).encode(FRAME).matrix
    if intercept:
        ours = np.column_stack([np.ones(N), ours])
    theirs = np.asarray(patsy.dmatrix(text, FRAME))
    assert ours.shape == theirs.shape
    ranks = [np.linalg.matrix_rank(matrix) for matrix in (ours, theirs, np.hstack([ours, theirs]))]
    assert ranks == [ours.shape[1]] * 3


@settings(max_examples=40)
@given(right_sides)
def test_design_does_not_depend_on_library_order_of_rows_or_storage(right: str) -> None:
    formula = parse_formula("~ " + right)
    factors = expand(formula, COLUMNS).factors
    # s and rcs(s, 4) make columns of one name, which is refused.
    assume(len({factor.variable for factor in factors}) == len(factors))
    design = FormulaDesign.learn(formula, FRAME)
    matrix = design.encode(FRAME).matrix
    assert matrix.shape == (N, len(design.names))
    assert FormulaDesign.learn(formula, pl.from_pandas(FRAME)) == design
    order = np.random.default_rng(1).permutation(N)
    assert FormulaDesign.learn(formula, FRAME.iloc[order]) == design
    np.testing.assert_array_equal(design.encode(FRAME.iloc[order]).matrix, matrix[order])
    again = FormulaDesign.from_state(json.loads(json.dumps(design.to_state())))
    np.testing.assert_array_equal(again.encode(FRAME).matrix, matrix)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(3, 8), st.sampled_from([1, 5, 1000]))
def test_knots_move_with_the_units_and_count_repeated_rows(seed: int, n_knots: int, ties: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.round(rng.gamma(1, size=rng.integers(1, 300)) * ties) / ties
    knots = place_knots(values, n_knots)
    assert len(knots) == 0 or 3 <= len(knots) <= 2 * n_knots
    assert (np.diff(knots) > 0).all()
    # A power of two changes no digit.
    np.testing.assert_array_equal(place_knots(values * 4, n_knots), knots * 4)
    counts = rng.integers(1, 4, size=len(values))
    repeated = place_knots(np.repeat(values, counts), n_knots)
    np.testing.assert_array_equal(place_knots(values, n_knots, counts=counts.astype(float)), repeated)


@given(st.lists(st.integers(-50, 50), min_size=3, max_size=8, unique=True), st.integers(-100, 100))
def test_splines_are_smooth_at_every_knot_and_straight_outside(places: list[int], shift: int) -> None:
    knots = np.sort(np.array(places, dtype=float)) / 7 + shift
    step = 1e-3 * (knots[-1] - knots[0])
    for knot in knots:
        x = knot + step * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
        left, right = (np.diff(spline_basis(part, knots), n=2, axis=0) / step**2 for part in (x[:3], x[2:]))
        # The second derivative is continuous: both sides differ by about the step, not by a jump.
        size = 6 / (knots[-1] - knots[0]) ** 2 * (1 + (knots[-1] - knots[0]) / np.diff(knots)[-1])
        assert (np.abs(left - right) <= 4 * size * step + 1e-6).all()
    for x in (knots[0] - np.array([3.0, 2.0, 1.0]), knots[-1] + np.array([1.0, 2.0, 3.0])):
        np.testing.assert_allclose(np.diff(spline_basis(x, knots), n=2, axis=0), 0, atol=1e-9)
