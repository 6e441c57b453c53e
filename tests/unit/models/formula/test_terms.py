"""From a formula to its terms, on given columns."""

from __future__ import annotations

import time

import pytest

from riskdec.errors import InputError
from riskdec.models.formula.grammar import parse_formula
from riskdec.models.formula.terms import Expansion, expand

COLUMNS = ("y", "a", "b", "c", "d e")


def as_sets(expansion: Expansion) -> list[set[str]]:
    return [{expansion.factors[i].text for i in term} for term in expansion.terms]


def written_out(text: str) -> str:
    return expand(parse_formula(text), COLUMNS).text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # In R: attr(terms(y ~ a * b), "term.labels"), and so on.
        ("y ~ a * b", "y ~ a + b + a:b"),
        ("y ~ a * b * c", "y ~ a + b + c + a:b + a:c + b:c + a:b:c"),
        ("y ~ (a + b + c)^2", "y ~ a + b + c + a:b + a:c + b:c"),
        ("y ~ (a + b)^3", "y ~ a + b + a:b"),
        ("y ~ a*b*c - a:b:c", "y ~ a + b + c + a:b + a:c + b:c"),
        ("y ~ (a + b):c", "y ~ a:c + b:c"),
        ("y ~ (a*b):c", "y ~ a:c + b:c + a:b:c"),
        ("y ~ a:b + b:a + a", "y ~ a + a:b"),
        ("y ~ b + a:b + a", "y ~ b + a + b:a"),
        ("y ~ a:a + a*a + a^2", "y ~ a"),
        ("y ~ a + b - a", "y ~ b"),
        ("y ~ a - a", "y ~ 1"),
        ("y ~ a*b - (a + b)", "y ~ a:b"),
        ("y ~ (a + b - a):c", "y ~ b:c"),
        ("y ~ a - 1", "y ~ 0 + a"),
        ("y ~ 1", "y ~ 1"),
        ("~ a + b:c:a", "~ a + a:b:c"),
        ("y ~ .", "y ~ a + b + c + `d e`"),
        ("~ .", "~ y + a + b + c + `d e`"),
        ("y ~ . - c", "y ~ a + b + `d e`"),
        ("y ~ . + a:b", "y ~ a + b + c + `d e` + a:b"),
        ("y ~ (. - `d e` - c)^2", "y ~ a + b + a:b"),
        # A column that enters inside a function is not among the others.
        ("y ~ rcs(a, 4) + . - `d e`", "y ~ rcs(a, 4) + b + c"),
        ("y ~ . + C(b, ref='x''y') - `d e`", 'y ~ a + c + C(b, ref="x\'y")'),
        ("y ~ rcs(a, [1, 2.5, 1e300]) + pol(log(b))", "y ~ rcs(a, [1, 2.5, 1e+300]) + pol(log(b), 2)"),
        ("y ~ rcs(a, 4)*C(b)", "y ~ rcs(a, 4) + C(b) + rcs(a, 4):C(b)"),
    ],
)
def test_terms_are_those_of_r(text: str, wanted: str) -> None:
    assert written_out(text) == wanted
    again = expand(parse_formula(wanted), COLUMNS)
    assert as_sets(again) == as_sets(expand(parse_formula(text), COLUMNS))


def test_factors_are_numbered_by_use() -> None:
    expansion = expand(parse_formula("y ~ a + b*c - a - b"), COLUMNS)
    assert [factor.text for factor in expansion.factors] == ["b", "c"]
    assert expansion.terms == ((1,), (0, 1))
    assert expansion.labels == ("c", "b:c")
    assert expansion.variables == ("b", "c")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y ~ a - b", "take away only terms that stand to the left; got b, which is not among them, at position 8"),
        ("y ~ b - rcs(b, 4)", r"got rcs\(b, 4\), which is not among them,"),
        ("y ~ - a", "got a, which is not among them, at position 6"),
        ("y ~ a + y", "have its outcome on the left side alone; got 'y' among the terms"),
        ("y ~ log(y)", "have its outcome on the left side alone"),
        ("y ~ a - a - 1", "keep a term or the intercept; got neither"),
        ("y ~ 0", "keep a term or the intercept; got neither"),
        ("y ~ . + rcs(a,3) + log(b) + C(c) + abs(`d e`)", "have other columns that the dot can stand for; got none"),
        ("~ " + ":".join("abcdefghijk"), "multiply at most 10 factors in one term; got 11"),
    ],
)
def test_formulas_that_make_no_sense_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=f"formula must .*{message}"):
        expand(parse_formula(text), COLUMNS)


@pytest.mark.parametrize(
    "text",
    [
        "~ " + "*".join("abcdefghijklmnopqrstuvwxyz"),
        "~ (" + "+".join(f"x{i}" for i in range(50)) + ")^9",
        "~ " + ":".join(["(a+b+c+d+e+f+g+h+i)^9"] * 400),
        "~ " + "+".join(f"x{i}" for i in range(1001)),
        "~ " + ":".join(["(" + "+".join(f"x{i}" for i in range(30)) + ")"] * 60),
    ],
)
def test_formulas_of_very_many_terms_are_refused_soon(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InputError, match="formula must have at most 1000 terms; got more. Name the interactions"):
        expand(parse_formula(text), ())
    assert time.perf_counter() - start < 5


def test_many_terms_are_fine_up_to_the_limit() -> None:
    assert len(expand(parse_formula("~ ."), tuple(f"x{i}" for i in range(1000))).terms) == 1000
    assert written_out("~ " + "*".join(["a"] * 4_000)) == "~ a"
