"""From the names of terms to places in the vector of all coefficients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import BoolArray
    from riskdec.errors import InputError
    from riskdec.models.regression.logistic_fit import LogisticFit

_NAMED = 5


def estimated(fit: LogisticFit) -> BoolArray:
    """Tell which coefficients were estimated, in the order of ``coefficient_names``; aliased columns were not."""
    left_out = {column for column, _ in fit.aliases}
    return np.tile([term not in left_out for term in fit.terms], len(fit.outcomes) - 1)


def find_coefficients(fit: LogisticFit, names: Iterable[str], *, name: str) -> list[int]:
    """Give the place of each named coefficient, in the order of the names.

    Raises
    ------
    InputError
        For a name that is not a coefficient of the fit.
    """
    places = {coefficient: j for j, coefficient in enumerate(fit.coefficient_names)}
    wanted = list(names)
    for coefficient in wanted:
        if coefficient not in places:
            raise _refuse_name(fit, coefficient, name)
    return [places[coefficient] for coefficient in wanted]


def find_terms(fit: LogisticFit, names: Iterable[str], *, name: str = "terms") -> list[int]:
    """Give the places of named coefficients; with more than two outcomes a term stands for all its coefficients."""
    wanted = [names] if isinstance(names, str) else list(names)
    if not wanted:
        raise _refuse_name(fit, None, name)
    width = len(fit.terms)
    found: list[int] = []
    for term in wanted:
        if term in fit.terms:
            found += range(fit.terms.index(term), width * (len(fit.outcomes) - 1), width)
        else:
            found += find_coefficients(fit, [term], name=name)
    return found


def group_terms(fit: LogisticFit, terms: Mapping[str, Sequence[str]] | Iterable[str] | None) -> dict[str, list[int]]:
    """Give named groups of places: as asked, or every term but the intercept by itself."""
    if isinstance(terms, str):
        raise refuse("terms", "be a mapping of name to terms, or a list of terms", repr(terms), f"Write [{terms!r}].")
    if terms is None:
        terms = fit.terms[1:] if has_intercept(fit) else fit.terms
    if not isinstance(terms, Mapping):
        terms = {term: [term] for term in terms}
    return {str(group): find_terms(fit, names) for group, names in terms.items()}


def has_intercept(fit: LogisticFit) -> bool:
    """Tell whether the first term is the intercept."""
    return fit.terms[:1] == ("Intercept",)


def log_odds(outcomes: tuple[str, ...]) -> str:
    """Say which log-odds the coefficients are of."""
    return f"log-odds of {' and of '.join(outcomes[1:])} against {outcomes[0]}"


def _refuse_name(fit: LogisticFit, given: str | None, name: str) -> InputError:
    known = fit.coefficient_names
    shown = ", ".join(map(repr, known[:_NAMED])) + (", ..." if len(known) > _NAMED else "")
    got = "none" if given is None else repr(given)
    return refuse(name, f"name coefficients of the fit ({shown})", got, "Names are compared letter by letter.")
