"""Which levels a term needs columns for: the textbook cases."""

from __future__ import annotations

import pytest

from riskdec.models.formula.coding import code_terms

A, B, X = 0, 1, 2
IS_CATEGORY = [True, True, False]


def coded(terms: list[tuple[int, ...]], *, intercept: bool = True) -> list[list[str]]:
    """Write pieces as text: a+ has all levels of a, a- all but the first."""
    names = {(A, True): "a+", (A, False): "a-", (B, True): "b+", (B, False): "b-", (X, True): "x"}
    found = code_terms(terms, IS_CATEGORY, intercept=intercept)
    return [[":".join(names[part] for part in piece) for piece in term] for term in found]


@pytest.mark.parametrize(
    ("terms", "intercept", "wanted"),
    [
        # colnames(model.matrix(~ a + b)), and so on; a- is treatment coding.
        ([(A,), (B,)], True, [["a-"], ["b-"]]),
        ([(A,), (B,)], False, [["a+"], ["b-"]]),
        ([(A,), (B,), (A, B)], True, [["a-"], ["b-"], ["a-:b-"]]),
        ([(A,), (B,), (A, B)], False, [["a+"], ["b-"], ["a-:b-"]]),
        ([(A,), (A, B)], True, [["a-"], ["a+:b-"]]),
        ([(B,), (A, B)], True, [["b-"], ["a-:b+"]]),
        ([(A, B)], False, [["a+:b+"]]),
        ([(X,)], True, [["x"]]),
        ([(A, X)], True, [["a+:x"]]),
        ([(X,), (A, X)], True, [["x"], ["a-:x"]]),
        ([(A,), (A, X)], True, [["a-"], ["a+:x"]]),
        ([(A,), (X,), (A, X)], False, [["a+"], ["x"], ["a-:x"]]),
        ([(X,), (A, X), (A, B, X)], True, [["x"], ["a-:x"], ["a+:b-:x"]]),
        # Here R gives all products, one of which the intercept makes an alias.
        ([(A, B)], True, [["a-", "a+:b-"]]),
        ([], True, []),
    ],
)
def test_terms_are_coded_as_in_r(terms: list[tuple[int, ...]], intercept: bool, wanted: list[list[str]]) -> None:
    assert coded(terms, intercept=intercept) == wanted
