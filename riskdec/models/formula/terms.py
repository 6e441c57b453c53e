"""Work out the terms of a formula: which factors there are, and which of them each term multiplies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskdec._base.checks import refuse
from riskdec.models.formula.factors import Quantity
from riskdec.models.formula.tokens import quote_name, refuse_at
from riskdec.models.formula.tree import Everything, Leaf, Power, Product, Sum

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec.errors import InputError
    from riskdec.models.formula.factors import Factor
    from riskdec.models.formula.tree import Formula, Node

MAX_TERMS = 1000
MAX_ORDER = 10
# How often two terms may be multiplied: a short formula can ask for very many products.
_MAX_PRODUCTS = 200_000

# A term is a set of factors: a:b and b:a are one term, a:a is a. Dicts keep the order of appearance.
Term = frozenset[int]
Terms = dict[Term, None]


@dataclass(frozen=True, slots=True)
class Expansion:
    """The terms of a formula on given columns.

    Attributes
    ----------
    outcome : str or None
        Name of the column on the left side.
    intercept : bool
        Whether there is an intercept.
    factors : tuple of Factor
        In order of appearance.
    terms : tuple of tuple of int
        Which factors each term multiplies, in order of the factors; terms of fewer factors first, as in R.
    """

    outcome: str | None
    intercept: bool
    factors: tuple[Factor, ...]
    terms: tuple[tuple[int, ...], ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the columns that the factors need, each once."""
        return tuple(dict.fromkeys(factor.variable for factor in self.factors))

    @property
    def labels(self) -> tuple[str, ...]:
        """The terms as a formula has them, for example ``rcs(age, 4):sex``."""
        return tuple(":".join(self.factors[i].text for i in term) for term in self.terms)

    @property
    def text(self) -> str:
        """The formula written out: every term by itself, no dot, no ``*`` and no ``^``."""
        left = "" if self.outcome is None else quote_name(self.outcome) + " "
        terms = self.labels if self.intercept else ("0", *self.labels)
        return f"{left}~ {' + '.join(terms) or '1'}"


def expand(formula: Formula, columns: Sequence[str]) -> Expansion:
    """Work out the terms of a formula.

    Parameters
    ----------
    formula : Formula
        From `parse_formula`.
    columns : sequence of str
        The columns of the frame, for the dot: it stands for all of them but the outcome and those that enter
        inside a function (``~ rcs(age, 4) + .`` has age once).

    Returns
    -------
    Expansion
        Factors and terms.

    Raises
    ------
    InputError
        If a term is taken away that is not there, if the outcome is also a term, or for more than 1000 terms.

    Examples
    --------
    >>> from riskdec.models.formula.grammar import parse_formula
    >>> expand(parse_formula("y ~ (a + b)^2 + log(c) + . - d"), ["y", "a", "b", "c", "d", "e"]).text
    'y ~ a + b + log(c) + e + a:b'
    """
    worker = _Worker(formula, columns)
    terms = sorted(worker.expand(formula.terms), key=len)
    if not terms and not formula.intercept:
        raise refuse("formula", "keep a term or the intercept", "neither")
    if terms and len(terms[-1]) > MAX_ORDER:
        raise refuse("formula", f"multiply at most {MAX_ORDER} factors in one term", len(terms[-1]))
    used = sorted(frozenset().union(*terms))
    renumbered = {old: new for new, old in enumerate(used)}
    factors = list(worker.factors)
    return Expansion(
        outcome=formula.outcome,
        intercept=formula.intercept,
        factors=tuple(factors[i] for i in used),
        terms=tuple(tuple(sorted(renumbered[i] for i in term)) for term in terms),
    )


class _Worker:
    """Numbers the factors as they come up, and counts the work."""

    def __init__(self, formula: Formula, columns: Sequence[str]) -> None:
        self.formula = formula
        self.factors: dict[Factor, int] = {}
        self.products = 0
        inside = {factor.variable for factor in _factors_of(formula.terms) if not _is_bare(factor)}
        self.others = [name for name in columns if name != formula.outcome and name not in inside]

    def expand(self, node: Node) -> Terms:
        if isinstance(node, Leaf):
            terms = self._number([node.factor])
        elif isinstance(node, Everything):
            if not self.others:
                raise refuse("formula", "have other columns that the dot can stand for", "none")
            terms = self._number([Quantity(name) for name in self.others])
        elif isinstance(node, Sum):
            terms = self._add(node)
        elif isinstance(node, Power):
            terms = base = self.expand(node.base)
            for _ in range(node.exponent - 1):
                terms = terms | self._multiply(terms, base)
        else:
            terms = self._join(node)
        if len(terms) > MAX_TERMS:
            raise self._too_many()
        return terms

    def _number(self, factors: Sequence[Factor]) -> Terms:
        terms: Terms = {}
        for factor in factors:
            if factor.variable == self.formula.outcome:
                rule = "have its outcome on the left side alone"
                raise refuse(
                    "formula", rule, f"{factor.variable!r} among the terms", "A model cannot predict it by it."
                )
            terms[frozenset([self.factors.setdefault(factor, len(self.factors))])] = None
        return terms

    def _add(self, node: Sum) -> Terms:
        terms: Terms = {}
        for part in node.parts:
            there = self.expand(part.node)
            if part.added:
                terms |= there
                continue
            for term in there:
                if term not in terms:
                    factors = list(self.factors)
                    label = ":".join(factors[i].text for i in sorted(term))
                    rule = "take away only terms that stand to the left"
                    raise refuse_at(self.formula.text, part.at, rule, f"{label}, which is not among them,")
                del terms[term]
        return terms

    def _join(self, node: Product) -> Terms:
        terms = self.expand(node.nodes[0])
        for other in node.nodes[1:]:
            right = self.expand(other)
            both = self._multiply(terms, right)
            terms = both if node.sign == ":" else terms | right | both
        return terms

    def _multiply(self, left: Terms, right: Terms) -> Terms:
        self.products += len(left) * len(right)
        if self.products > _MAX_PRODUCTS:
            raise self._too_many()
        return {a | b: None for a in left for b in right}

    def _too_many(self) -> InputError:
        cure = "Name the interactions you mean, instead of all there are."
        return refuse("formula", f"have at most {MAX_TERMS} terms", "more", cure)


def _is_bare(factor: Factor) -> bool:
    return isinstance(factor, Quantity) and not factor.functions


def _factors_of(node: Node) -> Iterator[Factor]:
    if isinstance(node, Leaf):
        yield node.factor
    elif isinstance(node, Sum):
        for part in node.parts:
            yield from _factors_of(part.node)
    elif isinstance(node, Product):
        for inner in node.nodes:
            yield from _factors_of(inner)
    elif isinstance(node, Power):
        yield from _factors_of(node.base)
