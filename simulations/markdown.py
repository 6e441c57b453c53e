"""Tables of the simulations, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a Markdown table, its first column flush left and the others flush right."""
    rule = ["---", *(["---:"] * (len(header) - 1))]
    return "\n".join("| " + " | ".join(line) + " |" for line in (header, rule, *rows))


def share(value: float) -> str:
    """Write a share with three decimals, without the leading zero.

    >>> share(0.0534), share(1.0)
    ('.053', '1.000')
    """
    return f"{value:.3f}".removeprefix("0")
