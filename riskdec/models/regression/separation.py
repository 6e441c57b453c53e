"""What is said and done when the maximum likelihood estimate does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood import Separation

_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class SeparationFinding:
    """How the outcomes are separated, in the names of the columns.

    Attributes
    ----------
    columns : tuple of str
        Terms without a finite maximum likelihood estimate; with more than two outcomes ``"outcome: term"``.
    signs : tuple of int
        For each of these the sign of its infinity, 0 where the data leave it open.
    direction : tuple of float
        The direction in which the likelihood rises for ever, one entry for each coefficient.
    n_rows : int
        Rows that are separated strictly from another outcome.
    complete : bool
        Whether all rows are, from every other one.
    separating : tuple of str
        Terms that the direction uses, the intercept aside: what tells the outcomes apart.
    """

    columns: tuple[str, ...]
    signs: tuple[int, ...]
    direction: tuple[float, ...]
    n_rows: int
    complete: bool
    separating: tuple[str, ...]

    def sentence(self) -> str:
        """Say it in a sentence."""
        if self.complete:
            tell = "tells" if len(self.separating) == 1 else "tell"
            return (
                f"the outcomes are completely separated: {_listed(self.separating)} {tell} all {self.n_rows} rows "
                "apart, so the maximum likelihood estimate does not exist, and no coefficient is finite"
            )
        plural = "s" * (len(self.columns) > 1)
        return (
            f"the outcomes are quasi-completely separated ({self.n_rows} rows lie strictly on their own side), so the "
            f"maximum likelihood estimate does not exist: the coefficient{plural} of {_listed(self.columns)} would be "
            "infinite"
        )

    def limit(self, term: str) -> str:
        """Say where the maximum likelihood estimate of a term goes: "inf", "-inf" or "not finite"."""
        return {1: "inf", -1: "-inf", 0: "not finite"}[self.signs[self.columns.index(term)]]


def describe_separation(separation: Separation, names: tuple[str, ...]) -> SeparationFinding:
    """Put the verdict of the likelihood room into the names of the model's coefficients."""
    return SeparationFinding(
        columns=tuple(names[j] for j in separation.diverging),
        signs=separation.signs,
        direction=tuple(float(value) for value in separation.direction),
        n_rows=separation.n_rows,
        complete=separation.complete,
        separating=_separating(separation.direction, names),
    )


def _listed(columns: tuple[str, ...]) -> str:
    shown = ", ".join(repr(column) for column in columns[:_NAMED])
    more = len(columns) - _NAMED
    return shown + (f" and {more} more" if more > 0 else "")


def _separating(direction: FloatArray, names: tuple[str, ...]) -> tuple[str, ...]:
    used = [name for name, value in zip(names, direction.tolist(), strict=True) if value != 0]
    return tuple(name for name in used if not name.endswith("Intercept")) or tuple(used)
