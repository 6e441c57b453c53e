"""The binomial log-likelihood, its score and its information, in one pass over the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood.protocol import Pass

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.design import Design


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The binomial likelihood of rows: outcome, weight and offset of each.

    Attributes
    ----------
    y : ndarray of shape (n,)
        1.0 for the event, 0.0 otherwise.
    weight : ndarray of shape (n,) or None
        Positive weights; None means one each.
    offset : ndarray of shape (n,) or None
        A part of the linear predictor that is known.
    """

    y: FloatArray
    weight: FloatArray | None
    offset: FloatArray | None

    @property
    def n_predictors(self) -> int:
        """One linear predictor: the log-odds of the event."""
        return 1

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(len(self.y)) if self.weight is None else float(self.weight.sum())

    def every(self, stride: int) -> Rows:
        """Give every so many of the rows."""
        parts = (part if part is None else part[::stride] for part in (self.weight, self.offset))
        return Rows(self.y[::stride], *parts)

    def null_coefficients(self) -> FloatArray:
        """Give the intercept of the best constant risk, shape (1,)."""
        return np.array([null_coefficient(self)])

    def evaluate(self, design: Design, coef: FloatArray) -> Pass:
        """Compute log-likelihood, score and information."""
        return evaluate(design, self, coef)

    def largest_multiplier(self, here: Pass, there: Pass) -> float:
        """Give the largest ``a_i``: ``p_i d_i`` for events, ``(p_i - 1) d_i`` for the others."""
        # The one other outcome of an event is outcome 0, whose linear predictor never changes: a = p d - 0.
        change = there.eta - here.eta
        return float(((risks(here.eta) - (1 - self.y)) * change).max(initial=0.0))

    def jeffreys_score(self, design: Design, here: Pass, inverse: FloatArray) -> FloatArray:
        """Give ``sum h (1/2 - p) z`` with ``h_i = w_i p_i (1 - p_i) z_i' inverse z_i``."""
        score = np.zeros(design.n_columns)
        for chunk, Z in design.chunks():
            risk = risks(here.eta[chunk])
            leverage = risk * (1 - risk) * np.einsum("ij,ij->i", Z @ inverse, Z)
            if self.weight is not None:
                leverage *= self.weight[chunk]
            score += (leverage * (0.5 - risk)) @ Z
        return score


def evaluate(design: Design, rows: Rows, coef: FloatArray) -> Pass:
    """Compute log-likelihood, score ``sum w (y - p) z`` and information ``sum w p (1 - p) z z'`` in one reading."""
    k = design.n_columns
    eta = np.empty(design.n_rows)
    score, information, log_likelihood = np.zeros(k), np.zeros((k, k)), 0.0
    for chunk, Z in design.chunks():
        part = Z @ coef
        if rows.offset is not None:
            part += rows.offset[chunk]
        eta[chunk] = part
        y = rows.y[chunk]
        risk, log_normaliser = risk_and_normaliser(part)
        terms = y * part - log_normaliser
        residual = y - risk
        variance = risk * (1 - risk)
        if rows.weight is not None:
            weight = rows.weight[chunk]
            terms *= weight
            residual *= weight
            variance *= weight
        log_likelihood += float(terms.sum())
        score += residual @ Z
        scaled = Z * np.sqrt(variance)[:, None]
        information += scaled.T @ scaled
    return Pass(log_likelihood, score, information, eta)


def risk_and_normaliser(eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give ``1 / (1 + exp(-eta))`` and ``log(1 + exp(eta))`` from one exponential, exact in both tails."""
    small = np.exp(-np.abs(eta))
    above = 1 / (1 + small)
    return np.where(eta >= 0, above, small * above), np.maximum(eta, 0) + np.log1p(small)


def risks(eta: FloatArray) -> FloatArray:
    """Give ``1 / (1 + exp(-eta))`` without overflow."""
    return risk_and_normaliser(eta)[0]


def null_coefficient(rows: Rows) -> float:
    """Give the intercept of the best constant risk, the offset taken into account."""
    events = float(rows.y.sum() if rows.weight is None else rows.weight @ rows.y)
    # Half a row of each kind keeps the start finite when one of them is missing.
    share = (events + 0.5) / (rows.total + 1)
    if rows.offset is None:
        return float(np.log(share / (1 - share)))
    return shift_to_mean(rows.offset, share, rows.weight)


def shift_to_mean(eta: FloatArray, share: float, weight: FloatArray | None) -> float:
    """Give the number that, added to all linear predictors, makes the average risk equal to a share in (0, 1).

    The average rises with the shift, from below the share at ``logit(share) - max eta`` to above it at
    ``logit(share) - min eta``: one root, found by bracketing, however far apart the predictors lie.
    """
    from scipy.optimize import brentq

    def excess(shift: float) -> float:
        return float(np.average(risks(eta + shift), weights=weight)) - share

    center = float(np.log(share / (1 - share)))
    low, high = center - float(eta.max()) - 1, center - float(eta.min()) + 1
    return float(brentq(excess, low, high, xtol=1e-14, rtol=8.9e-16, maxiter=500))
