"""Walk over the tokens of a formula, one ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec.models.formula.tokens import refuse_at, tokenize

if TYPE_CHECKING:
    from riskdec.errors import InputError
    from riskdec.models.formula.tokens import Token


class Reader:
    """The tokens of one formula and how far they are read.

    Parameters
    ----------
    text : str
        The formula.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._place = 0

    @property
    def next(self) -> Token:
        """The token to be read next; the end stays the end."""
        return self._tokens[self._place]

    def sees(self, *signs: str) -> bool:
        """Tell whether the next token is one of these signs."""
        return self.next.kind == "sign" and self.next.value in signs

    def take(self) -> Token:
        """Read one token."""
        token = self.next
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def expect(self, sign: str, cure: str = "") -> None:
        """Read this sign, or refuse."""
        if not self.sees(sign):
            raise self.refuse_next(f"go on with {sign!r}", cure)
        self.take()

    def take_name(self, rule: str) -> Token:
        """Read a column name, or refuse."""
        if self.next.kind not in ("name", "quoted name"):
            raise self.refuse_next(rule)
        return self.take()

    def take_integer(self, rule: str, low: int, high: int, cure: str = "") -> int:
        """Read a whole number within limits, or refuse."""
        token = self.next
        if token.kind != "number" or not token.value.isdigit() or not low <= int(token.value) <= high:
            raise self.refuse_next(f"{rule} a whole number from {low} to {high}", cure)
        return int(self.take().value)

    def take_number(self) -> float:
        """Read a number with or without a sign, or refuse."""
        negative = self.sees("-")
        if negative:
            self.take()
        if self.next.kind != "number":
            raise self.refuse_next("go on with a number")
        value = float(self.take().value)
        return -value if negative else value

    def refuse_next(self, rule: str, cure: str = "") -> InputError:
        """Make the error of the next token."""
        return refuse_at(self.text, self.next.at, rule, self.next.shown, cure)
