"""Tokens of a formula, and the mark below what is wrong."""

from __future__ import annotations

import pytest

from riskdec.errors import InputError
from riskdec.models.formula.tokens import is_plain_name, quote_name, refuse_at, tokenize


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.value) for token in tokenize(text)][:-1]


def test_every_kind_of_token_is_told() -> None:
    text = "y~x_1 + `a ``b`` c`:C(z,ref='it''s')-[.5, 1e-3]"
    assert kinds(text) == [
        ("name", "y"), ("sign", "~"), ("name", "x_1"), ("sign", "+"), ("quoted name", "a `b` c"), ("sign", ":"),
        ("name", "C"), ("sign", "("), ("name", "z"), ("sign", ","), ("name", "ref"), ("sign", "="),
        ("text", "it's"), ("sign", ")"), ("sign", "-"), ("sign", "["), ("number", ".5"), ("sign", ","),
        ("number", "1e-3"), ("sign", "]"),
    ]  # fmt: skip


def test_positions_count_characters_and_space_of_any_kind_is_skipped() -> None:
    assert [token.at for token in tokenize("y ~\n  größe\t+ x")] == [0, 2, 6, 12, 14, 15]


@pytest.mark.parametrize("name", ["age", "_x1", "größe", "年齢", "class", "__class__"])
def test_plain_names_need_no_marks(name: str) -> None:
    assert is_plain_name(name)
    assert quote_name(name) == name
    assert kinds(name) == [("name", name)]


@pytest.mark.parametrize("name", ["body mass", "a.b", "", "1st", "a`b", "``", "x'", "ｘ", "y ~ x", "a\nb", "x)", "½"])
def test_any_other_name_can_be_written_with_marks(name: str) -> None:
    assert not is_plain_name(name)
    assert kinds(quote_name(name)) == [("quoted name", name)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y ~ x / z", r"signs ~ \+ - .*; got '/' at position 6\. Put a column name"),
        ("y ~ x − z", r"got '\\u2212' \(MINUS SIGN\) at position 6"),
        ("y ∼ x", r"got '\\u223c' \(TILDE OPERATOR\) at position 2"),
        ("y ~ x\x00", r"got '\\x00' at position 5"),
        ("y ~ \ud800", r"got '\\ud800' \(no name\) at position 4"),
        ("y ~ “x”", r"got '\\u201c' \(LEFT DOUBLE QUOTATION MARK\)"),
        ("y ~ `x", "close every quotation mark; got ` without its partner at position 4"),
        ("y ~ C(x, ref='a)", "got ' without its partner at position 13"),
        ("y ~ ｌｏｇ(x)", r"hold names of plain letters, digits and _; got '\\uff4c\\uff4f\\uff47' at position 4"),
        ("y ~ x\u00b2", r"hold names of plain letters, digits and _; got 'x\\xb2' at position 4"),
        ("y ~ rcs(x, " + "9" * 41 + ")", "hold numbers of at most 40 digits; got 41 digits at position 11"),
        ("y ~ " + "x" * 9_997, "formula must have at most 10000 characters; got 10001"),
    ],
)
def test_what_has_no_place_in_a_formula_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tokenize(text)


def test_mark_stands_below_the_culprit() -> None:
    _, line, mark = str(refuse_at("y ~ x\n+ oops", 8, "go on", "'oops'")).split("\n")
    assert line == "  y ~ x + oops"
    assert line[mark.index("^") :] == "oops"


def test_mark_stands_below_the_culprit_of_a_long_formula() -> None:
    text = "y ~ " + " + ".join(f"x{i}" for i in range(500))
    at = text.index("x250")
    _, line, mark = str(refuse_at(text, at, "go on", "'x250'")).split("\n")
    assert line[mark.index("^") :].startswith("x250")
    assert len(line) < 130


def test_numbers_up_to_the_limit_are_fine() -> None:
    assert kinds("9" * 40) == [("number", "9" * 40)]
    assert len(tokenize("y ~ " + "x" * 9_996)) == 4
