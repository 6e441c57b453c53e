"""The door of a balance of recalls: rows to fit on, rows held out to measure and calibrate, rows to judge on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_groups, check_labels, refuse, sorted_labels
from riskdec._base.table import count
from riskdec.resampling.procedure import take_rows
from riskdec.weighting.split import count_rows
from riskdec.weighting.units import UNWEIGHTED, RowWeights, check_row_weights, gather_units, rows_of_units

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray, WeightKind
    from riskdec.weighting.door import Given

_TEST_SHARE = 0.4


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Rows with one use.

    Attributes
    ----------
    X : array-like of shape (n, ...)
        In the caller's own kind.
    labels : ndarray of shape (n,)
        Outcomes as the caller writes them.
    codes : ndarray of int, shape (n,)
        Their places among the sorted labels.
    groups : ndarray of int, shape (n,), or None
        Group numbers 0, 1, ...
    weights : RowWeights
        What each row counts for; rows of weight 0 are gone.
    """

    X: Any
    labels: AnyArray
    codes: IntArray
    groups: IntArray | None
    weights: RowWeights = UNWEIGHTED

    @property
    def n(self) -> int:
        """Number of rows, each counted as often as its frequency weight says."""
        return self.weights.n_rows(len(self.codes))

    @property
    def counts(self) -> FloatArray:
        """Number of rows of each class, counted alike; shape (K,)."""
        return np.bincount(self.codes, weights=self.weights.counts).astype(np.float64)

    @property
    def totals(self) -> FloatArray:
        """Sum of the weights of the rows of each class; shape (K,)."""
        return np.bincount(self.codes, weights=self.weights.values).astype(np.float64)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """Rows to fit on, held out, and to judge on.

    Attributes
    ----------
    classes : ndarray of shape (K,)
        Sorted labels.
    fitted, held_out, test : Part
        The rows.
    split : str
        A sentence about where they came from.
    """

    classes: AnyArray
    fitted: Part
    held_out: Part
    test: Part
    split: str


def open_all(
    X: Any, y: object, given: Given, *, X_test: Any, y_test: object, share: float, rng: np.random.Generator
) -> Parts:
    """Check rows and outcomes, and deal them; each part holds every class.

    Parameters
    ----------
    X, y, X_test, y_test
        As `balance_recall` takes them.
    given : Given
        Their groups and weights.
    share : float
        Share of the rows not judged on that is held out from fitting.
    rng : Generator
        Deals.
    """
    labels = check_labels(y, name="y")
    classes = sorted_labels(_counted(labels, given.sample_weight, given.weight_kind), name="y")
    if len(classes) < 2:
        raise refuse("y", "hold two classes or more", f"{len(classes)} ({classes.tolist()})")
    rows = _open(X, labels, given.groups, given.sample_weight, given.weight_kind, classes, suffix="")
    if (X_test is None) != (y_test is None):
        missing = "X_test" if X_test is None else "y_test"
        raise refuse("X_test and y_test", "come together", f"no {missing}", "Without both, X and y are split.")
    if X_test is None:
        given.refuse_test_columns()
        rows, test = _deal(rows, _TEST_SHARE, rng)
        source = "the rest of a random split"
    else:
        told = check_labels(y_test, name="y_test"), given.groups_test, given.sample_weight_test, given.weight_kind
        test = _open(X_test, *told, classes, suffix="_test")
        source = "the rows of X_test"
    fitted, held_out = _deal(rows, share, rng)
    sizes = [count(part.n) for part in (fitted, held_out, test)]
    unit = "" if rows.groups is None else ", whole groups at a time"
    split = (
        f"Fitted on {sizes[0]} rows; recalls measured, probabilities calibrated and offsets fitted on {sizes[1]} rows "
        f"held out, stratified by class{unit}; judged on {sizes[2]} rows, {source}."
    )
    return Parts(classes=classes, fitted=fitted, held_out=held_out, test=test, split=split)


def _counted(labels: AnyArray, sample_weight: object, kind: WeightKind) -> AnyArray:
    """Give the labels of rows that count; a row of weight 0 names no class."""
    weights = check_row_weights(sample_weight, kind, len(labels))
    return labels if weights.values is None else labels[weights.values > 0]


def _open(
    X: Any,
    labels: AnyArray,
    groups: object,
    sample_weight: object,
    kind: WeightKind,
    classes: AnyArray,
    *,
    suffix: str,
) -> Part:
    n = count_rows(X, name=f"X{suffix}")
    if len(labels) != n:
        raise refuse(f"y{suffix}", f"have one entry per row of X{suffix} ({n})", f"{len(labels)} entries")
    numbers = check_groups(groups, n, name=f"groups{suffix}")
    weights = check_row_weights(sample_weight, kind, n, name=f"sample_weight{suffix}")
    kept = weights.or_ones(n) > 0
    if not kept.all():
        X, labels, weights = take_rows(X, np.flatnonzero(kept)), labels[kept], weights.take(kept)
        numbers = None if numbers is None else np.unique(numbers[kept], return_inverse=True)[1]
    codes = np.full(len(labels), -1, dtype=np.intp)
    for k, label in enumerate(classes):
        codes[labels == label] = k
    known = ", ".join(map(repr, classes[:5].tolist()))
    if (codes < 0).any():
        raise refuse(f"y{suffix}", f"hold labels of y ({known})", repr(labels[codes < 0].tolist()[0]))
    absent = np.flatnonzero(np.bincount(codes, minlength=len(classes)) == 0)
    if len(absent):
        cure = "Its recall cannot be known from these rows."
        raise refuse(f"y{suffix}", "hold every class", f"no row of class {classes.tolist()[int(absent[0])]!r}", cure)
    return Part(X=X, labels=labels, codes=codes, groups=numbers, weights=weights.mean_one())


def _deal(rows: Part, share: float, rng: np.random.Generator) -> tuple[Part, Part]:
    """Set a share of the rows aside, of each class alike, whole groups at a time.

    Rows that count several times are dealt as if they were written out.
    """
    units = rows_of_units(rows.weights, len(rows.codes))
    codes, groups = rows.codes[units], rows.groups
    aside = _choose(codes, share, rng) if groups is None else _choose_groups(codes, groups[units], share, rng)
    sizes = np.bincount(codes)
    inside = np.bincount(codes[aside], minlength=len(sizes))
    short = np.flatnonzero((inside == 0) | (inside == sizes))
    if len(short):
        k = int(short[0])
        label = rows.labels[rows.codes == k].tolist()[0]
        unit = "rows" if rows.groups is None else "groups"
        cure = f"Give more {unit} of it, or another held_out_share."
        raise refuse("y", "give every part of the split each class", f"{sizes[k]} rows of class {label!r}", cure)
    return _take(rows, units[~aside]), _take(rows, units[aside])


def _choose(codes: IntArray, share: float, rng: np.random.Generator) -> BoolArray:
    aside = np.zeros(len(codes), dtype=bool)
    for k in range(int(codes.max()) + 1):
        mine = rng.permutation(np.flatnonzero(codes == k))
        aside[mine[: max(round(share * len(mine)), 1)]] = True
    return aside


def _choose_groups(codes: IntArray, groups: IntArray, share: float, rng: np.random.Generator) -> BoolArray:
    """Deal groups, those that hold most of a class first, so that at each step the shares are near to the wanted."""
    table = np.zeros((int(groups.max()) + 1, int(codes.max()) + 1))
    np.add.at(table, (groups, codes), 1.0)
    part_of_class = table / table.sum(axis=0)
    shuffled = rng.permutation(len(table))
    # What the part set aside still lacks of its share of the groups dealt so far.
    lacking = np.zeros(table.shape[1])
    chosen = np.zeros(len(table), dtype=bool)
    for group in shuffled[np.argsort(-part_of_class[shuffled].max(axis=1), kind="stable")]:
        lacking += share * part_of_class[group]
        if np.abs(lacking - part_of_class[group]).sum() < np.abs(lacking).sum():
            chosen[group] = True
            lacking -= part_of_class[group]
    aside: BoolArray = chosen[groups]
    return aside


def _take(rows: Part, units: IntArray) -> Part:
    places, weights = gather_units(units, rows.weights)
    groups = None if rows.groups is None else np.unique(rows.groups[places], return_inverse=True)[1]
    return Part(
        X=take_rows(rows.X, places),
        labels=rows.labels[places],
        codes=rows.codes[places],
        groups=groups,
        weights=weights,
    )
