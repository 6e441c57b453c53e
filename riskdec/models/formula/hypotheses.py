"""Which columns are zero under each hypothesis that an ANOVA by term tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec.models.formula.design import FormulaDesign


class Hypothesis(NamedTuple):
    """One line of an ANOVA table.

    Attributes
    ----------
    subject : str
        The term it is about, for example ``age * sex``; empty for totals.
    label : str
        As rms prints it; lines below a term are indented by one space.
    columns : tuple of int
        The columns of the design that are zero under the hypothesis; add 1 where an intercept comes first.
    """

    subject: str
    label: str
    columns: tuple[int, ...]

    @property
    def name(self) -> str:
        """A name that no other line has: ``age Nonlinear``."""
        return self.subject + self.label if self.label.startswith(" ") else self.label


def list_hypotheses(design: FormulaDesign) -> tuple[Hypothesis, ...]:
    """List the hypotheses by term, then those of all non-linear columns, all interactions, and all columns.

    Parameters
    ----------
    design : FormulaDesign
        From `FormulaDesign.learn`.

    Returns
    -------
    tuple of Hypothesis
        For each term: all its columns, with those of the interactions that hold it ("Factor+Higher Order
        Factors"); for a factor in several interactions these alone; its non-linear columns. For an interaction
        of two factors also those that bend in one of them, in both, in the first, in the second.

    References
    ----------
    Harrell FE (2015). Regression Modeling Strategies, 2nd ed., section 2.6; the lines and their words are those
    of ``rms::anova.rms``.

    Examples
    --------
    >>> import pandas as pd
    >>> from riskdec.models.formula import FormulaDesign, parse_formula
    >>> frame = pd.DataFrame({"age": range(30), "sex": ["f", "m"] * 15})
    >>> for line in list_hypotheses(FormulaDesign.learn(parse_formula("~ rcs(age, 3) * sex"), frame)):
    ...     print(line.columns, line.label)
    (0, 1, 3, 4) age (Factor+Higher Order Factors)
    (1, 4)  Nonlinear (Factor+Higher Order Factors)
    (2, 3, 4) sex (Factor+Higher Order Factors)
    (3, 4) age * sex
    (4,)  Nonlinear
    (4,)  Nonlinear Interaction : f(A,B) vs. AB
    (1, 4) TOTAL NONLINEAR
    (1, 3, 4) TOTAL NONLINEAR + INTERACTION
    (0, 1, 2, 3, 4) TOTAL
    """
    table = _Table(design)
    lines = [line for term in range(len(design.labels)) for line in table.lines_of(term)]
    return (*lines, *table.totals(lines))


class _Table:
    """The columns of a design by term, by factor, and by whether they bend in a factor."""

    def __init__(self, design: FormulaDesign) -> None:
        blocks, columns = design.blocks, design.columns
        self.size = len(columns)
        self.members = [tuple(dict.fromkeys(i for piece in term for i, _ in piece)) for term in design.pieces]
        self.of_term = [[c for c, column in enumerate(columns) if column.term == t] for t in range(len(self.members))]
        self.bends = [{i for i, place in column.parts if blocks[i].nonlinear[place]} for column in columns]
        self.subjects = [block.subject for block in blocks]

    def label(self, term: int) -> str:
        return " * ".join(self.subjects[i] for i in self.members[term])

    def lines_of(self, term: int) -> Iterator[Hypothesis]:
        main, members = self.of_term[term], set(self.members[term])
        above = [t for t, other in enumerate(self.members) if t != term and members < set(other)]
        higher = [c for t in above for c in self.of_term[t]]
        words = " (Factor+Higher Order Factors)" if above else ""
        subject = self.label(term)
        yield Hypothesis(subject, subject + words, (*main, *higher))
        if len(members) == 1 and len(above) > 1:
            yield Hypothesis(subject, " All Interactions", tuple(higher))
        bent = [c for c in main if self.bends[c]]
        if bent and len(bent) < len(main):
            bent_higher = [c for c in higher if self.bends[c] & members]
            words = " (Factor+Higher Order Factors)" if bent_higher else ""
            yield Hypothesis(subject, " Nonlinear" + words, (*bent, *bent_higher))
        if len(members) == 2:
            yield from self._lines_of_pair(term)

    def _lines_of_pair(self, term: int) -> Iterator[Hypothesis]:
        first, second = self.members[term]
        subject = self.label(term)
        main = self.of_term[term]
        in_first = tuple(c for c in main if first in self.bends[c])
        in_second = tuple(c for c in main if second in self.bends[c])
        either = tuple(c for c in main if self.bends[c])
        both = tuple(c for c in in_first if c in in_second)
        if either:
            yield Hypothesis(subject, " Nonlinear Interaction : f(A,B) vs. AB", either)
        if both:
            yield Hypothesis(subject, " f(A,B) vs. Af(B) + Bg(A)", both)
        if in_first and in_first != either:
            yield Hypothesis(subject, f" Nonlinear Interaction in {self.subjects[first]} vs. Af(B)", in_first)
        if in_second and in_second != either:
            yield Hypothesis(subject, f" Nonlinear Interaction in {self.subjects[second]} vs. Bg(A)", in_second)

    def totals(self, lines: list[Hypothesis]) -> Iterator[Hypothesis]:
        if not self.size:
            return
        n_bent = sum(line.label.startswith((" Nonlinear", " f(A,B)")) for line in lines)
        interactions = [t for t, members in enumerate(self.members) if len(members) > 1]
        bent = {c for c in range(self.size) if self.bends[c]}
        crossed = {c for t in interactions for c in self.of_term[t]}
        if n_bent > 1:
            yield Hypothesis("", "TOTAL NONLINEAR", tuple(sorted(bent)))
        if len(interactions) > 1:
            yield Hypothesis("", "TOTAL INTERACTION", tuple(sorted(crossed)))
        if n_bent and interactions:
            yield Hypothesis("", "TOTAL NONLINEAR + INTERACTION", tuple(sorted(bent | crossed)))
        yield Hypothesis("", "TOTAL", tuple(range(self.size)))
