"""Which subgroups a row belongs to: one column of labels or several, in any kind of container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_labels, refuse, sorted_labels
from riskdec._base.frames import is_frame, iterate_columns, series_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, BoolArray

MOST_LEVELS = 50


class Level(NamedTuple):
    """One subgroup: rows that share a value.

    Attributes
    ----------
    by : str
        Name of the attribute.
    name : str
        The value.
    rows : ndarray of bool, shape (n,)
        Who belongs to it.
    """

    by: str
    name: str
    rows: BoolArray


def read_levels(by: object, n: int, kept: BoolArray) -> list[Level]:
    """Give the subgroups of one attribute or several, those of each in ascending order.

    Parameters
    ----------
    by : array-like of shape (n,), mapping of name to such, or frame
        The attributes.
    n : int
        Rows as given.
    kept : ndarray of bool, shape (n,)
        The rows of positive weight; subgroups are looked for among them.
    """
    return [level for name, values in _columns(by) for level in _levels(name, values, n, kept)]


def _columns(by: object) -> Iterator[tuple[str, object]]:
    if is_frame(by):
        yield from iterate_columns(by)
    elif isinstance(by, Mapping):
        if not by:
            raise refuse("by", "name at least one attribute", "an empty mapping")
        yield from ((str(name), values) for name, values in by.items())
    else:
        yield series_name(by) or "subgroup", by


def _levels(name: str, values: object, n: int, kept: BoolArray) -> Iterator[Level]:
    labels: AnyArray = check_labels(values, name=f"by[{name!r}]", n=n)[kept]
    known = sorted_labels(labels, name=f"by[{name!r}]")
    if len(known) > MOST_LEVELS:
        got = f"{len(known)} different values"
        cure = "Cut numbers into intervals; join rare values."
        raise refuse(f"by[{name!r}]", f"have at most {MOST_LEVELS} subgroups", got, cure)
    places = np.searchsorted(known, labels)
    for k, label in enumerate(known.tolist()):
        yield Level(name, str(label), places == k)
