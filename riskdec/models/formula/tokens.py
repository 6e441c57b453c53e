"""Cut the text of a formula into tokens, and point at what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal, NamedTuple

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from riskdec.errors import InputError

MAX_LENGTH = 10_000
# Longer numbers are no numbers anyone writes, and the longest would take int() a while.
_MAX_DIGITS = 40
# How much of the text an error shows on each side of the culprit.
_WINDOW = 60

Kind = Literal["name", "quoted name", "number", "text", "sign", "end"]

_TOKEN = re.compile(
    r"""
      (?P<number> (?: [0-9]+ (?: \.[0-9]* )? | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
    | (?P<name> [^\W\d]\w* )
    | (?P<quoted> ` (?: [^`] | `` )* ` )
    | (?P<text> " (?: [^"] | "" )* " | ' (?: [^'] | '' )* ' )
    | (?P<sign> [~+\-*:^()\[\],=.] )
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """One token.

    Attributes
    ----------
    kind : str
        What it is; "end" stands behind the last one.
    value : str
        Its text; quotation marks are taken off, doubled ones inside stand for one.
    at : int
        Where it starts in the formula, from 0.
    """

    kind: Kind
    value: str
    at: int

    @property
    def shown(self) -> str:
        """The token for a message."""
        return "the end" if self.kind == "end" else repr(self.value[:40])


def tokenize(text: str) -> list[Token]:
    """Cut a formula into tokens, the last of which is the end.

    Raises
    ------
    InputError
        For a character that has no place in a formula, with its position.

    Examples
    --------
    >>> [token.value for token in tokenize("y ~ rcs(`body mass`, 4)")]
    ['y', '~', 'rcs', '(', 'body mass', ',', '4', ')', '']
    """
    if len(text) > MAX_LENGTH:
        raise refuse("formula", f"have at most {MAX_LENGTH} characters", len(text))
    tokens = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None:
            raise _refuse_character(text, at)
        tokens.append(_make_token(text, at, str(found.lastgroup), found.group()))
        at = found.end()
    return [*tokens, Token("end", "", len(text))]


def is_plain_name(name: str) -> bool:
    """Tell whether a column name can stand in a formula without quotation marks.

    Letters that only look like others, such as full-width ones, need the marks.

    >>> is_plain_name("age"), is_plain_name("größe"), is_plain_name("body mass"), is_plain_name("ａｇｅ")
    (True, True, False, False)
    """
    return name.isidentifier() and unicodedata.normalize("NFKC", name) == name


def quote_name(name: str) -> str:
    """Write a column name as a formula needs it.

    >>> print(quote_name("age"), quote_name("body mass"))
    age `body mass`
    """
    return name if is_plain_name(name) else "`" + name.replace("`", "``") + "`"


def refuse_at(text: str, at: int, rule: str, got: str, cure: str = "") -> InputError:
    """Make the error of a formula that breaks a rule, with a mark below the culprit.

    >>> print(refuse_at("y ~ x +", 7, "go on with a term", "the end"))
    formula must go on with a term; got the end at position 7.
      y ~ x +
             ^
    """
    start = max(0, at - _WINDOW)
    line = "".join(c if c.isprintable() else " " for c in text[start : at + _WINDOW])
    error = refuse("formula", rule, f"{got} at position {at}", cure)
    return type(error)(f"{error}\n  {line}\n  {' ' * (at - start)}^")


def _make_token(text: str, at: int, group: str, value: str) -> Token:
    if group == "number":
        if len(value) > _MAX_DIGITS:
            raise refuse_at(text, at, f"hold numbers of at most {_MAX_DIGITS} digits", f"{len(value)} digits")
        return Token("number", value, at)
    if group == "name":
        if not is_plain_name(value):
            cure = "Put a column name with such letters in backticks."
            raise refuse_at(text, at, "hold names of plain letters, digits and _", ascii(value), cure)
        return Token("name", value, at)
    if group == "sign":
        return Token("sign", value, at)
    mark = value[0]
    inner = value[1:-1].replace(mark * 2, mark)
    return Token("quoted name" if group == "quoted" else "text", inner, at)


def _refuse_character(text: str, at: int) -> InputError:
    character = text[at]
    if character in "`\"'":
        return refuse_at(text, at, "close every quotation mark", f"{character} without its partner")
    name = "" if character.isascii() else f" ({unicodedata.name(character, 'no name')})"
    rule = "hold names, numbers and the signs ~ + - * : ^ ( ) [ ] , = ."
    cure = "Put a column name with other signs in backticks: `my column`."
    return refuse_at(text, at, rule, f"{character!a}{name}", cure)
