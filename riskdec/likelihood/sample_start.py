"""With many rows: come near the maximum on samples of them and by scores alone, the cheap part of a reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.likelihood.fit import invert
from riskdec.likelihood.newton_step import solve_information

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.protocol import Likelihood
    from riskdec.likelihood.rows.design import Design

# A sample is every eighth row, an eighth of the work, and a third of the distance is left; or fewer rows, so that it
# can be copied (32 MiB): narrow rows that lie apart are slow to read.
_THINNING = 8
_MOST_NUMBERS = 1 << 22
# A sample has so many rows at least, and so many of its rarest outcome for each coefficient.
_SAMPLE_ROWS = 2_000
_ROWS_PER_COEFFICIENT = 5
_MOST_STEPS = 12
# Lengths of steps are sums over standardised coefficients. The maximum of a sample is left after a step so short,
# since that of all rows is farther away; and after a last one so short on all rows, Newton's method needs two.
_NEAR_ON_SAMPLE = 0.25
_NEAR = 1e-2
# A sample that sends larger ones farther than this does not stand for them.
_FARTHEST = 10.0


class _Place(NamedTuple):
    """Standardised coefficients near the maximum, and the information of a unit of weight there."""

    coef: FloatArray
    information: FloatArray


def start_near_maximum(design: Design, rows: Likelihood, null: FloatArray) -> FloatArray:
    """Give coefficients near the maximum, or those of the best constant probabilities.

    Parameters
    ----------
    design, rows
        All rows.
    null : ndarray of shape (m k,)
        Where to start where there are few rows, or a sample misleads.

    Notes
    -----
    Newton's method goes near the maximum of a small sample. Each larger sample takes one step by its own score and
    the information of the sample before it, and a full one. All rows take steps by their scores alone, which need no
    crossproduct; what each step does to the score corrects the information (BFGS). Nothing here is relied on:
    whatever the start, Newton's method with step control follows.
    """
    place = _from_sample(design, rows, null)
    if place is None:
        return null
    near = _follow_scores(design, rows, place, most_steps=_MOST_STEPS)
    return null if near is None else near


def _from_sample(design: Design, rows: Likelihood, null: FloatArray) -> _Place | None:
    """Give the maximum of a sample of some rows; None where the sample would be too small, or misleads."""
    stride = max(_THINNING, -(-design.n_rows * design.n_columns // _MOST_NUMBERS))
    enough = rows.rarest >= stride * _ROWS_PER_COEFFICIENT * len(null)
    if not len(null) or design.n_rows < stride * _SAMPLE_ROWS or not enough:
        return None
    sample, part = design.every(stride), rows.every(stride)
    place = _from_sample(sample, part, null)
    start = None if place is None else _follow_scores(sample, part, place, most_steps=1)
    return _climb(sample, part, null if start is None else start)


def _climb(design: Design, rows: Likelihood, coef: FloatArray) -> _Place | None:
    """Take Newton steps near to the maximum of a sample; None where they do not come near."""
    total = rows.total
    for _ in range(_MOST_STEPS):
        here = rows.evaluate(design, coef)
        newton = solve_information(here.information, here.score)
        if newton is None or not _length(newton.step) <= _FARTHEST:
            return None
        coef = coef + newton.step
        if _length(newton.step) <= _NEAR_ON_SAMPLE:
            return _Place(coef, here.information / total)
    return None


def _follow_scores(design: Design, rows: Likelihood, place: _Place, *, most_steps: int) -> FloatArray | None:
    """Take quasi-Newton steps by scores until one is short or does not shrink them; None where one leads far away."""
    coef, inverse = place.coef, invert(place.information)
    score = rows.score(design, coef) / rows.total
    for n_steps in range(1, most_steps + 1):
        step = inverse @ score
        if not _length(step) <= _FARTHEST:
            return None
        if _length(step) <= _NEAR or n_steps == most_steps:
            break
        there = rows.score(design, coef + step) / rows.total
        if not _length(there) < _length(score) / 2:
            return coef
        inverse = _bfgs(inverse, step, score - there)
        coef, score = coef + step, there
    return coef + step


def _bfgs(inverse: FloatArray, moved: FloatArray, fell: FloatArray) -> FloatArray:
    """Correct an inverse information by what a step did to the score."""
    share = 1 / float(moved @ fell)
    seen = inverse @ fell
    mixed = np.outer(seen, moved)
    straight = share * (1 + share * float(fell @ seen)) * np.outer(moved, moved)
    corrected: FloatArray = inverse + straight - share * (mixed + mixed.T)
    return corrected


def _length(step: FloatArray) -> float:
    return float(np.abs(step).sum())
