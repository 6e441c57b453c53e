"""The multinomial log-likelihood with reference outcome 0, its score and its information, in one pass over the rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from riskdec.likelihood.binomial import shift_to_mean
from riskdec.likelihood.contrasts import join_pairs
from riskdec.likelihood.protocol import Pass
from riskdec.likelihood.rows.design import chunk_rows

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.likelihood.rows.design import Design


@dataclass(frozen=True, slots=True, eq=False)
class MultinomialRows:
    """The multinomial likelihood of rows: outcome, weight and offset of each.

    Attributes
    ----------
    y : ndarray of int, shape (n,)
        Number of the outcome, 0 to K - 1.
    n_outcomes : int
        K.
    weight : ndarray of shape (n,) or None
        Positive weights; None means one each.
    offset : ndarray of shape (n, K - 1) or None
        A known part of the log-odds of outcomes 1 to K - 1 against outcome 0.
    """

    y: IntArray
    n_outcomes: int
    weight: FloatArray | None
    offset: FloatArray | None

    @property
    def n_predictors(self) -> int:
        """K - 1 linear predictors."""
        return self.n_outcomes - 1

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(len(self.y)) if self.weight is None else float(self.weight.sum())

    @property
    def rarest(self) -> int:
        """Number of rows of the rarest outcome."""
        return int(np.bincount(self.y, minlength=self.n_outcomes).min())

    @property
    def least_weight(self) -> float:
        """Weight of the lightest row."""
        return 1.0 if self.weight is None else float(self.weight.min())

    def every(self, stride: int) -> MultinomialRows:
        """Give every so many of the rows."""
        parts = (part if part is None else part[::stride] for part in (self.weight, self.offset))
        return MultinomialRows(self.y[::stride], self.n_outcomes, *parts)

    def null_coefficients(self) -> FloatArray:
        """Give intercepts to start from, each as if its outcome and the first were the only ones: shape (K - 1,)."""
        # Half a row of each kind keeps the start finite when one of them is missing.
        sizes = np.bincount(self.y, self.weight, minlength=self.n_outcomes) + 0.5
        if self.offset is None:
            constants: FloatArray = np.log(sizes[1:] / sizes[0])
            return constants
        shares = sizes[1:] / (sizes[0] + sizes[1:])
        pairs = zip(self.offset.T, shares.tolist(), strict=True)
        return np.array([shift_to_mean(offset, share, self.weight) for offset, share in pairs])

    def evaluate(self, design: Design, coef: FloatArray) -> Pass:
        """Compute log-likelihood, score and information.

        Notes
        -----
        The information is ``sum_i w sum_{a<b} p_a p_b (e_a - e_b)(e_a - e_b)' kron z z'``: one weighted crossproduct
        for each pair of outcomes, and no difference of nearly equal numbers where a probability is close to 1.
        """
        m, k = self.n_predictors, design.n_columns
        pairs = tuple(combinations(range(self.n_outcomes), 2))
        blocks = np.zeros((len(pairs), k, k))
        eta, score, log_likelihood = np.empty((design.n_rows, m)), np.zeros((m, k)), 0.0
        slopes = coef.reshape(m, k).T
        for chunk, Z in design.chunks():
            np.dot(Z, slopes, out=eta[chunk])
            if self.offset is not None:
                eta[chunk] += self.offset[chunk]
            proba, log_proba = probabilities(eta[chunk])
            own = self.y[chunk], np.arange(len(Z))
            terms = log_proba[own]
            residual = -proba
            residual[own] += 1
            root = np.sqrt(proba)
            if self.weight is not None:
                weight = self.weight[chunk]
                terms *= weight
                residual *= weight
                root *= np.sqrt(np.sqrt(weight))
            log_likelihood += float(terms.sum())
            score += residual[1:] @ Z
            for j, (a, b) in enumerate(pairs):
                scaled = Z * (root[a] * root[b])[:, None]
                blocks[j] += scaled.T @ scaled
        return Pass(log_likelihood, score.ravel(), join_pairs(blocks, self.n_outcomes), eta)

    def score(self, design: Design, coef: FloatArray) -> FloatArray:
        """Compute the score alone."""
        m, k = self.n_predictors, design.n_columns
        score, slopes = np.zeros((m, k)), coef.reshape(m, k).T
        for chunk, Z in design.chunks():
            eta = np.dot(Z, slopes)
            if self.offset is not None:
                eta += self.offset[chunk]
            residual = -probabilities(eta)[0]
            residual[self.y[chunk], np.arange(len(Z))] += 1
            if self.weight is not None:
                residual *= self.weight[chunk]
            score += residual[1:] @ Z
        return score.ravel()

    def largest_multiplier(self, here: Pass, there: Pass) -> float:
        """Give the largest ``a_ik = sum_l p_il d_il - d_ik`` over outcomes k other than a row's own."""
        largest = 0.0
        for start in range(0, len(self.y), step := chunk_rows(self.n_outcomes)):
            rows = slice(start, start + step)
            proba = probabilities(here.eta[rows])[0]
            change = _with_reference(there.eta[rows] - here.eta[rows])
            multiplier = (proba * change).sum(axis=0) - change
            multiplier[self.y[rows], np.arange(multiplier.shape[1])] = 0.0
            largest = max(largest, float(multiplier.max()))
        return largest

    def jeffreys_score(self, design: Design, here: Pass, inverse: FloatArray) -> FloatArray:
        """Give ``1/2 sum_i w z_i sum_ab S_i,ab kappa_abk`` for each outcome k, ``S_i,ab = z_i' inverse_ab z_i``.

        Notes
        -----
        The third cumulants of one draw are ``kappa_abk = dV_ab / d eta_k`` with ``V = diag(p) - p p'``, so that the
        inner sum is ``p_k (t_k - sum_a p_a t_a)`` with ``t_a = S_aa - 2 sum_b S_ab p_b``.
        """
        m, k = self.n_predictors, design.n_columns
        blocks = inverse.reshape(m, k, m, k)
        score = np.zeros((m, k))
        for chunk, Z in design.chunks():
            proba = probabilities(here.eta[chunk])[0][1:]
            S = np.empty((m, m, len(Z)))
            for a in range(m):
                for b in range(a, m):
                    S[a, b] = S[b, a] = np.einsum("ij,ij->i", Z @ blocks[a, :, b], Z)
            t = np.einsum("aai->ai", S) - 2 * np.einsum("abi,bi->ai", S, proba)
            pull = 0.5 * proba * (t - (proba * t).sum(axis=0))
            if self.weight is not None:
                pull *= self.weight[chunk]
            score += pull @ Z
        return score.ravel()


def probabilities(eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the probabilities of all K outcomes and their logarithms, exact in the tails.

    Parameters
    ----------
    eta : ndarray of shape (n, K - 1)
        Log-odds of outcomes 1 to K - 1 against outcome 0.

    Returns
    -------
    proba, log_proba : ndarray of shape (K, n)
        One row for each outcome.
    """
    full = _with_reference(eta)
    # Against the likeliest outcome every odds is at most 1, and its own 1 is kept out of the sum of the rest.
    likeliest = full.argmax(axis=0), np.arange(full.shape[1])
    full -= full[likeliest]
    odds = np.exp(full)
    odds[likeliest] = 0.0
    rest = odds.sum(axis=0)
    odds[likeliest] = 1.0
    return odds / (1 + rest), full - np.log1p(rest)


def multinomial_residuals(y: IntArray, eta: FloatArray) -> FloatArray:
    """Give ``[y_i = k] - p_ik`` for outcomes k = 1 to K - 1: shape (n, K - 1)."""
    residual = np.empty_like(eta)
    for start in range(0, len(y), step := chunk_rows(eta.shape[1] + 1)):
        rows = slice(start, start + step)
        part = -probabilities(eta[rows])[0]
        part[y[rows], np.arange(part.shape[1])] += 1
        residual[rows] = part[1:].T
    return residual


def _with_reference(eta: FloatArray) -> FloatArray:
    """Put the zeros of outcome 0 before the others, one row for each outcome: shape (K, n)."""
    full = np.zeros((eta.shape[1] + 1, eta.shape[0]))
    full[1:] = eta.T
    return full
