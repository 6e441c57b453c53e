"""The learning rate as a function of the step: up for a tenth of the way, then down along a cosine."""

from __future__ import annotations

from math import cos, pi

_WARM_UP = 0.1
_START = 0.04
_END = 1e-4


def one_cycle(step: int, n_steps: int) -> float:
    """Give the factor of the learning rate at a step, counted from 0, of so many.

    References
    ----------
    L. N. Smith, N. Topin, Super-convergence, 2017 (arXiv 1708.07120).

    Examples
    --------
    >>> [round(one_cycle(step, 100), 3) for step in (0, 9, 54, 99)]
    [0.04, 1.0, 0.5, 0.0]
    """
    peak = max(round(_WARM_UP * n_steps) - 1, 0)
    if step < peak:
        return _START + (1 - _START) * _half_cosine(step / peak)
    return 1 - (1 - _END) * _half_cosine((step - peak) / max(n_steps - 1 - peak, 1))


def _half_cosine(share: float) -> float:
    return (1 - cos(pi * share)) / 2
