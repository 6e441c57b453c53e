"""Averages of how a probability moves with a column, and their gradients in the coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood import probabilities
from riskdec.likelihood.rows.design import chunk_rows
from riskdec.models.inference.rows import linear_predictors
from riskdec.models.inference.terms import has_intercept

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.models.regression.logistic_fit import LogisticFit


class AverageEffects:
    """The average effects of columns on the probability of one outcome, over given rows.

    Parameters
    ----------
    fit : LogisticFit
        Any fit.
    X : ndarray of shape (n, p)
        Clean columns, in the order of the terms after the intercept.
    offset : ndarray of shape (n,) or (n, K - 1), or None
        Known part of the linear predictors.
    weight : ndarray of shape (n,)
        Weights of the average.
    outcome : int
        Place c of the outcome.
    """

    def __init__(
        self, fit: LogisticFit, X: AnyArray, offset: FloatArray | None, weight: FloatArray, outcome: int
    ) -> None:
        self.first = int(has_intercept(fit))
        self.X, self.outcome, self.share = X, outcome, weight / weight.sum()
        coef = np.atleast_2d(fit.coef)
        self.eta = linear_predictors(X, coef, offset=offset, intercept=bool(self.first))
        # One row of slopes for each outcome; those of the first are zero.
        self.slopes_of = np.vstack([np.zeros(X.shape[1]), coef[:, self.first :]])
        # One row for each outcome: 1 for the outcome asked about.
        self.asked = (np.arange(len(self.slopes_of)) == outcome).astype(np.float64)[:, None]

    def slopes(self) -> tuple[FloatArray, FloatArray]:
        """Give the average derivatives (p,) and their gradients (p, all coefficients).

        Notes
        -----
        With B the slopes, ``m_j = sum_l p_l B_lj`` and ``d_a = [a = c] - p_a``: ``dp_c/dx_j = p_c (B_cj - m_j)``, and
        its derivative in ``B_ab`` is ``p_c d_a [b = j] + x_b p_c (d_a (B_cj - m_j) - p_a (B_aj - m_j))``.
        """
        B, p = self.slopes_of, self.X.shape[1]
        m = len(B) - 1
        effect = np.zeros(p)
        gradient = np.zeros((p, m, self.first + p))
        for start in range(0, len(self.eta), step := chunk_rows(p * m)):
            rows = slice(start, start + step)
            proba = probabilities(self.eta[rows])[0]
            moves = B[:, :, None] - (B.T @ proba)[None]
            weighted = self.share[rows] * proba[self.outcome]
            effect += moves[self.outcome] @ weighted
            tilt = self.asked - proba
            for a in range(1, m + 1):
                bend = (tilt[a] * moves[self.outcome] - proba[a] * moves[a]) * weighted
                gradient[:, a - 1, self.first :] += bend @ self.X[rows]
                gradient[:, a - 1, : self.first] += bend.sum(axis=1)[:, None]
                gradient[:, a - 1, self.first :] += float(tilt[a] @ weighted) * np.eye(p)
        return effect, gradient.reshape(p, -1)

    def jump(self, j: int) -> tuple[float, FloatArray]:
        """Give the average change when column j goes from 0 to 1, and its gradient."""
        B, p = self.slopes_of[1:, j], self.X.shape[1]
        without = self.eta - np.outer(self.X[:, j], B)
        low, high = probabilities(without)[0], probabilities(without + B)[0]
        effect = float(self.share @ (high[self.outcome] - low[self.outcome]))
        from_low, from_high = ((self.asked - proba)[1:] * proba[self.outcome] * self.share for proba in (low, high))
        gradient = np.zeros((len(B), self.first + p))
        gradient[:, self.first :] = (from_high - from_low) @ self.X
        gradient[:, : self.first] = (from_high - from_low).sum(axis=1)[:, None]
        gradient[:, self.first + j] = from_high.sum(axis=1)
        return effect, gradient.ravel()
