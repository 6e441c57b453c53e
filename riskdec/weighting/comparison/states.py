"""States of the risks of one fit: as fitted, undone, shifted back, and recalibrated on rows that are not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.calibration import undo_class_weight
from riskdec.resampling.performance import log_odds
from riskdec.resampling.recalibration import fit_line, fit_shift
from riskdec.weighting.split import deal_folds
from riskdec.weighting.units import UNWEIGHTED, rows_of_units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.weighting.comparison.rows import Repair
    from riskdec.weighting.judging import HeldOut
    from riskdec.weighting.schemes import Scheme
    from riskdec.weighting.units import RowWeights

# Each of so many parts of the held-out rows is recalibrated by a map fitted on the others.
N_PARTS = 5
# Below so many events or non-events nothing is recalibrated.
_FEWEST = 10


class Predicted(NamedTuple):
    """Risks of the held-out rows under one scheme.

    Attributes
    ----------
    name : str
        Of the scheme.
    schemes : tuple of Scheme
        One for each part of the plan: class sizes differ from part to part.
    risk : ndarray of shape (n,)
        Risks of the event, as fitted.
    places : tuple of ndarray of int
        Held-out rows of each part.
    """

    name: str
    schemes: tuple[Scheme, ...]
    risk: FloatArray
    places: tuple[IntArray, ...]

    @property
    def ratio(self) -> FloatArray:
        """Weight ratio of the fit that gave each risk; shape (n,)."""
        ratio = np.empty(len(self.risk))
        for scheme, places in zip(self.schemes, self.places, strict=True):
            ratio[places] = scheme.ratio
        return ratio

    @property
    def undone(self) -> FloatArray:
        """Risks after the exact map back, each by the ratio of its own fit; shape (n,)."""
        risk = np.empty(len(self.risk))
        for scheme, places in zip(self.schemes, self.places, strict=True):
            risk[places] = undo_class_weight(self.risk[places], class_weight=scheme.weights)
        return risk

    def take(self, rows: IntArray) -> Predicted:
        """Give the risks of some of the rows, in any order and repeated."""
        fold = np.empty(len(self.risk), dtype=np.intp)
        for number, places in enumerate(self.places):
            fold[places] = number
        taken = tuple(np.flatnonzero(fold[rows] == number) for number in range(len(self.places)))
        return self._replace(risk=self.risk[rows], places=taken)


class Cells(NamedTuple):
    """Held-out rows dealt into the parts of recalibration; one that counts several times may be in several of them.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
        Held-out row of each cell.
    part : ndarray of int, shape (m,), or None
        Part of each cell; None where nothing is recalibrated.
    weights : RowWeights
        What each cell counts for.
    units : ndarray of int
        Cell of each unit of chance, in the canonical order of these.
    """

    rows: IntArray
    part: IntArray | None
    weights: RowWeights
    units: IntArray

    def hold(self, held_out: HeldOut) -> HeldOut:
        """Give the held-out rows cell by cell."""
        groups = None if held_out.groups is None else held_out.groups[self.rows]
        return held_out._replace(is_event=held_out.is_event[self.rows], groups=groups, weights=self.weights)


def canonical_order(predicted: Sequence[Predicted], held_out: HeldOut) -> IntArray:
    """Put held-out rows in an order that follows what they are, not how they were given.

    Chance is dealt out along this order, so that the same rows in another order get the same answer, and rows that
    count several times that of as many equal rows: each stands there as often as it counts.
    """
    order = np.lexsort((*(one.risk for one in reversed(predicted)), held_out.is_event))
    return order[rows_of_units(held_out.weights.take(order), len(order))]


def deal_cells(held_out: HeldOut, units: IntArray, rng: np.random.Generator) -> Cells:
    """Deal held-out rows, as often as they count, or whole groups, into the parts of recalibration.

    Parameters
    ----------
    held_out : HeldOut
        The rows.
    units : ndarray of int
        Row of each unit of chance, from `canonical_order`.
    rng : numpy Generator
        Deals.
    """
    dealt = _deal_parts(held_out, units, rng)
    if held_out.weights.counts is None or dealt is None:
        rows, part = np.arange(len(held_out.is_event)), None
        if dealt is not None:
            part = np.empty(len(rows), dtype=np.intp)
            part[units] = dealt
        return Cells(rows, part, held_out.weights, units)
    cell, place, count = np.unique(units * N_PARTS + dealt, return_inverse=True, return_counts=True)
    weights = held_out.weights._replace(values=count.astype(np.float64))
    return Cells(cell // N_PARTS, cell % N_PARTS, weights, place)


def _deal_parts(held_out: HeldOut, units: IntArray, rng: np.random.Generator) -> IntArray | None:
    """Give the part of each unit; None where events are too few."""
    is_event, groups = held_out.is_event[units], None
    if min(int(is_event.sum()), int((~is_event).sum())) < _FEWEST:
        return None
    if held_out.groups is not None:
        groups = number_by_appearance(held_out.groups[units])
        if int(groups.max()) + 1 < N_PARTS:
            return None
    part = deal_folds(is_event, groups, N_PARTS, rng)
    others = [is_event[part != number] for number in range(N_PARTS)]
    return None if any(rows.all() or not rows.any() for rows in others) else part


def number_by_appearance(groups: IntArray) -> IntArray:
    """Give groups numbers in the order in which they appear."""
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def repaired(
    predicted: Predicted, is_event: BoolArray, part: IntArray | None, weights: RowWeights = UNWEIGHTED
) -> Iterator[tuple[Repair, FloatArray]]:
    """Give the risks in each state, with its name.

    Parameters
    ----------
    predicted : Predicted
        Risks as fitted.
    is_event : ndarray of bool, shape (n,)
        What happened.
    part : ndarray of int, shape (n,), or None
        Part of each held-out row; rows are recalibrated by what the other parts show. None leaves that out.
    weights : RowWeights
        What each held-out row counts for.
    """
    yield "raw", predicted.risk
    first = predicted.schemes[0]
    if first.is_invertible and not first.is_none:
        yield "undone", predicted.undone
    if part is None:
        return
    shifted, lined = recalibrate(predicted.risk, is_event, part, weights)
    yield "recentred", shifted
    yield "recalibrated", lined


def recalibrate(
    risk: FloatArray, is_event: BoolArray, part: IntArray, weights: RowWeights = UNWEIGHTED
) -> tuple[FloatArray, FloatArray]:
    """Give the risks with calibration-in-the-large re-estimated, and with intercept and slope re-estimated.

    Each part gets maps fitted on the others by maximum likelihood. Where the others separate events from non-events no
    slope exists, and the shift stands in for it.
    """
    eta, y, counted = log_odds(risk), is_event.astype(np.float64), weights.mean_one().or_ones(len(risk))
    shifted, lined = np.empty(len(risk)), np.empty(len(risk))
    for number in range(int(part.max()) + 1):
        inside, weight = part == number, (part != number) * counted
        shift, line = fit_shift(eta, y, weight), fit_line(eta, y, weight)
        shifted[inside] = _risk(shift + eta[inside])
        a, b = (shift, 1.0) if np.isnan(line.slope) else (line.intercept, line.slope)
        lined[inside] = _risk(a + b * eta[inside])
    return shifted, lined


def _risk(eta: FloatArray) -> FloatArray:
    from scipy.special import expit

    return np.asarray(expit(eta), dtype=np.float64)
