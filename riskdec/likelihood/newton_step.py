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
    diagonal = factor.diagonal()
    # What is not finite anywhere in the factor leaves no finite number at the end of its row.
    largest = float(diagonal.max())
    if failed or not largest < np.inf:
        return None
    trusted = float(diagonal.min()) ** 2 * _WORST_CONDITION >= largest**2
    return NewtonStep(dpotrs(factor, score, lower=1)[0], trusted=trusted)
