"""The closed grammar: what is read, what is refused, and where the mark stands."""

from __future__ import annotations

import builtins
import os
import time

import pytest

from riskdec.errors import InputError
from riskdec.models.formula.factors import Quantity
from riskdec.models.formula.grammar import parse_formula
from riskdec.models.formula.tree import Everything, Leaf, Part, Power, Product, Sum


def only_term(text: str) -> object:
    """Give the one term of a formula."""
    (part,) = parse_formula(text).terms.parts
    return part.node


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("died ~ age", "died"), ("~ age", None), ("`died in hospital` ~ age", "died in hospital"), ("C ~ age", "C")],
)
def test_left_side_names_the_outcome(text: str, outcome: str | None) -> None:
    assert parse_formula(text).outcome == outcome
    assert parse_formula(text).text == text


def test_operators_bind_as_in_r() -> None:
    a, b, c = (Leaf(Quantity(name)) for name in "abc")
    assert only_term("~ a * b:c^2") == Product("*", (a, Product(":", (b, Power(c, 2)))))
    assert only_term("~ a:b:c") == Product(":", (a, b, c))
    assert only_term("~ .^2") == Power(Everything(), 2)
    node = only_term("~ (a + b):c")
    assert isinstance(node, Product)
    assert isinstance(node.nodes[0], Sum)
    assert only_term("~ ((a))") == Sum((Part(True, Sum((Part(True, a, 4),)), 3),))


@pytest.mark.parametrize(
    ("text", "intercept"),
    [("~ a", True), ("~ 0 + a", False), ("~ a - 1", False), ("~ -1 + a", False), ("~ a + 0", False), ("~ a - 0", True),
     ("~ a + 1", True), ("~ 0 + a + 1", True), ("~ 1", True), ("~ (a)", True)],
)  # fmt: skip
def test_intercept_is_what_the_last_constant_says(text: str, intercept: bool) -> None:
    assert parse_formula(text).intercept == intercept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "start with the name of the outcome, or with ~; got the end at position 0"),
        ("y", "go on with '~'; got the end at position 1"),
        ("y == 1 ~ x", "go on with '~'; got '=' at position 2. The outcome is a column as it stands"),
        ("log(y) ~ x", r"go on with '~'; got '\(' at position 3"),
        ("y + z ~ x", r"go on with '~'; got '\+' at position 2"),
        ("1 ~ x", "start with the name of the outcome, or with ~; got '1' at position 0"),
        ("y ~", "go on with a term; got the end at position 3. A term is a column"),
        ("y ~ x +", "go on with a term; got the end at position 7"),
        ("y ~ + ", "go on with a term; got the end"),
        ("y ~ x ~ z", r"go on with one of \+ - \* : \^, or end; got '~' at position 6"),
        ("y ~ a b", "got 'b' at position 6"),
        ("y ~ a.b", r"got '\.' at position 5. Other signs belong into backticks: `a.b`"),
        ("y ~ a ** b", r"go on with a term; got '\*' at position 7"),
        ("y ~ (a + b", r"go on with '\)'; got the end at position 10"),
        ("y ~ a)", r"got '\)' at position 5"),
        ("y ~ 2 * x", "use numbers only inside functions, and 0 or 1 for the intercept.*got '2' at position 4"),
        ("y ~ x:1", "go on with a term; got '1' at position 6"),
        ("y ~ (x + 1)^2", "use numbers only inside functions.*got '1' at position 9"),
        ("y ~ 1.0", "use numbers only inside functions"),
        ("y ~ x^1", r"follow \^ with a whole number from 2 to 9; got '1' at position 6. It counts how many terms"),
        ("y ~ x^2.5", "got '2.5' at position 6"),
        ("y ~ x^z", "follow . with a whole number from 2 to 9; got 'z'"),
        ("y ~ x^2^2", r"got '\^' at position 7"),
        ("y ~ 'x'", "go on with a term; got 'x' at position 4"),
        ("y ~ `log`(x)", r"got '\(' at position 9"),
    ],
)  # fmt: skip
def test_other_text_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^formula must .*{message}"):
        parse_formula(text)


@pytest.mark.parametrize("text", [None, 3, b"y ~ x", ["y ~ x"]])
def test_a_formula_is_text(text: object) -> None:
    with pytest.raises(InputError, match=r"formula must be text such as 'outcome ~ age \+ sex'; got"):
        parse_formula(text)  # type: ignore[arg-type]


ATTACKS = [
    "__import__('os').system('touch owned')",
    "y ~ __import__('os').system('touch owned')",
    "y ~ {open('owned', 'w')}",
    "y ~ x + {__import__('os').system('touch owned')}",
    "y ~ I(__import__('os').system('touch owned'))",
    "y ~ C(x, ref=__import__('os'))",
    "y ~ rcs(x, open('owned', 'w'))",
    "y ~ rcs(x, [open('owned', 'w')])",
    "y ~ log(eval('1'))",
    "y ~ eval('open(\"owned\", \"w\")')",
    "y ~ exec(x)",
    "y ~ getattr(x, 'y')",
    "y ~ x.__class__.__bases__",
    "y ~ np.log(x)",
    "y ~ os.system",
    "y ~ (lambda x: x)(x)",
    "y ~ f'{x}'",
    "y ~ x if y else z",
    "y ~ x; z",
    "y ~ [x for x in y]",
    "y ~ x[0]",
    "y ~ x@y",
    "y ~ x := 3",
    "y ~ @x",
    "y ~ \\x41",
    "y ~ x # comment",
    "y ~ x\x00",
    "y ~ \u202ex",
    "y ~ ｅｖａｌ(x)",
    "y ~ еval(x)",
    "y ~ `x`.__class__",
    "y ~ \"\"\"x\"\"\"",
]  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_are_refused_and_nothing_is_run(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: object, **kwargs: object) -> None:
        message = f"something was run: {args}"
        raise AssertionError(message)

    with monkeypatch.context() as patch:
        for place, name in [(builtins, "eval"), (builtins, "exec"), (builtins, "compile"), (os, "system")]:
            patch.setattr(place, name, never)
        with pytest.raises(InputError) as caught:
            parse_formula(text)
    assert "position" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~ " + "(" * 21 + "x" + ")" * 21, "nest parentheses at most 20 deep; got '.' at position 22"),
        ("~ " + "(" * 9_000, "nest parentheses at most 20 deep"),
        ("~ x^" + "9" * 5_000, "hold numbers of at most 40 digits"),
        ("~ " + "`" * 9_001, "close every quotation mark"),
        ("~ " + "-" * 9_000, "go on with a term"),
    ],
)
def test_bombs_are_refused_at_once(text: str, message: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InputError, match=message):
        parse_formula(text)
    assert time.perf_counter() - start < 1


def test_the_deepest_allowed_nesting_is_read() -> None:
    assert only_term("~ " + "(" * 20 + "x" + ")" * 20)
