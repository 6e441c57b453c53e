"""States of the risks of one fit: as fitted, undone, shifted back, and recalibrated on rows that are not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.calibration import undo_class_weight
from riskdec.resampling.performance import log_odds
from riskdec.resampling.recalibration import fit_line, fit_shift
from riskdec.weighting.split import deal_folds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.weighting.comparison.rows import Repair
    from riskdec.weighting.judging import HeldOut
    from riskdec.weighting.schemes import Scheme

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


def canonical_order(predicted: Sequence[Predicted], held_out: HeldOut) -> IntArray:
    """Put held-out rows in an order that follows what they are, not how they were given.

    Chance is dealt out along this order, so that the same rows in another order get the same answer.
    """
    return np.lexsort((*(one.risk for one in reversed(predicted)), held_out.is_event))


def deal_parts(held_out: HeldOut, order: IntArray, rng: np.random.Generator) -> IntArray | None:
    """Deal held-out rows, or whole groups, into the parts of recalibration; None where events are too few."""
    is_event, groups = held_out.is_event[order], None
    if min(int(is_event.sum()), int((~is_event).sum())) < _FEWEST:
        return None
    if held_out.groups is not None:
        groups = number_by_appearance(held_out.groups[order])
        if int(groups.max()) + 1 < N_PARTS:
            return None
    part = np.empty(len(order), dtype=np.intp)
    part[order] = deal_folds(is_event, groups, N_PARTS, rng)
    others = [held_out.is_event[part != number] for number in range(N_PARTS)]
    return None if any(rows.all() or not rows.any() for rows in others) else part


def number_by_appearance(groups: IntArray) -> IntArray:
    """Give groups numbers in the order in which they appear."""
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def repaired(predicted: Predicted, is_event: BoolArray, part: IntArray | None) -> Iterator[tuple[Repair, FloatArray]]:
    """Give the risks in each state, with its name.

    Parameters
    ----------
    predicted : Predicted
        Risks as fitted.
    is_event : ndarray of bool, shape (n,)
        What happened.
    part : ndarray of int, shape (n,), or None
        Part of each held-out row; rows are recalibrated by what the other parts show. None leaves that out.
    """
    yield "raw", predicted.risk
    first = predicted.schemes[0]
    if first.is_invertible and not first.is_none:
        yield "undone", predicted.undone
    if part is None:
        return
    shifted, lined = recalibrate(predicted.risk, is_event, part)
    yield "recentred", shifted
    yield "recalibrated", lined


def recalibrate(risk: FloatArray, is_event: BoolArray, part: IntArray) -> tuple[FloatArray, FloatArray]:
    """Give the risks with calibration-in-the-large re-estimated, and with intercept and slope re-estimated.

    Each part gets maps fitted on the others by maximum likelihood. Where the others separate events from non-events no
    slope exists, and the shift stands in for it.
    """
    eta, y = log_odds(risk), is_event.astype(np.float64)
    shifted, lined = np.empty(len(risk)), np.empty(len(risk))
    for number in range(int(part.max()) + 1):
        inside, weight = part == number, (part != number).astype(np.float64)
        shift, line = fit_shift(eta, y, weight), fit_line(eta, y, weight)
        shifted[inside] = _risk(shift + eta[inside])
        a, b = (shift, 1.0) if np.isnan(line.slope) else (line.intercept, line.slope)
        lined[inside] = _risk(a + b * eta[inside])
    return shifted, lined


def _risk(eta: FloatArray) -> FloatArray:
    from scipy.special import expit

    return np.asarray(expit(eta), dtype=np.float64)
