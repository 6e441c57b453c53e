"""The columns of a restricted cubic spline: smooth between its knots, straight beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray


def spline_basis(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Give the columns of a restricted cubic spline in Harrell's form.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Numbers; nan stays nan.
    knots : ndarray of shape (k,)
        Increasing, at least 3; empty for a straight line.

    Returns
    -------
    ndarray of shape (n, k - 1), or (n, 1) without knots
        ``x`` and ``k - 2`` non-linear columns.

    Notes
    -----
    With knots ``t_1 < ... < t_k``, ``j = 1 .. k-2``, and ``u+ = max(u, 0)``::

        x_j = [ (x - t_j)+^3 - (x - t_{k-1})+^3 (t_k - t_j) / (t_k - t_{k-1})
                + (x - t_k)+^3 (t_{k-1} - t_j) / (t_k - t_{k-1}) ] / (t_k - t_1)^2

    which is 0 below ``t_j`` and a straight line of slope ``3 (t_k - t_j) (t_{k-1} - t_j) / (t_k - t_1)^2`` above
    ``t_k``. It is computed in that form: the cubes cancel there, and far out they would take all digits along.

    References
    ----------
    Devlin TF, Weeks BJ (1986). Spline functions for logistic regression modeling. Proc. 11th SAS Users Group
    International Conference, 646-651. ``Hmisc::rcspline.eval(x, knots, inclx = TRUE, norm = 2)``.

    Examples
    --------
    >>> spline_basis(np.array([-1.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0]))
    array([[-1.  ,  0.  ],
           [ 1.  ,  0.25],
           [ 2.  ,  1.5 ],
           [ 3.  ,  3.  ]])
    """
    if not len(knots):
        return np.asarray(x, dtype=np.float64)[:, np.newaxis]
    first, before, last = knots[0], knots[-2], knots[-1]
    out = np.empty((len(x), len(knots) - 1))
    out[:, 0] = x
    inner = np.minimum(x, last)
    bend = np.maximum(inner - before, 0) ** 3 / (last - before)
    beyond = np.maximum(x - last, 0)
    for j, knot in enumerate(knots[:-2], start=1):
        cubic = np.maximum(inner - knot, 0) ** 3 - (last - knot) * bend
        out[:, j] = (cubic + 3 * (last - knot) * (before - knot) * beyond) / (last - first) ** 2
    return out
