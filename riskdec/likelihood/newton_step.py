"""The Newton step: the information solved for the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# The information must be invertible with this many digits to spare.
_WORST_CONDITION = 1e12


class NewtonStep(NamedTuple):
    """The solution of ``information @ step = score``, and whether the digits of the solution can be trusted."""

    step: FloatArray
    trusted: bool


def solve_information(information: FloatArray, score: FloatArray) -> NewtonStep | None:
    """Solve for the Newton step; None where the information is not positive definite to working precision."""
    # LAPACK itself: at a dozen columns scipy's checked wrappers cost more than the factorisation.
    from scipy.linalg.lapack import dpotrf, dpotrs

    if not len(score):
        return NewtonStep(score.copy(), trusted=True)
    factor, failed = dpotrf(information, lower=1)
    if failed or not np.isfinite(factor).all():
        return None
    diagonal = np.diag(factor)
    trusted = bool(diagonal.min() ** 2 * _WORST_CONDITION >= diagonal.max() ** 2)
    return NewtonStep(dpotrs(factor, score, lower=1)[0], trusted=trusted)
