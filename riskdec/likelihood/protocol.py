"""What Newton's method, Firth's penalty and the verdict on existence ask of a likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.likelihood.rows.design import Design


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """The likelihood at one coefficient vector, on the scale of the standardised columns.

    With K outcomes there are m = K - 1 linear predictors, the log-odds of each outcome against outcome 0, and their
    coefficients stand one block of k after the other.

    Attributes
    ----------
    log_likelihood : float
        ``sum w log p(own outcome)``.
    score : ndarray of shape (m k,)
        Its gradient.
    information : ndarray of shape (m k, m k)
        Minus its Hessian.
    eta : ndarray of shape (n,) or (n, m)
        Linear predictors, the offset included; one axis with two outcomes.
    """

    log_likelihood: float
    score: FloatArray
    information: FloatArray
    eta: FloatArray


class Likelihood(Protocol):
    """The outcomes of the rows, and how probable coefficients make them."""

    @property
    def y(self) -> AnyArray:
        """Number of each row's outcome, from 0, the reference: shape (n,)."""

    @property
    def n_predictors(self) -> int:
        """Number m of linear predictors of a row."""

    @property
    def total(self) -> float:
        """Sum of the weights."""

    @property
    def rarest(self) -> int:
        """Number of rows of the rarest outcome."""

    @property
    def least_weight(self) -> float:
        """Weight of the lightest row."""

    def every(self, stride: int) -> Self:
        """Give every so many of the rows."""

    def null_coefficients(self) -> FloatArray:
        """Give the m intercepts of the best constant probabilities, less the average offsets."""

    def evaluate(self, design: Design, coef: FloatArray) -> Pass:
        """Compute log-likelihood, score and information in one reading of the rows."""

    def score(self, design: Design, coef: FloatArray) -> FloatArray:
        """Compute the score alone, for a part of the price."""

    def largest_multiplier(self, here: Pass, there: Pass) -> float:
        """Give the largest ``a_ik = sum_l p_il d_il - d_ik`` over rows and outcomes k other than a row's own.

        ``p`` are the probabilities here, ``d`` the change of the linear predictors from here to there. Where there
        lies a full Newton step from here, a value below 1 proves that the maximum exists.
        """

    def jeffreys_score(self, design: Design, here: Pass, inverse: FloatArray) -> FloatArray:
        """Give the gradient of half the log-determinant of the information, whose inverse is given."""
