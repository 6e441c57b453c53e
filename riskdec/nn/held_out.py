"""The part of the data that the model keeps from its weights, to choose the epoch and to calibrate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec.errors import InputError
from riskdec.models.shrinking.folds import deal_folds

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, IntArray

# Groups are dealt into so many equal parts.
_N_PARTS = 20


def hold_out(codes: IntArray, fraction: float, *, groups: IntArray | None, rng: np.random.Generator) -> BoolArray:
    """Choose the rows that are held out: each outcome in the same share, and groups as a whole.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Number of each row's outcome.
    fraction : float
        Share that is held out, of each outcome to the nearest image; with groups to the nearest twentieth.
    groups : ndarray of int, shape (n,), or None
        Which rows belong together.
    rng : Generator
        Deals.

    Raises
    ------
    InputError
        If either part would lack an outcome.
    """
    sizes = np.bincount(codes)
    if sizes.min() < 2:
        got = f"{int(sizes.min())} of the rarest"
        raise refuse("y", "have at least two images of each outcome: one to learn from, one held out", got)
    held = np.zeros(len(codes), dtype=bool)
    if groups is None:
        for k, size in enumerate(sizes):
            n_held = min(max(round(fraction * size), 1), size - 1)
            held[rng.permutation(np.flatnonzero(codes == k))[:n_held]] = True
        return held
    cure = "Give more groups, or another validation_fraction."
    try:
        folds = deal_folds(codes, _N_PARTS, groups=groups, rng=rng)
    except InputError as err:
        raise refuse("groups", "leave each outcome in several groups", "an outcome in one group", cure) from err
    for k in range(min(max(round(fraction * folds.n_folds), 1), folds.n_folds - 1)):
        held |= folds.left_out(k) > 0
    if any(len(np.unique(part)) < len(sizes) for part in (codes[held], codes[~held])):
        raise refuse("the held-out groups and the others", "hold every outcome", "a part that lacks one", cure)
    return held
