"""Which rows the classifier is fitted on, and which it then predicts: folds dealt by number, or by any splitter."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.model_selection import check_cv

from riskdec._base.checks import check_integer, refuse
from riskdec.errors import InputError
from riskdec.models.calibrated.contents import content_keys
from riskdec.models.shrinking.folds import deal_folds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.models.calibrated.rows import CalibrationRows
    from riskdec.models.shrinking.folds import Part

_CURE = "Add rows, use fewer folds, or fit the classifier elsewhere and pass cv='prefit'."
_RULE = "be a number of folds, a scikit-learn splitter, an iterable of splits, or 'prefit'"


class Side(NamedTuple):
    """The rows of one side of a split.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
        Their places.
    weight : ndarray of shape (m,) or None
        Their weights on this side.
    """

    rows: IntArray
    weight: FloatArray | None


class Split(NamedTuple):
    """Rows to fit on, and rows left out to be predicted."""

    inside: Side
    outside: Side


class Splits(NamedTuple):
    """All splits, and what is unusual about them.

    Attributes
    ----------
    parts : tuple of Split
        The splits.
    most_times : int
        How often the row that is left out most often is left out.
    n_never : int
        Rows that are never left out.
    n_both : int
        Splits that leave out rows to fit on.
    n_torn : int
        Splits with rows of one group on both sides.
    """

    parts: tuple[Split, ...]
    most_times: int = 1
    n_never: int = 0
    n_both: int = 0
    n_torn: int = 0


def make_splits(cv: Any, table: Any, rows: CalibrationRows, rng: np.random.Generator) -> Splits:
    """Split rows as a number of folds, a splitter or a list of splits says.

    Parameters
    ----------
    cv : int, scikit-learn splitter, or iterable of (rows to fit on, rows left out)
        Numbers in an iterable are places in the rows that `fit` was given.
    table : table of n rows
        The rows kept.
    rows : CalibrationRows
        What belongs to them.
    rng : Generator
        Deals rows where `cv` is a number.

    Raises
    ------
    InputError
        For what is no splitting, and where rows to fit on lack a class.
    """
    if isinstance(cv, int | np.integer) and not isinstance(cv, bool):
        n_folds = check_integer(cv, name="cv", low=2)
        return Splits(_deal_or_refuse(n_folds, content_keys(table), rows, rng))
    pairs = _given_pairs(cv, rows) if _is_given(cv) else _split_pairs(cv, table, rows)
    if not pairs or not any(len(outside) for _, outside in pairs):
        raise refuse("cv", "leave rows out", f"{len(pairs)} splits that leave out none")
    for k, (inside, _) in enumerate(pairs):
        _check_classes(k, inside, rows)
    return _weigh(pairs, rows)


def deal_rows(n_folds: int, key: AnyArray | None, rows: CalibrationRows, rng: np.random.Generator) -> tuple[Split, ...]:
    """Deal rows into folds by what they hold; counts one by one, groups whole."""
    counts = rows.weight if rows.weight_kind == "frequency" else None
    folds = deal_folds(rows.codes, n_folds, key=key, counts=counts, groups=rows.groups, rng=rng)
    parts = [folds.split(k, rows.weight) for k in range(folds.n_folds)]
    return tuple(Split(_side(inner, rows), _side(outer, rows)) for inner, outer in parts)


def _deal_or_refuse(
    n_folds: int, key: AnyArray | None, rows: CalibrationRows, rng: np.random.Generator
) -> tuple[Split, ...]:
    try:
        return deal_rows(n_folds, key, rows, rng)
    except InputError as err:
        sizes = np.bincount(rows.codes, minlength=len(rows.classes))
        rarest = int(sizes.argmin())
        got = f"{sizes[rarest]} of class {rows.classes.tolist()[rarest]!r}"
        got += "" if rows.groups is None else " in these groups"
        raise refuse("y", "hold rows of each class in two folds at least", got, _CURE) from err


def _side(part: Part, rows: CalibrationRows) -> Side:
    weight = part.weight
    if weight is not None and rows.weight_kind == "frequency":
        # A share of a count is a count.
        weight = np.rint(weight)
    return Side(np.flatnonzero(part.rows), weight)


def _is_given(cv: object) -> bool:
    return isinstance(cv, Iterable) and not isinstance(cv, str)


def _split_pairs(cv: Any, table: Any, rows: CalibrationRows) -> list[tuple[IntArray, IntArray]]:
    try:
        splitter = check_cv(cv, rows.labels, classifier=True)
    except ValueError as err:
        raise refuse("cv", _RULE, repr(cv)) from err
    with warnings.catch_warnings():
        # Whether groups are torn is looked at, and said, for all splitters.
        warnings.filterwarnings("ignore", message="The groups parameter is ignored", category=UserWarning)
        pairs = list(splitter.split(table, rows.labels, rows.groups))
    return [(np.asarray(inside, dtype=np.intp), np.asarray(outside, dtype=np.intp)) for inside, outside in pairs]


def _given_pairs(cv: Any, rows: CalibrationRows) -> list[tuple[IntArray, IntArray]]:
    """Give the places of both sides among the rows kept, from places or masks of the rows given."""
    n = rows.n_given
    place = np.arange(n)
    if rows.kept is not None:
        place = np.full(n, -1)
        place[rows.kept] = np.arange(len(rows.kept))
    found = []
    for k, pair in enumerate(cv):
        try:
            inside, outside = (place[np.asarray(side)] for side in pair)
        except (IndexError, TypeError, ValueError) as err:
            rule = f"hold pairs of rows to fit on and rows left out, by places from 0 to {n - 1} or as masks"
            raise refuse("cv", rule, f"another at split {k}") from err
        found.append((inside[inside >= 0], outside[outside >= 0]))
    return found


def _check_classes(k: int, inside: IntArray, rows: CalibrationRows) -> None:
    present = np.bincount(rows.codes[inside], minlength=len(rows.classes)) > 0
    if not present.all():
        lacking = rows.classes[~present].tolist()[0]
        raise refuse("cv", "leave rows of every class to fit on", f"none of class {lacking!r} in split {k}", _CURE)


def _weigh(pairs: Sequence[tuple[IntArray, IntArray]], rows: CalibrationRows) -> Splits:
    """Give sides their weights: a row that is left out several times counts once in all."""
    n, weight, groups = len(rows.codes), rows.weight, rows.groups
    times = np.bincount(np.concatenate([outside for _, outside in pairs]), minlength=n)
    outside_weight = weight
    if times.max() > 1:
        outside_weight = (1.0 if weight is None else weight) / np.maximum(times, 1)
    parts = tuple(
        Split(
            Side(inside, None if weight is None else weight[inside]),
            Side(outside, None if outside_weight is None else outside_weight[outside]),
        )
        for inside, outside in pairs
    )
    return Splits(
        parts,
        most_times=int(times.max()),
        n_never=int((times == 0).sum()),
        n_both=sum(bool(np.isin(outside, inside).any()) for inside, outside in pairs),
        n_torn=0 if groups is None else sum(bool(np.isin(groups[b], groups[a]).any()) for a, b in pairs),
    )
