"""The door of a balance of recalls: rows to fit on, rows held out to measure and calibrate, rows to judge on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_groups, check_labels, refuse, sorted_labels
from riskdec._base.table import count
from riskdec.resampling.procedure import take_rows
from riskdec.weighting.split import count_rows

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, IntArray

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
    """

    X: Any
    labels: AnyArray
    codes: IntArray
    groups: IntArray | None


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
    X: Any,
    y: object,
    groups: object,
    *,
    X_test: Any,
    y_test: object,
    groups_test: object,
    share: float,
    rng: np.random.Generator,
) -> Parts:
    """Check rows and outcomes, and deal them; each part holds every class.

    Parameters
    ----------
    X, y, groups, X_test, y_test, groups_test
        As `balance_recall` takes them.
    share : float
        Share of the rows not judged on that is held out from fitting.
    rng : Generator
        Deals.
    """
    labels = check_labels(y, name="y")
    classes = sorted_labels(labels, name="y")
    if len(classes) < 2:
        raise refuse("y", "hold two classes or more", f"{len(classes)} ({classes.tolist()})")
    rows = _open(X, labels, groups, classes, suffix="")
    if (X_test is None) != (y_test is None):
        missing = "X_test" if X_test is None else "y_test"
        raise refuse("X_test and y_test", "come together", f"no {missing}", "Without both, X and y are split.")
    if X_test is None:
        if groups_test is not None:
            raise refuse("groups_test", "come with X_test and y_test", "neither")
        rows, test = _deal(rows, _TEST_SHARE, rng)
        source = "the rest of a random split"
    else:
        test = _open(X_test, check_labels(y_test, name="y_test"), groups_test, classes, suffix="_test")
        source = "the rows of X_test"
    fitted, held_out = _deal(rows, share, rng)
    sizes = [count(len(part.codes)) for part in (fitted, held_out, test)]
    unit = "" if rows.groups is None else ", whole groups at a time"
    split = (
        f"Fitted on {sizes[0]} rows; recalls measured, probabilities calibrated and offsets fitted on {sizes[1]} rows "
        f"held out, stratified by class{unit}; judged on {sizes[2]} rows, {source}."
    )
    return Parts(classes=classes, fitted=fitted, held_out=held_out, test=test, split=split)


def _open(X: Any, labels: AnyArray, groups: object, classes: AnyArray, *, suffix: str) -> Part:
    n = count_rows(X, name=f"X{suffix}")
    if len(labels) != n:
        raise refuse(f"y{suffix}", f"have one entry per row of X{suffix} ({n})", f"{len(labels)} entries")
    codes = np.full(n, -1, dtype=np.intp)
    for k, label in enumerate(classes):
        codes[labels == label] = k
    known = ", ".join(map(repr, classes[:5].tolist()))
    if (codes < 0).any():
        raise refuse(f"y{suffix}", f"hold labels of y ({known})", repr(labels[codes < 0].tolist()[0]))
    absent = np.flatnonzero(np.bincount(codes, minlength=len(classes)) == 0)
    if len(absent):
        cure = "Its recall cannot be known from these rows."
        raise refuse(f"y{suffix}", "hold every class", f"no row of class {classes.tolist()[int(absent[0])]!r}", cure)
    return Part(X=X, labels=labels, codes=codes, groups=check_groups(groups, n, name=f"groups{suffix}"))


def _deal(rows: Part, share: float, rng: np.random.Generator) -> tuple[Part, Part]:
    """Set a share of the rows aside, of each class alike, whole groups at a time."""
    if rows.groups is None:
        aside = _choose(rows.codes, share, rng)
    else:
        aside = _choose_groups(rows.codes, rows.groups, share, rng)
    sizes = np.bincount(rows.codes)
    inside = np.bincount(rows.codes[aside], minlength=len(sizes))
    short = np.flatnonzero((inside == 0) | (inside == sizes))
    if len(short):
        k = int(short[0])
        label = rows.labels[rows.codes == k].tolist()[0]
        unit = "rows" if rows.groups is None else "groups"
        cure = f"Give more {unit} of it, or another held_out_share."
        raise refuse("y", "give every part of the split each class", f"{sizes[k]} rows of class {label!r}", cure)
    return _take(rows, ~aside), _take(rows, aside)


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


def _take(rows: Part, keep: BoolArray) -> Part:
    groups = None if rows.groups is None else np.unique(rows.groups[keep], return_inverse=True)[1]
    places = np.flatnonzero(keep)
    return Part(X=take_rows(rows.X, places), labels=rows.labels[keep], codes=rows.codes[keep], groups=groups)
