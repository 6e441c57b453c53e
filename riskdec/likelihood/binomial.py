"""The binomial log-likelihood, its score and its information, in one pass over the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.threads import in_order
from riskdec.likelihood.protocol import Pass
from riskdec.likelihood.rows.logit import residuals, risk_and_normaliser, risks
from riskdec.likelihood.rows.readers import reader_of
from riskdec.likelihood.rows.reading import cut
from riskdec.likelihood.wide.block_reader import BlockReader

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.likelihood.rows.design import Design

__all__ = [
    "Rows",
    "binomial_residuals",
    "evaluate",
    "evaluate_score",
    "null_coefficient",
    "risk_and_normaliser",
    "risks",
    "shift_to_mean",
]

_ROWS_AT_A_TIME = 1 << 16


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

    @property
    def rarest(self) -> int:
        """Number of rows of the rarer outcome."""
        events = int(np.count_nonzero(self.y))
        return min(events, len(self.y) - events)

    @property
    def least_weight(self) -> float:
        """Weight of the lightest row."""
        return 1.0 if self.weight is None else float(self.weight.min())

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

    def score(self, design: Design, coef: FloatArray) -> FloatArray:
        """Compute the score alone."""
        return evaluate_score(design, self, coef)

    def largest_multiplier(self, here: Pass, there: Pass) -> float:
        """Give the largest ``a_i``: ``p_i d_i`` for events, ``(p_i - 1) d_i`` for the others."""
        # The one other outcome of an event is outcome 0, whose linear predictor never changes: a = p d - 0.
        change = there.eta - here.eta
        return float(((risks(here.eta) - (1 - self.y)) * change).max(initial=0.0))

    def jeffreys_score(self, design: Design, here: Pass, inverse: FloatArray) -> FloatArray:
        """Give ``sum h (1/2 - p) z`` with ``h_i = w_i p_i (1 - p_i) z_i' inverse z_i``."""
        reader = reader_of(design)
        if isinstance(reader, BlockReader):
            risk = risks(here.eta)
            pull = risk * (1 - risk) * (0.5 - risk) * reader.quadratic_forms(inverse)
            return reader.form.score(reader.times_rows(pull if self.weight is None else pull * self.weight))
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
    reader = reader_of(design)
    predictor = reader.form.predictor(coef)
    eta = np.empty(design.n_rows)
    value, score, information = reader.add_up(lambda block: reader.likelihood(block, rows, predictor, eta))
    return Pass(value, reader.form.score(score), reader.form.crossproduct(information), eta)


def evaluate_score(design: Design, rows: Rows, coef: FloatArray) -> FloatArray:
    """Compute the score alone, for about a third of the price."""
    reader = reader_of(design)
    predictor = reader.form.predictor(coef)
    (score,) = reader.add_up(lambda block: reader.score(block, rows, predictor))
    return reader.form.score(score)


def binomial_residuals(y: AnyArray, eta: FloatArray) -> FloatArray:
    """Give ``y - p`` of each row."""
    result = np.empty(len(eta))

    def fill(rows: slice) -> None:
        result[rows] = residuals(eta[rows], y[rows], None)

    for _ in in_order(fill, list(cut(slice(0, len(eta)), _ROWS_AT_A_TIME))):
        pass
    return result


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
