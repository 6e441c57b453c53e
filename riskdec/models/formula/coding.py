"""Which levels of a category a term needs a column for: all, or all but the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Factors that a piece multiplies; True asks for the columns of all levels, False for all but the first.
Piece = tuple[tuple[int, bool], ...]

_Set = frozenset[int]


def code_terms(
    terms: Sequence[tuple[int, ...]], is_category: Sequence[bool], *, intercept: bool
) -> tuple[tuple[Piece, ...], ...]:
    """Choose the columns of each term so that they span it, and repeat nothing that earlier terms span.

    Parameters
    ----------
    terms : sequence of tuple of int
        Factors of each term.
    is_category : sequence of bool
        Which factors are categories; the others always give the same columns.
    intercept : bool
        Whether there is an intercept.

    Returns
    -------
    tuple of tuple of Piece
        For each term the products of factors that make its columns; nearly always one.

    Notes
    -----
    The columns of all levels of a category a span the constant and the contrasts a-, so the term ``a:b`` spans
    the sum of 1, a-, b- and a-:b-. What an earlier term with the same numbers spans already is taken away, and
    what is left is put together again: a pair (.., a-:..) becomes all levels of a. With all main effects and an
    intercept in the formula this is treatment coding, as R's ``model.matrix`` has it; without, it stays of full
    rank where R leaves an alias.

    References
    ----------
    Smith NJ (2011). patsy documentation, "How formulas work: redundancy and categorical factors".

    Examples
    --------
    >>> code_terms([(0,), (0, 1)], [True, True], intercept=True)  # ~ a + a:b
    ((((0, False),),), (((0, True), (1, False)),))
    """
    spanned: set[tuple[_Set, _Set]] = {(frozenset(), frozenset())} if intercept else set()
    coded = []
    for term in terms:
        numbers = frozenset(i for i in term if not is_category[i])
        categories = [i for i in term if is_category[i]]
        new = [part for part in _subsets(categories) if (numbers, part) not in spanned]
        spanned.update((numbers, part) for part in new)
        pieces = [
            tuple((i, i in full or i in numbers) for i in term if i in contrasts | full | numbers)
            for contrasts, full in _put_together(new, categories)
        ]
        coded.append(tuple(pieces))
    return tuple(coded)


def _subsets(members: Sequence[int]) -> list[_Set]:
    """Give all subsets, smaller ones first."""
    found: list[_Set] = [frozenset()]
    for member in members:
        found += [part | {member} for part in found]
    return sorted(found, key=len)


def _put_together(parts: list[_Set], categories: Sequence[int]) -> list[tuple[_Set, _Set]]:
    """Join pairs that differ by one contrast into all levels of it, as long as there are any."""
    pieces: list[tuple[_Set, _Set]] = [(part, frozenset()) for part in parts]
    for member in categories:
        for contrasts, full in list(pieces):
            larger = (contrasts | {member}, full)
            if member not in contrasts and larger in pieces:
                pieces[pieces.index(larger)] = (contrasts, full | {member})
                pieces.remove((contrasts, full))
    return pieces
