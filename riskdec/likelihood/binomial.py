"""The binomial log-likelihood, its score and its information, in one pass over the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.design import Design


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What a likelihood needs beside the design: outcomes, weights and offset of each row.

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
    def total(self) -> float:
        """Sum of the weights."""
        return float(len(self.y)) if self.weight is None else float(self.weight.sum())

    def every(self, stride: int) -> Rows:
        """Give every so many of the rows."""
        parts = (part if part is None else part[::stride] for part in (self.weight, self.offset))
        return Rows(self.y[::stride], *parts)


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """The likelihood at one coefficient vector, on the scale of the standardised columns.

    Attributes
    ----------
    log_likelihood : float
        ``sum w (y eta - log(1 + exp(eta)))``.
    score : ndarray of shape (k,)
        Its gradient, ``sum w (y - p) z``.
    information : ndarray of shape (k, k)
        Minus its Hessian, ``sum w p (1 - p) z z'``.
    eta : ndarray of shape (n,)
        Linear predictors, the offset included.
    """

    log_likelihood: float
    score: FloatArray
    information: FloatArray
    eta: FloatArray


def evaluate(design: Design, rows: Rows, coef: FloatArray) -> Pass:
    """Compute log-likelihood, score and information in one reading of the rows."""
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
    """Give the intercept from which to start: the best constant risk, less the average offset."""
    events = float(rows.y.sum() if rows.weight is None else rows.weight @ rows.y)
    total = rows.total
    # Half a row of each kind keeps the start finite when one of them is missing.
    constant = float(np.log((events + 0.5) / (total - events + 0.5)))
    return constant if rows.offset is None else constant - float(np.average(rows.offset, weights=rows.weight))
